"""Examples of a dataset as text: points in a plane, pictures, sequences, or a table of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from workbench.plots.chart import Piece, Row
from workbench.plots.network import CLASS_STYLES as CLASS_STYLES
from workbench.plots.network import MUTED, NUMBER, cut
from workbench.plots.numbers import format_number
from workbench.plots.pictures import LEAST, WIDE_GAP, Pictures, picture_rows
from workbench.plots.spark import sparkline

if TYPE_CHECKING:
    from workbench.samples import Sample

SIGNS = ("●", "+", "▲", "□", "◆", "×", "■", "○", "▽", "#")
"""Of the classes of points; each class has a colour of its own as well, as far as there are colours."""
_PLANE_HEIGHT, _PLANE_WIDTH = 18, 56
_PICTURE_LINES = 2
_SMALL = 24  # pictures with a longer side are made smaller where few of them fit side by side
_COLUMN, _FIRST_COLUMN = 11, 12
_TABLE_ROWS = 8
_CURVE = 28


def sample_rows(sample: Sample, width: int, *, colour: bool = True) -> tuple[Row, ...]:
    """Examples of a dataset in lines of at most `width` characters. Pictures have colours for styles, all else names."""
    if sample.is_plane:
        return _plane(sample, width)
    if sample.is_picture:
        return _pictures(sample, width, colour=colour)
    if len(sample.outline.shape) == 2:
        return _sequences(sample, width)
    return _table(sample, width)


def class_style(label: int) -> str:
    """The style of a class."""
    return CLASS_STYLES[label % len(CLASS_STYLES)]


def _plane(sample: Sample, width: int) -> tuple[Row, ...]:
    wide, high = min(_PLANE_WIDTH, width), _PLANE_HEIGHT
    points = sample.inputs.astype(np.float64)
    low, high_end = points.min(axis=0), points.max(axis=0)
    span = np.where(high_end > low, high_end - low, 1.0)
    places = (points - low) / span * (wide - 1, high - 1)
    columns, rows = np.rint(places).astype(np.intp).T
    counts = np.zeros((high, wide, len(sample.classes)), np.int64)
    np.add.at(counts, (high - 1 - rows, columns, sample.labels.astype(np.intp)), 1)
    labels = np.where(counts.any(axis=2), counts.argmax(axis=2), -1)
    legend: list[Piece] = []
    for label, name in enumerate(sample.classes):
        legend += [(f"{_sign(label)} ", class_style(label)), (f"{name}   ", MUTED)]
    drawn = [
        tuple((_sign(label), class_style(label)) if label >= 0 else (" ", MUTED) for label in row) for row in labels.tolist()
    ]
    return (*drawn, cut(legend, width))


def _sign(label: int) -> str:
    return SIGNS[label % len(SIGNS)]


def _pictures(sample: Sample, width: int, *, colour: bool) -> tuple[Row, ...]:
    pictures: Pictures = sample.inputs.reshape(-1, *sample.outline.shape)
    side = pictures.shape[-1]
    if side >= _SMALL and width < 5 * (side + WIDE_GAP):
        even = pictures[:, :, : pictures.shape[2] // 2 * 2, : side // 2 * 2]
        pictures = (even[:, :, ::2, ::2] + even[:, :, 1::2, ::2] + even[:, :, ::2, 1::2] + even[:, :, 1::2, 1::2]) / 4
    across = min(pictures.shape[-1] * max(1, LEAST // pictures.shape[-1]), width)
    shown = max(1, (width + WIDE_GAP) // (across + WIDE_GAP)) * _PICTURE_LINES
    return picture_rows(pictures[:shown], width, captions=sample.names[:shown], colour=colour)


def _sequences(sample: Sample, width: int) -> tuple[Row, ...]:
    series = sample.inputs.reshape(-1, *sample.outline.shape)
    room = max(8, min(_CURVE * 2, width - _FIRST_COLUMN))
    return tuple(
        cut([(f"{_cell(name, _FIRST_COLUMN)}", MUTED), (sparkline(steps[:, 0], room), NUMBER)], width)
        for name, steps in zip(sample.names[:_TABLE_ROWS], series, strict=False)
    )


def _table(sample: Sample, width: int) -> tuple[Row, ...]:
    count = min(len(sample.features), max(1, (width - _FIRST_COLUMN) // _COLUMN))
    head = _cell("class" if sample.classes else "target", _FIRST_COLUMN) + "".join(
        _cell(name, _COLUMN, right=True) for name in sample.features[:count]
    )
    rows: list[Sequence[Piece]] = [[(head, MUTED)]]
    for name, inputs in zip(sample.names[:_TABLE_ROWS], sample.inputs.tolist(), strict=False):
        numbers = "".join(_cell(format_number(value), _COLUMN, right=True) for value in inputs[:count])
        rows.append([(_cell(name, _FIRST_COLUMN), ""), (numbers, NUMBER)])
    more = len(sample.features) - count
    note = f"as the network gets them{f'; {more:,} more inputs' if more else ''}"
    return tuple(cut(row, width) for row in [*rows, [(note, MUTED)]])


def _cell(text: str, width: int, *, right: bool = False) -> str:
    text = text if len(text) < width else f"{text[: width - 2]}…"
    return f"{text:>{width}}" if right else f"{text:<{width}}"


def sizes_text(sample: Sample) -> str:
    """How many examples there are, and what they are."""
    train, validation, test = sample.sizes
    what = f"{len(sample.classes)} classes" if sample.classes else "numbers to predict"
    return f"{train:,} to train, {validation:,} to validate, {test:,} to test; {what}"
