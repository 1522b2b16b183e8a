"""Pictures from arrays of numbers: as text for screens and the command line, and as PNG files.

Axes of the arrays: N pictures, C channels (3: red, green, blue; others are put together as grey), H rows, W columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len, set_cell_size
from rich.text import Text

from workbench.plots.chart import Piece, Row
from workbench.plots.signs import plain_words

Pictures = NDArray[Any]
"""Pictures [N, H, W] or [N, C, H, W], of any range."""

Shades = NDArray[np.float64]

Scaling = Literal["all", "each", "none"]
"""Whether black and white are the smallest and largest number of all pictures, or of each alone, or 0 and 1."""

RAMP = " .:-=+*#%@"
"""From dark to light, where there is no colour. A character stands for two pixels, one above the other."""
HALF = "▀"
"""Shows two pixels: the upper in its own colour, the lower in that of its ground."""
NOT_FINITE = "×"
NOT_FINITE_COLOUR = (255, 0, 0)
"""How pixels are shown that are infinite or not a number."""

GAP, WIDE_GAP = 1, 3
"""Blanks between pictures that belong together, and between others."""
LEAST = 14
"""A picture that is less wide is enlarged by whole factors, so that something can be seen on it."""

_PNG_SIDE = 128
_PNG_GAP, _PNG_WIDE_GAP = 2, 8
_PNG_CAPTION = 14
_PNG_GROUND, _PNG_INK = (24, 24, 24), (220, 220, 220)


def shades(pictures: Pictures, *, scaling: Scaling = "all", symmetric: bool = False) -> Shades:
    """The pictures as numbers from 0 (black) to 1 (white), [N, C, H, W] with C of 1 or 3; not-a-number where they are not finite.

    Args:
        pictures: [N, H, W] or [N, C, H, W], of any range.
        scaling: whether all pictures share one range or each has its own.
        symmetric: the range has 0 in its middle, which is then 0.5, as suits weights.

    Raises:
        ValueError: the array has other axes.
    """
    numbers = np.asarray(pictures, np.float64)
    if numbers.ndim not in (3, 4):
        raise ValueError(f"pictures have the axes [N, H, W] or [N, C, H, W], not {numbers.ndim} of them")
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    if numbers.ndim == 3:
        numbers = numbers[:, None]
    elif numbers.shape[1] not in (1, 3):
        numbers = (numbers / numbers.shape[1]).sum(axis=1, keepdims=True)
    if scaling == "none":
        return np.clip(numbers, 0.0, 1.0)
    axes = (0, 1, 2, 3) if scaling == "all" else (1, 2, 3)
    low = np.where(np.isnan(numbers), np.inf, numbers).min(axis=axes, keepdims=True, initial=np.inf)
    high = np.where(np.isnan(numbers), -np.inf, numbers).max(axis=axes, keepdims=True, initial=-np.inf)
    if symmetric:
        high = np.maximum(np.abs(low), np.abs(high))
        low = -high
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        half = high / 2 - low / 2  # as the difference of huge numbers overflows; that of tiny ones vanishes
        spread = np.where(half > 0, half, 1.0)
        scaled = np.where(half > 0, (numbers / 2 - low / 2) / spread, np.where(np.isnan(numbers), np.nan, 0.5))
    return np.asarray(scaled)


def interleaved(*series: Pictures) -> Pictures:
    """The first pictures of all series, then the second ones, …: [K * N, …] of K series of one shape, such as inputs and outputs."""
    return np.stack(series, axis=1).reshape(-1, *series[0].shape[1:])


def picture_rows(
    pictures: Pictures,
    width: int,
    *,
    captions: Sequence[str] = (),
    colour: bool = True,
    scaling: Scaling = "all",
    symmetric: bool = False,
    together: int = 1,
) -> tuple[Row, ...]:
    """Draw pictures side by side, in as many rows of them as they need, in at most `width` characters.

    A pixel is one character wide and half of one high. Pictures wider than `width` are made smaller, small ones larger.
    Never raises for any values.

    Args:
        pictures: [N, H, W] or [N, C, H, W], of any range.
        width: characters in a line.
        captions: what stands below each picture, cut to its width; may be fewer than pictures.
        colour: half blocks in colours; or else characters from dark to light.
        scaling: whether all pictures share one range or each has its own.
        symmetric: 0 is in the middle of the range.
        together: so many pictures that follow each other are kept side by side, such as 2 for input and output.

    Raises:
        ValueError: the array has other axes.
    """
    fitted = _fitted(shades(pictures, scaling=scaling, symmetric=symmetric), width // together - GAP)
    count, _, _, across = fitted.shape
    group = together * (across + GAP) - GAP
    groups_in_line = max(1, (width + WIDE_GAP) // (group + WIDE_GAP))
    drawn = [_colour_rows(picture) if colour else _plain_rows(picture) for picture in fitted]
    rows: list[Row] = []
    for first in range(0, count, groups_in_line * together):
        line = range(first, min(first + groups_in_line * together, count))
        rows.extend(_joined([drawn[number][row] for number in line], together) for row in range(len(drawn[first])))
        if captions:
            named = [captions[number] if number < len(captions) else "" for number in line]
            rows.append(_joined([((_as_wide(name, across), ""),) for name in named], together))
    return tuple(rows)


def picture_text(pictures: Pictures, width: int, **options: Any) -> Text:
    """What `picture_rows` draws, as one text; the options are the same."""
    text = Text(no_wrap=True, end="")
    for number, row in enumerate(picture_rows(pictures, width, **options)):
        if number:
            text.append("\n")
        for piece, style in row:
            text.append(piece, style or None)
    return text


def save_png(
    file: Path | BinaryIO,
    pictures: Pictures,
    columns: int,
    captions: Sequence[str] = (),
    *,
    scaling: Scaling = "all",
    symmetric: bool = False,
    together: int = 1,
) -> None:
    """Write pictures into a PNG file, `columns` of them side by side; small ones enlarged, so that pixels are seen.

    Args:
        file: an open file, or the path of one; what is there is replaced.
        pictures: [N, H, W] or [N, C, H, W], of any range; at least one.
        columns: pictures in a line.
        captions: what stands below each picture, cut to its width; may be fewer than pictures.
        scaling: whether all pictures share one range or each has its own.
        symmetric: 0 is in the middle of the range, and grey.
        together: so many pictures that follow each other have only a small gap between them.

    Raises:
        ValueError: the array has other axes, or no pictures.
        OSError: the file cannot be written.
    """
    from PIL import Image, ImageDraw

    colours = _colours(shades(pictures, scaling=scaling, symmetric=symmetric))
    if not len(colours):
        raise ValueError("there are no pictures to write")
    zoom = max(1, -(-_PNG_SIDE // max(colours.shape[1:3])))
    colours = colours.repeat(zoom, axis=1).repeat(zoom, axis=2)
    count, high, wide, _ = colours.shape
    columns = min(columns, count)
    lefts = [number * wide + _gaps(number, together) for number in range(columns)]
    line = high + (_PNG_CAPTION if captions else 0) + _PNG_WIDE_GAP
    size = (lefts[-1] + wide + 2 * _PNG_WIDE_GAP, -(-count // columns) * line + _PNG_WIDE_GAP)
    sheet = Image.new("RGB", size, _PNG_GROUND)
    pen = ImageDraw.Draw(sheet)
    for number, picture in enumerate(colours):
        left, top = _PNG_WIDE_GAP + lefts[number % columns], _PNG_WIDE_GAP + number // columns * line
        sheet.paste(Image.fromarray(picture), (left, top))
        if number < len(captions):
            pen.text((left, top + high + 1), _fitting(pen, captions[number], wide), fill=_PNG_INK)
    sheet.save(file, format="PNG")


def _gaps(number: int, together: int) -> int:
    """Pixels of all gaps to the left of a picture in its line."""
    wide = number // together
    return wide * _PNG_WIDE_GAP + (number - wide) * _PNG_GAP


def _fitting(pen: Any, text: str, wide: int) -> str:
    """As much of a text as fits into so many pixels, in letters that the font has."""
    text = plain_words(text)
    try:
        while text and pen.textlength(text) > wide:
            text = text[:-1]
    except UnicodeEncodeError:  # Pillow without FreeType has a font of Latin letters alone
        return _fitting(pen, text.encode("ascii", "replace").decode(), wide)
    return text


def _fitted(pictures: Shades, width: int) -> Shades:
    """The pictures made smaller or larger by whole factors, to suit a width of so many characters."""
    count, channels, high, wide = pictures.shape
    shrink = -(-wide // max(1, width))
    if shrink > 1:
        padded = np.full((count, channels, -(-high // shrink) * shrink, -(-wide // shrink) * shrink), np.nan)
        padded[:, :, :high, :wide] = pictures
        blocks = padded.reshape(count, channels, padded.shape[2] // shrink, shrink, padded.shape[3] // shrink, shrink)
        known = ~np.isnan(blocks)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(known, blocks, 0.0).sum(axis=(3, 5)) / known.sum(axis=(3, 5)))
    zoom = max(1, min(LEAST // max(wide, 1), width // max(wide, 1)))
    return pictures.repeat(zoom, axis=2).repeat(zoom, axis=3)


def _colours(pictures: Shades) -> NDArray[np.uint8]:
    """Red, green and blue of each pixel, [N, H, W, 3]."""
    finite = ~np.isnan(pictures).any(axis=1)
    bytes_of = np.rint(np.nan_to_num(pictures) * 255).astype(np.uint8).transpose(0, 2, 3, 1)
    colours = np.broadcast_to(bytes_of, (*bytes_of.shape[:3], 3)).copy()
    colours[~finite] = NOT_FINITE_COLOUR
    return colours


def _colour_rows(picture: Shades) -> list[Row]:
    """One picture [C, H, W] in half blocks."""
    colours = _colours(picture[None])[0]
    rows: list[Row] = []
    for top in range(0, len(colours), 2):
        pieces: list[Piece] = []
        for column in range(colours.shape[1]):
            style = _hex(colours[top, column])
            if top + 1 < len(colours):
                style += f" on {_hex(colours[top + 1, column])}"
            if pieces and pieces[-1][1] == style:
                pieces[-1] = (pieces[-1][0] + HALF, style)
            else:
                pieces.append((HALF, style))
        rows.append(tuple(pieces))
    return rows


def _hex(colour: NDArray[np.uint8]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _plain_rows(picture: Shades) -> list[Row]:
    """One picture [C, H, W] in characters from dark to light."""
    weights = (0.299, 0.587, 0.114) if len(picture) == 3 else (1.0,)  # luminance, ITU-R BT.601
    grey = np.tensordot(weights, picture, axes=1)
    if len(grey) % 2:
        grey = np.concatenate([grey, grey[-1:]])
    pairs = (grey[::2] + grey[1::2]) / 2
    levels = np.clip(np.nan_to_num(pairs) * len(RAMP), 0, len(RAMP) - 1).astype(np.intp)
    glyphs = np.where(np.isnan(pairs), NOT_FINITE, np.array([*RAMP])[levels])
    return [(("".join(row), ""),) for row in glyphs]


def _joined(parts: Sequence[Row], together: int) -> Row:
    """One line of several pictures, with the gaps between them."""
    row: list[Piece] = []
    for number, part in enumerate(parts):
        if number:
            row.append((" " * (GAP if number % together else WIDE_GAP), ""))
        row.extend(part)
    return tuple(row)


def _as_wide(text: str, width: int) -> str:
    """A text cut or filled to so many columns of the terminal."""
    return set_cell_size(text, width) if cell_len(text) <= width else f"{set_cell_size(text, max(width - 1, 0))}…"[:width]
