"""From the first start to a trained network, a fault that is found and mended, and two runs beside each other."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.conftest import Start, choose, fill, go_down, line_of, runs


def test_from_the_first_start_to_the_first_trained_run(start: Start, db: Path) -> None:
    terminal = start(newcomer=True)
    screen = terminal.until("New here? t shows you around")
    assert "space Run" in screen.splitlines()[-1]
    terminal.press("t")
    terminal.until("Up and down go from row to row")
    go_down(terminal, "Depth")
    terminal.press("right")
    terminal.until("‹4›")
    terminal.press("enter")
    terminal.until("Space trains what the form describes")
    terminal.press("space")
    terminal.until("✓ done, test accuracy")
    for words in ("A row for each layer", "Every run is kept", "? shows all keys"):
        terminal.press("enter")
        terminal.until(words)
    terminal.press("enter")
    terminal.until(lambda text: "? shows all keys" not in text and "q Quit" in text)
    terminal.press("q")
    assert terminal.end() == 0
    (run,) = runs(db)
    assert (run.status, run.depth) == ("done", 4)
    assert run.test_accuracy > 0.9

    again = start()
    again.press("h")
    screen = again.until(lambda text: "1 run" in text and "✓ done" in line_of(text, "digits"))
    assert "New here?" not in screen


def test_a_vanishing_gradient_is_seen_and_mended(start: Start, db: Path) -> None:
    terminal = start(columns=100, lines=40)
    fill(terminal, "Depth", "10")
    choose(terminal, "Activation", "sigmoid")
    choose(terminal, "Optimizer", "sgd")
    fill(terminal, "Epochs", "3")
    terminal.press("space")
    terminal.until(lambda text: "✓ done" in text and "↓" in line_of(text, "▸hidden 1 "))

    terminal.press("f")
    choose(terminal, "Activation", "relu")
    terminal.press("space")
    screen = terminal.until(lambda text: "run 2 " in text and "✓ done" in text and "gradient" in text)
    assert not any("↓" in line for line in screen.splitlines() if "hidden" in line)
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
    terminal.press("q")
    assert terminal.end() == 0
    assert [(run.width, run.status) for run in runs(db)] == [("64", "done"), ("8", "done")]


def test_a_run_that_diverges_is_told_by_step_and_layer(start: Start, db: Path) -> None:
    terminal = start(columns=100, lines=40)
    choose(terminal, "Optimizer", "sgd")
    fill(terminal, "Learning rate", "1000")
    terminal.press("space")
    told = line_of(terminal.until("× diverged at step"), "× diverged")
    terminal.press("q")
    assert terminal.end() == 0
    (run,) = runs(db)
    assert run.status == "diverged"
    assert f"× diverged at step {run.diverged_step}" in told
    assert run.diverged_layer
    assert run.diverged_layer in told
