"""A line chart with axes and a legend, drawn with braille dots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

import numpy as np
from rich.text import Text

from workbench.plots.axes import Scale, placed
from workbench.plots.canvas import CURSOR as CURSOR
from workbench.plots.canvas import MARK as MARK
from workbench.plots.canvas import NOT_FINITE as NOT_FINITE
from workbench.plots.canvas import SINGLE as SINGLE
from workbench.plots.canvas import Area, Picture, Stroke, painted
from workbench.plots.legend import legend
from workbench.plots.lines import COLOURS, FAINT, MARKERS, Band, Floats, Line, Points
from workbench.plots.lines import Piece as Piece
from workbench.plots.lines import Row as Row
from workbench.plots.rows import axis_rows, text_of

_NEAR_TOP = 0.35  # share of the height, from the top, in which there is a label
_LOWEST = 1e-300  # where a logarithmic band begins that reaches zero
_OUTLIERS = 1.0  # per cent at each end of what is drawn faintly that the y axis need not reach


@dataclass(frozen=True, slots=True)
class Inks:
    """The styles of what is drawn."""

    axis: str = "bright_black"
    pointer: str = "bold"
    lines: Sequence[str] = COLOURS
    faint: Sequence[str] = FAINT
    """Of lines and bands behind the lines, by their hue."""


class Settings(TypedDict, total=False):
    """What a chart is like; see `draw_chart`."""

    log: bool
    share: bool
    title: str
    x_label: str
    marks: Sequence[float]
    mark: str
    axis: str
    bands: Sequence[Band]
    window: tuple[float, float] | None
    cursor: float | None
    inks: Inks
    ticks: Sequence[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as text, and where its x axis lies in it."""

    rows: tuple[Row, ...]
    left: int = 0
    """The first character column of the plot."""
    width: int = 0
    """Its columns; 0 where there is nothing to draw."""
    low: float = 0.0
    high: float = 0.0

    def x_at(self, column: int) -> float | None:
        """The place on the x axis of a character column, that of the nearest end outside the plot; None without an axis."""
        if self.width < 2:
            return None
        return self.low + min(max((column - self.left) / (self.width - 1), 0.0), 1.0) * (self.high - self.low)

    @property
    def per_column(self) -> float:
        """How much of the x axis one column takes."""
        return (self.high - self.low) / max(self.width - 1, 1)


def line_chart(series: Sequence[Line], width: int, height: int, **settings: Unpack[Settings]) -> Text:
    """Draw lines over each other in `width` x `height` characters; see `draw_chart`."""
    return text_of(draw_chart(series, width, height, **settings).rows, {})


def chart_rows(series: Sequence[Line], width: int, height: int, **settings: Unpack[Settings]) -> tuple[Row, ...]:
    """The rows of `draw_chart`, each `width` characters of text in pieces of one style."""
    return draw_chart(series, width, height, **settings).rows


def draw_chart(
    series: Sequence[Line],
    width: int,
    height: int,
    *,
    log: bool = False,
    share: bool = False,
    title: str = "",
    x_label: str = "",
    marks: Sequence[float] = (),
    mark: str = "",
    axis: str = "",
    bands: Sequence[Band] = (),
    window: tuple[float, float] | None = None,
    cursor: float | None = None,
    inks: Inks = Inks(),
    ticks: Sequence[tuple[float, str]] = (),
) -> Chart:
    """Draw lines over each other in `width` x `height` characters (axes, labels and legend within them).

    Every dot column shows the lowest and the highest of its points. A line that stops being finite ends with ×. The y axis
    holds all lines and shaded bands, and nearly all of what is faint. Never raises for any values.

    Args:
        series: The lines, the first ones below the others.
        width: In characters.
        height: In characters.
        log: The y axis is logarithmic, and points that are not positive are left out.
        share: The y axis is labelled with percentages.
        title: Stands before the legend.
        x_label: Stands at the right end of the x axis.
        marks: At each of these places on the x axis there is a dotted line behind all others.
        mark: What the marks are.
        axis: Style of the axes, instead of that of `inks`.
        bands: Drawn behind all lines.
        window: The part of the x axis that is drawn; all of it if not given.
        cursor: The place on the x axis at which an upright line stands.
        inks: The styles.
        ticks: Places on the x axis with their labels, instead of round numbers.
    """
    inks = replace(inks, axis=axis) if axis else inks
    window = window if window is not None and window[0] < window[1] else None
    main, faint = strokes_of(series, window, inks, log=log)
    areas = [area_of(band, window, inks, log=log) for band in bands]
    named = list(zip(bands, (area.style for area in areas), strict=True))
    head = legend(title, main, named, mark if len(marks) else "", width, inks.axis)
    if height < 4 or width < 16:
        return Chart(tuple([head, *[((" " * max(width, 0), ""),)] * height][: max(height, 0)]))
    strokes = [stroke for _, stroke in main]
    scales = scales_of(strokes, faint, areas, window, log=log)
    if scales is None:
        return Chart(_empty(head, width, height, inks.axis))
    across, up = scales[0], replace(scales[1], share=share)
    picture = Picture(across, up, areas, faint, strokes, marks, cursor, inks.axis, inks.pointer)
    return _assembled(picture, head, width, height, x_label, placed(ticks, across))


