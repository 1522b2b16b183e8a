"""A figure as PNG: the same geometry as in its SVG, in pixels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

from workbench.plots.figure import INK, Figure, Page, Path, Word, laid_out
from workbench.plots.signs import Point, plain_words

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SCALE = 2
"""Pixels for each unit of the figure."""
_FINER = 2
"""It is drawn so many times as large, then made smaller, so that lines have no steps."""


def png(figure: Figure) -> bytes:
    """The figure as a PNG file on a white ground. Letters that the font of Pillow lacks are replaced."""
    return png_of(laid_out(figure))


def png_of(page: Page) -> bytes:
    """A page as a PNG file; as `png`."""
    from PIL import Image, ImageDraw

    factor = SCALE * _FINER
    picture = Image.new("RGB", (round(page.width * factor), round(page.height * factor)), "#ffffff")
    for shape in page.shapes:
        if isinstance(shape, Path) and shape.opacity < 1:
            mask = Image.new("L", picture.size, 0)
            _path(ImageDraw.Draw(mask), shape, round(255 * shape.opacity), factor)
            picture.paste(shape.ink, (0, 0, *picture.size), mask)
        elif isinstance(shape, Path):
            _path(ImageDraw.Draw(picture), shape, shape.ink, factor)
        else:
            _word(ImageDraw.Draw(picture), shape, factor)
    file = BytesIO()
    size = round(page.width * SCALE), round(page.height * SCALE)
    picture.resize(size, Image.Resampling.BOX).save(file, format="PNG", dpi=(72 * SCALE, 72 * SCALE))
    return file.getvalue()


def _path(draw: ImageDraw, path: Path, ink: str | int, factor: int) -> None:
    if not path.width:
        if len(path.points) > 2:
            draw.polygon([(x * factor, y * factor) for x, y in path.points], fill=ink)
        return
    for piece in dashed(path.points, path.dash):
        draw.line([(x * factor, y * factor) for x, y in piece], fill=ink, width=round(path.width * factor), joint="curve")


def _word(draw: ImageDraw, word: Word, factor: int) -> None:
    from PIL import ImageFont

    anchor = {"start": "ls", "middle": "ms", "end": "rs"}[word.anchor]
    place = (word.x * factor, word.y * factor)
    font = ImageFont.load_default(word.size * factor)
    stroke = round(0.35 * factor) if word.bold else 0
    draw.text(place, plain_words(word.text), fill=INK, font=font, anchor=anchor, stroke_width=stroke)


def dashed(points: Sequence[Point], dash: Sequence[float]) -> Iterator[list[Point]]:
    """The pieces of a line that a dash pattern leaves: lengths drawn and left out in turn."""
    if not dash:
        yield list(points)
        return
    pattern = [*dash, *dash] if len(dash) % 2 else list(dash)
    number, left = 0, pattern[0]
    piece: list[Point] = [points[0]] if points else []
    for begin, end in pairwise(points):
        here, length = begin, math.dist(begin, end)
        while length > left:
            share = left / length
            here = (here[0] + share * (end[0] - here[0]), here[1] + share * (end[1] - here[1]))
            length -= left
            if number % 2 == 0:
                yield [*piece, here]
            number = (number + 1) % len(pattern)
            left, piece = pattern[number], [here]
        left -= length
        piece.append(end)
    if number % 2 == 0 and len(piece) > 1:
        yield piece
