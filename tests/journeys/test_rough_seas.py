"""Small terminals, terminals that change, and ends that nobody chose: nothing is lost."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.journeys.conftest import Start, fill, line_of, runs
from tests.journeys.terminal import Terminal
from workbench.history import History


def long_training(start: Start, **size: int) -> Terminal:
    """A training that goes on until it is ended."""
    terminal = start(**size)
    fill(terminal, "Depth", "2")
    fill(terminal, "Epochs", "100000")
    fill(terminal, "Checkpoint every", "1")
    terminal.press("space")
    terminal.until(lambda text: "running" in text and ": checkpoint" in text)
    return terminal


def test_a_terminal_of_60x20_shows_form_run_and_list(start: Start) -> None:
    terminal = start(columns=60, lines=20)
    assert "‹digits›" in terminal.text
    terminal.press("space")
    screen = terminal.until("✓ done, test accuracy")
    assert "hidden 1" in screen
    terminal.press("h")
    terminal.until(lambda text: "1 run" in text and "✓ done" in line_of(text, "digits"))


def test_resizing_while_training_keeps_everything(start: Start, db: Path) -> None:
    terminal = long_training(start)
    for columns, lines in ((160, 50), (60, 20), (250, 70), (80, 24)):
        terminal.resize(columns, lines)
        terminal.until(
            lambda text, columns=columns, lines=lines: fills(text, columns, lines) and "hidden 1" in text and "epoch" in text
        )
    terminal.press("x")
    terminal.until("■ stopped")
    terminal.press("q")
    assert terminal.end() == 0
    assert [run.status for run in runs(db)] == ["stopped"]


def test_ctrl_c_asks_and_then_ends_the_run_well(start: Start, db: Path) -> None:
    terminal = long_training(start)
    terminal.press("ctrl+c")
    terminal.until("A training is going on")
    terminal.press("y")
    assert terminal.end() == 0
    (run,) = runs(db)
    assert run.status == "stopped"
    assert run.step > 0


def fills(text: str, columns: int, lines: int) -> bool:
    """Whether what is drawn goes nearly to the last column, as its axis does, and to the last line, where the keys are."""
    drawn = text.splitlines()
    return len(drawn) == lines and "q Quit" in drawn[-1] and columns - 4 < max(map(len, drawn)) <= columns


@pytest.mark.parametrize("end", ["hang up", "kill"])
def test_after_a_closed_terminal_and_after_kill_9_the_run_is_there_and_goes_on(end: str, start: Start, db: Path) -> None:
    terminal = long_training(start)
    if end == "hang up":
        terminal.hang_up()
        terminal.process.wait()
    else:
        os.kill(terminal.process.pid, signal.SIGKILL)
        terminal.process.wait()
    again = start(columns=100, lines=30)
    again.press("h")
    again.until("! interrupted")
    (before,) = runs(db)
    assert before.checkpoint_step
    assert recorded_steps(db) == list(range(1, before.step + 1))
    again.press("g")
    again.until(lambda text: "running" in text and f"went on from step {before.checkpoint_step:,} " in text)
    again.press("x")
    again.until("■ stopped")
    again.press("q")
    assert again.end() == 0
    (after,) = runs(db)
    assert (after.id, after.status) == (before.id, "stopped")
    assert after.step >= before.checkpoint_step
    assert recorded_steps(db) == list(range(1, after.step + 1))


def recorded_steps(db: Path) -> list[int]:
    """The steps of the only run of which something is known."""
    with History.open(db) as history:
        return [row.step for row in history.steps(1)]
