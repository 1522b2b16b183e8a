"""A series in one line of block characters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BLOCKS = "▁▂▃▄▅▆▇█"
NOT_FINITE = "×"
"""Stands where a value is infinite or not a number."""
ZERO = "·"
"""Stands in a logarithmic line where a value is zero or negative."""

_MIDDLE = (len(BLOCKS) // 2 - 0.5) / len(BLOCKS)  # the height of the middle of the middle block
_GLYPHS = np.array([*BLOCKS, ZERO, NOT_FINITE])
_ZERO, _NOT_FINITE = len(BLOCKS), len(BLOCKS) + 1
_LEAST_SHARE = 0.1
"""A spread below this share of the largest size is drawn small instead of filling the height."""
_LEAST_DECADES = 0.5
"""The same for logarithmic lines, in powers of ten."""


def sparkline(values: Sequence[float] | NDArray[np.floating], width: int, *, log: bool = False) -> str:
    """Draw `values` (any length) in exactly `width` characters, lowest to highest as ▁ to █.

    More values than columns are put together by the largest of each column, so that spikes stay; fewer are
    followed by blanks. A spread below a tenth of the largest size (half a decade with `log`) does not fill the height but is
    drawn in that proportion around the middle, so that noise looks like noise. A column with a value that is not finite shows ×. With `log`, heights are log10 of the values
    and a column without any positive value shows ·. Never raises for any values.
    """
    if width <= 0:
        return ""
    numbers = np.asarray(values, np.float64).ravel()
    if numbers.size == 0:
        return " " * width
    columns = _columns(numbers, width)
    return "".join(_GLYPHS[_levels(columns, log=log)]).ljust(width)


def _columns(numbers: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """The largest value of each of `width` equal parts [min(width, N)]; NaN where one of them is not finite."""
    clean = np.where(np.isfinite(numbers), numbers, np.nan)
    if clean.size <= width:
        return clean
    starts = np.arange(width) * clean.size // width
    return np.asarray(np.maximum.reduceat(clean, starts))  # maximum, unlike fmax, hands NaN on


def _levels(columns: NDArray[np.float64], *, log: bool) -> NDArray[np.intp]:
    """The index of each column's glyph."""
    levels = np.full(columns.shape, _NOT_FINITE, np.intp)
    drawn = np.isfinite(columns)
    if log:
        positive = columns > 0
        levels[drawn & ~positive] = _ZERO
        drawn &= positive
    if not drawn.any():
        return levels
    heights = columns[drawn]
    heights = np.log10(heights) if log else heights / max(1.0, float(np.abs(heights).max()))  # no overflow of the spread
    low, high = float(heights.min()), float(heights.max())
    span = high - low
    least = _LEAST_DECADES if log else _LEAST_SHARE * max(abs(low), abs(high))
    if span < least or span == 0:
        span = least or 1.0
        low = (low + high) / 2 - span * _MIDDLE
    levels[drawn] = np.clip((heights - low) / span * len(BLOCKS), 0, len(BLOCKS) - 1).astype(np.intp)
    return levels
