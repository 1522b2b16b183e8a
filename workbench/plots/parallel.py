"""Parallel coordinates: a vertical axis for each setting, a figure as the last one, and a line for each run."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.plots.axes import Scale
from workbench.plots.braille import GLYPHS, cells, trace
from workbench.plots.lines import LIMIT, Row
from workbench.plots.numbers import ABSENT
from workbench.plots.overlay import AXIS
from workbench.plots.rows import fit, message_rows, pieces_of, shortened

LOG_RATIO = 30.0
"""Positive numbers that differ by more than this factor are placed by their logarithms."""
LEAST_SPACING = 10
"""Characters from one axis to the next, at least; axes for which there is no room are left out."""
_LEAST_HEIGHT = 5
_MOST_CATEGORIES = 12


@dataclass(frozen=True, slots=True)
class Axis:
    """One vertical axis: where on it each run is, 0 (below) to 1, and what stands there."""

    title: str
    places: tuple[float, ...]
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class ParallelLine:
    """How one run is drawn."""

    sign: str
    style: str
    strong: bool = False
    """Whether it is drawn over all others, and thicker."""


def setting_axis(title: str, texts: Sequence[str | None]) -> Axis:
    """The axis of a setting, from its text in each run; None and what is left open stand below.

    Numbers lie on a linear scale, or a logarithmic one where they spread widely; everything else lies evenly spaced in the order of
    its first occurrence.
    """
    numbers = [_number(text) for text in texts]
    if all(number is not None for number, text in zip(numbers, texts, strict=True) if text is not None) and any(texts):
        return _number_axis(title, numbers, lambda value: f"{value:g}")
    names = list(dict.fromkeys(text for text in texts if text is not None))
    order = [*([None] if None in texts else []), *reversed(names)]
    place = {name: number / max(len(order) - 1, 1) if len(order) > 1 else 0.5 for number, name in enumerate(order)}
    step = -(-len(order) // _MOST_CATEGORIES)
    ticks = [(place[name], name or ABSENT) for name in order[::step]]
    return Axis(title, tuple(place[text] for text in texts), tuple(ticks))


def figure_axis(title: str, values: Sequence[float | None], text: Callable[[float], str]) -> Axis:
    """The axis of a figure; runs that do not have it, or not as a finite number, stand below."""
    return _number_axis(title, [value if value is not None and math.isfinite(value) else None for value in values], text)


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _number_axis(title: str, numbers: Sequence[float | None], text: Callable[[float], str]) -> Axis:
    numbers = [number if number is None else min(max(number, -LIMIT), LIMIT) for number in numbers]
    there = sorted({number for number in numbers if number is not None})
    if not there:
        return Axis(title, (0.0,) * len(numbers), ((0.0, ABSENT),))
    log = there[0] > 0 and there[-1] > LOG_RATIO * there[0]
    scale = Scale.around(there[0], there[-1], log=log)
    floor = 0.15 if None in numbers else 0.0  # room for those that have no number

    def place(number: float | None) -> float:
        if number is None:
            return 0.0
        height = math.log10(number) if log else number
        return floor + (1 - floor) * (height - scale.low) / (scale.high - scale.low)

    few = len(there) <= 6
    ticks = [(place(number), text(number)) for number in (there if few else [there[0], there[-1]])]
    if not few:
        ticks += [(floor + (1 - floor) * at, label) for at, label in _between(scale, text, log=log)]
    return Axis(title, tuple(map(place, numbers)), (*ticks, *([(0.0, ABSENT)] if None in numbers else [])))


def _between(scale: Scale, text: Callable[[float], str], *, log: bool) -> list[tuple[float, str]]:
    """Round values of a scale, written as the figure is."""
    span = scale.high - scale.low
    heights = [scale.low + position * span for position, _ in scale.ticks(5)]
    return [((height - scale.low) / span, text(10.0**height if log else height)) for height in heights]


def parallel_rows(
    axes: Sequence[Axis], lines: Sequence[ParallelLine], width: int, height: int, *, title: str = ""
) -> tuple[Row, ...]:
    """Draw the runs in `width` x `height` characters; never raises for any values.

    Args:
        axes: The settings, then the figure; of too many settings the last ones are left out, and the first row says how many.
        lines: As many as each axis has places.
        width: Characters.
        height: Lines.
        title: What is shown.
    """
    most = max(2, width // LEAST_SPACING)
    left_out = max(0, len(axes) - most)
    shown = [*axes[: len(axes) - 1 - left_out], *axes[-1:]] if left_out else list(axes)
    more = f"  {left_out} more setting{'s' * (left_out > 1)} in a wider window" if left_out else ""
    head = fit([(title + more, AXIS)], width)
    if height < _LEAST_HEIGHT or width < 2 * LEAST_SPACING or len(shown) < 2:
        words = "" if len(shown) > 1 else "the runs do not differ in any setting"
        return message_rows(head, words, width, height, AXIS)
    layout = _layout(shown, width)
    return (head, _titles(shown, layout, width), *_body(shown, lines, layout, width, height - 2))


@dataclass(frozen=True, slots=True)
class _Layout:
    columns: tuple[int, ...]  # of each axis
    labels: tuple[int, ...]  # characters right of each axis for its labels


def _layout(axes: Sequence[Axis], width: int) -> _Layout:
    widest = [max((len(text) for _, text in axis.ticks), default=0) + 1 for axis in axes]
    last = min(widest[-1], max(LEAST_SPACING, width // 4))
    reach = width - 1 - last
    columns = tuple(round(number * reach / (len(axes) - 1)) for number in range(len(axes)))
    spacing = reach // (len(axes) - 1)
    return _Layout(columns, (*(min(wide, max(spacing * 2 // 3, 1)) for wide in widest[:-1]), last))


def _titles(axes: Sequence[Axis], layout: _Layout, width: int) -> Row:
    """The names above the axes; the last one ends at the right."""
    text = [" "] * width
    *before, last = axes
    room = shortened(last.title, max(width // 3, 8))
    begin = min(layout.columns[-1], width - len(room))
    for number, each in enumerate(before):
        column = layout.columns[number]
        end = min(layout.columns[number + 1], begin) - 1
        name = shortened(each.title, max(end - column, 0))
        text[column : column + len(name)] = name
    text[begin : begin + len(room)] = room
    return (("".join(text)[:width], AXIS),)


def _body(axes: Sequence[Axis], lines: Sequence[ParallelLine], layout: _Layout, width: int, height: int) -> list[Row]:
    dots = np.zeros((height, width), np.uint8)
    owner = np.zeros((height, width), np.intp)
    styles = ["", AXIS]
    ends: list[tuple[int, int, str, int]] = []
    for number in sorted(range(len(lines)), key=lambda number: lines[number].strong):
        line = lines[number]
        places = [each.places[number] for each in axes]
        styles.append(line.style)
        patterns = _patterns(places, layout, width, height, strong=line.strong)
        owner[patterns > 0] = len(styles) - 1
        dots |= patterns
        where = range(len(axes)) if line.strong else (len(axes) - 1,)
        ends += [(_row(places[at], height), max(layout.columns[at] - 1, 0), line.sign, len(styles) - 1) for at in where]
    glyphs = GLYPHS[dots]
    for row, column, sign, style in ends:
        glyphs[row, column], owner[row, column] = sign, style
    for each, column, room in zip(axes, layout.columns, layout.labels, strict=True):
        _draw_axis(each, glyphs, owner, column, room)
    return [pieces_of(glyphs[row], owner[row], styles) for row in range(height)]


def _patterns(places: Sequence[float], layout: _Layout, width: int, height: int, *, strong: bool) -> NDArray[np.uint8]:
    """One run as dots: flat beside the labels of an axis, then straight to the next."""
    x: list[float] = []
    y: list[float] = []
    for number, place in enumerate(places):
        column = layout.columns[number]
        x.append(2 * column + 0.0)
        y.append(place)
        if number < len(places) - 1:
            x.append(2.0 * min(column + layout.labels[number], layout.columns[number + 1] - 1) + 1)
            y.append(place)
    # rows of the axis' labels are cells: the middle of a cell is where its label stands
    up = [(4 * (height - 1 - _row(place, height)) + 1.5) / (4 * height - 1) for place in y]
    curve = trace(np.array(x) / (2 * width - 1), np.array(up), 2 * width, 4 * height)
    if strong:
        curve = replace(curve, low=np.maximum(curve.low - 1, 0), high=np.minimum(curve.high + 1, 4 * height - 1))
    return cells(curve, width, height)


def _row(place: float, height: int) -> int:
    """The row of a place on an axis, counted from above."""
    return height - 1 - round(min(max(place, 0.0), 1.0) * (height - 1))


def _draw_axis(each: Axis, glyphs: NDArray[np.str_], owner: NDArray[np.intp], column: int, room: int) -> None:
    """An axis over the lines, with as many labels as there are rows for."""
    height = len(glyphs)
    glyphs[:, column], owner[:, column] = "│", 1
    taken: set[int] = set()
    for place, text in each.ticks:
        row = _row(place, height)
        if row in taken:
            continue
        taken.add(row)
        label = shortened(text, room)
        glyphs[row, column] = "├"
        glyphs[row, column + 1 : column + 1 + len(label)] = [*label]
        owner[row, column : column + 1 + len(label)] = 0
