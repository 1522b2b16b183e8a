"""Which of many numbers each cell of a heat map shows, and at which level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.plots.lines import bounded

LEVELS = 9
AT_ZERO, INFINITE, ABSENT = LEVELS, LEVELS + 1, LEVELS + 2
"""What a cell is instead of a level."""

Floats = NDArray[np.float64]
Numbers = NDArray[np.floating[Any]]
Spans = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Groups of neighbours: the first of each, and the one after its last."""

_LEAST_DECADES = 0.5  # a smaller spread does not fill the scale, so that noise looks like noise
_LEAST_SHARE = 0.1


def matrix(values: Numbers, row_labels: Sequence[str], x: Numbers) -> tuple[Numbers, Floats]:
    """Both in the shapes that they must have; what is too much is left out."""
    x = np.asarray(x, np.float64).ravel()
    table = values if values.ndim == 2 else np.empty((0, 0))
    rows, columns = min(len(table), len(row_labels)), min(table.shape[1], x.size)
    return table[:rows, :columns], x[:columns]


def is_axis(x: Floats) -> bool:
    """Whether the columns can be placed by their numbers."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(x.size > 1 and np.isfinite(x).all() and 0 < x[-1] - x[0] < np.inf and (np.diff(x) >= 0).all())


def shares(x: Floats) -> Floats:
    """Where each column of values is, from 0 to 1: [columns]."""
    if not is_axis(x):
        return np.linspace(0.0, 1.0, x.size)
    return np.asarray((x - x[0]) / (x[-1] - x[0]))


def column_spans(share: Floats, width: int) -> Spans:
    """Which columns of values each of `width` columns of cells shows: the first, and the one after the last."""
    place = np.rint(share * (width - 1)).astype(np.intp)
    cells = np.arange(width)
    first, end = np.searchsorted(place, cells, "left"), np.searchsorted(place, cells, "right")
    before, after = np.maximum(first - 1, 0), np.minimum(first, share.size - 1)
    nearest = np.where(cells - place[before] <= np.abs(place[after] - cells), before, after)
    empty = first == end
    return np.where(empty, nearest, first), np.where(empty, nearest + 1, end)


def row_bands(rows: int, height: int) -> Spans:
    """Which rows of values each band shows: one, or some where there are more of them than lines."""
    starts = np.arange(rows) if rows <= height else np.arange(height) * rows // height
    return starts, np.append(starts[1:], rows)


def merged_heights(values: Numbers, bands: Spans, spans: Spans, *, log: bool) -> Floats:
    """What each cell shows, as log10 if `log`: [bands, columns of cells]. Infinite: not finite; -infinite with `log`: zero."""
    bad, drawn = np.isinf(values), np.isfinite(values)
    if log:
        positive = drawn & (values > 0)
        logs = np.log10(values, out=np.zeros(values.shape, np.result_type(values, np.float32)), where=positive)
        count = _reduced(np.add, positive.astype(np.float64), bands, spans)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = _reduced(np.add, logs, bands, spans) / count
        merged = np.where(count > 0, mean, np.where(_reduced(np.logical_or, drawn, bands, spans), -np.inf, np.nan))
    else:
        highest = _reduced(np.maximum, np.where(drawn, values, -np.inf), bands, spans)
        lowest = _reduced(np.minimum, np.where(drawn, values, np.inf), bands, spans)
        merged = np.where(highest >= -lowest, highest, lowest).astype(np.float64)
        merged = bounded(merged)
    if bad.any():
        merged[_reduced(np.logical_or, bad, bands, spans).astype(np.bool_)] = np.inf
    return merged


def _reduced(how: np.ufunc, array: NDArray[Any], bands: Spans, spans: Spans) -> NDArray[Any]:
    """All values of each cell put together: [bands, columns of cells]."""
    if array.shape[1] > 1:
        padded = np.concatenate([array, array[:, -1:]], 1)  # the end of the last span must be a place, too
        array = how.reduceat(padded, np.stack(spans, 1).ravel(), axis=1)[:, ::2]
    else:
        array = np.repeat(array, spans[0].size, 1)
    return array if len(bands[0]) == len(array) else np.asarray(how.reduceat(array, bands[0], axis=0))


def shown_values(heights: Floats, *, log: bool) -> Floats:
    """The numbers that cells stand for."""
    with np.errstate(over="ignore"):
        return np.asarray(np.power(10.0, heights) if log else heights)


def scale_ends(heights: Floats, least: tuple[float, float] | None, *, log: bool, diverging: bool) -> tuple[float, float]:
    """Both ends of the scale, which reaches at least to the ends `least` if it is not logarithmic."""
    there = heights[np.isfinite(heights)]
    if there.size == 0:
        return 0.0, 1.0
    low, high = float(there.min()), float(there.max())
    if least is not None and not log:
        low, high = min(low, least[0]), max(high, least[1])
    if diverging:
        bound = max(-low, high) or 1.0
        return -bound, bound
    if not log and 0 < low < high / 3:
        low = 0.0  # as in charts
    spread = _LEAST_DECADES if log else _LEAST_SHARE * max(abs(low), abs(high))
    if high - low < spread or high == low:
        room = (spread - (high - low)) / 2 or 0.5
        low, high = low - room, high + room
    return low, high


def level_codes(heights: Floats, low: float, high: float, *, log: bool, diverging: bool) -> NDArray[np.intp]:
    """The level of each cell, or what it is instead of a number."""
    codes = np.full(heights.shape, ABSENT)
    codes[np.isposinf(heights)] = INFINITE
    if log:
        codes[np.isneginf(heights)] = AT_ZERO
    drawn = np.isfinite(heights)
    share = heights[drawn] / (high - low) - low / (high - low)
    levels = np.rint(share * (LEVELS - 1)) if diverging else np.floor(share * LEVELS)
    codes[drawn] = np.clip(levels, 0, LEVELS - 1).astype(np.intp)
    return codes
