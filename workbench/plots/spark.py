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

_GLYPHS = np.array([*BLOCKS, ZERO, NOT_FINITE])
_ZERO, _NOT_FINITE = len(BLOCKS), len(BLOCKS) + 1
_FLAT = 1e-9  # a relative spread below this is drawn as a level line


def sparkline(values: Sequence[float] | NDArray[np.floating], width: int, *, log: bool = False) -> str:
    """Draw `values` (any length) in exactly `width` characters, lowest to highest as ▁ to █.

    More values than columns are put together by the largest of each column, so that spikes stay; fewer are
    followed by blanks. A column with a value that is not finite shows ×. With `log`, heights are log10 of the values
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
    spread = high - low
    if spread <= _FLAT * max(abs(low), abs(high)):
        levels[drawn] = len(BLOCKS) // 2 - 1
    else:
        levels[drawn] = np.minimum((heights - low) / spread * len(BLOCKS), len(BLOCKS) - 1).astype(np.intp)
    return levels
