"""What can be wrong with `workbench run`, each answered in words."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.workbench.cli.conftest import SMALL, query


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--activation", "rellu"), "--activation: unknown activation 'rellu'. Did you mean 'relu'?"),
        (("--optimizer", "adm"), "Did you mean 'adam'?"),
        (("--data", "mnits"), "Did you mean 'mnist'?"),
        (("--width", "0"), "--width: "),
        (("--width", "many"), "--width: "),
        (("--steps", "99999999999999999999999"), "--steps: must be less than or equal to 9,223,372,036,854,775,807"),
        (("--epochs", "1e99"), "--epochs: must be less than or equal to 1,000,000,000,000 (given: 1e+99)"),
        (
            ("--set", "monitor.every=99999999999999999999"),
            "--set monitor.every: must be less than or equal to 9,223,372,036,854,775,807, or 'auto'",
        ),
        (("--dropout", "1.0"), "--dropout: "),
        (("--lr", "nan"), "--lr: "),
        (("--batch-size", "100000"), "batch"),
        (("--batch-size", "0"), "--batch-size: must be greater than or equal to 1, or 'full' (given: 0)"),
        (("--batch-size", "1.5"), "--batch-size: must be a whole number, or 'full' (given: 1.5)"),
        (("--set", "model.dept=3"), "--set model.dept: there is no such setting. Did you mean 'model.depth'"),
        (("--data", "table.csv"), "target"),
        (("--data", "table.csv", "--target", "z"), "z"),
        (("--data", "none.csv", "--target", "z"), "none.csv"),
        (("--data", "mnist", "--data-dir", "."), "train-images-idx3-ubyte"),
        (("--device", "gpu"), "--device: "),
        (("--threads", "0"), "--threads: "),
        (("--like", "7"), "there are no runs in"),
        (("--like", "7", "x.toml"), "not both"),
        (("none.toml",), "there is no experiment file none.toml"),
        (("--seeds", "0"), "--seeds must be at least 1"),
        (("--seeds", "10001"), "--seeds must be at most 10,000, not 10,001"),
        (("--tag", "two words"), "a tag is one word"),
    ],
    ids=" ".join,
)
def test_wrong_input_is_answered_in_words_with_code_2_and_nothing_is_written(words, said, command, db, tmp_path):
    (tmp_path / "table.csv").write_text("a,b\n" + "1,2\n" * 30)
    ended = command("run", *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert not db.exists()


def test_all_problems_are_listed_one_per_line(command):
    lines = command("run", "--width", "0", "--dropout", "1", "--activation", "rellu").err.splitlines()
    assert lines[0] == "workbench: the experiment cannot be run as described:"
    assert sorted(line.split(":")[0].strip() for line in lines[1:]) == ["--activation", "--dropout", "--width"]


def test_a_device_that_is_not_there_is_wrong_configuration(command, db):
    ended = command("run", *SMALL, "--device", "cuda:99")
    assert (ended.code, ended.out) == (2, "")
    assert "cuda" in ended.err
    assert not db.exists()


@pytest.mark.parametrize(("name", "content"), [("folder.db", None), ("notes.txt", "some text that is no database at all")])
def test_a_wrong_history_is_told_before_anything_is_trained(name, content, command, tmp_path):
    path = tmp_path / name
    path.mkdir() if content is None else path.write_text(content)
    ended = command("run", *SMALL, "--db", str(path))
    assert (ended.code, ended.out) == (2, "")
    assert "not a history" in ended.err


def test_a_disk_that_takes_no_more_ends_the_run_with_code_1_and_what_was_recorded_can_be_read(command, db):
    resource = pytest.importorskip("resource")
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))\n"
        "from workbench.cli import execute\n"
        f"sys.exit(execute(['run', *{SMALL!r}, '--epochs', '1000000', '--set', 'monitor.every=1', '--quiet']))\n"
    )
    assert resource.RLIMIT_FSIZE is not None
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)
    assert done.returncode == 1
    assert done.stderr.startswith("workbench: the disk of the history ")
    assert done.stderr.count("\n") == 1
    assert query(db, "pragma integrity_check") == [("ok",)]
    (run,) = command("runs", "--json").objects
    assert run["status"] in ("interrupted", "failed")
    assert command("export", "1").out.count("\n") > 2


def test_an_unexpected_error_is_one_line_that_says_how_to_see_more(command, monkeypatch):
    def broken(*words: object, **more: object) -> None:
        raise ZeroDivisionError("not\nthought of")

    monkeypatch.setattr("workbench.cli.session.Runner", broken)
    ended = command("run", *SMALL)
    assert ended.code == 1
    hint = "(an error that was not expected; WORKBENCH_DEBUG=1 shows where it came from)"
    assert ended.err == f"workbench: ZeroDivisionError: not thought of {hint}\n"
    monkeypatch.setenv("WORKBENCH_DEBUG", "1")
    assert "Traceback" in command("run", *SMALL).err


def test_a_callback_that_raises_fails_the_run_in_one_line_that_the_history_keeps(command, db, tmp_path):
    (tmp_path / "mine_that_raises.py").write_text(
        "from engine.training import Callback\n\n\nclass Raising(Callback):\n"
        "    def on_epoch_end(self, run, scores):\n        raise RuntimeError('no\\nmore')\n"
    )
    ended = command("run", *SMALL, "--callback", "mine_that_raises:Raising")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("workbench: callback mine_that_raises:Raising: on_epoch_end raised RuntimeError: no")
    assert "Traceback" not in ended.err
    ((status, message, steps),) = query(db, "select status, message, (select count(*) from steps) > 0 from runs")
    assert (status, steps) == ("failed", 1)
    assert "mine_that_raises:Raising" in message


def test_a_callback_that_is_not_there_is_wrong_configuration(command, db):
    ended = command("run", *SMALL, "--callback", "nowhere_to_be_found:Mine")
    assert (ended.code, ended.out) == (2, "")
    assert "callbacks: nowhere_to_be_found:Mine: cannot import 'nowhere_to_be_found'" in ended.err
    assert not db.exists()
