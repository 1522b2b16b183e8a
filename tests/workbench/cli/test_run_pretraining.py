"""What is said of a run that was stopped in its pre-training. The training is scripted; history and command line are real."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.events import Checkpointed, Finished, Outcome
from engine.vocabulary import Status
from tests.workbench.cli.conftest import Ended
from tests.workbench.keeping import written
from tests.workbench.scripted import scripted_events


@pytest.fixture
def trained(command, monkeypatch) -> Callable[..., Ended]:
    """Train what is interrupted before its first step, after one epoch of pre-training and perhaps a checkpoint."""

    def run(keep: Callable[[Path], Checkpointed] | None = None) -> Ended:
        def source(experiments, *, checkpoints, **more):
            started, first, *_ = scripted_events(experiments=experiments, everything=True, steps=50)
            yield from (started, first)
            if keep is not None:
                yield keep(checkpoints())
            yield Finished((Outcome(Status.INTERRUPTED, 0),), 0.0, 0.0)

        monkeypatch.setattr("workbench.runner._engine", lambda: source)
        return command("run", "--activation", "sigmoid", "--pretraining", "dbn", "--steps", "50", "--device", "cpu")

    return run


@pytest.fixture
def stopped(trained) -> Ended:
    """A run that ended in its pre-training."""
    return trained()


SENTENCE = "Run 1 ended in its pre-training, which cannot be resumed; `workbench run --like 1` begins again."


def test_the_summary_says_how_to_begin_again(stopped, command):
    assert stopped.code == 130
    assert SENTENCE in stopped.out.splitlines()
    assert SENTENCE in command("show", "1").out.splitlines()


def test_there_is_no_table_of_what_was_never_measured(stopped, command):
    for text in (stopped.out, command("show", "1").out):
        assert "pre-training" in text
        assert "nan" not in text
        assert "update ratio" not in text


def test_going_on_says_why_it_cannot(stopped, command):
    ended = command("run", "--resume", "1")
    assert (ended.code, ended.out) == (2, "")
    assert "it ended in its pre-training, which cannot go on from its middle; `workbench run --like 1` begins again" in ended.err


def test_a_run_that_was_stopped_after_its_pretraining_has_not_ended_in_it(trained):
    """It can go on: the first checkpoint is that of its end."""
    ended = trained(lambda folder: written(folder, Checkpointed(0, 0, "last", "last-0.json", (0,))))
    assert ended.code == 130
    assert "ended in its pre-training" not in ended.out
    assert "checkpoints in" in ended.out
