"""A heat map as a page for print: coloured cells with names of the rows, an axis, and the scale of the colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from workbench.plots.axes import Scale
from workbench.plots.figure import BELOW, INK, TITLE, TOP, WIDTH, Page, Path, Word
from workbench.plots.heat import RAMP
from workbench.plots.heat_cells import (
    Floats,
    Numbers,
    column_spans,
    is_axis,
    matrix,
    merged_heights,
    row_bands,
    scale_ends,
    shares,
)
from workbench.plots.numbers import format_number
from workbench.plots.palette import RGB, blend, hex_of

SHADES = 32
LEFT, RIGHT, HEAD = 84.0, 84.0, 46.0
ROW, LEAST_HEIGHT, MOST_HEIGHT = 26.0, 120.0, 380.0
_COLUMNS = 200  # of cells; more cannot be told apart
BAR = 14.0
"""Width of the scale of the colours."""
_OVERLAP = 0.4  # cells reach so far into their neighbours that no ground shines through
_COLOURS: tuple[RGB, ...] = tuple((int(c[1:3], 16), int(c[3:5], 16), int(c[5:7], 16)) for c in RAMP)
_AROUND: tuple[RGB, ...] = ((5, 90, 165), (242, 242, 242), (200, 95, 0))
"""Below zero blue, above it orange, and nearly white between: for a white ground."""
_ZERO, _LOST, _ABSENT = "#000000", "#d00000", "#ffffff"


def heat_page(
    values: Numbers,
    row_labels: Sequence[str],
    x: Floats,
    *,
    title: str,
    of: str,
    log: bool = False,
    diverging: bool = False,
    x_label: str = "step",
    ends: tuple[float, float] | None = None,
) -> Page:
    """Numbers as colours; see `workbench.plots.heat.heat_map` for what a cell shows. With `log` what is zero is black, and red is not finite.

    Args:
        values: [rows, columns]
        row_labels: The first is drawn at the foot, as layers are counted from the input.
        x: [columns], not decreasing.
        title: What stands above.
        of: What the values are.
        log: Whether colours go by log10.
        diverging: Whether colours lie around zero.
        x_label: What the axis is.
        ends: What the scale reaches at least to.
    """
    values, places = matrix(values, row_labels, x)
    height = min(max(ROW * len(values), LEAST_HEIGHT), MOST_HEIGHT)
    bottom = TOP + HEAD + height
    corners = (LEFT, TOP + HEAD, WIDTH - RIGHT, bottom)
    shapes: list[Path | Word] = [Word(LEFT, TOP + TITLE, title, size=TITLE, bold=True), Word(LEFT, TOP + HEAD - 9, of)]
    if not values.size:
        shapes.append(Word((LEFT + WIDTH - RIGHT) / 2, bottom - height / 2, "not measured", "middle"))
        return Page(WIDTH, bottom + BELOW, shapes, corners)
    bands, spans = row_bands(len(values), len(values)), column_spans(shares(places), min(_COLUMNS, places.size))
    heights = merged_heights(values, bands, spans, log=log)
    low, high = scale_ends(heights, ends, log=log, diverging=diverging)
    drawn = _Drawn(heights, low, high, log, _AROUND if diverging else _COLOURS, corners)
    shapes += [*drawn.cells(), *drawn.bar(), *_names(row_labels, corners), *_axis(places, x_label, corners)]
    return Page(WIDTH, bottom + BELOW, shapes, corners)


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """Cells and their colours."""

    heights: Floats
    low: float
    high: float
    log: bool
    colours: Sequence[RGB]
    corners: tuple[float, float, float, float]

    def cells(self) -> Iterator[Path]:
        """Neighbours of one colour are one area."""
        left, top, right, bottom = self.corners
        rows, columns = self.heights.shape
        wide, high = (right - left) / columns, (bottom - top) / rows
        for row, inks in enumerate(self._inks()):
            edges = [0, *(n for n in range(1, columns) if inks[n] != inks[n - 1]), columns]
            below = bottom - row * high
            for first, end in pairwise(edges):
                far = min(left + end * wide + _OVERLAP, right)
                corners = [(left + first * wide, below - high), (far, below - high), (far, below), (left + first * wide, below)]
                yield Path(corners, inks[first], 0)
        yield Path([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], INK)

    def _inks(self) -> Iterator[list[str]]:
        with np.errstate(invalid="ignore", over="ignore"):
            shades = np.clip(np.rint((self.heights - self.low) / (self.high - self.low) * (SHADES - 1)), 0, SHADES - 1)
        for line, shade in zip(self.heights.tolist(), shades.tolist(), strict=True):
            yield [self._ink(value, place) for value, place in zip(line, shade, strict=True)]

    def _ink(self, value: float, shade: float) -> str:
        if np.isfinite(value):
            return shade_of(shade / (SHADES - 1), self.colours)
        if np.isnan(value):
            return _ABSENT
        return _LOST if value > 0 else _ZERO

    def bar(self) -> Iterator[Path | Word]:
        """The scale of the colours with its ends and middle."""
        _, top, right, bottom = self.corners

        def text(share: float) -> str:
            value = self.low + share * (self.high - self.low)
            return format_number(10.0**value if self.log else value)

        yield from colour_bar(right + 12, top, bottom, text, colours=self.colours, overlap=_OVERLAP)


def colour_bar(
    x: float, top: float, bottom: float, text: Callable[[float], str], *, overlap: float, colours: Sequence[RGB] = _COLOURS
) -> Iterator[Path | Word]:
    """A scale of colours from the foot to the head.

    Args:
        x: Its left edge.
        top: Its head.
        bottom: Its foot.
        text: The words beside a share of it, from 0 to 1.
        overlap: How far a shade reaches into the one below it, so that no ground shines through.
        colours: From the lowest to the highest.
    """
    step = (bottom - top) / SHADES
    for shade in range(SHADES):
        y = bottom - (shade + 1) * step
        below = min(y + step + overlap, bottom)
        yield Path([(x, y), (x + BAR, y), (x + BAR, below), (x, below)], shade_of(shade / (SHADES - 1), colours), 0)
    for share in (0.0, 0.5, 1.0):
        yield Word(x + BAR + 4, bottom - share * (bottom - top) + 4, text(share))


def shade_of(share: float, colours: Sequence[RGB] = _COLOURS) -> str:
    """The colour of a level from 0 to 1."""
    place = share * (len(colours) - 1)
    first = min(int(place), len(colours) - 2)
    return hex_of(blend(colours[first], colours[first + 1], place - first))


def _names(names: Sequence[str], corners: tuple[float, float, float, float]) -> Iterator[Word]:
    left, top, _, bottom = corners
    high = (bottom - top) / len(names)
    every = max(1, round(14 / high))
    for row in range(0, len(names), every):
        yield Word(left - 8, bottom - (row + 0.5) * high + 4, names[row], "end")


def _axis(places: Floats, x_label: str, corners: tuple[float, float, float, float]) -> Iterator[Path | Word]:
    left, _, right, bottom = corners
    if is_axis(places):
        scale = Scale(float(places[0]), float(places[-1]), whole=bool((places == np.rint(places)).all()))
        for place, label in scale.ticks(8):
            x = left + place * (right - left)
            yield Path([(x, bottom), (x, bottom + 5)], INK)
            yield Word(x, bottom + 19, label, "middle")
    yield Word((left + right) / 2, bottom + 40, x_label, "middle")
