"""What a chart is made of: lines and bands as plain numbers, and rows of text as what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = Sequence[float] | NDArray[np.generic]
Floats = NDArray[np.float64]

MARKERS = (" ", "●", "▲", "■", "◆", "○", "△", "□", "◇", "+")
"""How lines are told apart without colour: the first is plain, the next carry a sign here and there."""
COLOURS = ("cyan", "yellow", "magenta", "green", "blue", "red")
FAINT = tuple(f"dim {colour}" for colour in COLOURS)
"""Those of what is drawn behind the lines."""

LIMIT = 1e300
"""Beyond it differences overflow."""


def bounded(values: Floats) -> Floats:
    """Values between the limits, whose differences are finite; what is not finite is not-a-number."""
    return np.where(np.isfinite(values), np.clip(values, -LIMIT, LIMIT), np.nan)


Piece = tuple[str, str]
"""Text and its style (a colour of rich or of the theme)."""
Row = tuple[Piece, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line: its points in order of `x`."""

    label: str
    x: Numbers
    y: Numbers
    colour: str = ""
    """Its style; that of its hue if empty."""
    hue: int | None = None
    """Which colour of the palette; that of its number among the lines if None."""
    faint: bool = False
    """Drawn behind all others, with no signs and no word in the legend."""
    by_epoch: bool = False
    """Taken once an epoch, not at each step."""
    measured: Numbers | None = None
    """What was measured, where `y` is smoothed; signs stand there."""


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """What lies between two lines, drawn behind all lines: shaded, or dotted along its edges alone."""

    label: str
    """Empty: no word in the legend."""
    x: Numbers
    low: Numbers
    high: Numbers
    hue: int = 0
    shaded: bool = True
    by_epoch: bool = False
    """As that of a line."""


@dataclass(frozen=True, slots=True)
class Points:
    """A line or an edge of a band as it is drawn: finite `x`, not-a-number where `y` cannot be drawn at all."""

    x: Floats
    y: Floats

    @classmethod
    def of(cls, x: Numbers, y: Numbers, window: tuple[float, float] | None, *, log: bool) -> Points:
        """The points within a window of the x axis, and the ends of the ways that lead out of it."""
        ys = np.asarray(y, np.float64).ravel()
        xs = np.asarray(x, np.float64).ravel()
        count = min(xs.size, ys.size)
        xs, ys = xs[:count], ys[:count]
        ys = bounded(ys)
        if window is not None:
            xs, ys = _within(xs, ys, *window)
        keep = np.isfinite(xs)
        if log:
            keep &= ~(ys <= 0)
        return cls(xs[keep], ys[keep])


def _within(x: Floats, y: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """The part of a line from `low` to `high`, cut where it crosses them."""
    first, last = int(np.searchsorted(x, low)), int(np.searchsorted(x, high, side="right"))
    inside_x, inside_y = x[first:last], y[first:last]
    ends = [(at, place) for at, place in ((first, low), (last, high)) if 0 < at < x.size]
    for at, place in ends:
        if not (x[at - 1] < place < x[at]):
            continue
        share = (place - x[at - 1]) / (x[at] - x[at - 1])
        value = y[at - 1] + share * (y[at] - y[at - 1])
        begin = at == first and place == low
        inside_x = np.concatenate([[place], inside_x] if begin else [inside_x, [place]])
        inside_y = np.concatenate([[value], inside_y] if begin else [inside_y, [value]])
    return inside_x, inside_y
