"""Several runs as one line: the mean over the seeds and what lies about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.report.records import Curve

if TYPE_CHECKING:
    from workbench.report.records import Floats

MOST_POINTS = 200
"""Of a line; longer ones are made of the means of so many stretches."""


def curve_of(label: str, x: Floats, values: Floats) -> Curve:
    """The line of some runs.

    Args:
        label: What it is.
        x: [M], rising.
        values: [S, M]; not-a-number where a run has none, infinite where it was lost.
    """
    if x.size > MOST_POINTS:
        x, values = thinned(x, np.stack([filled(row, x) for row in values]))
    else:
        values = np.stack([filled(row, x) for row in values])
    there = ~np.isnan(values)
    count = there.sum(0)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean = np.where(there, values, 0.0).sum(0) / count
    low = np.where(there, values, np.inf).min(0)
    high = np.where(there, values, -np.inf).max(0)
    none = count == 0
    return Curve(label, x, np.where(none, np.nan, mean), np.where(none, np.nan, low), np.where(none, np.nan, high), len(values))


def filled(values: Floats, x: Floats) -> Floats:
    """The values of one run, [M], with straight lines across those places at which only others were measured."""
    known = ~np.isnan(values)
    if known.all() or not known.any():
        return values
    first, last = np.flatnonzero(known)[[0, -1]]
    made = values.copy()
    inside = slice(first, last + 1)
    with np.errstate(invalid="ignore"):
        made[inside] = np.where(known[inside], values[inside], np.interp(x[inside], x[known], values[known]))
    return made


def thinned(x: Floats, values: Floats) -> tuple[Floats, Floats]:
    """The means of as many stretches as there may be points, of x, [M], and of each run, [S, M]."""
    edges = np.arange(MOST_POINTS) * x.size // MOST_POINTS
    there = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        sums = np.add.reduceat(np.where(there, values, 0.0), edges, axis=1)
        means = sums / np.add.reduceat(there.astype(np.float64), edges, axis=1)
    return np.add.reduceat(x, edges) / np.diff(edges, append=x.size), means
