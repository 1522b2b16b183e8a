"""`workbench run` with callbacks that print and that break."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workbench.cli.conftest import SMALL, query

CALLBACKS = """
import sys
from engine.training import Callback

class Prints(Callback):
    def on_epoch_end(self, run, scores):
        print("epoch", run.epoch, "is over")

class Leaves(Callback):
    def on_step_end(self, run):
        if run.step == 5:
            sys.exit()

class Interrupts(Callback):
    def on_step_end(self, run):
        raise KeyboardInterrupt

class BreaksAtTheEnd(Callback):
    def on_run_end(self, run):
        raise KeyError("it")
"""


@pytest.fixture
def callbacks(db, monkeypatch) -> str:
    """The name of a module with callbacks in the working directory."""
    name = f"callbacks_of_{abs(hash(str(db)))}"  # another module for each test: those of other tests stay imported
    Path(f"{name}.py").write_text(CALLBACKS)
    return name


def test_what_callbacks_print_does_not_come_between_the_json(command, callbacks):
    ended = command("run", *SMALL, "--callback", f"{callbacks}:Prints", "--json")
    assert ended.code == 0
    assert ended.objects[-1]["event"] == "finished"  # reading them fails where a line is no JSON
    assert ended.err == "epoch 1 is over\nepoch 2 is over\n"
    assert "epoch 2 is over\n" in command("run", *SMALL, "--callback", f"{callbacks}:Prints").out


@pytest.mark.parametrize(("kind", "raised"), [("Leaves", "SystemExit (callbacks_of_"), ("Interrupts", "KeyboardInterrupt (")])
def test_a_callback_that_wants_to_leave_is_told_as_one_that_broke(command, db, callbacks, kind, raised):
    ended = command("run", *SMALL, "--callback", f"{callbacks}:{kind}")
    assert (ended.code, ended.out) == (1, "")
    assert f"on_step_end raised {raised}" in ended.err
    ((status, message),) = query(db, "select status, message from runs")
    assert status == "failed"
    assert ended.err == f"workbench: {message}\n"


def test_the_scores_of_a_run_whose_end_breaks_are_recorded(command, db, callbacks):
    ended = command("run", *SMALL, "--callback", f"{callbacks}:BreaksAtTheEnd", "--json")
    assert ended.code == 1
    assert "on_run_end raised KeyError: 'it'" in ended.err
    assert [each["event"] for each in ended.objects[-2:]] == ["finished", "failed"]
    stored = "select status, test_cost, train_cost, validation_cost, message like '%on_run_end raised%' from runs"
    ((status, *costs, told),) = query(db, stored)
    assert (status, told) == ("failed", 1)
    finished = ended.objects[-2]
    assert costs == [finished["test_cost"], finished["train_cost"], finished["validation_cost"]]
