"""What can be wrong with the commands on stored runs, each answered in words."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workbench.cli.conftest import SMALL, query, record

LOOKING = [("runs",), ("show", "1"), ("compare", "1", "2"), ("export", "1")]


@pytest.mark.parametrize("words", [("show", "9"), ("compare", "1", "9"), ("export", "9"), ("tag", "9", "x"), ("note", "9", "x")])
def test_an_unknown_run_is_wrong_usage(words, command, stored):
    ended = command(*words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("workbench: no run '9'")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("ref", ["99999999999999999999", "9" * 5000, "caf\udce9"], ids=["20 digits", "5000 digits", "latin-1"])
def test_what_no_run_can_be_called_is_wrong_usage(ref, command, stored):
    ended = command("show", ref)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("workbench: no run ")
    assert command("runs", ref).out == f"No runs that match in {stored}.\n"


def test_more_runs_may_be_asked_for_than_can_be_counted(command, stored):
    assert len(command("runs", "--limit", "99999999999999999999", "--json").objects) == 3


@pytest.mark.parametrize(
    "words", [("tag", "1", "\udcff"), ("note", "1", "\udcff"), ("run", "--name", "\udcff")], ids=lambda words: words[0]
)
def test_words_in_another_encoding_are_wrong_usage(words, command, stored):
    ended = command(*words)
    assert (ended.code, ended.out) == (2, "")
    assert "is not text in the encoding of this system" in ended.err
    assert query(stored, "select count(*) from runs") == [(3,)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
@pytest.mark.parametrize(
    "words", [*LOOKING, ("--help",), ("--version",), ("run", *SMALL), ("run", *SMALL, "--json")], ids=" ".join
)
def test_output_that_cannot_be_written_is_one_line_and_code_1(words, stored):
    command = [sys.executable, "-m", "workbench", *words]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (1, "workbench: the output cannot be written: No space left on device\n")


@pytest.mark.parametrize("words", [("runs",), ("show", "1"), ("compare", "1", "2")], ids=lambda words: words[0])
def test_what_an_encoding_lacks_is_not_an_error(words, stored):
    command = [sys.executable, "-m", "workbench", *words]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "latin-1"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"?" in done.stdout


@pytest.mark.parametrize("words", LOOKING, ids=lambda words: words[0])
def test_a_folder_as_history_is_wrong_usage(words, command, tmp_path):
    ended = command(*words, "--db", str(tmp_path))
    assert (ended.code, ended.out) == (2, "")
    assert "is a folder, not a history" in ended.err


@pytest.mark.parametrize("words", LOOKING, ids=lambda words: words[0])
def test_a_text_file_as_history_is_wrong_usage_and_stays_as_it_is(words, command, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but longer than the header of one")
    ended = command(*words, "--db", str(path))
    assert (ended.code, ended.out) == (2, "")
    assert "is not a history" in ended.err
    assert path.read_text().startswith("not a database")


def test_a_history_of_a_newer_version_is_wrong_usage(command, stored):
    with sqlite3.connect(stored) as connection:
        connection.execute("pragma user_version = 999")
    ended = command("runs")
    assert (ended.code, ended.out) == (2, "")
    assert "newer version" in ended.err


def test_a_reader_that_leaves_early_ends_the_command_quietly(stored):
    """As `workbench export … | head -1`: the pipe is closed long before all rows are written."""
    record(stored, [{"steps": 3000}], steps=3000)
    words = [sys.executable, "-m", "workbench", "export", "latest", "--what", "layers"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"run,step,layer,name,")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0
