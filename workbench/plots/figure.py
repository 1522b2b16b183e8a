"""Curves as a figure for print: where each line, area and word lies on a white page. Files of it are made elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from workbench.plots.axes import Scale, placed
from workbench.plots.canvas import NOT_FINITE, SINGLE, Area, Stroke
from workbench.plots.chart import Inks, area_of, scales_of, strokes_of
from workbench.plots.lines import Band, Floats, Line, Points
from workbench.plots.signs import Point, forms_of

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Told apart by the colour-blind too: Okabe & Ito 2008, Color universal design."""
DASHES: tuple[tuple[float, ...], ...] = ((), (7, 3), (2, 3), (9, 3, 2, 3))
"""Of the lines, one after the other; so many as have no divisor in common with the colours."""

WIDTH, PLOT_HEIGHT = 720.0, 380.0
LEFT, RIGHT, TOP, BELOW = 68.0, 24.0, 14.0, 52.0
"""Room about the plot; the title and the legend come on top of it."""
TEXT, TITLE = 12.0, 15.0
INK, GRID, WEAK = "#222222", "#e4e4e4", "#707070"

_HUES = tuple(str(number) for number in range(len(COLOURS) * len(DASHES)))
_LETTER = 0.6  # width of a letter against its size, about
_LINE = 19.0  # from one line of text to the next
_SAMPLE = 30.0  # length of the piece of a line in the legend
_EVERY = 60.0  # between two signs on a line
_SIGN = 3.6  # radius
_MOST_SIGNS, _MOST_POINTS = 30, 2000
_FEW = 12  # points of a line without signs that are drawn as such


