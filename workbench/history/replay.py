"""A stored run, told again as the events of the engine."""

from __future__ import annotations

import heapq
import json
import math
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np

from engine.events import (
    Combined,
    DataInfo,
    Divergence,
    EpochEnded,
    Event,
    Failed,
    Finished,
    Frame,
    LayerInfo,
    Outcome,
    Score,
    Started,
)
from engine.vocabulary import Status
from workbench.history.records import EpochRow, RunRecord, StepRow
from workbench.history.replay_details import at_steps, before_training, examined
from workbench.history.replay_layers import Measurements

if TYPE_CHECKING:
    from workbench.history.detail_records import EnsembleRow
    from workbench.history.queries import History


class _OfStep(Protocol):
    @property
    def step(self) -> int: ...


_Row = TypeVar("_Row", bound=_OfStep)

_TUPLES = ("classes", "notes", "image_shape", "inputs", "input_scales", "class_shares")
"""Those of `DataInfo`."""
STEPS_PER_FRAME = 512
"""At most so many recorded steps are told at once, so that a long run needs little memory."""


def replay(history: History, run: RunRecord) -> Iterator[Event]:
    """The events of one run: a population of one. See `History.events`."""
    started = _started(history, run)
    yield started
    yield from before_training(history, run, started)
    steps, stats = _Peeking(history.steps(run.id)), Measurements(history.layer_numbers(run.id), len(started.layers))
    combined = _Combined(history.ensemble(run.id))
    moments = heapq.merge(_epochs(history, run, combined), at_steps(history, run, started), key=lambda moment: moment[0])
    for (step, _), event in moments:
        yield from _frames(steps, stats, step)
        yield event
    yield from _frames(steps, stats, None)
    if run.status == Status.FAILED:
        yield Failed(run.message or "")
    elif run.status != Status.RUNNING:
        yield from examined(history, run, started)
        yield _finished(run, [row for row in history.epochs(run.id) if row.final], combined)


def _started(history: History, run: RunRecord) -> Started:
    data = json.loads(run.data_json)
    tuples = {name: tuple(data.get(name, ())) for name in _TUPLES}
    return Started(
        experiments=(run.experiment,),
        data=DataInfo(**{**data, **tuples}),
        layers=tuple(
            LayerInfo(row.name, row.inputs, row.outputs, row.activation, row.parameters, row.kind, row.weights, row.shape)
            for row in history.layers(run.id)
        ),
        parameters=run.parameters,
        device=run.device,
        threads=run.threads,
        steps_per_epoch=run.steps_per_epoch,
        total_steps=run.total_steps,
        measured_every=run.measured_every,
    )


def _frames(steps: _Peeking[StepRow], stats: Measurements, until: int | None) -> Iterator[Frame]:
    """What was recorded up to and with a step, or to the end."""
    while part := steps.take(until, STEPS_PER_FRAME):
        scalars = np.array([(row.seconds, row.loss, row.l1, row.l2, row.lr) for row in part], np.float64)
        measured, values = stats.take(part[-1].step)
        yield Frame(
            steps=np.array([row.step for row in part], np.int64),
            seconds=scalars[:, 0],
            loss=scalars[:, 1:2],
            l1=scalars[:, 2:3],
            l2=scalars[:, 3:4],
            lr=scalars[:, 4:5],
            layer_steps=measured,
            layers=values,
        )


class _Peeking(Generic[_Row]):
    """Rows in the order of their steps, taken in parts."""

    def __init__(self, rows: Iterator[_Row]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def take(self, until: int | None, limit: int | None = None) -> list[_Row]:
        """The next rows up to and with a step, or to the end; at most `limit`."""
        taken: list[_Row] = []
        while self._next is not None and (until is None or self._next.step <= until) and len(taken) != limit:
            taken.append(self._next)
            self._next = next(self._rows, None)
        return taken


class _Combined:
    """The scores of an ensemble, by epoch and those at the end."""

    def __init__(self, rows: tuple[EnsembleRow, ...]) -> None:
        scores = {(row.final, row.epoch, row.part, row.method): _some_score(row) for row in rows}
        self.epochs = {row.epoch: row.step for row in rows if not row.final}
        self._found = {
            (final, None if final else epoch, part): Combined(mean, scores.get((final, epoch, part, "vote")))
            for (final, epoch, part, method), mean in scores.items()
            if method == "mean"
        }

    def after(self, epoch: int) -> Combined | None:
        """Those after an epoch, on the validation part."""
        return self._found.get((False, epoch, "validation"))

    def final(self, part: str) -> Combined | None:
        """Those at the end."""
        return self._found.get((True, None, part))


def _epochs(history: History, run: RunRecord, combined: _Combined) -> Iterator[tuple[tuple[int, int], Event]]:
    """The ends of the epochs, each with its step and its place among what happened at that step.

    After the end of a member, only what its ensemble did goes on.
    """
    last = 0
    rows = (row for row in history.epochs(run.id) if not row.final)
    for epoch, group in groupby(rows, key=lambda row: row.epoch):
        ended = _epoch_ended(list(group), combined.after(epoch))
        last = epoch
        yield (ended.step, 0), ended
    if run.ended_step is None:
        return
    for epoch, step in combined.epochs.items():
        if epoch > last:
            yield (step, 0), EpochEnded(epoch, step, run.seconds, (Score(math.nan),), (None,), combined.after(epoch))


def _epoch_ended(rows: list[EpochRow], combined: Combined | None) -> EpochEnded:
    parts = {row.part: row for row in rows}
    train = parts["train"]
    validation = _score(parts.get("validation"))
    seconds = math.nan if train.seconds is None else train.seconds
    return EpochEnded(train.epoch, train.step, seconds, (_some_score(train),), (validation,), combined)


def _finished(run: RunRecord, final: list[EpochRow], combined: _Combined) -> Finished:
    parts = {row.part: _score(row) for row in final}
    divergence = None
    if run.diverged_step is not None:
        divergence = Divergence(run.diverged_step, run.diverged_layer or "", run.diverged_quantity or "")
    outcome = Outcome(
        status=Status(run.status),
        step=run.step,
        train=parts.get("train"),
        validation=parts.get("validation"),
        test=parts.get("test"),
        divergence=divergence,
        reason=run.reason or "",
        restored_step=run.restored_step,
    )
    measuring = math.nan if run.measuring is None else run.measuring
    return Finished((outcome,), run.seconds, measuring, combined.final("validation"), combined.final("test"))


def _score(row: EpochRow | None) -> Score | None:
    return None if row is None else _some_score(row)


def _some_score(row: EpochRow | EnsembleRow) -> Score:
    return Score(math.nan if row.cost is None else row.cost, row.accuracy, row.r2, row.mae)
