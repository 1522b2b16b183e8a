"""Curves as dots: each character cell is 2 dots wide and 4 high."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

# Unicode braille: the bit of the dot at (row, column) of a cell; U+2800 has none.
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint8)
GLYPHS = np.array([" ", *(chr(0x2800 + bits) for bits in range(1, 256))])
"""Character of each of the 256 patterns of dots [256]; no dot is a blank."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve, decimated to dot columns: the dot rows that it covers in each column, counted from below.

    Columns [C] increase; `low` and `high` [C] are the first and last dot row covered. `breaks` [B, 2] are the column and row of
    the dots after which values stop being finite.
    """

    columns: Ints
    low: Ints
    high: Ints
    breaks: Ints


def trace(across: Floats, up: Floats, width: int, height: int) -> Curve:
    """The curve through points at 0 to 1 `across` (not decreasing) and `up`, both [N], on `width` x `height` dots.

    All dots between the lowest and the highest point of a column are covered, so that no spike is lost. A point whose
    height is not finite breaks the curve; other points that lie beside the dots are left out.
    """
    kept = ((across >= 0) & (across <= 1)) | (np.isfinite(across) & ~np.isfinite(up))
    across, up = across[kept], up[kept]
    good = np.isfinite(up)
    bad_before = np.cumsum(~good)[good]  # points that are not finite up to each finite one
    columns = np.rint(across[good] * (width - 1)).astype(np.intp)
    rows = np.rint(np.clip(up[good], 0.0, 1.0) * (height - 1)).astype(np.intp)
    breaks = _breaks(good, rows, across, width)
    if columns.size == 0:
        return Curve(columns, rows, rows, breaks)
    starts = np.flatnonzero(np.diff(columns, prepend=-1))
    ends = np.append(starts[1:], columns.size) - 1
    low, high = np.minimum.reduceat(rows, starts), np.maximum.reduceat(rows, starts)
    joined = bad_before[starts[1:]] == bad_before[ends[:-1]]
    return Curve(*_filled(columns[starts], low, high, rows[starts], rows[ends], joined), breaks)


def _breaks(good: NDArray[np.bool_], rows: Ints, across: Floats, width: int) -> Ints:
    """The column of each point that is the first not finite one after a finite one, at that one's height: [B, 2]."""
    lost = np.flatnonzero(~good[1:] & good[:-1]) + 1
    at = np.rint(np.clip(across[lost], 0.0, 1.0) * (width - 1)).astype(np.intp)
    return np.stack([at, rows[np.cumsum(good)[lost] - 1]], axis=1)


def _filled(columns: Ints, low: Ints, high: Ints, first: Ints, last: Ints, joined: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """The columns, lowest and highest rows with the straight ways between neighbouring points filled in."""
    if columns.size < 2:
        return columns, low, high
    gaps = np.diff(columns)
    left = np.repeat(np.arange(gaps.size), gaps)  # the point to the left of each column but the last
    every = np.arange(columns[0], columns[-1] + 1)
    offset = (every[:-1] - columns[left]) / gaps[left]
    way = np.append(np.rint(last[left] + offset * (first[left + 1] - last[left])), last[-1]).astype(np.intp)
    bottom, top, leave = way.copy(), way.copy(), way
    at = columns - columns[0]
    bottom[at], top[at], leave[at] = low, high, last
    # A column reaches out to where the one before it was left, so that steep parts have no holes.
    bottom[1:] = np.where(joined[left], np.minimum(bottom[1:], leave[:-1] + 1), bottom[1:])
    top[1:] = np.where(joined[left], np.maximum(top[1:], leave[:-1] - 1), top[1:])
    drawn = np.append(joined[left] | (offset == 0), True)
    return every[drawn], bottom[drawn], top[drawn]


def covered(curve: Curve, width: int, height: int) -> NDArray[np.bool_]:
    """The dots of a curve on `width` x `height` cells: [4 height, 2 width], the lowest row first."""
    dots = np.zeros((height * 4, width * 2), np.bool_)
    rows = np.arange(height * 4)[:, None]
    dots[:, curve.columns] = (rows >= curve.low) & (rows <= curve.high)
    return dots


def packed(dots: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Dots [4 height, 2 width], the lowest row first, as the patterns [height, width] of cells, the top row first."""
    bits = dots[::-1].view(np.uint8)
    patterns = np.zeros((len(bits) // 4, bits.shape[1] // 2), np.uint8)
    for row in range(4):
        for column in range(2):
            patterns |= bits[row::4, column::2] * _BITS[row, column]
    return patterns


def cells(curve: Curve, width: int, height: int) -> NDArray[np.uint8]:
    """The curve's dot patterns [height, width] in cells, the top row first."""
    return packed(covered(curve, width, height))
