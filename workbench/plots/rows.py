"""Rows of pieces: what all drawings of text do with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from workbench.plots.lines import Piece, Row


def fit(pieces: Iterable[Piece], width: int) -> Row:
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


def shortened(text: str, width: int) -> str:
    """The text in at most `width` characters."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…" * (width > 0)


def pieces_of(glyphs: NDArray[np.str_], owner: NDArray[np.signedinteger], styles: Sequence[str]) -> Row:
    """One row of characters, each with the number of its style, as text in as few pieces as the styles allow."""
    edges = [0, *(np.flatnonzero(owner[1:] != owner[:-1]) + 1).tolist(), owner.size]
    text = "".join(glyphs)
    return tuple((text[start:end], styles[owner[start]]) for start, end in pairwise(edges))


def message_rows(head: Row, words: str, width: int, height: int, style: str) -> tuple[Row, ...]:
    """The first row and, in the middle of blank ones, some words: what is drawn where there is nothing else to draw."""
    rows = [head, *[fit([], width)] * max(height - 1, 0)][: max(height, 0)]
    if words and height > 1:
        rows[height // 2] = fit([(words.center(max(width, 0)), style)], width)
    return tuple(rows)


def text_of(rows: Sequence[Row], styles: Mapping[str, str]) -> Text:
    """The rows for rich, each on a line; `styles` says what rich calls those that it does not know."""
    text = Text(no_wrap=True, end="")
    for number, row in enumerate(rows):
        if number:
            text.append("\n")
        for piece, style in row:
            text.append(piece, styles.get(style, style) or None)
    return text


def axis_rows(
    ticks: Sequence[tuple[float, str]],
    margin: int,
    width: int,
    x_label: str,
    style: str,
    marks: Iterable[int] = (),
    mark: str = "",
) -> tuple[Row, Row]:
    """An x axis of `width` characters, right of `margin` others, and the row of its labels.

    Args:
        ticks: Places from 0 to 1 with their labels; those for which there is no room are left out.
        margin: Characters to the left of the axis' corner.
        width: Characters of the axis, without its corner.
        x_label: Stands at the right end.
        style: Of both rows.
        marks: Columns with the sign `mark`.
        mark: One character.
    """
    rule = ["─"] * width
    words = [" "] * (margin + 1 + width)
    end = len(words) - (len(x_label) + 1 if x_label else 0)
    words[len(words) - len(x_label) :] = x_label
    free = 0
    for position, label in ticks:
        column = int(min(max(position, 0.0), 1.0) * (width - 1) + 0.5)
        start = max(0, margin + 1 + column - len(label) // 2)
        if start < free or start + len(label) > end:
            continue
        rule[column] = "┬"
        words[start : start + len(label)] = label
        free = start + len(label) + 2
    for column in marks:
        rule[column] = mark
    return ((" " * margin + "└" + "".join(rule), style),), (("".join(words)[: margin + 1 + width], style),)
