"""A stored run, told again as the events of the engine."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np

from engine.events import (
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
from engine.vocabulary import STATISTICS, Status
from workbench.history.records import EpochRow, LayerStatRow, RunRecord, StepRow

if TYPE_CHECKING:
    from workbench.history.queries import History


class _OfStep(Protocol):
    @property
    def step(self) -> int: ...


_Row = TypeVar("_Row", bound=_OfStep)

STEPS_PER_FRAME = 512
"""At most so many recorded steps are told at once, so that a long run needs little memory."""


def replay(history: History, run: RunRecord) -> Iterator[Event]:
    """The events of one run: a population of one. See `History.events`."""
    layers = tuple(
        LayerInfo(layer.name, layer.inputs, layer.outputs, layer.activation, layer.parameters) for layer in history.layers(run.id)
    )
    yield _started(run, layers)
    steps, stats = _Peeking(history.steps(run.id)), _Peeking(history.layer_stats(run.id))
    scores: list[EpochRow] = []
    for _, group in groupby(history.epochs(run.id), key=lambda row: (row.final, row.epoch)):
        scores = list(group)
        if scores[0].final:
            break
        yield from _frames(steps, stats, scores[0].step, len(layers))
        yield _epoch_ended(scores)
    yield from _frames(steps, stats, None, len(layers))
    if run.status == Status.FAILED:
        yield Failed(run.message or "")
    elif run.status != Status.RUNNING:
        yield _finished(run, [row for row in scores if row.final])


def _started(run: RunRecord, layers: tuple[LayerInfo, ...]) -> Started:
    data = json.loads(run.data_json)
    return Started(
        experiments=(run.experiment,),
        data=DataInfo(**{**data, "classes": tuple(data["classes"]), "notes": tuple(data["notes"])}),
        layers=layers,
        parameters=run.parameters,
        device=run.device,
        threads=run.threads,
        steps_per_epoch=run.steps_per_epoch,
        total_steps=run.total_steps,
        measured_every=run.measured_every,
    )


def _frames(steps: _Peeking[StepRow], stats: _Peeking[LayerStatRow], until: int | None, layers: int) -> Iterator[Frame]:
    """What was recorded up to and with a step, or to the end."""
    while part := steps.take(until, STEPS_PER_FRAME):
        scalars = np.array([(row.seconds, row.loss, row.l1, row.l2, row.lr) for row in part], np.float64)
        measured = stats.take(part[-1].step)
        # [M, 1, L, K]; the empty part has no rows to tell K by
        values = np.array([row.values for row in measured], np.float32).reshape(-1, 1, layers, len(STATISTICS))
        yield Frame(
            steps=np.array([row.step for row in part], np.int64),
            seconds=scalars[:, 0],
            loss=scalars[:, 1:2],
            l1=scalars[:, 2:3],
            l2=scalars[:, 3:4],
            lr=scalars[:, 4:5],
            layer_steps=np.array([row.step for row in measured[::layers]], np.int64),
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


def _epoch_ended(rows: list[EpochRow]) -> EpochEnded:
    parts = {row.part: row for row in rows}
    train = parts["train"]
    validation = _score(parts.get("validation"))
    seconds = math.nan if train.seconds is None else train.seconds
    return EpochEnded(train.epoch, train.step, seconds, (_some_score(train),), (validation,))


def _finished(run: RunRecord, final: list[EpochRow]) -> Finished:
    parts = {row.part: _score(row) for row in final}
    divergence = None
    if run.diverged_step is not None:
        divergence = Divergence(run.diverged_step, run.diverged_layer or "", run.diverged_quantity or "")
    outcome = Outcome(Status(run.status), run.step, parts.get("train"), parts.get("validation"), parts.get("test"), divergence)
    return Finished((outcome,), run.seconds, math.nan if run.measuring is None else run.measuring)


def _score(row: EpochRow | None) -> Score | None:
    return None if row is None else _some_score(row)


def _some_score(row: EpochRow) -> Score:
    return Score(math.nan if row.cost is None else row.cost, row.accuracy, row.r2, row.mae)
