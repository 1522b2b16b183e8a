"""The workbench in a terminal, with a history and preferences of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.journeys.terminal import Terminal
from workbench.history import History, RunRecord
from workbench.preferences import Preferences, write_preferences

Start = Callable[..., Terminal]
AT_THE_END = 2.0
"""Seconds after which an arrow that moves nothing is taken to be at the last row."""
TYPING = "Take back"
"""Stands at the foot while a value is typed."""


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


@pytest.fixture
def start(tmp_path: Path, db: Path) -> Iterator[Start]:
    """Opens the workbench, as somebody does who has been here before; ended with the test, whatever became of it."""
    remembered = tmp_path / "preferences.json"
    write_preferences(remembered, Preferences())
    with ExitStack() as open_terminals:

        def opened(columns: int = 80, lines: int = 24, **environment: str) -> Terminal:
            places = {"WORKBENCH_DB": str(db), "WORKBENCH_PREFERENCES": str(remembered)}
            terminal = Terminal(
                [sys.executable, "-m", "workbench"],
                columns=columns,
                lines=lines,
                cwd=tmp_path,
                environment={**places, "OMP_NUM_THREADS": "1", **environment},
            )
            open_terminals.enter_context(terminal)
            terminal.until("‹")
            return terminal

        yield opened


def runs(db: Path) -> list[RunRecord]:
    """All that is recorded, the oldest first."""
    with History.open(db) as history:
        return history.runs()[::-1]


def choose(terminal: Terminal, row: str, key: str) -> None:
    """Go to a row of the form by the arrows and pick one of its choices by typing its name."""
    go_to(terminal, row)
    terminal.press("enter")
    terminal.until("type to find")
    terminal.press(*key, "enter")
    terminal.until(lambda text: "type to find" not in text)


def fill(terminal: Terminal, row: str, number: str) -> None:
    """Go to a row of the form by the arrows and type a number into it."""
    go_to(terminal, row)
    terminal.press(*number)
    terminal.until(TYPING)
    terminal.press("enter")
    terminal.until(lambda text: TYPING not in text and any(row in line and number in line for line in text.splitlines()))


def go_to(terminal: Terminal, row: str) -> None:
    """Press the arrow until the row has the cursor: downwards, and from the last row on upwards."""
    arrow = "down"
    for _ in range(200):
        here = terminal.cursor_line
        if here.strip(" •").startswith(f"{row}  "):
            return
        terminal.press(arrow)
        try:
            terminal.until(lambda _, here=here: terminal.cursor_line not in ("", here), hanging=AT_THE_END)
        except AssertionError:
            arrow = "up"
        terminal.settle()
    raise AssertionError(f"no row {row!r}\n{terminal.text}")
