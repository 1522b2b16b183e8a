"""Trainings that are interrupted and go on, and how they are compared with those that are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.events import EpochEnded, Event, Finished, Frame, Intervened, MemberEnded
from engine.experiment import Experiment
from engine.training import Callback, Run
from engine.training.checkpoint import load
from engine.training.control import Control
from engine.training.loop import train
from engine.training.manifest import newest


@dataclass
class Told:
    """What was told of a training, in one piece or in several."""

    losses: dict[int, tuple[float, ...]] = field(default_factory=dict)
    rates: dict[int, tuple[float, ...]] = field(default_factory=dict)
    epochs: dict[int, EpochEnded] = field(default_factory=dict)
    ended: list[MemberEnded] = field(default_factory=list)
    intervened: list[Intervened] = field(default_factory=list)
    finished: Finished | None = None
    learned: list[Tensor] = field(default_factory=list)

    def hear(self, event: Event) -> None:
        if isinstance(event, Frame):
            for row, step in enumerate(event.steps.tolist()):
                self.losses[step] = tuple(event.loss[row].tolist())
                self.rates[step] = tuple(event.lr[row].tolist())
        elif isinstance(event, EpochEnded):
            self.epochs[event.epoch] = event
        elif isinstance(event, MemberEnded):
            self.ended.append(event)
        elif isinstance(event, Intervened):
            self.intervened.append(event)
        elif isinstance(event, Finished):
            self.finished = event


class Interrupter(Callback):
    """Interrupts at steps of which nobody is told, and counts steps through thick and thin."""

    control = Control()
    at: frozenset[int] = frozenset()

    def __init__(self) -> None:
        self.steps = 0

    def on_step_end(self, run: Run) -> None:
        self.steps += 1
        if run.step in Interrupter.at:
            Interrupter.control.stop(interrupted=True)

    def on_run_end(self, run: Run) -> None:
        assert self.steps == run.step

    def state(self) -> object:
        return {"steps": self.steps}

    def restore(self, state: object) -> None:
        assert isinstance(state, dict)
        self.steps = state["steps"]


def run(
    experiments: Sequence[Experiment],
    folder: Path,
    told: Told | None = None,
    *,
    stop_at: int | None = None,
    resume: bool = False,
    interventions: Sequence[Intervened] = (),
    changes: Mapping[int, Mapping[str, float]] | None = None,
) -> Told:
    """Train, perhaps on from the newest checkpoint of a folder; return what was told, and what was learned.

    Args:
        experiments: one for each member.
        folder: of the checkpoints.
        told: before.
        stop_at: interrupt when this step is told of.
        resume: whether to go on.
        interventions: to be made again.
        changes: of settings, made when these steps are told of.
    """
    told = told or Told()
    Interrupter.control = control = Control()
    path = newest(folder) if resume else None
    assert path is not None or not resume
    for event in train(experiments, control=control, checkpoints=lambda: folder, resume=path, interventions=interventions):
        told.hear(event)
        if isinstance(event, Frame):
            step = int(event.steps[-1])
            if changes and step in changes:
                control.change(changes[step])
            if stop_at is not None and step >= stop_at:
                control.stop(interrupted=True)
    last = newest(folder)
    assert last is not None
    told.learned = load(last).learned
    return told


def assert_same(ours: Told, theirs: Told) -> None:
    """Bit for bit the same numbers."""
    assert ours.losses.keys() == theirs.losses.keys()
    for step, losses in theirs.losses.items():
        np.testing.assert_array_equal(ours.losses[step], losses, err_msg=f"loss of step {step}")
        assert ours.rates[step] == theirs.rates[step]
    assert ours.epochs.keys() == theirs.epochs.keys()
    for epoch, ended in theirs.epochs.items():
        for part in ("step", "train", "validation", "combined"):
            assert repr(getattr(ours.epochs[epoch], part)) == repr(getattr(ended, part))
    assert ours.ended == theirs.ended
    assert ours.finished is not None
    assert theirs.finished is not None
    assert repr(ours.finished.outcomes) == repr(theirs.finished.outcomes)
    assert_same_tensors(ours.learned, theirs.learned)


def assert_same_tensors(ours: Sequence[Tensor], theirs: Sequence[Tensor]) -> None:
    assert len(ours) == len(theirs) > 0
    for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        assert torch.equal(one.nan_to_num(), other.nan_to_num()), f"tensor {number}"
        assert torch.equal(one.isnan(), other.isnan()), f"tensor {number}"