def _assembled(picture: Picture, head: Row, width: int, height: int, x_label: str, given: Sequence[tuple[float, str]]) -> Chart:
    """Legend, picture and axes together."""
    across, style = picture.across, picture.axis
    ticks = _rows_of_ticks(picture.up, height - 3)
    margin = max((len(label) for label in ticks.values()), default=0)
    plot_width = width - margin - 1
    rows = [
        (((f"{ticks.get(row, ''):>{margin}}" + ("┤" if row in ticks else "│")), style), *pieces)
        for row, pieces in enumerate(painted(picture, plot_width, height - 3))
    ]
    bottom = axis_rows(given or across.ticks(max(2, plot_width // 10)), margin, plot_width, x_label, style)
    return Chart((head, *rows, *bottom), margin + 1, plot_width, across.low, across.high)


def strokes_of(
    series: Sequence[Line], window: tuple[float, float] | None, inks: Inks, *, log: bool
) -> tuple[list[tuple[str, Stroke]], list[Stroke]]:
    """The lines with their names, and those behind them."""
    main: list[tuple[str, Stroke]] = []
    faint: list[Stroke] = []
    for line in series:
        points = Points.of(line.x, line.y, window, log=log)
        number = len(main)
        palette = inks.faint if line.faint else inks.lines
        style = line.colour or palette[(number if line.hue is None else line.hue) % len(palette)]
        if line.faint:
            faint.append(Stroke(points, style))
        else:
            signs = None if line.measured is None else Points.of(line.x, line.measured, window, log=log)
            main.append((line.label, Stroke(points, style, MARKERS[number % len(MARKERS)], signs)))
    return main, faint


def area_of(band: Band, window: tuple[float, float] | None, inks: Inks, *, log: bool) -> Area:
    """A band with both edges where both can be drawn; of a logarithmic one what is not positive lies at the lowest edge."""
    low, high = (np.asarray(edge, np.float64) for edge in (band.low, band.high))
    lacks = ~(np.isfinite(low) & np.isfinite(high))
    if log:
        lacks |= ~(high > 0)
        low = np.maximum(low, _LOWEST)
    below, above = (Points.of(band.x, np.where(lacks, math.nan, edge), window, log=log) for edge in (low, high))
    return Area(below, above, inks.faint[band.hue % len(inks.faint)], band.shaded)


def scales_of(
    strokes: Sequence[Stroke], faint: Sequence[Stroke], areas: Sequence[Area], window: tuple[float, float] | None, *, log: bool
) -> tuple[Scale, Scale] | None:
    """The scales of x and y over all lines, or None without a single point to draw."""
    shaded = [edge for area in areas if area.shaded for edge in (area.low, area.high)]
    strong = [points for points in (*(stroke.points for stroke in strokes), *shaded) if np.isfinite(points.y).any()]
    weak = [stroke.points for stroke in faint if np.isfinite(stroke.points.y).any()]
    there = [*strong, *weak]
    if not there:
        return None
    finite = [points.y[np.isfinite(points.y) & ~(log & (points.y <= _LOWEST))] for points in strong]
    ends = [end for y in finite if y.size for end in (float(y.min()), float(y.max()))]
    ends += _nearly_all([points.y for points in weak])
    if not ends:
        return None
    low, high = min(ends), max(ends)
    if not log and 0 < low < high / 3:
        low = 0.0  # costs are seen against zero
    first, last = min(float(points.x.min()) for points in there), max(float(points.x.max()) for points in there)
    inner = [points.x if window is None else points.x[1:-1] for points in there]  # the edges of a window may lie between points
    whole = all(bool((x == np.rint(x)).all()) for x in inner)
    across = Scale.around(first, last) if window is None else Scale(*window)
    return replace(across, whole=whole), Scale.around(low, high, log=log)


def _nearly_all(lines: Sequence[Floats]) -> list[float]:
    """Between which values nearly all lie that are finite."""
    if not lines:
        return []
    y = np.concatenate(lines)
    return [float(end) for end in np.percentile(y[np.isfinite(y)], (_OUTLIERS, 100 - _OUTLIERS))]


def _rows_of_ticks(up: Scale, height: int) -> dict[int, str]:
    """The label of each row that has one, counted from the top: two at least, of them one near the top."""
    sparse = max(2, height // 3)
    for count in range(sparse, sparse + 5):
        ticks = _placed(up.ticks(count), height)
        if len(ticks) >= 2 and min(ticks) <= (height - 1) * _NEAR_TOP:
            return ticks
    return _placed(up.ends(), height)


def _placed(ticks: Sequence[tuple[float, str]], height: int) -> dict[int, str]:
    placed: dict[int, str] = {}
    for position, label in ticks:
        row = height - 1 - int(min(max(position, 0.0), 1.0) * (height - 1) + 0.5)
        placed.setdefault(row, label)
    return placed


def _empty(head: Row, width: int, height: int, axis: str) -> tuple[Row, ...]:
    """A chart without points, which says so."""
    blank: Row = ((" " * width, ""),)
    message: Row = (("no finite values yet".center(width)[:width], axis),)
    rows = [blank] * (height - 1)
    rows[(height - 1) // 2] = message
    return (head, *rows)