@dataclass(frozen=True, slots=True)
class Figure:
    """Curves, and what is said about them."""

    title: str
    y_label: str
    x_label: str
    lines: Sequence[Line]
    bands: Sequence[Band] = ()
    log: bool = False
    share: bool = False
    marks: Sequence[float] = ()
    mark: str = "changed"
    window: tuple[float, float] | None = None
    ticks: Sequence[tuple[float, str]] = ()
    """Places on the x axis with their labels, instead of round numbers."""
    width: float = WIDTH
    height: float = PLOT_HEIGHT
    """Of the plot; what is about it comes on top."""


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points, or the area within them."""

    points: Sequence[Point]
    ink: str
    width: float = 1.0  # 0: an area
    dash: tuple[float, ...] = ()
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Word:
    """A text upon its base line."""

    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"] = "start"
    size: float = TEXT
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """All that is drawn, the lowest first."""

    width: float
    height: float
    shapes: Sequence[Path | Word]
    plot: tuple[float, float, float, float]
    """Left, top, right and bottom of the plot, between the axes."""


@dataclass(frozen=True, slots=True)
class _Plot:
    """Scales, and where they lie."""

    across: Scale
    up: Scale
    top: float
    right: float
    bottom: float

    def x(self, values: Floats) -> Floats:
        return LEFT + (values - self.across.low) / (self.across.high - self.across.low) * (self.right - LEFT)

    def y(self, values: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            heights = np.log10(values) if self.up.log else values
        shares = np.clip((heights - self.up.low) / (self.up.high - self.up.low), 0.0, 1.0)
        return self.bottom - shares * (self.bottom - self.top)


def laid_out(figure: Figure) -> Page:
    """The figure with all its places worked out; it never raises for any values."""
    inks = Inks(lines=_HUES, faint=_HUES)
    main, faint = strokes_of(figure.lines, figure.window, inks, log=figure.log)
    areas = [area_of(band, figure.window, inks, log=figure.log) for band in figure.bands]
    legend, below = _legend(figure, main, areas)
    top = below + (_LINE if figure.y_label else 0) + 6
    scales = scales_of([stroke for _, stroke in main], faint, areas, figure.window, log=figure.log)
    head = [Word(LEFT, TOP + TITLE, figure.title, size=TITLE, bold=True), *legend, Word(LEFT, top - 9, figure.y_label)]
    right, bottom = figure.width - RIGHT, top + figure.height
    if scales is None:
        shapes: list[Path | Word] = [Word(figure.width / 2, (top + bottom) / 2, "no finite values", "middle")]
    else:
        plot = _Plot(scales[0], _with_room(replace(scales[1], share=figure.share)), top, right, bottom)
        shapes = [*_grid(plot, figure), *_behind(plot, areas, faint)]
        for number, (_, stroke) in enumerate(main):
            shapes += _curve(plot, stroke, number / max(len(main), 1))
        shapes += _axes(plot, figure)
    return Page(figure.width, bottom + BELOW, [*head, *shapes], (LEFT, top, right, bottom))


def _with_room(up: Scale) -> Scale:
    """Some room above and below what is drawn, unless it begins at zero."""
    room = 0.03 * (up.high - up.low)
    return replace(up, low=up.low if up.low == 0 and not up.log else up.low - room, high=up.high + room)


def _look(style: str) -> tuple[str, tuple[float, ...]]:
    number = int(style)
    return COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]


# --- lines ------------------------------------------------------------------------------


def _behind(plot: _Plot, areas: Sequence[Area], faint: Sequence[Stroke]) -> Iterator[Path]:
    """Bands, then faint lines."""
    for area in areas:
        ink, _ = _look(area.style)
        low, high = (list(_parts(plot, edge)) for edge in (area.low, area.high))
        if area.shaded:
            for below, above in zip(low, high, strict=True):
                yield Path([*below, *reversed(above)], ink, 0, opacity=0.2)
        else:
            for part in (*low, *high):
                yield Path(part, ink, 0.8, (1.5, 2.5))
    for stroke in faint:
        ink, _ = _look(stroke.style)
        for part in _parts(plot, stroke.points, thinned=True):
            yield Path(part, ink, 0.8, opacity=0.35)


def _curve(plot: _Plot, stroke: Stroke, shift: float) -> Iterator[Path]:
    """A line, its signs, and × where it stops being finite."""
    ink, dash = _look(stroke.style)
    for part in _parts(plot, stroke.points, thinned=True):
        yield Path(part, ink, 1.6, dash)
    there = stroke.signs or stroke.points
    finite = np.isfinite(there.y)
    x, y = plot.x(there.x[finite]), plot.y(there.y[finite])
    marker = SINGLE if stroke.marker == " " and x.size <= _FEW else stroke.marker
    if marker != " " and x.size:
        every = np.arange(LEFT + shift * _EVERY, plot.right, _EVERY)
        at = range(x.size) if x.size <= _MOST_SIGNS else np.unique(np.searchsorted(x, every[every <= x[-1]])).tolist()
        for number in at:
            yield from sign(marker, float(x[number]), float(y[number]), ink)
    for lost in (np.flatnonzero(finite[:-1] & ~finite[1:])).tolist():
        yield from sign(NOT_FINITE, float(plot.x(there.x)[lost]), float(plot.y(there.y)[lost]), ink, 2 * _SIGN)


def sign(marker: str, x: float, y: float, ink: str, radius: float = _SIGN) -> Iterator[Path]:
    """A sign about a place."""
    for form in forms_of(marker):
        points = [(x + radius * across, y + radius * down) for across, down in form.points]
        if form.filled:
            yield Path(points, ink, 0)
            continue
        if form.closed:  # the line does not shine through
            yield Path(points, "#ffffff", 0)
            points.append(points[0])
        yield Path(points, ink, 1.3)


def _parts(plot: _Plot, points: Points, *, thinned: bool = False) -> Iterator[list[Point]]:
    """The stretches of a line that are finite."""
    finite = np.isfinite(points.y)
    edges = np.flatnonzero(np.diff(finite, prepend=False, append=False)).tolist()
    xs, ys = plot.x(points.x), plot.y(points.y)
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        x, y = xs[begin:end], ys[begin:end]
        if thinned and x.size > _MOST_POINTS:
            x, y = _thinned(x, y)
        yield list(zip(x.tolist(), y.tolist(), strict=True))


def _thinned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Of all points within half a pixel the first, the last, the lowest and the highest."""
    columns = np.floor(2 * x)
    begins = np.flatnonzero(np.diff(columns, prepend=columns[0] - 1))
    ends = np.append(begins[1:], x.size) - 1
    order = np.lexsort((y, columns))
    kept = np.unique(np.concatenate([begins, ends, order[begins], order[ends]]))
    return x[kept], y[kept]


