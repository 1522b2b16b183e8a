"""From the first start to a trained network, a fault that is found and mended, and two runs beside each other."""

from __future__ import annotations

import math
from pathlib import Path

from tests.journeys.conftest import Start, choose, fill, runs


def line_of(text: str, words: str) -> str:
    """The line with these words; empty if there is none."""
    return next((line for line in text.splitlines() if words in line), "")


def test_from_the_first_start_to_the_first_trained_run(start: Start, db: Path) -> None:
    terminal = start()
    terminal.press("down", "down", "up")
    terminal.until("digits")
    terminal.press("space")
    terminal.until("✓ done, test accuracy")
    terminal.press("q")
    assert terminal.end() == 0
    (run,) = runs(db)
    assert run.status == "done"
    assert run.test_accuracy > 0.9


def test_a_vanishing_gradient_is_seen_and_mended(start: Start, db: Path) -> None:
    terminal = start(columns=100, lines=40)
    fill(terminal, "Depth", "10")
    choose(terminal, "Activation", "sigmoid")
    choose(terminal, "Optimizer", "sgd")
    fill(terminal, "Epochs", "3")
    terminal.press("space")
    terminal.until(lambda text: "✓ done" in text and "↓" in line_of(text, "hidden 1 "))

    terminal.press("f")
    choose(terminal, "Activation", "relu")
    terminal.press("space")
    terminal.until(lambda text: "run 2" in text and "✓ done" in text)
    terminal.settle()
    assert "↓" not in line_of(terminal.text, "hidden 1 ")
    terminal.press("q")
    assert terminal.end() == 0
    sigmoid, relu = runs(db)
    assert relu.test_accuracy > sigmoid.test_accuracy + 0.3


def test_two_runs_are_compared(start: Start, db: Path) -> None:
    terminal = start(columns=120, lines=40)
    fill(terminal, "Epochs", "2")
    terminal.press("space")
    terminal.until(lambda text: "run 1" in text and "✓ done" in text)
    fill(terminal, "Width", "8")
    terminal.press("space")
    terminal.until(lambda text: "run 2" in text and "✓ done" in text)
    terminal.press("h")
    terminal.until("2 runs")
    terminal.press("space", "down", "space")
    terminal.until("2 marked")
    terminal.press("c")
    terminal.until(lambda text: " width " in line_of(text, "validation cost"))
    assert [run.width for run in runs(db)] == ["64", "8"]


def test_a_run_that_diverges_is_told_by_step_and_layer(start: Start, db: Path) -> None:
    terminal = start(columns=100, lines=40)
    choose(terminal, "Optimizer", "sgd")
    fill(terminal, "Learning rate", "1000")
    terminal.press("space")
    terminal.until("× diverged at step")
    terminal.press("q")
    assert terminal.end() == 0
    (run,) = runs(db)
    assert run.status == "diverged"
    assert run.loss is not None
    assert not math.isfinite(run.loss) or run.diverged_layer
