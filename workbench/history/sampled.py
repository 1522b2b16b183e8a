"""The curves of a stored run in a few hundred points, found without reading all of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.history.columns import SCORE_NUMBERS
from workbench.history.lists import Lists
from workbench.history.marker import restored

_SAMPLE = """
WITH RECURSIVE ends(low, high) AS (
    SELECT (SELECT rowid FROM {table} WHERE run = ?1 ORDER BY rowid LIMIT 1),
           (SELECT rowid FROM {table} WHERE run = ?1 ORDER BY rowid DESC LIMIT 1)
), target(number) AS (
    SELECT 0 UNION ALL SELECT number + 1 FROM target WHERE number < ?2
), chosen(at) AS (
    SELECT DISTINCT (
        SELECT rowid FROM {table}
        WHERE run = ?1 AND rowid >= low + (high - low) * number / ?2 {only} ORDER BY rowid LIMIT 1
    ) FROM target, ends WHERE low IS NOT NULL
)
SELECT {columns}, nonfinite FROM chosen JOIN {table} ON {table}.rowid = at ORDER BY at
"""
"""Rows spread evenly over those of a run: for each of them one look into the index, however long the run is."""


@dataclass(frozen=True, slots=True)
class SampledCurves:
    """Some points of a run's loss and of its validation cost, from the first to the last."""

    steps: tuple[int, ...]
    loss: tuple[float | None, ...]
    epoch_steps: tuple[int, ...]
    validation_cost: tuple[float | None, ...]


class Sampled(Lists):
    """The part of the history's reader that draws runs from afar."""

    def sampled_curves(self, run_id: int, points: int = 400) -> SampledCurves:
        """About so many points of each curve of a run; empty ones of a run that is not there."""
        steps = [
            (step, *restored(("loss", "l1", "l2", "lr"), numbers, marker))
            for step, *numbers, marker in self._sample("steps", "step, loss, l1, l2, lr", run_id, points)
        ]
        epochs = [
            (step, *restored(SCORE_NUMBERS, numbers, marker))
            for step, *numbers, marker in self._sample(
                "epochs", f"step, {', '.join(SCORE_NUMBERS)}", run_id, points, only="AND part = 'validation' AND NOT final"
            )
        ]
        return SampledCurves(
            tuple(row[0] for row in steps),
            tuple(row[1] for row in steps),
            tuple(row[0] for row in epochs),
            tuple(row[1] for row in epochs),
        )

    def _sample(self, table: str, columns: str, run_id: int, points: int, *, only: str = "") -> list[tuple[Any, ...]]:
        query = _SAMPLE.format(table=table, columns=columns, only=only)
        return list(self._rows(query, (run_id, points)))
