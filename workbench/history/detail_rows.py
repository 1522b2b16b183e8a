"""The course and end of a training, beside its steps and epochs, as rows: plain Python numbers, as SQLite wants them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.events import Checkpointed, Combined, Distributions, Intervened, PretrainingEpoch
from engine.pictures import Examined, Mistaken
from engine.vocabulary import QUANTITIES
from workbench.history.columns import HISTOGRAM_NUMBERS, PROBE_NUMBERS, SCORE_NUMBERS
from workbench.history.marker import finite, marker
from workbench.history.rows import insert, number_columns

INTERVENTIONS_INSERT = insert("interventions", ("run", "step", "number", "path", "before", "after", "origin", "pending"))
_CHECKPOINT = ("step", "epoch", "kind", "path", "member", "interventions", "removed")
CHECKPOINTS_INSERT = insert("checkpoints", ("run", *_CHECKPOINT))
_PRETRAINING = ("layer", "name", "epoch", "epochs", "error", "seconds")
PRETRAINING_INSERT = insert("pretraining", ("run", *_PRETRAINING, "nonfinite"))
_AT_LAYER = ("run", "step", "epoch", "layer")
HISTOGRAMS_INSERT = insert("histograms", (*_AT_LAYER, "quantity", "examples", *HISTOGRAM_NUMBERS, "counts", "nonfinite"))
_UNITS = ("dead_units", "saturated_units", "unit_counts")
LAYER_PROBES_INSERT = insert("layer_probes", (*_AT_LAYER, "examples", *PROBE_NUMBERS, *_UNITS, "nonfinite"))
ENSEMBLES_INSERT = insert("ensembles", ("run", "epoch", "step", "final", "part", "method", *SCORE_NUMBERS, "nonfinite"))
CONFUSION_INSERT = insert("confusion", ("run", "part", "truth", "answer", "count"))
MISTAKEN_INSERT = insert("mistaken", ("run", "step", "epoch", "counts"))

Rows = Iterator[tuple[Any, ...]]


def intervention_rows(event: Intervened, run_id: int, number: int) -> Rows:
    """A row for each setting that was changed."""
    for change in event.changes:
        yield run_id, event.step, number, change.path, float(change.before), float(change.after), event.origin, 0


def checkpoint_row(event: Checkpointed, member: int, run_id: int, interventions: int, folder: Path) -> tuple[Any, ...]:
    """The row of one member; `folder` is that of the history."""
    return run_id, event.step, event.epoch, event.kind, relative(event.path, folder), member, interventions, 0


def relative(path: str, folder: Path) -> str:
    """A checkpoint's path as it is kept: from the history's folder, so that both can be moved together."""
    try:
        return Path(os.path.relpath(path, folder.absolute())).as_posix()
    except ValueError:  # on another drive
        return str(Path(path).absolute())


def pretraining_row(event: PretrainingEpoch, member: int, run_id: int) -> tuple[Any, ...]:
    """The row of one member."""
    error = float(event.error[member])
    head = (run_id, event.layer, event.name, event.epoch, event.epochs)
    return *head, finite(error), event.seconds, marker(("error",), (error,))


def histogram_rows(event: Distributions, member: int, run_id: int) -> Rows:
    """For each layer its quantities; none where a layer does not have one."""
    moments, edges, counts = event.moments[member], event.edges[member], event.counts[member]
    numbers = np.concatenate([moments, event.percentiles[member].astype(np.float64), edges], axis=-1)  # [L, Q, C]
    there = ~np.isnan(numbers).all(axis=-1)
    places = np.argwhere(there).tolist()
    columns, markers = number_columns(HISTOGRAM_NUMBERS, numbers[there])
    for (layer, quantity), marked, *row in zip(places, markers, *columns, strict=False):
        head = (run_id, event.step, event.epoch, layer, QUANTITIES[quantity].value, event.examples)
        yield *head, *row, _array(counts[layer, quantity].tolist() if counts[layer, quantity].any() else []), marked


def probe_numbers(event: Distributions) -> NDArray[np.float64]:
    """`PROBE_NUMBERS` of all members: [P, L, 3]."""
    return np.stack([event.jacobian, event.activation_ratio, event.gradient_ratio], axis=-1)


def probe_rows(event: Distributions, probed: NDArray[np.float64], member: int, run_id: int) -> Rows:
    """A row for each layer, of what `probe_numbers` says. What is not-a-number was not measured, and has no marker."""
    for layer, units in enumerate(event.saturated):
        numbers = [None if np.isnan(number) else number for number in probed[member, layer].tolist()]
        counts = units[member]
        dead, saturated = int((counts == event.examples).sum()), int((2 * counts.astype(np.int64) > event.examples).sum())
        head = (run_id, event.step, event.epoch, layer, event.examples)
        yield *head, *map(finite, numbers), dead, saturated, _array(counts.tolist()), marker(PROBE_NUMBERS, numbers)


def ensemble_rows(combined: Combined | None, run_id: int, epoch: int, step: int, final: int, part: str) -> Rows:
    """The scores of the members together, for each way of combining them."""
    if combined is None:
        return
    for method, score in (("mean", combined.mean), ("vote", combined.vote)):
        if score is not None:
            numbers = [getattr(score, name) for name in SCORE_NUMBERS]
            yield run_id, epoch, step, final, part, method, *map(finite, numbers), marker(SCORE_NUMBERS, numbers)


def confusion_rows(event: Examined, member: int, run_id: int) -> Rows:
    """The pairs of classes that occurred."""
    confusion = event.confusion[member]
    for truth, answer in np.argwhere(confusion).tolist():
        yield run_id, event.part, truth, answer, int(confusion[truth, answer])


def mistaken_row(event: Mistaken, member: int, run_id: int) -> tuple[Any, ...]:
    """The row of one member."""
    return run_id, event.step, event.epoch, _array(event.confusion[member].tolist())


def _array(values: list[Any]) -> str:
    return json.dumps(values, separators=(",", ":"))
