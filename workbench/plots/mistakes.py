"""Examples that a network got most wrong: as pictures in text, or of tables as the values that are out of the usual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from engine.pictures import Worst
from workbench.plots.chart import Piece, Row
from workbench.plots.numbers import format_share
from workbench.plots.pictures import picture_rows
from workbench.plots.rows import fit, shortened

GAP = 3
"""Blanks between two pictures."""
LARGEST = 3
"""A picture is enlarged so many times at the most."""
SEVERAL = 6
"""Large pictures are made smaller until so many can be seen."""
LEAST_WIDE = 10
"""A picture takes at least so many characters, for the words below it."""
SURE = 0.9
"""Right answers with more than this probability are no mistakes."""
CAPTIONS = 2
"""Lines below a picture: what it is and was taken for; the probability of the truth."""
MUTED, GOOD, BAD = "picture--muted", "picture--good", "picture--bad"

_NAME = 18  # characters of a feature's name in a table


def mistake_rows(
    worst: Sequence[Worst], image_shape: tuple[int, ...], inputs: Sequence[str], width: int, height: int, *, colour: bool
) -> tuple[Row, ...]:
    """Draw as many examples as fit into `width` x `height` characters, the worst first.

    Args:
        worst: of one member.
        image_shape: (height, width) or (channels, height, width) of pictures; empty where they are none.
        inputs: names of the features, where they are known.
        width: characters in a line.
        height: lines.
        colour: half blocks in shades; or else characters from dark to light.
    """
    if not worst:
        return ()
    if not image_shape:
        said = max(sum(len(text) for text, _ in verdict(each)) for each in worst)
        return tuple(_table_row(each, inputs, said, width) for each in worst[:height])
    pictures = np.stack([each.inputs.reshape(image_shape) for each in worst])
    drawn = _drawn(pictures, width, height, colour=colour)
    across = max(sum(cell_len(text) for text, _ in drawn[0][0]), LEAST_WIDE)
    in_line = max(1, (width + GAP) // (across + GAP))
    blocks = [[*picture, *_captions(each, across)] for picture, each in zip(drawn, worst, strict=True)]
    rows: list[Row] = []
    for first in range(0, len(blocks), in_line):
        line = blocks[first : first + in_line]
        if rows and len(rows) + len(line[0]) > height:
            break
        rows += [fit(_side_by_side(parts, across), width) for parts in zip(*line, strict=True)]
    return tuple(rows[:height])


def _side_by_side(parts: Sequence[Row], across: int) -> list[Piece]:
    """Rows next to each other, with a gap between two, but none behind the last."""
    first, *others = (_padded(part, across) for part in parts)
    return [*first, *(piece for part in others for piece in ((" " * GAP, ""), *part))]


def notable(worst: Sequence[Worst]) -> tuple[Worst, ...]:
    """Those that are answered wrongly, and those that it is not sure of."""
    return tuple(each for each in worst if each.truth != each.answer or each.probability < SURE)


def verdict(each: Worst) -> tuple[Piece, ...]:
    """What an example is, and what it was taken for."""
    if each.truth == each.answer:
        return ((each.truth, ""), (" right", GOOD))
    return ((each.truth, ""), (" as ", MUTED), (each.answer, BAD))


def _captions(each: Worst, width: int) -> tuple[Row, Row]:
    return fit(verdict(each), width), fit([(format_share(each.probability), MUTED)], width)


def _drawn(pictures: NDArray[Any], width: int, height: int, *, colour: bool) -> list[list[Row]]:
    """Each picture alone: as large as all of them can be seen; else so small that several can, or at least one."""
    high, wide = pictures.shape[-2:]
    several = min(len(pictures), SEVERAL)
    zooms = [zoom for zoom in range(LARGEST, 0, -1) if _fit(len(pictures), high * zoom, wide * zoom, width, height)]
    if zooms:
        pictures = pictures.repeat(zooms[0], axis=-2).repeat(zooms[0], axis=-1)
    else:
        shrinks = range(1, max(high, wide) + 1)
        small = (n for n in shrinks if _fit(several, high // n, wide // n, width, height) and wide // n >= LEAST_WIDE)
        shrink = next(small, None) or next((n for n in shrinks if _fit(1, high // n, wide // n, width, height)), shrinks[-1])
        pictures = _smaller(pictures, shrink) if shrink > 1 else pictures
    just = pictures.shape[-1] + 1  # with a gap; no room to enlarge them further
    return [list(picture_rows(picture[None], just, colour=colour, scaling="each")) for picture in pictures]


def _fit(count: int, high: int, wide: int, width: int, height: int) -> bool:
    """Whether so many pictures of this size can be seen together."""
    in_line = (width + GAP) // (max(wide, LEAST_WIDE) + GAP)
    return in_line > 0 and -(-count // in_line) * (-(-high // 2) + CAPTIONS) <= height


def _smaller(pictures: NDArray[Any], factor: int) -> NDArray[Any]:
    """Means of squares of pixels; what is left over at the right and below is cut off."""
    high, wide = (length // factor for length in pictures.shape[-2:])
    cut = pictures[..., : high * factor, : wide * factor]
    means: NDArray[Any] = cut.reshape(*cut.shape[:-2], high, factor, wide, factor).mean(axis=(-3, -1))
    return means


def _padded(row: Row, width: int) -> Row:
    missing = width - sum(cell_len(text) for text, _ in row)
    return (*row, (" " * missing, "")) if missing > 0 else row


def _table_row(each: Worst, inputs: Sequence[str], said: int, width: int) -> Row:
    """One example of a table: the verdict, and those of its values that lie farthest from the mean, in standard deviations."""
    pieces: list[Piece] = [(f"{format_share(each.probability):>5}  ", MUTED), *verdict(each)]
    pieces.append((" " * (said - sum(len(text) for text, _ in verdict(each)) + 3), ""))
    order = np.argsort(-np.abs(np.nan_to_num(each.inputs)), kind="stable").tolist()
    room = width - sum(len(text) for text, _ in pieces)
    for place in order:
        name = inputs[place] if place < len(inputs) else f"x{place + 1}"
        text = f"{shortened(name, _NAME)} {each.inputs[place]:+.1f}"
        if len(text) > room:
            break
        pieces += [(text, ""), ("   ", "")]
        room -= len(text) + 3
    return fit(pieces, width)
