"""A stored run beside those that were trained together with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.crowd import ENDED, Crowd
from workbench.history import RunRecord
from workbench.history.series import ScoreSeries, SeriesHistory, StepSeries
from workbench.track import Array
from workbench.view import RunView

Floats = NDArray[np.float64]

MOST_MEMBERS = 128
"""Of larger populations a run is shown alone."""
_POINTS = 16384
"""About so many recorded steps are read of all members together."""


def beside_others(db: Path, run_id: int, view: RunView) -> tuple[RunView, tuple[int, ...]]:
    """The view with all members of the run's population, and the ids of their runs; as it is for a run that was trained alone.

    Raises:
        HistoryError: the file cannot be read, or there is no such run.
    """
    with SeriesHistory.open(db) as history, history.snapshot():
        runs = history.population(history.run(run_id))
        if not 1 < len(runs) <= MOST_MEMBERS:
            return view, (run_id,)
        ids = tuple(run.id for run in runs)
        crowd = _crowd(history, runs, ids.index(run_id))
    return replace(view, crowd=crowd, members=len(runs)), ids


def _crowd(history: SeriesHistory, runs: Sequence[RunRecord], member: int) -> Crowd:
    records = [history.step_series(run, max(256, _POINTS // len(runs))) for run in runs]
    scores = [history.score_series(run.id) for run in runs]
    steps = max((each.step for each in records), key=len)
    pieces = {name: _columns(steps, [(each.step, _values(each, name)) for each in records]) for name in ("loss", "lr")}
    epochs = max((of.step for each in scores for of in each.values()), key=len, default=np.empty(0))
    for key in sorted({key for each in scores for key in each}):
        pieces["_".join(key)] = _columns(epochs, [_points(each.get(key)) for each in scores])
    standing = tuple(ENDED if run.reason else run.status for run in runs)
    return Crowd(member, steps.astype(np.int64), epochs.astype(np.int64), pieces, frozenset(), standing)


def _values(series: StepSeries, name: str) -> Floats:
    return series.loss if name == "loss" else series.lr


def _points(series: ScoreSeries | None) -> tuple[Floats, Floats]:
    return (series.step, series.value) if series is not None else (np.empty(0), np.empty(0))


def _columns(steps: Floats, members: Sequence[tuple[Floats, Floats]]) -> tuple[Array, Array]:
    """The values of all members at the same steps as a piece [S, P] and an empty one; not-a-number where one has none there."""
    values = np.full((len(steps), len(members)), np.nan)
    for column, (own, numbers) in enumerate(members):
        _, there, found = np.intersect1d(steps, own, return_indices=True)
        values[there, column] = numbers[found]
    return values, values[:0]
