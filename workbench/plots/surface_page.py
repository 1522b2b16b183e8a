"""Cost surfaces as a page for print: coloured cells, dots on the plateaus, a cross where the network stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.insight.surface_records import FLAT, Surface, SurfaceAxis
from workbench.plots.axes import Scale
from workbench.plots.figure import INK, TITLE, Page, Path, Word
from workbench.plots.heat_page import BAR, SHADES, colour_bar, shade_of
from workbench.plots.numbers import format_number, format_share

SIDE = 270.0
"""Of the square of a surface."""
LEFT, TOP, BELOW, RIGHT = 62.0, 70.0, 62.0, 62.0
ABREAST = 3
"""Surfaces in a line."""
_OVERLAP = 1.0  # cells reach so far into their neighbours that no ground shines through
_DOT = 0.9
_ABSENT = "#ffffff"


def surface_page(surfaces: Sequence[Surface], title: str) -> Page:
    """Surfaces side by side, each with axes, a scale of its own and its plateau."""
    across = min(len(surfaces), ABREAST)
    wide, high = LEFT + SIDE + BAR + RIGHT, TOP + SIDE + BELOW
    shapes: list[Path | Word] = [Word(LEFT, 26, title, size=TITLE, bold=True)]
    for number, surface in enumerate(surfaces):
        panel = _Panel(surface, LEFT + number % across * wide, TOP + number // across * high)
        shapes += panel.shapes()
    plot = (LEFT, TOP, LEFT + SIDE, TOP + SIDE)
    return Page(across * wide, -(-len(surfaces) // across) * high, shapes, plot)


@dataclass(frozen=True, slots=True)
class _Panel:
    """One surface with its upper left corner."""

    surface: Surface
    left: float
    top: float

    @property
    def bottom(self) -> float:
        return self.top + SIDE

    def shapes(self) -> Iterator[Path | Word]:
        """All of it, the lowest first."""
        surface = self.surface
        low, high = _ends(surface)
        words = f"{surface.cost}: plateau {format_share(surface.plateau)}"
        yield Word(self.left, self.top - 12, words, bold=True)
        yield from self._cells(low, high)
        yield from self._dots()
        yield from self._network()
        yield from self._axes()
        yield from self._bar(low, high)

    def _cells(self, low: float, high: float) -> Iterator[Path]:
        """Neighbours in a row that have the same shade are one."""
        rows, columns = self.surface.costs.shape
        with np.errstate(invalid="ignore"):
            shades = np.rint((self.surface.costs - low) / (high - low) * (SHADES - 1))
        numbers = np.where(np.isfinite(shades), shades, -1).astype(np.intp)
        for row in range(rows):
            y = self.bottom - (row + 1) * SIDE / rows
            below = min(y + SIDE / rows + _OVERLAP, self.bottom)
            edges = [0, *(np.flatnonzero(np.diff(numbers[row])) + 1).tolist(), columns]
            for begin, end in pairwise(edges):
                shade = int(numbers[row, begin])
                x, right = self.left + begin * SIDE / columns, self.left + end * SIDE / columns
                right = min(right + _OVERLAP, self.left + SIDE)
                ink = shade_of(shade / (SHADES - 1)) if shade >= 0 else _ABSENT
                yield Path([(x, y), (right, y), (right, below), (x, below)], ink, 0)

    def _dots(self) -> Iterator[Path]:
        """One on each point that lies on a plateau."""
        rows, columns = self.surface.costs.shape
        for row, column in np.argwhere(self.surface.flat).tolist():
            x, y = self.left + (column + 0.5) * SIDE / columns, self.bottom - (row + 0.5) * SIDE / rows
            corners = [(x - _DOT, y), (x, y - _DOT), (x + _DOT, y), (x, y + _DOT)]
            yield Path([(a + 0.5, b + 0.5) for a, b in corners], "#000000", 0)
            yield Path(corners, "#ffffff", 0)

    def _network(self) -> Iterator[Path]:
        """A cross where the network stands."""
        rows, columns = self.surface.costs.shape
        x = self.left + _place(self.surface.x, self.surface.x.here, columns) * SIDE
        y = self.bottom - _place(self.surface.y, self.surface.y.here, rows) * SIDE
        for ink, width in (("#000000", 3.6), ("#ffffff", 1.6)):
            yield Path([(x - 6, y), (x + 6, y)], ink, width)
            yield Path([(x, y - 6), (x, y + 6)], ink, width)

    def _axes(self) -> Iterator[Path | Word]:
        left, right, bottom = self.left, self.left + SIDE, self.bottom
        yield Path([(left, self.top), (right, self.top), (right, bottom), (left, bottom), (left, self.top)], INK)
        rows, columns = self.surface.costs.shape
        for place, label in _ticks(self.surface.x, columns):
            x = left + place * SIDE
            yield Path([(x, bottom), (x, bottom + 5)], INK)
            yield Word(x, bottom + 18, label, "middle")
        for place, label in _ticks(self.surface.y, rows):
            y = bottom - place * SIDE
            yield Path([(left - 5, y), (left, y)], INK)
            yield Word(left - 8, y + 4, label, "end")
        yield Word(left + SIDE / 2, bottom + 36, f"across: {self.surface.x.label}, up: {self.surface.y.label}", "middle")
        yield Word(left + SIDE / 2, bottom + 52, f"dots: slope at most {FLAT:.0%} of the steepest", "middle", size=10)

    def _bar(self, low: float, high: float) -> Iterator[Path | Word]:
        """The scale of the colours."""

        def text(share: float) -> str:
            return format_number(low + share * (high - low))

        yield from colour_bar(self.left + SIDE + 12, self.top, self.bottom, text, overlap=_OVERLAP)


def _ends(surface: Surface) -> tuple[float, float]:
    """The least and the largest finite cost; apart, if there is any."""
    finite = surface.costs[np.isfinite(surface.costs)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _place(axis: SurfaceAxis, value: float, cells: int) -> float:
    """Where a value lies between the outer edges of the cells, whose middles are the axis' values: from 0 to 1."""
    share = (value - axis.values[0]) / (axis.values[-1] - axis.values[0])
    return float((share * (cells - 1) + 0.5) / cells)


def _ticks(axis: SurfaceAxis, cells: int) -> list[tuple[float, str]]:
    scale = Scale(float(axis.values[0]), float(axis.values[-1]))
    return [((place * (cells - 1) + 0.5) / cells, label) for place, label in scale.ticks(6)]
