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
    return sparklines(np.asarray(values, np.float64).reshape(1, -1), width, log=log)[0]


def sparklines(values: NDArray[np.floating], width: int, *, log: bool = False) -> list[str]:
    """The `sparkline` of each row of `values` [R, N], each between its own lowest and highest value."""
    if width <= 0 or values.shape[1] == 0:
        return [" " * max(width, 0)] * len(values)
    glyphs = np.ascontiguousarray(_GLYPHS[_levels(_columns(values, width).astype(np.float64), log=log)])
    return [line.ljust(width) for line in glyphs.view(f"<U{glyphs.shape[1]}").ravel().tolist()]


def _columns(numbers: NDArray[np.floating], width: int) -> NDArray[np.floating]:
    """The largest value of each of `width` equal parts [R, min(width, N)]; NaN where one of them is not finite."""
    finite = np.isfinite(numbers)
    clean = numbers if finite.all() else np.where(finite, numbers, np.nan)
    count = clean.shape[1]
    if count <= width:
        return clean
    starts = np.arange(width) * count // width
    return np.asarray(np.maximum.reduceat(clean, starts, axis=1))  # maximum, unlike fmax, hands NaN on


def _levels(columns: NDArray[np.float64], *, log: bool) -> NDArray[np.intp]:
    """The index of each column's glyph."""
    finite = np.isfinite(columns)
    drawn = finite & (columns > 0) if log else finite
    heights = np.where(drawn, columns, 1.0 if log else 0.0)
    # Divided by their size, so that the spread does not overflow.
    heights = np.log10(heights) if log else heights / np.maximum(1.0, np.abs(heights).max(axis=1, keepdims=True))
    low = heights.min(axis=1, keepdims=True, initial=np.inf, where=drawn)
    high = heights.max(axis=1, keepdims=True, initial=-np.inf, where=drawn)
    low, high = np.where(low > high, 0.0, low), np.where(low > high, 0.0, high)  # rows without a value
    least = _LEAST_DECADES if log else _LEAST_SHARE * np.maximum(np.abs(low), np.abs(high))
    level = (high - low < least) | (high == low)
    span = np.where(level, np.where(least == 0, 1.0, least), high - low)
    low = np.where(level, (low + high) / 2 - span * _MIDDLE, low)
    levels = np.clip((heights - low) / span * len(BLOCKS), 0, len(BLOCKS) - 1).astype(np.intp)
    return np.where(drawn, levels, np.where(finite, _ZERO, _NOT_FINITE))
