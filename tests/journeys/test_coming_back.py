"""A run of another day is found again and gone on with: filtered, opened, branched."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.experiment import Experiment
from tests.journeys.conftest import Start, fill, line_of, runs
from tests.journeys.terminal import Terminal
from workbench.history import History
from workbench.history.records import Origin
from workbench.runner import Runner

FOUND = 16
"""Units of the network that is looked for."""


def train(db: Path, *widths: int) -> None:
    """Train small networks, one after another, as runs 1, 2, ..."""
    small = {"data.name": "iris", "model.depth": 1, "epochs": 3, "threads": 1, "device": "cpu"}
    for width in widths:
        runner = Runner([Experiment().with_settings({**small, "model.width": width})], db=db)
        runner.start()
        runner.join()
        assert runner.error is None


def set_back(db: Path, *run_ids: int) -> str:
    """Let runs have been started at noon of the day before; that day as it is written in a filter."""
    first = datetime.fromisoformat(runs(db)[0].started).astimezone()
    noon = (first - timedelta(days=1)).replace(hour=12, minute=0)
    with sqlite3.connect(db) as connection:
        for run in run_ids:
            started = noon.astimezone(UTC).isoformat(timespec="milliseconds")
            connection.execute("UPDATE runs SET started = ? WHERE id = ?", (started, run))
    connection.close()
    return noon.date().isoformat()


def key_of(terminal: Terminal, action: str) -> str:
    """The key that does this, as the help of the screen says, which is read from its beginning."""
    terminal.press("?")
    terminal.until("Next statistic of the layers")
    while action not in (before := terminal.text):
        terminal.press("down")
        terminal.until(lambda text, before=before: text != before)
    terminal.press("escape")
    terminal.until(lambda text: action not in text)
    return line_of(before, action).partition("│")[2].split()[0]


def test_a_run_of_yesterday_is_found_by_the_filter_and_branched(start: Start, db: Path) -> None:
    train(db, 8, FOUND, 24, 32)
    yesterday = set_back(db, 1, 2, 3)
    terminal = start(columns=100, lines=40)
    terminal.press("h")
    terminal.until(lambda text: "4 runs" in text and f"1×{FOUND} " in text)

    terminal.press("/")
    terminal.until("words · activation=tanh")  # what a filter can be made of
    terminal.press(*f"started={yesterday} epochs>2", "enter")
    terminal.until(lambda text: "3 of 4 runs" in text and "1×32" not in text)
    terminal.press("down")
    terminal.until(lambda text: "2 of 3" in text and f"1×{FOUND} " in text and f"started {yesterday} 12:00" in text)
    terminal.press("enter")
    terminal.until(lambda text: line_of(text, "run 2 ").startswith(" run 2  ✓ done"))
    assert key_of(terminal, "into the form, to") == "B"

    terminal.press("B")
    terminal.until("B begins the branch")
    terminal.until("‹iris›")
    fill(terminal, "Learning rate", "0.05")
    fill(terminal, "Epochs", "5")
    terminal.press("B")
    terminal.until(lambda text: "✓ done" in line_of(text, "run 5 "))
    terminal.press("h")
    terminal.until("3 of 5 runs")  # the filter has stayed, and the branch is of today
    terminal.press("q")
    assert terminal.end() == 0
    parent, branch = runs(db)[1], runs(db)[4]
    assert (branch.status, branch.parent, branch.origin) == ("done", parent.id, Origin.BRANCH)
    assert (branch.width, branch.lr, branch.epoch) == (str(FOUND), 0.05, 5)
    assert (parent.status, parent.lr, parent.epoch) == ("done", 0.001, 3)
    assert all(run.parent is None for run in runs(db)[:4])
    with History.open(db) as history:
        assert min(row.step for row in history.steps(branch.id)) == parent.step + 1