# --- what is about them -----------------------------------------------------------------


def _grid(plot: _Plot, figure: Figure) -> Iterator[Path]:
    for place, _ in _ticks(plot.up, 6):
        y = plot.bottom - place * (plot.bottom - plot.top)
        yield Path([(LEFT, y), (plot.right, y)], GRID)
    for mark in figure.marks:
        if plot.across.low <= mark <= plot.across.high:
            x = float(plot.x(np.array([mark]))[0])
            yield Path([(x, plot.top), (x, plot.bottom)], WEAK, 1, (1.5, 3))


def _axes(plot: _Plot, figure: Figure) -> Iterator[Path | Word]:
    """Both axes with ticks, and what the x axis counts."""
    yield Path([(LEFT, plot.top), (LEFT, plot.bottom), (plot.right, plot.bottom)], INK)
    for place, label in _ticks(plot.up, 6):
        y = plot.bottom - place * (plot.bottom - plot.top)
        yield Path([(LEFT - 5, y), (LEFT, y)], INK)
        yield Word(LEFT - 9, y + 4, label, "end")
    free = 0.0
    for place, label in placed(figure.ticks, plot.across) or _ticks(plot.across, round(8 * figure.width / WIDTH)):
        x, half = LEFT + place * (plot.right - LEFT), len(label) * TEXT * _LETTER / 2
        yield Path([(x, plot.bottom), (x, plot.bottom + 5)], INK)
        if x - half >= free:
            yield Word(x, plot.bottom + 19, label, "middle")
            free = x + half + 4
    yield Word((LEFT + plot.right) / 2, plot.bottom + 40, figure.x_label, "middle")


def _ticks(scale: Scale, count: int) -> list[tuple[float, str]]:
    found = scale.ticks(count)
    return found if len(found) > 1 else scale.ends()


def _legend(figure: Figure, main: Sequence[tuple[str, Stroke]], areas: Sequence[Area]) -> tuple[list[Path | Word], float]:
    """Samples and names in columns below the title, and where they end."""
    entries: list[tuple[str, Stroke | Area | None]] = []
    for label, stroke in main:
        y = stroke.points.y
        entries.append((label + (" (until not finite)" if y.size and not np.isfinite(y[-1]) else ""), stroke))
    entries += [(band.label, area) for band, area in zip(figure.bands, areas, strict=True) if band.label]
    entries += [(figure.mark, None)] if len(figure.marks) else []
    column = _SAMPLE + 24 + max((len(text) for text, _ in entries), default=0) * TEXT * _LETTER
    across = max(1, int((figure.width - LEFT - RIGHT) // column))
    shapes: list[Path | Word] = []
    first = TOP + TITLE + _LINE + 2
    for number, (text, what) in enumerate(entries):
        left, base = LEFT + number % across * column, first + number // across * _LINE
        shapes += _sample(what, left, base - 4)
        shapes.append(Word(left + _SAMPLE + 7, base, text))
    return shapes, first + -(-len(entries) // across) * _LINE - 6


def _sample(what: Stroke | Area | None, x: float, y: float) -> Iterator[Path]:
    """A piece of a line, a band or a mark."""
    ends = [(x, y), (x + _SAMPLE, y)]
    if what is None:
        yield Path([(x + _SAMPLE / 2, y - 7), (x + _SAMPLE / 2, y + 7)], WEAK, 1, (1.5, 3))
        return
    ink, dash = _look(what.style)
    if isinstance(what, Stroke):
        yield Path(ends, ink, 1.6, dash)
        yield from sign(what.marker, x + _SAMPLE / 2, y, ink)
    elif what.shaded:
        yield Path([(x, y - 5), (x + _SAMPLE, y - 5), (x + _SAMPLE, y + 5), (x, y + 5)], ink, 0, opacity=0.2)
    else:
        yield Path(ends, ink, 0.8, (1.5, 2.5))
