"""How `workbench run` ends: diverged, by a signal, without a reader, beside another one."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys

import pytest

from engine.experiment import Experiment
from tests.workbench.cli.conftest import SMALL, query

DIVERGES = (*SMALL, "--optimizer", "sgd", "--lr", "1000", "--activation", "relu", "--cost", "mean_squared")


def test_a_diverged_run_ends_with_code_3_and_says_where_and_what_to_try(command, db):
    ended = command("run", *DIVERGES)
    assert ended.code == 3
    ((step, layer),) = query(db, "select diverged_step, diverged_layer from runs where status = 'diverged'")
    assert f"Run 1 diverged: at step {step}" in ended.out
    assert layer in ended.out
    assert "Try a learning rate below 1000" in ended.out


def test_a_diverged_run_as_json_has_null_where_numbers_are_not_finite(command):
    ended = command("run", *DIVERGES, "--set", "monitor.every=1", "--json")
    finished = ended.objects[-1]  # reading the objects rejects NaN and Infinity
    assert (ended.code, finished["status"]) == (3, "diverged")
    assert finished["diverged_step"] >= 1
    assert finished["test_cost"] is None or math.isfinite(finished["test_cost"])


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_run_in_good_order(sent, db):
    words = ["run", *SMALL, "--epochs", "1000000", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(sent, signal.SIG_DFL),  # a job in the background would ignore Ctrl-C
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        while '"frame"' not in (line := process.stdout.readline()):
            assert line, process.stderr.read()
        process.send_signal(sent)
        last = list(process.stdout)[-1]
        assert process.stderr.read() == ""
    assert process.returncode == 130
    assert '"event": "finished"' in last
    assert '"status": "interrupted"' in last
    ((status, steps),) = query(db, "select status, (select count(*) from steps) from runs")
    assert status == "interrupted"
    assert steps > 0


def test_a_second_ctrl_c_ends_even_a_training_that_does_not_listen(db):
    code = (
        "import signal, sys, threading\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import workbench.runner\n"
        "def deaf(experiments, **more):\n"
        "    print('deaf', flush=True)\n"
        "    threading.Event().wait()\n"
        "    yield\n"
        "stop = workbench.runner.Runner.stop\n"
        "def told(runner, **words):\n"
        "    stop(runner, **words)\n"
        "    print('told to stop', flush=True)\n"
        "workbench.runner.Runner.stop = told\n"
        "workbench.runner._engine = lambda: deaf\n"
        "from workbench.cli import execute\n"
        "sys.exit(execute(['run']))\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "deaf\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "told to stop\n"
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130


def test_a_signal_that_is_ignored_stays_ignored(db):
    """As under nohup: the terminal may close and the run goes on."""
    code = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "import workbench.cli.session as session\n"
        "look = session._follow\n"
        "def follow(*words): os.kill(os.getpid(), signal.SIGHUP); look(*words)\n"
        "session._follow = follow\n"
        "from workbench.cli import execute\n"
        f"sys.exit(execute(['run', *{SMALL!r}]))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0
    assert query(db, "select status from runs") == [("done",)]


def test_a_reader_of_json_that_leaves_interrupts_the_run_quietly(db):
    words = [sys.executable, "-m", "workbench", "run", *SMALL, "--epochs", "1000000", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert b'"started"' in process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 130
    assert query(db, "select status from runs") == [("interrupted",)]


def test_workbench_alone_without_a_terminal_trains_the_default_experiment(program, db):
    ended = program()
    assert ended.code == 0, ended.err
    assert "training the default experiment" in ended.err
    assert any(line.startswith("epoch ") for line in ended.err.splitlines())
    assert f"Saved in {db}" in ended.out
    ((stored, status),) = query(db, "select experiment_hash, status from runs")
    assert (stored, status) == (Experiment().hash, "done")


def test_workbench_alone_on_a_terminal_opens_the_interface(command, db, monkeypatch):
    opened = []
    monkeypatch.setattr("workbench.tui.app.run_app", lambda db, **look: opened.append((db, look)))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert command().code == 0
    assert command("--db", "other.db").code == 0
    assert command("--theme", "light").code == 0
    assert [str(path) for path, _ in opened] == [str(db), "other.db", str(db)]
    assert [look["theme"] for _, look in opened] == [None, None, "workbench-light"]


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are not known on Windows")
@pytest.mark.parametrize(("more", "shown"), [((), True), (("--quiet",), False)])
def test_progress_is_shown_on_a_terminal_unless_it_is_to_be_quiet(more, shown, db):
    here, there = os.openpty()
    words = [sys.executable, "-m", "workbench", "run", *SMALL, *more]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=there, env={**os.environ, "TERM": "xterm"}) as process:
        os.close(there)
        text = b""
        try:
            while piece := os.read(here, 65536):
                text += piece
        except OSError:  # Linux says so when the other end is closed
            pass
        os.close(here)
        assert process.stdout is not None
        assert b"Run 1: done" in process.stdout.read()
    assert process.returncode == 0
    assert (b"steps/s" in text) == shown
    assert (b"loss" in text) == shown


def test_two_runs_at_once_into_one_new_history_both_complete(db):
    words = [sys.executable, "-m", "workbench", "run", *SMALL, "--epochs", "20", "--set", "monitor.every=1", "--quiet"]
    processes = [subprocess.Popen([*words, "--seed", seed], stdout=subprocess.DEVNULL) for seed in ("1", "2")]
    assert [process.wait() for process in processes] == [0, 0]
    assert sorted(query(db, "select seed, status from runs")) == [(1, "done"), (2, "done")]
    counts = query(db, "select count(*), count(distinct step), max(step) from steps group by run")
    assert counts[0] == counts[1]
    assert counts[0][0] == counts[0][1] == counts[0][2]
    assert query(db, "pragma integrity_check") == [("ok",)]


@pytest.mark.skipif(sys.platform == "win32", reason="streams are closed otherwise on Windows")
@pytest.mark.parametrize(
    ("closed", "words", "code"),
    [
        ("1", ["run", *SMALL, "--json"], 0),
        ("1", ["--help"], 0),
        ("1", ["show", "9"], 2),
        ("012", ["run", *SMALL], 0),
        ("012", ["show", "9"], 2),
    ],
    ids=["run --json", "--help", "show 9", "run without all three", "show 9 without all three"],
)
def test_with_closed_streams_a_command_does_what_it_should_and_ends_quietly(closed, words, code, command, db):
    assert command("run", *SMALL).code == 0
    shut = (
        "import os, sys; [os.close(int(each)) for each in sys.argv[1]]; os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", shut, closed, "-m", "workbench", *words], stderr=subprocess.PIPE, text=True, cwd=db.parent
    )
    assert ended.returncode == code
    assert len(ended.stderr.splitlines()) == (1 if code and "2" not in closed else 0)
    assert query(db, "pragma integrity_check") == [("ok",)]
    assert {status for (status,) in query(db, "select status from runs")} == {"done"}
