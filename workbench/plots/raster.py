"""Rows of characters as a picture of pixels: what the terminal shows, as a PNG file."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from workbench.plots.signs import Form, forms_of, letter_for

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

Colour = tuple[int, int, int]
Stretch = tuple[str, Colour, Colour]
"""Characters that follow each other, in the colour of the ink and that of the ground."""

WIDTH, HEIGHT = 10, 20
"""Pixels of a character."""
_FINER = 4
"""Letters and signs are drawn so many times as large, then made smaller."""

_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of the dots of a braille character, by bit."""
_BRAILLE, _LOWER, _LEFT = 0x2800, "▁▂▃▄▅▆▇█", "▉▊▋▌▍▎▏"
_SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}
_ARMS = {"─": "lr", "━": "lr", "│": "ud", "┃": "ud", "┊": "ud", "┆": "ud", "╌": "lr", "┈": "lr", "┄": "lr", "┌": "rd", "╭": "rd"} | {
    "┐": "ld", "╮": "ld", "└": "ru", "╰": "ru", "┘": "lu", "╯": "lu", "├": "urd", "┤": "uld", "┬": "lrd", "┴": "lru", "┼": "lrud"
}  # fmt: skip
"""To which sides lines of a box go from the middle."""


def png(rows: Sequence[Sequence[Stretch]]) -> bytes:
    """A PNG file of the rows, each character in a cell of its own. Braille, blocks and lines are drawn, the rest is written.

    Args:
        rows: stretches of characters, from left to right; from top to bottom.
    """
    from PIL import Image, ImageDraw, ImageFont
    from PIL.ImageFont import FreeTypeFont

    across = max((sum(len(text) for text, _, _ in row) for row in rows), default=0)
    picture = Image.new("RGB", (max(1, across) * WIDTH, max(1, len(rows)) * HEIGHT))
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(_FINER * (HEIGHT - 6))
    assert isinstance(font, FreeTypeFont)  # Pillow is built with FreeType
    letters: dict[str, Pixels] = {}
    for y, row in enumerate(rows):
        x = 0
        for text, ink, ground in row:
            draw.rectangle((x * WIDTH, y * HEIGHT, (x + len(text)) * WIDTH - 1, (y + 1) * HEIGHT - 1), fill=ground)
            for character in text:
                if forms := forms_of(character):
                    picture.paste(_sign(forms, ink, ground), (x * WIDTH, y * HEIGHT))
                elif not _drawn(draw, character, x * WIDTH, y * HEIGHT, ink, ground):
                    if character not in letters:
                        letters[character] = _letter(letter_for(character), font)
                    picture.paste(ink, (x * WIDTH, y * HEIGHT), letters[character])
                x += 1
    file = BytesIO()
    picture.save(file, format="PNG")
    return file.getvalue()


def _letter(character: str, font: FreeTypeFont) -> Pixels:
    """How much of a cell's pixels a letter covers; one that is too wide is made narrower."""
    from PIL import Image, ImageDraw

    width = max(_FINER * WIDTH, round(font.getlength(character)))
    mask = Image.new("L", (width, _FINER * HEIGHT))
    ImageDraw.Draw(mask).text((width / 2, _FINER * (HEIGHT - 5)), character, fill=255, font=font, anchor="ms")
    return mask.resize((WIDTH, HEIGHT), Image.Resampling.BOX)


def _sign(forms: Sequence[Form], ink: Colour, ground: Colour) -> Pixels:
    """A cell with a sign."""
    from PIL import Image, ImageDraw

    cell = Image.new("RGB", (_FINER * WIDTH, _FINER * HEIGHT), ground)
    draw = ImageDraw.Draw(cell)
    radius = _FINER * (WIDTH / 2 - 1)
    for form in forms:
        points = [(_FINER * WIDTH / 2 + radius * x, _FINER * (HEIGHT / 2 + 0.5) + radius * y) for x, y in form.points]
        if form.filled:
            draw.polygon(points, fill=ink)
        else:
            draw.line([*points, *(points[:2] if form.closed else [])], fill=ink, width=round(1.5 * _FINER), joint="curve")
    return cell.resize((WIDTH, HEIGHT), Image.Resampling.BOX)


def _drawn(draw: ImageDraw, character: str, x: int, y: int, ink: Colour, ground: Colour) -> bool:
    """Draw a character whose form is known; return whether it is."""
    dots = ord(character) - _BRAILLE
    if character == " ":
        return True
    if 0 <= dots < 256:
        for bit, (column, row) in enumerate(_DOTS):
            if dots >> bit & 1:
                left, top = x + column * WIDTH // 2 + 1, y + row * HEIGHT // 4 + 1
                draw.ellipse((left, top, left + 2, top + 2), fill=ink)
        return True
    if character in _ARMS:
        _lines(draw, character, x, y, ink)
        return True
    box = _block(character)
    if box is not None:
        begins, above, ends, below = box
        corners = (x + begins * WIDTH, y + above * HEIGHT, x + ends * WIDTH - 1, y + below * HEIGHT - 1)
        draw.rectangle(corners, fill=_mixed(ink, ground, _SHADES.get(character, 1.0)))
    return box is not None


def _block(character: str) -> tuple[float, float, float, float] | None:
    """The part of its cell that a block fills: left, top, right, bottom; None if it is no block."""
    if character == "▀":
        return 0, 0, 1, 0.5
    if character in _LOWER:
        return 0, 1 - (_LOWER.index(character) + 1) / 8, 1, 1
    if character in _LEFT:
        return 0, 0, (7 - _LEFT.index(character)) / 8, 1
    if character == "▐":
        return 0.5, 0, 1, 1
    return (0, 0, 1, 1) if character in _SHADES else None


def _lines(draw: ImageDraw, character: str, x: int, y: int, ink: Colour) -> None:
    middle = (x + WIDTH // 2, y + HEIGHT // 2)
    ends = {"l": (x, middle[1]), "r": (x + WIDTH - 1, middle[1]), "u": (middle[0], y), "d": (middle[0], y + HEIGHT - 1)}
    for arm in _ARMS[character]:
        draw.line((middle, ends[arm]), fill=ink, width=3 if character in "━┃" else 1)


def _mixed(ink: Colour, ground: Colour, share: float) -> Colour:
    red, green, blue = (round(ground[each] + share * (ink[each] - ground[each])) for each in range(3))
    return red, green, blue
