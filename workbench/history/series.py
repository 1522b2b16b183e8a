"""Single series of a run as arrays: what is drawn when many runs are held against each other. Loads NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.vocabulary import Statistic
from workbench.history.columns import SCORE_NUMBERS
from workbench.history.marker import restored
from workbench.history.queries import History
from workbench.history.records import RunRecord

Floats = NDArray[np.float64]

MOST = 4096
"""At most about so many points of a series are read."""


@dataclass(frozen=True, slots=True, eq=False)
class StepSeries:
    """Recorded steps of a run: S of them, all arrays [S]; not-a-number where a value was not finite."""

    step: Floats
    seconds: Floats
    loss: Floats
    lr: Floats


@dataclass(frozen=True, slots=True, eq=False)
class ScoreSeries:
    """One figure of one part of the data after the E epochs at which it was taken, all arrays [E]."""

    epoch: Floats
    step: Floats
    seconds: Floats
    value: Floats  # not-a-number where it was not finite


@dataclass(frozen=True, slots=True, eq=False)
class LayerSeries:
    """One statistic of L layers at M measured steps."""

    names: tuple[str, ...]  # [L], from the input to the output
    step: Floats  # [M]
    values: Floats  # [L, M]; not-a-number where it was not finite, or a layer has nothing to measure


class SeriesHistory(History):
    """A history of which single series are read without what is not drawn."""

    def step_series(self, run: RunRecord, most: int = MOST) -> StepSeries:
        """Loss and learning rate; of more than `most` steps the last record of each of so many equal spans."""
        query = "SELECT step, seconds, loss, lr FROM steps WHERE run = ? ORDER BY rowid"
        values: tuple[int, ...] = (run.id,)
        if run.step > most:
            query = "SELECT step, seconds, loss, lr, max(rowid) FROM steps WHERE run = ? GROUP BY step / ? ORDER BY 5"
            values = (run.id, -(-run.step // most))
        rows = self._all_rows(query, values)
        columns = np.array(rows, np.float64).T if rows else np.empty((4, 0))
        return StepSeries(*columns[:4])

    def score_series(self, run_id: int) -> Mapping[tuple[str, str], ScoreSeries]:
        """The scores after epochs, by part of the data and figure; what was never taken is not there."""
        names = ", ".join(SCORE_NUMBERS)
        query = f"SELECT part, epoch, step, seconds, {names}, nonfinite FROM epochs WHERE run = ? AND NOT final ORDER BY rowid"  # noqa: S608
        found: dict[tuple[str, str], list[tuple[float | None, ...]]] = {}
        for part, epoch, step, seconds, *numbers, marker in self._rows(query, (run_id,)):
            for name, value in zip(SCORE_NUMBERS, restored(SCORE_NUMBERS, numbers, marker), strict=True):
                if value is not None:
                    found.setdefault((part, name), []).append((epoch, step, seconds, value))
        return {key: ScoreSeries(*np.array(rows, np.float64).T) for key, rows in found.items()}

    def layer_series(self, run_id: int, statistic: Statistic) -> LayerSeries:
        """One statistic of every layer over the measured steps.

        Raises:
            HistoryError: the run was deleted while it was read; exit code 2.
        """
        names = tuple(row.name for row in self.layers(run_id))
        query = f"SELECT step, layer, {statistic} FROM layer_stats WHERE run = ? ORDER BY rowid"  # noqa: S608
        rows = self._all_rows(query, (run_id,))
        if not rows:
            return LayerSeries(names, np.empty(0), np.empty((len(names), 0)))
        step, layer, value = np.array(rows, np.float64).T
        if layer.max() >= len(names):
            raise self._gone(run_id)
        steps, column = np.unique(step, return_inverse=True)
        values = np.full((len(names), len(steps)), np.nan)
        values[layer.astype(np.intp), column] = value
        return LayerSeries(names, steps, values)
