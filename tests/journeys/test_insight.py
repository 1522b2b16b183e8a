"""The program says what will happen, what goes wrong and what helps; one key tries it, and it says what that has done."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.conftest import Start, choose, fill, line_of, runs
from workbench.history import History
from workbench.history.records import Origin


def test_a_vanishing_gradient_is_foreseen_named_and_mended_by_one_key(start: Start, db: Path) -> None:
    terminal = start(columns=160, lines=50)
    fill(terminal, "Depth", "8")
    choose(terminal, "Activation", "sigmoid")
    choose(terminal, "Optimizer", "sgd")
    fill(terminal, "Epochs", "8")
    terminal.until(lambda text: "Gradient falls" in text)  # the forecast

    terminal.press("space")
    terminal.until(lambda text: "✓ done" in line_of(text, "run 1 "))
    terminal.until("▲ Vanishing gradient")
    terminal.press("v")
    terminal.until("What is wrong")
    terminal.until("1. ReLU with He initialization")
    terminal.press("!")
    terminal.until("How it is measured")
    terminal.press("escape")
    terminal.until(lambda text: "How it is measured" not in text)

    terminal.press("F")
    terminal.until("A remedy for run 1")
    terminal.press("enter")
    terminal.until(lambda text: "✓ done" in line_of(text, "run 2 "))
    terminal.until("Vanishing gradient: gone, and the test error fell")
    terminal.press("q")
    assert terminal.end() == 0

    broken, mended = runs(db)
    assert (mended.parent, mended.origin, mended.seed) == (broken.id, Origin.FIX, broken.seed)
    assert (mended.activation, mended.status) == ("relu", "done")
    assert broken.test_accuracy is not None
    assert mended.test_accuracy is not None
    assert mended.test_accuracy > broken.test_accuracy + 0.4
    with History.open(db) as history:
        assert "vanishing-gradient" in {each.rule for each in history.findings(broken.id)}
        assert "vanishing-gradient" not in {each.rule for each in history.findings(mended.id) if each.closed is None}
