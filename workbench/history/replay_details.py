"""What happened beside the steps and epochs of a stored run, told again as the events of the engine."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from engine.events import (
    Change,
    Checkpointed,
    Distributions,
    Event,
    FindingRaised,
    Intervened,
    MemberEnded,
    PretrainingEpoch,
    Reconstructed,
    Resumed,
    Started,
)
from engine.pictures import Examined, Mistaken, Region, Worst
from engine.vocabulary import PERCENTILES, QUANTITIES, Quantity
from workbench.history.pictures import pixels_array
from workbench.history.regions import plane_of, region_of

if TYPE_CHECKING:
    from workbench.history.detail_records import HistogramRow, InterventionRow, LayerProbeRow, PictureRow
    from workbench.history.queries import History
    from workbench.history.records import RunRecord

Moment = tuple[tuple[int, int], Event]
"""A step, the place among what happened at that step (the end of an epoch has 0), and what happened."""


def before_training(history: History, run: RunRecord, started: Started) -> Iterator[Event]:
    """The plane, if there is one. Pre-training: the epochs of each layer, then what was made of some inputs."""
    plane = history.plane(run.id)
    if plane is not None:
        yield plane_of(plane)
    pictures = groupby(history.reconstructions(run.id), key=lambda row: row.layer)
    reconstructed = {layer: _reconstructed(list(rows)) for layer, rows in pictures}
    for layer, rows in groupby(history.pretraining(run.id), key=lambda row: row.layer):
        for row in rows:
            error = np.array([row.error], np.float64)
            yield PretrainingEpoch(row.layer, row.name, row.epoch, row.epochs, row.seconds, error)
        if layer in reconstructed:
            yield reconstructed.pop(layer)
    yield from reconstructed.values()


def at_steps(history: History, run: RunRecord, started: Started) -> Iterator[Moment]:
    """All that happened at some step of training, in its order."""
    yield from heapq.merge(
        _resumptions(history, run),
        (((event.step, 5), event) for event in told_interventions(history.interventions(run.id))),
        (
            ((row.step, 3), Checkpointed(row.step, row.epoch, row.kind, str(row.path), (0,)))
            for row in history.checkpoints(run.id)
        ),
        _pictures(history, run),
        (((step, 1), _distributions(history, run, step, started)) for step in history.distribution_steps(run.id)),
        _findings(history, run),
        _end(run),
        key=lambda moment: moment[0],
    )


def told_interventions(rows: Sequence[InterventionRow]) -> Iterator[Intervened]:
    """The changes of settings as they were made: several of one number at once."""
    for (step, _, origin), group in groupby(rows, key=lambda row: (row.step, row.number, row.origin)):
        yield Intervened(step, tuple(Change(row.path, row.before, row.after) for row in group), origin)


def examined(history: History, run: RunRecord, started: Started) -> Iterator[Examined]:
    """What was mistaken for what at the end of a classification, if that was looked at."""
    confusion, worst = history.confusion(run.id), history.worst(run.id)
    if not confusion:
        return
    counts = np.zeros((1, len(started.data.classes), len(started.data.classes)), np.int64)
    for row in confusion:
        counts[0, row.truth, row.answer] = row.count
    yield Examined(confusion[0].part, counts, (tuple(map(_worst, worst)),))


def _pictures(history: History, run: RunRecord) -> Iterator[Moment]:
    """What was mistaken for what after an epoch, and regions."""
    plane, mistaken = history.plane(run.id), history.mistaken(run.id)
    told: list[Moment] = [((row.step, 1), region_of(row, plane)) for row in history.regions(run.id)] if plane else []
    if mistaken is not None:
        worst = tuple(map(_worst, history.mistakes(run.id)))
        counts = np.array([mistaken.counts], np.int64)
        told.append(((mistaken.step, 1), Mistaken(mistaken.step, mistaken.epoch, counts, (worst,))))
    yield from sorted(told, key=lambda moment: (moment[0], isinstance(moment[1], Region)))


def _resumptions(history: History, run: RunRecord) -> Iterator[Moment]:
    for row in history.resumptions(run.id):
        yield (row.step, 4), Resumed(row.step, row.epoch, row.seconds)


def _findings(history: History, run: RunRecord) -> Iterator[Moment]:
    """What was found to be wrong, as it stood in the end, at the step at which it was last looked at."""
    latest = ((finding.updated if finding.closed is None else finding.closed, finding) for finding in history.findings(run.id))
    for step, finding in sorted(latest, key=lambda each: each[0]):
        yield (step, 6), FindingRaised(finding)


def _end(run: RunRecord) -> Iterator[Moment]:
    """Where a member ended while others went on."""
    if run.ended_step is not None and run.ended_epoch is not None:
        yield (run.ended_step, 2), MemberEnded(0, run.ended_step, run.ended_epoch, run.reason or "")


def _distributions(history: History, run: RunRecord, step: int, started: Started) -> Distributions:
    probes, histograms = history.layer_probes(run.id, step), history.histograms(run.id, step)
    layers, quantities = len(started.layers), len(QUANTITIES)
    bins = max((len(row.counts) for row in histograms), default=0)
    percentiles = np.full((1, layers, quantities, len(PERCENTILES)), np.nan, np.float32)
    moments = np.full((1, layers, quantities, 2), np.nan)
    edges = np.full((1, layers, quantities, 2), np.nan)
    counts = np.zeros((1, layers, quantities, bins), np.int64)
    for row in histograms:
        at = (0, row.layer, QUANTITIES.index(Quantity(row.quantity)))
        percentiles[at], moments[at], edges[at] = _numbers(row)
        counts[at][: len(row.counts)] = row.counts
    return Distributions(
        step=step,
        epoch=probes[0].epoch,
        examples=probes[0].examples,
        percentiles=percentiles,
        moments=moments,
        edges=edges,
        counts=counts,
        jacobian=np.array([[row.jacobian for row in probes]], np.float64),
        saturated=tuple(_units(row) for row in probes),
    )


def _numbers(row: HistogramRow) -> tuple[list[float | None], ...]:
    return [*row.percentiles], [row.mean, row.std], [row.low, row.high]


def _units(row: LayerProbeRow) -> np.ndarray[tuple[int, ...], np.dtype[np.uint16]]:
    return np.array([row.unit_counts], np.uint16)


def _reconstructed(rows: list[PictureRow]) -> Reconstructed:
    inputs, outputs = (
        np.stack([pixels_array(row.pixels) for row in rows if row.kind == kind]) for kind in ("input", "reconstruction")
    )
    assert rows[0].layer is not None
    return Reconstructed(rows[0].layer, rows[0].name or "", inputs, outputs[None], rows[0].shape)


def _worst(row: PictureRow) -> Worst:
    assert row.example is not None
    probability = float("nan") if row.probability is None else row.probability
    return Worst(row.example, row.label or "", row.answer or "", probability, pixels_array(row.pixels))
