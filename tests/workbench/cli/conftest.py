"""Commands run in this process or in one of their own, on a history in a temporary folder."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.events import FindingRaised
from engine.experiment import Experiment
from tests.workbench.findings import finding
from tests.workbench.scripted import scripted_events
from workbench.cli import execute
from workbench.history import Recorder

SMALL = ("--data", "digits", "--depth", "1", "--width", "8", "--epochs", "2", "--device", "cpu", "--threads", "1")
"""A real training that takes no time."""

SCRIPT = {"steps": 110, "steps_per_epoch": 20, "everything": True}
"""A scripted training of which everything is known."""


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict]:
        """The JSON objects on stdout, one per line; not-a-number is no JSON."""

        def reject(constant: str) -> None:
            raise AssertionError(f"{constant} is not JSON")

        return [json.loads(line, parse_constant=reject) for line in self.out.splitlines()]


@pytest.fixture
def db(tmp_path, monkeypatch) -> Path:
    """The history that commands use when none is named; it does not exist yet."""
    path = tmp_path / "history.db"
    monkeypatch.setenv("WORKBENCH_DB", str(path))
    monkeypatch.delenv("WORKBENCH_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    return path


@pytest.fixture
def command(db, capsys) -> Callable[..., Ended]:
    """Run a command in this process."""

    def run(*words: str) -> Ended:
        capsys.readouterr()
        code = execute(words)
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return run


@pytest.fixture
def program(db) -> Callable[..., Ended]:
    """Run a command in a process of its own."""

    def run(*words: str, stdin: str = "") -> Ended:
        done = subprocess.run([sys.executable, "-m", "workbench", *words], capture_output=True, text=True, input=stdin)
        return Ended(done.returncode, done.stdout, done.stderr)

    return run


def record(db: Path, settings: Sequence[dict], *, name: str = "", tags: Sequence[str] = (), **script: object) -> tuple[int, ...]:
    """Record a scripted training and return the ids of its runs."""
    experiments = tuple(Experiment().with_settings({"steps": 50, "epochs": None, **each}) for each in settings)
    with Recorder(db, name=name, tags=tags) as recorder:
        for event in scripted_events(**{"steps": 50, "experiments": experiments, **script}):
            recorder.record(event)
        return tuple(recorder.run_ids)


@pytest.fixture
def stored(db) -> Path:
    """A history of three runs: plain, with another activation, diverged."""
    record(db, [{"model.width": 16}], name="plain", tags=("baseline",))
    record(db, [{"model.width": 16, "model.activation": "tanh", "seed": 3}], name="smooth")
    record(db, [{"model.width": 16, "lr": 10.0}], name="wild", diverges_at=30)
    return db


@pytest.fixture
def full(db) -> Path:
    """An ensemble of two of which everything is known; the first ended early. Its checkpoints are files."""
    folder = db.parent / "history.checkpoints" / "run-1"
    folder.mkdir(parents=True)
    for step in (80, 100):
        (folder / f"last-{step}.json").touch()
    base = {"model": {"width": 16}, "steps": 110, "device": "cpu"}
    made = [Experiment.parse({**base, "seed": seed, "ensemble": {"members": 2, "member": seed}}) for seed in (0, 1)]
    with Recorder(db, name="full") as recorder:
        for event in scripted_events(**SCRIPT, experiments=made, ends={0: 3}, folder=str(folder), plane=True):
            recorder.record(event)
        recorder.record(FindingRaised(finding(member=1)))
    return db


def lines_of(text: str, begin: str) -> list[str]:
    """The lines of a table from its head to the next blank line."""
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(begin))
    return lines[first : next((n for n in range(first, len(lines)) if not lines[n]), len(lines))]


@contextmanager
def nobody_reading() -> Iterator[None]:
    """Within it stdout is a pipe whose reader is gone, as in `workbench … | head` after its last line."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", buffering=1) as pipe, redirect_stdout(pipe):  # noqa: PTH123  a descriptor has no path
        yield


def query(db, text: str) -> list[tuple]:
    """The rows that a query finds in a history."""
    with sqlite3.connect(db) as connection:
        return connection.execute(text).fetchall()
