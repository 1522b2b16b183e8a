"""A line chart with axes and a legend, drawn with braille dots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from workbench.plots.axes import Scale
from workbench.plots.braille import GLYPHS, Curve, cells, trace

MARKERS = (" ", "●", "▲", "■", "◆", "○", "△", "□", "◇", "+")
"""How lines are told apart without colour: the first is plain, the next carry a sign here and there."""
COLOURS = ("cyan", "yellow", "magenta", "green", "blue", "red")
SINGLE = "•"
"""Stands for the only point of the plain line, which a dot would hide."""
NOT_FINITE = "×"
"""Stands where a line stops being finite."""

MARK = "┊"
"""Stands where something happened."""

_LIMIT = 1e300  # beyond it differences overflow
_NEAR_TOP = 0.35  # share of the height, from the top, in which there is a label
_AXIS = -2
"""Owner of the cells of the marks."""
_SIGN_EVERY = 14  # character columns between two signs on a line

Piece = tuple[str, str]
"""Text and its style (a colour of rich or of the theme)."""
Row = tuple[Piece, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line: its points in order of `x`. `colour` is chosen from `COLOURS` if it is empty."""

    label: str
    x: Sequence[float] | NDArray[np.generic]
    y: Sequence[float] | NDArray[np.generic]
    colour: str = ""


@dataclass(frozen=True, slots=True)
class _Points:
    label: str
    colour: str
    marker: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]  # NaN where it cannot be drawn at all, log10 applied by the scale


def line_chart(
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
    axis: str = "bright_black",
) -> Text:
    """Draw lines over each other in `width` x `height` characters (axes, labels and legend within them).

    Every dot column shows the lowest and the highest of its points. A line that stops being finite ends with ×. With `log`
    the y axis is logarithmic and points that are not positive are left out; with `share` it is labelled with percentages.
    At each of `marks` on the x axis there is a dotted line behind all others; `mark` says in the legend what they are.
    Never raises for any values.
    """
    text = Text(no_wrap=True, end="")
    words = {"title": title, "x_label": x_label, "mark": mark, "axis": axis}
    rows = chart_rows(series, width, height, log=log, share=share, marks=marks, **words)
    for number, row in enumerate(rows):
        if number:
            text.append("\n")
        for piece, style in row:
            text.append(piece, style or None)
    return text


def chart_rows(
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
    axis: str = "bright_black",
) -> tuple[Row, ...]:
    """The rows of `line_chart`, each `width` characters of text in pieces of one style."""
    lines = [_points(line, number, log=log) for number, line in enumerate(series)]
    head = _legend(lines, title, width, axis, mark if len(marks) else "")
    if height < 4 or width < 16:
        return tuple([head, *[((" " * max(width, 0), ""),)] * height][: max(height, 0)])
    plot_height = height - 3
    scales = _scales(lines, log=log)
    if scales is None:
        return _empty(head, width, height, axis)
    across, up = scales[0], replace(scales[1], share=share)
    ticks = _rows_of_ticks(up, plot_height)
    margin = max((len(label) for label in ticks.values()), default=0)
    plot_width = width - margin - 1
    body = _body(lines, across, up, plot_width, plot_height, marks, axis)
    rows = [
        (((f"{ticks.get(row, ''):>{margin}}" + ("┤" if row in ticks else "│")), axis), *pieces) for row, pieces in enumerate(body)
    ]
    return (head, *rows, *_bottom(across, margin, plot_width, x_label, axis))


def _points(line: Line, number: int, *, log: bool) -> _Points:
    y = np.asarray(line.y, np.float64).ravel()
    x = np.asarray(line.x, np.float64).ravel()
    count = min(x.size, y.size)
    x, y = x[:count], y[:count]
    y = np.where(np.isfinite(y), np.clip(y, -_LIMIT, _LIMIT), np.nan)
    keep = np.isfinite(x)
    if log:
        keep &= ~(y <= 0)
    return _Points(line.label, line.colour or COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)], x[keep], y[keep])


def _scales(lines: Sequence[_Points], *, log: bool) -> tuple[Scale, Scale] | None:
    """The scales of x and y over all lines, or None without a single point to draw."""
    xs = [line.x for line in lines if np.isfinite(line.y).any()]
    if not xs:
        return None
    finite = [line.y[np.isfinite(line.y)] for line in lines]
    low = min(float(y.min()) for y in finite if y.size)
    high = max(float(y.max()) for y in finite if y.size)
    if not log and 0 < low < high / 3:
        low = 0.0  # costs are seen against zero
    across = Scale.around(min(float(x.min()) for x in xs), max(float(x.max()) for x in xs))
    return replace(across, whole=all(bool((x == np.rint(x)).all()) for x in xs)), Scale.around(low, high, log=log)


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


