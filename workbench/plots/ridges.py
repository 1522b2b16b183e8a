"""Histograms one below the other on one axis, so that it is seen how a distribution changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from workbench.plots.axes import Scale
from workbench.plots.lines import LIMIT, Row
from workbench.plots.numbers import format_number
from workbench.plots.rows import axis_rows, fit, message_rows, shortened, text_of

AXIS, LATEST = "ridge--axis", "ridge--latest"
_AGES = ("ridge--0", "ridge--1", "ridge--2", "ridge--3")
STYLES = frozenset({AXIS, LATEST, *_AGES})
"""Names of all styles: those of the ridges from the oldest on, and of the latest."""
RICH: Mapping[str, str] = {
    AXIS: "bright_black",
    LATEST: "cyan",
    **dict.fromkeys(_AGES[:2], "bright_black"),
    **dict.fromkeys(_AGES[2:], "blue"),
}

MIDDLE = 0.99
"""The axis reaches over this share of every histogram; its few farthest values may lie beyond."""
_BLOCKS = np.array(list(" ▁▂▃▄▅▆▇█"))
_HIGHEST = 8  # lines of a ridge
_TALL = 12  # lines for ridges from which on each has two at least: fewer of them are read more easily
_GAP = 2  # eighths of a line that stay free above a ridge


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How many values lie in each of some bins of equal width."""

    label: str
    low: float
    high: float
    counts: NDArray[np.int64]
    std: float

    @property
    def is_there(self) -> bool:
        """Whether there is anything to draw: numbers beyond `LIMIT` cannot be subtracted from each other."""
        return bool(self.counts.sum() > 0 and -LIMIT <= self.low < self.high <= LIMIT)


def ridge_rows(
    histograms: Sequence[Histogram], width: int, height: int, *, title: str = "", x_label: str = "", hint: str = ""
) -> tuple[Row, ...]:
    """Draw histograms in `width` x `height` characters, the first on top.

    Heights are square roots of the shares of values, each ridge's highest as high as all others': of many zeros, as behind a ReLU,
    the rest is still seen. To the left of a ridge stands its label, to the right its standard deviation. Of more than there is
    room for, some are left out, never the first or the last. Never raises for any values.

    Args:
        histograms: The oldest first.
        width: Characters.
        height: Lines.
        title: What the values are.
        x_label: What the axis is.
        hint: Last words of the first line.
    """
    head = fit([(title + "  ", AXIS), (hint, AXIS)], width)
    ends = _ends(histograms)
    if height < 4 or width < 24 or ends is None:
        return message_rows(head, "" if ends is not None else "no values", width, height, AXIS)
    room = height - 3
    most = room // 2 if room >= _TALL else room
    chosen = [histograms[place] for place in np.unique(np.linspace(0, len(histograms) - 1, most).round().astype(int))]
    margin = min(max(len(each.label) for each in chosen), width // 4)
    stds = [f" σ {format_number(each.std)}" if each.is_there else "" for each in chosen]
    right = max(map(len, stds))
    across = width - margin - 1 - right
    lines = max(1, min(room // len(chosen), _HIGHEST))
    body: list[Row] = []
    for number, (each, std) in enumerate(zip(chosen, stds, strict=True)):
        style = LATEST if number == len(chosen) - 1 else _AGES[number * len(_AGES) // max(len(chosen) - 1, 1)]
        for line, text in enumerate(_ridge(each, ends, across, lines)):
            is_base = line == lines - 1
            label = f"{shortened(each.label, margin) if is_base else '':>{margin}}│"
            body.append(((label, AXIS), (text, style), (f"{std if is_base else '':<{right}}", AXIS)))
    axis = [
        (*row, (" " * right, "")) for row in axis_rows(Scale(*ends).ticks(max(2, across // 12)), margin, across, x_label, AXIS)
    ]
    return (head, *body, *axis, *[fit([], width)] * (room - len(body)))


def ridge_text(rows: Sequence[Row]) -> Text:
    """Ridges for the command line."""
    return text_of(rows, RICH)


def _ends(histograms: Sequence[Histogram]) -> tuple[float, float] | None:
    """Between which values the axis reaches."""
    found = []
    for each in histograms:
        if each.is_there:
            bounds, cumulative = _cumulative(each)
            found.append(np.interp(((1 - MIDDLE) / 2, (1 + MIDDLE) / 2), cumulative, bounds))
    if not found:
        return None
    low, high = float(min(ends[0] for ends in found)), float(max(ends[1] for ends in found))
    scale = Scale.around(low, high)
    return scale.low, scale.high


def _cumulative(histogram: Histogram) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The bounds of the bins, and the share of values below each of them."""
    bounds = np.linspace(histogram.low, histogram.high, len(histogram.counts) + 1)
    return bounds, np.concatenate([[0.0], np.cumsum(histogram.counts) / histogram.counts.sum()])


def _ridge(histogram: Histogram, ends: tuple[float, float], width: int, lines: int) -> list[str]:
    """One ridge as text, the top line first."""
    if not histogram.is_there:
        return [" " * width] * (lines - 1) + ["× not finite"[:width].ljust(width)]
    bounds, cumulative = _cumulative(histogram)
    below = np.interp(np.linspace(*ends, width + 1), bounds, cumulative)
    shares = np.sqrt(np.diff(below))
    eighths = np.ceil(shares / max(float(shares.max()), 1e-300) * (lines * 8 - _GAP)).astype(np.intp)
    return ["".join(_BLOCKS[np.clip(eighths - line * 8, 0, 8)]) for line in reversed(range(lines))]
