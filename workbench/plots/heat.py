"""A heat map with axes and a scale: rows of numbers over time, each cell with a colour and a sign of its level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from workbench.plots.axes import Scale
from workbench.plots.heat_cells import (
    AT_ZERO,
    INFINITE,
    LEVELS,
    Floats,
    Numbers,
    Spans,
    column_spans,
    is_axis,
    level_codes,
    matrix,
    merged_heights,
    row_bands,
    scale_ends,
    shares,
    shown_values,
)
from workbench.plots.lines import Piece, Row
from workbench.plots.numbers import format_number
from workbench.plots.rows import axis_rows, fit, message_rows, pieces_of, shortened, text_of

SIGNS = "·:-=+*#%@"
"""Signs of the levels, the lowest first."""
DIVERGING_SIGNS = "≡=-,·'+*#"
"""Signs of the levels around zero: strokes are below it, crosses above."""
ZERO = "0"
"""Stands in a logarithmic map where a value is zero or negative."""
NOT_FINITE = "×"
"""Stands where a value is infinite."""
CHANGED = "▲"
"""Stands on the axis where something happened."""
CHOSEN = "▐"
"""Stands beside the label of the chosen row."""

AXIS, PICKED, MARKED = "heat--axis", "heat--chosen", "heat--mark"
_STYLES = tuple(f"heat--{level}" for level in range(LEVELS))
_DIVERGING_STYLES = tuple(f"heat--around-{level}" for level in range(LEVELS))
_OTHERS = ("heat--zero", "heat--bad", "")  # styles of the codes after the levels
STYLES = frozenset({*_STYLES, *_DIVERGING_STYLES, *_OTHERS[:2], AXIS, PICKED, MARKED})
"""Names of all styles that a heat map has."""

RAMP = ("#0a2c60", "#2a406e", "#4c556d", "#676a71", "#827f76", "#9d9675", "#bcad6c", "#dbc759", "#f9e33d")
"""Colours of the levels, after cividis (Nuñez, Anderton & Renslow 2018): lightness grows evenly, and all eyes see the same."""
AROUND = ("#5fb0f2", "#5290c4", "#447095", "#374f66", "#2a2f38", "#5c4b36", "#8d6834", "#be8432", "#f0a030")
"""Colours of the levels around zero: blue below, orange above, as dark as the ground in the middle."""

_LABEL_SHARE = 4  # labels take at most one part in so many of the width


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """What one character of a heat map stands for."""

    rows: range
    columns: range
    value: float
    """Of all of these values together: infinite where one is, not-a-number where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Where the cells are, and what they show."""

    left: int  # characters left of the first cell; there is one line above it
    height: int  # lines of a band: one row, or some of them where there are more rows than lines
    bands: Spans  # first row of each band, and the one after its last
    spans: Spans  # the same of the columns of values in each column of cells
    values: Floats  # [bands, columns of cells]


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """A heat map and where in it each value is."""

    rows: tuple[Row, ...]
    _grid: _Grid | None = None

    def at(self, x: int, y: int) -> Cell | None:
        """What is drawn at a character, counted from 0 at the top left; None beside the cells."""
        grid = self._grid
        if grid is None:
            return None
        band, column = (y - 1) // grid.height, x - grid.left
        if y < 1 or not 0 <= band < grid.values.shape[0] or not 0 <= column < grid.values.shape[1]:
            return None
        rows, columns = (range(int(first[n]), int(end[n])) for (first, end), n in ((grid.bands, band), (grid.spans, column)))
        return Cell(rows, columns, float(grid.values[band, column]))


def heat_text(rows: Sequence[Row]) -> Text:
    """A heat map for the command line, in colours for a dark ground; the signs say the same without them."""
    return text_of(rows, rich_styles())


def rich_styles() -> Mapping[str, str]:
    """The styles of a heat map as rich writes them."""
    ramps = {
        name: f"{'#000000' if level in light else '#c8cdd6'} on {colour}"
        for names, colours, light in ((_STYLES, RAMP, range(5, LEVELS)), (_DIVERGING_STYLES, AROUND, (0, 1, 6, 7, 8)))
        for level, (name, colour) in enumerate(zip(names, colours, strict=True))
    }
    return ramps | {"heat--zero": "bright_black", "heat--bad": "red", AXIS: "bright_black", PICKED: "bold", MARKED: "yellow"}


def heat_map(
    values: Numbers,
    row_labels: Sequence[str],
    x: Numbers,
    width: int,
    height: int,
    *,
    log: bool = False,
    diverging: bool = False,
    title: str = "",
    x_label: str = "step",
    marks: Sequence[float] = (),
    mark: str = "",
    chosen: int | None = None,
    ends: tuple[float, float] | None = None,
    hint: str = "",
) -> Heat:
    """Draw numbers as levels in `width` x `height` characters (axes, labels and scale within them).

    Every cell shows the mean of the logarithms (with `log`) or the value farthest from zero of what falls into it; where nothing
    does, the nearest in time. Not-a-number is blank, and infinity is ×. Never raises for any values.

    Args:
        values: [rows, columns]
        row_labels: What each row is; the first is drawn on top.
        x: [columns] where each column is, not decreasing; taken evenly spaced where it is not so.
        width: Characters.
        height: Lines; rows are more than one line high if there is room, and share lines if there is not.
        log: Whether levels go by log10; what is not positive is then 0.
        diverging: Whether levels lie around zero (around one with `log`) instead of between the ends.
        title: What the values are.
        x_label: What the axis is.
        marks: Where on the axis something happened.
        mark: What happened there, for the legend.
        chosen: The row that is marked.
        ends: What the scale reaches at least to, where its levels are not logarithmic.
        hint: Last words of the legend.
    """
    values, places = matrix(values, row_labels, x)
    if height < 4 or width < 16 or values.size == 0:
        head, words = fit([(title, AXIS)], width), "" if values.size else "not measured yet"
        return Heat(message_rows(head, words, width, height, AXIS))
    plot_height = height - 3
    bands = row_bands(len(values), plot_height)
    labels = [_label(row_labels, rows) for rows in map(range, *bands)]
    margin = min(max(map(len, labels)), width // _LABEL_SHARE)
    plot_width = width - margin - 1
    spans = column_spans(shares(places), plot_width)
    heights = merged_heights(values, bands, spans, log=log)
    key = _Key(*scale_ends(heights, ends, log=log, diverging=diverging), log, diverging)
    codes = level_codes(heights, key.low, key.high, log=log, diverging=diverging)
    band_height = max(1, plot_height // len(bands[0]))
    body: list[Row] = []
    for line, label, rows in zip(codes, labels, map(range, *bands), strict=True):
        cells = key.pieces(line)
        style, edge = (PICKED, CHOSEN) if chosen in rows else (AXIS, "│")
        names = [label if number == (band_height - 1) // 2 else "" for number in range(band_height)]
        body += [((f"{shortened(name, margin):>{margin}}{edge}", style), *cells) for name in names]
    legend = fit([*_legend(title, key, codes, mark if len(marks) else ""), (hint, AXIS)], width)
    axis = axis_rows(_ticks(places, plot_width), margin, plot_width, x_label, AXIS, _columns(marks, places, plot_width), CHANGED)
    spare = [fit([], width)] * (plot_height - len(body))
    return Heat((legend, *body, *axis, *spare), _Grid(margin + 1, band_height, bands, spans, shown_values(heights, log=log)))


@dataclass(frozen=True, slots=True)
class _Key:
    """What the levels mean, and how they are drawn."""

    low: float
    high: float
    log: bool
    diverging: bool

    @property
    def signs(self) -> str:
        """Of the levels, then of what is no number."""
        return (DIVERGING_SIGNS if self.diverging else SIGNS) + ZERO + NOT_FINITE + " "

    @property
    def styles(self) -> tuple[str, ...]:
        """The same for the styles."""
        return (*(_DIVERGING_STYLES if self.diverging else _STYLES), *_OTHERS)

    def pieces(self, codes: NDArray[np.intp]) -> Row:
        """One line of cells in as few pieces as its levels allow."""
        return pieces_of(np.array([*self.signs])[codes], codes, self.styles)

    def scale(self) -> list[Piece]:
        """All levels between the ends of the scale."""
        low, high = (format_number(_power(end) if self.log else end) for end in (self.low, self.high))
        levels = zip(self.signs[:LEVELS], self.styles[:LEVELS], strict=True)
        return [(f"{low} ", ""), *levels, (f" {high}{' log' if self.log else ''}  ", "")]


def _label(names: Sequence[str], rows: range) -> str:
    """The name of a row; of several `hidden 2–4`, or how many there are besides the first."""
    first, last = names[rows[0]], names[rows[-1]]
    if len(rows) == 1:
        return first
    words = first.rpartition(" ")[0] + " "
    return f"{first}–{last.removeprefix(words)}" if last.startswith(words) and words != " " else f"{first} +{len(rows) - 1}"


def _legend(title: str, key: _Key, codes: NDArray[np.intp], mark: str) -> list[Piece]:
    """Title, the scale with its ends, and what else there is in the cells."""
    pieces: list[Piece] = [(title + "  ", AXIS)] if title else []
    pieces += key.scale() if (codes < LEVELS).any() else []
    for code, words in ((AT_ZERO, "zero"), (INFINITE, "not finite")):
        if (codes == code).any():
            pieces += [(key.signs[code], key.styles[code]), (f" {words}  ", "")]
    return pieces + ([(CHANGED, MARKED), (f" {mark}  ", "")] if mark else [])


def _power(height: float) -> float:
    """Ten to it; beyond the largest number infinity."""
    return 10.0**height if height < 308 else float("inf")


def _ticks(x: Floats, width: int) -> list[tuple[float, str]]:
    """Round places of the axis, each with its label."""
    if is_axis(x):
        scale = Scale(float(x[0]), float(x[-1]), whole=bool((x == np.rint(x)).all()))
        return scale.ticks(max(2, width // 10))
    return [(0.0, format_number(float(x[0])))] if x.size == 1 else []


def _columns(marks: Sequence[float], x: Floats, width: int) -> set[int]:
    """The columns of the marks that lie within the map."""
    if not is_axis(x):
        return set()
    shares = ((mark - x[0]) / (x[-1] - x[0]) for mark in marks)
    return {int(share * (width - 1) + 0.5) for share in shares if 0 <= share <= 1}