def _body(
    lines: Sequence[_Points], across: Scale, up: Scale, width: int, height: int, marks: Sequence[float], axis: str
) -> list[list[Piece]]:
    """The plot itself: rows of pieces, each as long as one line owns the cells."""
    dots = np.zeros((height, width), np.uint8)
    owner = np.full((height, width), -1, np.int16)
    signs: dict[tuple[int, int], tuple[str, int]] = {}
    span = across.high - across.low
    for number, line in enumerate(lines):
        heights = (np.log10(line.y) if up.log else line.y) - up.low
        curve = trace((line.x - across.low) / span, heights / (up.high - up.low), width * 2, height * 4)
        patterns = cells(curve, width, height)
        dots |= patterns
        owner[patterns > 0] = number
        signs.update({cell: (sign, number) for cell, sign in _signs(curve, line.marker, number, len(lines), height)})
    glyphs = GLYPHS[dots]
    for column in _columns(marks, across, width):
        free = owner[:, column] < 0
        glyphs[free, column], owner[free, column] = MARK, _AXIS
    for cell, (sign, number) in signs.items():  # after all lines, so that none of them takes the colour of another's sign
        glyphs[cell], owner[cell] = sign, number
    colours = [*(line.colour for line in lines), axis, ""]  # owner -1 is nobody, -2 the axis
    return [_pieces(glyphs[row], owner[row], colours) for row in range(height)]


def _columns(marks: Sequence[float], across: Scale, width: int) -> set[int]:
    """The columns of the marks that lie within the chart."""
    shares = ((mark - across.low) / (across.high - across.low) for mark in marks)
    return {int(share * (width - 1) + 0.5) for share in shares if 0 <= share <= 1}


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


def _pieces(glyphs: NDArray[np.str_], owner: NDArray[np.int16], colours: Sequence[str]) -> list[Piece]:
    """One row as text in as few pieces as its colours allow."""
    changes = np.flatnonzero(owner[1:] != owner[:-1]) + 1
    text = "".join(glyphs)
    edges = [0, *changes.tolist(), len(text)]
    return [(text[start:end], colours[owner[start]]) for start, end in pairwise(edges)]


def _legend(lines: Sequence[_Points], title: str, width: int, axis: str, mark: str) -> Row:
    """Title, the name of each line after a piece of it, and what marks are, cut to `width`."""
    pieces: list[Piece] = [(title + "  ", axis)] if title else []
    for line in lines:
        sample = "──" if line.marker == " " else f"─{line.marker}"
        end = line.label + (f" {NOT_FINITE} not finite" if line.y.size and not np.isfinite(line.y[-1]) else "")
        pieces += [(sample, line.colour), (f" {end}  ", "")]
    pieces += [(MARK, axis), (f" {mark}", "")] if mark else []
    return _fitted(pieces, width)


def _fitted(pieces: Sequence[Piece], width: int) -> Row:
    """The pieces cut or filled to exactly `width` characters."""
    fitted: list[Piece] = []
    left = width
    for text, style in pieces:
        if left <= 0:
            break
        part = text if len(text) <= left else text[: left - 1] + "…"
        fitted.append((part, style))
        left -= len(part)
    if left > 0:
        fitted.append((" " * left, ""))
    return tuple(fitted)


def _empty(head: Row, width: int, height: int, axis: str) -> tuple[Row, ...]:
    """A chart without points, which says so."""
    blank: Row = ((" " * width, ""),)
    message: Row = (("no finite values yet".center(width)[:width], axis),)
    rows = [blank] * (height - 1)
    rows[(height - 1) // 2] = message
    return (head, *rows)


def _bottom(across: Scale, margin: int, width: int, x_label: str, axis: str) -> tuple[Row, Row]:
    """The x axis and the row of its labels."""
    rule = ["─"] * width
    words = [" "] * (margin + 1 + width)
    end = len(words) - (len(x_label) + 1 if x_label else 0)
    words[len(words) - len(x_label) :] = x_label
    free = 0
    for position, label in across.ticks(max(2, width // 10)):
        column = int(min(max(position, 0.0), 1.0) * (width - 1) + 0.5)
        start = max(0, margin + 1 + column - len(label) // 2)
        if start < free or start + len(label) > end:
            continue
        rule[column] = "┬"
        words[start : start + len(label)] = label
        free = start + len(label) + 2
    return ((" " * margin + "└" + "".join(rule), axis),), (("".join(words), axis),)
