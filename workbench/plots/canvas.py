"""The inside of a chart: bands, lines, marks and a cursor in character cells, the stronger over the weaker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from workbench.plots.axes import Scale
from workbench.plots.braille import GLYPHS, Curve, cells, covered, packed, trace
from workbench.plots.lines import Points, Row
from workbench.plots.rows import pieces_of

SINGLE = "•"
"""Stands for the only point of the plain line, which a dot would hide."""
NOT_FINITE = "×"
"""Stands where a line stops being finite."""
MARK = "┊"
"""Stands where something happened."""
CURSOR = "│"
"""Stands where values are read."""

SHADE = 0x95
"""The dots of a cell that shade a band and make a line faint: every second one."""
DOTTED = 0x47
"""The dots of a cell that make the edge of a band a dotted line: those of the left half."""

_AXIS, _CURSOR = -2, -3
"""Owners of the cells of the marks and of the cursor; -1 is nobody."""
_SIGN_EVERY = 14  # character columns between two signs on a line


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line that is to be drawn."""

    points: Points
    style: str
    marker: str = " "
    signs: Points | None = None
    """Where its markers stand; on the line if None."""


@dataclass(frozen=True, slots=True)
class Area:
    """A band that is to be drawn; both edges have the same x."""

    low: Points
    high: Points
    style: str
    shaded: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is drawn between the axes, the weakest first."""

    across: Scale
    up: Scale
    areas: Sequence[Area]
    faint: Sequence[Stroke]
    strokes: Sequence[Stroke]
    marks: Sequence[float]
    cursor: float | None
    axis: str  # style of the marks
    pointer: str  # style of the cursor

    def curve(self, points: Points, width: int, height: int) -> Curve:
        """The dots of a line on `width` x `height` cells."""
        across, up = self.across, self.up
        heights = (np.log10(points.y) if up.log else points.y) - up.low
        return trace((points.x - across.low) / (across.high - across.low), heights / (up.high - up.low), width * 2, height * 4)

    def column(self, x: float, width: int) -> int | None:
        """Where a place on the x axis lies, or None if it is not in sight."""
        share = (x - self.across.low) / (self.across.high - self.across.low)
        return int(share * (width - 1) + 0.5) if 0 <= share <= 1 else None


class _Layer:
    """Dot patterns and who drew them, [height, width]; the later owns the cell."""

    def __init__(self, width: int, height: int) -> None:
        self.dots = np.zeros((height, width), np.uint8)
        self.owner = np.full((height, width), -1, np.int16)

    def add(self, patterns: NDArray[np.uint8], number: int) -> None:
        """Draw over what is there, which keeps its dots."""
        self.dots |= patterns
        self.owner[patterns > 0] = number

    def cover(self, stronger: _Layer) -> None:
        """Let another layer take the cells in which it has dots."""
        taken = stronger.dots > 0
        self.dots[taken], self.owner[taken] = stronger.dots[taken], stronger.owner[taken]


def painted(picture: Picture, width: int, height: int) -> list[Row]:
    """The rows of a picture, as pieces each as long as one line owns the cells."""
    ground, lines = _Layer(width, height), _Layer(width, height)
    signs: dict[tuple[int, int], tuple[str, int]] = {}
    behind = [area.style for area in picture.areas] + [stroke.style for stroke in picture.faint]
    _paint_behind(picture, ground, width, height)
    for number, stroke in enumerate(picture.strokes):
        curve = picture.curve(stroke.points, width, height)
        lines.add(cells(curve, width, height), len(behind) + number)
        marked = curve if stroke.signs is None else picture.curve(stroke.signs, width, height)
        found = _signs(marked, stroke.marker, number, len(picture.strokes), height)
        signs.update({cell: (sign, len(behind) + number) for cell, sign in found})
    ground.cover(lines)
    glyphs, owner = GLYPHS[ground.dots], ground.owner
    for column in {picture.column(mark, width) for mark in picture.marks} - {None}:
        free = owner[:, column] < 0
        glyphs[free, column], owner[free, column] = MARK, _AXIS
    at = picture.column(picture.cursor, width) if picture.cursor is not None else None
    if at is not None:
        free = lines.dots[:, at] == 0
        glyphs[free, at], owner[free, at] = CURSOR, _CURSOR
    for cell, (sign, number) in signs.items():  # after all lines, so that none of them takes the colour of another's sign
        glyphs[cell], owner[cell] = sign, number
    styles = [*behind, *(stroke.style for stroke in picture.strokes), picture.pointer, picture.axis, ""]
    return [pieces_of(glyphs[row], owner[row], styles) for row in range(height)]


def _paint_behind(picture: Picture, ground: _Layer, width: int, height: int) -> None:
    """Bands, then faint lines."""
    for number, area in enumerate(picture.areas):
        low, high = (picture.curve(edge, width, height) for edge in (area.low, area.high))
        if area.shaded:
            between = Curve(low.columns, low.low, high.high, low.breaks)
            ground.add(cells(between, width, height) & np.uint8(SHADE), number)
        else:
            ground.add((cells(low, width, height) | cells(high, width, height)) & np.uint8(DOTTED), number)
    number = len(picture.areas)
    for _, group in groupby(picture.faint, key=lambda stroke: stroke.style):  # at once, for there may be many
        dots = np.zeros((height * 4, width * 2), np.bool_)
        strokes = list(group)
        for stroke in strokes:
            dots |= covered(picture.curve(stroke.points, width, height), width, height)
        ground.add(packed(dots) & np.uint8(SHADE), number)
        number += len(strokes)


def _signs(curve: Curve, marker: str, number: int, lines: int, height: int) -> list[tuple[tuple[int, int], str]]:
    """Cells of one line with a sign instead of dots: its marker here and there, × where it stops being finite."""
    signs: list[tuple[tuple[int, int], str]] = []
    if marker == " " and curve.columns.size == 1:
        marker = SINGLE
    if marker != " " and curve.columns.size:
        first = _SIGN_EVERY * number // max(lines, 1)
        cell_columns = curve.columns // 2
        wanted = np.arange(first, cell_columns[-1] + 1, _SIGN_EVERY)
        for at in np.unique(np.searchsorted(cell_columns, wanted[wanted >= cell_columns[0]])):
            row = height - 1 - int(curve.low[at] + curve.high[at]) // 8
            signs.append(((row, int(cell_columns[at])), marker))
        if not signs:  # a line shorter than the distance between signs
            signs.append(((height - 1 - int(curve.high[-1]) // 4, int(cell_columns[-1])), marker))
    signs.extend(((height - 1 - int(row) // 4, int(column) // 2), NOT_FINITE) for column, row in curve.breaks)
    return signs
