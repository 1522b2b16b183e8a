"""Rows of characters as a picture of pixels: what the terminal shows, as a PNG file."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

Colour = tuple[int, int, int]
Stretch = tuple[str, Colour, Colour]
"""Characters that follow each other, in the colour of the ink and that of the ground."""

WIDTH, HEIGHT = 10, 20
"""Pixels of a character."""

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

    across = max((sum(len(text) for text, _, _ in row) for row in rows), default=0)
    picture = Image.new("RGB", (max(1, across) * WIDTH, max(1, len(rows)) * HEIGHT))
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(HEIGHT - 6)
    for y, row in enumerate(rows):
        x = 0
        for text, ink, ground in row:
            draw.rectangle((x * WIDTH, y * HEIGHT, (x + len(text)) * WIDTH - 1, (y + 1) * HEIGHT - 1), fill=ground)
            for character in text:
                if not _drawn(draw, character, x * WIDTH, y * HEIGHT, ink, ground):
                    middle = (x * WIDTH + WIDTH / 2, y * HEIGHT + HEIGHT - 5)
                    draw.text(middle, character, fill=ink, font=font, anchor="ms")
                x += 1
    file = BytesIO()
    picture.save(file, format="PNG")
    return file.getvalue()


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
