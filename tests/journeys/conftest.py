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
FIRST = "Data"
"""The row of the form to which the key for the first row leads."""
HERE = "‹"
"""Stands before the value in the row of the form that has the cursor."""
TYPING = "Take back"
"""Stands at the foot while a value is typed."""


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


@pytest.fixture
def start(tmp_path: Path, db: Path) -> Iterator[Start]:
    """Opens the workbench, as somebody does who has been here before; ended with the test, whatever became of it."""
    remembered = tmp_path / "preferences.json"
    write_preferences(remembered, Preferences(toured=True))
    with ExitStack() as open_terminals:

        def opened(columns: int = 80, lines: int = 24, *, newcomer: bool = False, **environment: str) -> Terminal:
            if newcomer:
                remembered.unlink()
            places = {"WORKBENCH_DB": str(db), "WORKBENCH_PREFERENCES": str(remembered)}
            terminal = Terminal(
                [sys.executable, "-m", "workbench"],
                columns=columns,
                lines=lines,
                cwd=tmp_path,
                environment={**places, "OMP_NUM_THREADS": "1", **environment},
            )
            open_terminals.enter_context(terminal)
            terminal.until(HERE)
            return terminal

        yield opened


def runs(db: Path) -> list[RunRecord]:
    """All that is recorded, the oldest first."""
    with History.open(db) as history:
        return history.runs()[::-1]


def line_of(text: str, words: str) -> str:
    """The line with these words; empty if there is none."""
    return next((line for line in text.splitlines() if words in line), "")


def choose(terminal: Terminal, row: str, key: str) -> None:
    """Go to a row of the form and pick one of its choices by typing its name."""
    go_to(terminal, row)
    terminal.press("enter")
    terminal.until("type to find")
    terminal.press(*key, "enter")
    terminal.until(lambda text: "type to find" not in text)


def fill(terminal: Terminal, row: str, number: str) -> None:
    """Go to a row of the form and type a number into it."""
    go_to(terminal, row)
    terminal.press(*number)
    terminal.until(TYPING)
    terminal.press("enter")
    terminal.until(lambda text: TYPING not in text and any(row in line and number in line for line in text.splitlines()))


def go_to(terminal: Terminal, row: str) -> None:
    """Go to the first row of the form, and from there by the arrow until the row has the cursor."""
    terminal.until(HERE)
    terminal.press("home")
    terminal.until(lambda _: _name(terminal.cursor_line) == FIRST)
    go_down(terminal, row)


def go_down(terminal: Terminal, row: str) -> None:
    """Go by the arrow until the row has the cursor, which stands above it."""
    while (here := _name(terminal.cursor_line)) != row:
        terminal.press("down")
        terminal.until(lambda _, here=here: _name(terminal.cursor_line) not in ("", here))


def _name(line: str) -> str:
    """What a row of the form is called."""
    return line.strip(" •").partition("  ")[0]
