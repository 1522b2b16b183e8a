"""What a network answers everywhere on a plane, with the examples upon it: regions in colours, or in textures.

Axes of the arrays: R rows from the top down and K columns of a grid.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.pictures import FULL, NO_ANSWER, Plane
from workbench.plots.chart import Piece, Row
from workbench.plots.numbers import format_number
from workbench.plots.palette import Colours, Palette, blend, hex_of
from workbench.plots.pictures import HALF, NOT_FINITE, RAMP
from workbench.plots.rows import shortened

Cells = NDArray[np.uint8]

SIGNS, HOLLOW = "●▲■◆", "○△□◇"
"""Of the examples that are learned from and of those that are held out, by class."""
TEXTURES = "·░▒▓:+=%"
"""Of the regions of the classes, where there is no colour; where a network is not sure it is blank."""
UNSURE = 0.5
"""Share of the way from guessing to certainty below which a network is called not sure."""

_LEVELS = 12  # of confidence: few enough that neighbouring cells share a style
_LEAST, _MOST = 0.1, 0.55  # share of a class' colour where it is guessed and where it is certain
_CELLS_PER_POINT = 7  # so much room there is for each point that is drawn
_STEP = 8  # means of colours are rounded to it, so that there are not too many


def picture_size(plane: Plane, width: int, height: int) -> tuple[int, int]:
    """Characters and lines of the largest picture of a plane that fits; a character is as high as two are wide."""
    across, down = plane.right - plane.left, plane.top - plane.bottom
    wide = min(width, int(2 * height * across / down))
    return max(wide, 1), max(min(height, round(wide * down / across / 2)), 1)


def region_rows(
    plane: Plane,
    answers: Cells,
    strengths: Cells,
    classes: int,
    size: tuple[int, int],
    palette: Palette | None,
    *,
    points: bool = True,
) -> list[Row]:
    """Draw a region with the examples upon it.

    Args:
        plane: where it is.
        answers: [R, K] of one member, see `engine.pictures.Region`.
        strengths: [R, K].
        classes: how many there are; 0 of a regression, whose numbers are shades.
        size: characters and lines; see `picture_size`.
        palette: colours; None: textures, which need none.
        points: whether examples are drawn.
    """
    width, height = size
    placed = _placed(plane, width, height) if points else {}
    if palette is None:
        return _plain_rows(plane, _scaled(answers, height, width), _scaled(strengths, height, width), classes, placed)
    pixels = _averaged(region_colours(answers, strengths, classes, palette), 2 * height, width)
    return [_colour_row(plane, pixels[2 * line : 2 * line + 2], line, classes, placed, palette) for line in range(height)]


def region_colours(answers: Cells, strengths: Cells, classes: int, palette: Palette) -> Colours:
    """The colour of each cell, [R, K, 3]: that of its class, the surer the stronger; or of a number its shade."""
    sure = _sureness(strengths, classes)
    levels = np.rint(sure * (_LEVELS - 1)).astype(np.intp)
    table = np.array(
        [
            [_shade(number, level / (_LEVELS - 1), classes, palette) for level in range(_LEVELS)]
            for number in range(max(classes, 1))
        ]
    )
    colours: Colours = table[np.minimum(answers, len(table) - 1), levels].astype(np.uint8)
    colours[answers == NO_ANSWER] = palette.ground
    return colours


def legend(plane: Plane, classes: Sequence[str], palette: Palette | None, width: int) -> list[Row]:
    """What signs, colours and textures mean, in lines of at most `width` characters."""
    if not classes:
        low, high = format_number(plane.low), format_number(plane.high)
        ramp = [(HALF, hex_of(_shade(0, level / 8, 0, palette))) for level in range(9)] if palette else [(RAMP, "")]
        return [((f"{low} ", ""), *ramp, (f" {high}", "")), (("● learned  ○ held out", ""),)]
    lines: list[Row] = []
    for number, name in enumerate(classes[:_LEVELS]):
        sign = SIGNS[number % len(SIGNS)] + HOLLOW[number % len(HOLLOW)]
        fill = (HALF * 2, hex_of(_shade(number, 1.0, len(classes), palette))) if palette else (_texture(number) * 2, "")
        style = hex_of(palette.of_class(number)) if palette else ""
        lines.append((fill, (f" {sign} ", style), (shortened(name, width - 6), "")))
    more = len(classes) - len(lines)
    lines += [((f"and {more} more classes", ""),)] if more > 0 else []
    return [*lines, (("● learned  ○ held out", ""),), (("paler: less sure" if palette else "blank: not sure", ""),)]


def _shade(number: int, level: float, classes: int, palette: Palette) -> tuple[int, int, int]:
    """The colour of a class at a level of confidence from 0 to 1, or of a number at its place between the ends."""
    if classes:
        return blend(palette.ground, palette.of_class(number), _LEAST + (_MOST - _LEAST) * level)
    return blend(palette.ground, palette.of_class(int(level > 0.5)), 2 * abs(level - 0.5) * (1 - _LEAST))


def _sureness(strengths: Cells, classes: int) -> NDArray[np.float64]:
    """0 where a class is guessed, 1 where it is certain; of a regression the place of the number."""
    share = strengths / FULL
    if not classes:
        return np.asarray(share)
    chance = 1 / max(classes, 2)
    return np.clip((share - chance) / (1 - chance), 0.0, 1.0)


def _scaled(cells: Cells, rows: int, columns: int) -> Cells:
    """So many rows and columns of cells, each the one that lies in its middle."""
    down = (np.arange(rows) + 0.5) * cells.shape[0] / rows
    across = (np.arange(columns) + 0.5) * cells.shape[1] / columns
    taken: Cells = cells[np.ix_(down.astype(np.intp), across.astype(np.intp))]
    return taken


def _averaged(colours: Colours, rows: int, columns: int) -> Colours:
    """So many rows and columns of pixels, each the mean of the cells that lie in it, or the one in its middle."""
    if rows >= len(colours) or columns >= colours.shape[1]:
        down, across = (
            (np.arange(count) + 0.5) * whole / count for count, whole in ((rows, len(colours)), (columns, colours.shape[1]))
        )
        taken: Colours = colours[np.ix_(down.astype(np.intp), across.astype(np.intp))]
        return taken
    means = colours.astype(np.float64)
    for axis, count in enumerate((rows, columns)):
        edges = np.linspace(0, means.shape[axis], count + 1).astype(np.intp)
        shape = [-1 if each == axis else 1 for each in range(3)]
        means = np.add.reduceat(means, edges[:-1], axis=axis) / np.diff(edges).reshape(shape)
    return (np.rint(means / _STEP) * _STEP).clip(0, 255).astype(np.uint8)


def _placed(plane: Plane, width: int, height: int) -> dict[tuple[int, int], int]:
    """Which example is drawn at which line and character; not so many that the regions are hidden."""
    x, y = plane.points[:, 0], plane.points[:, 1]
    columns = (x - plane.left) / (plane.right - plane.left) * width
    lines = (plane.top - y) / (plane.top - plane.bottom) * height
    within = (columns >= 0) & (columns < width) & (lines >= 0) & (lines < height)
    most = width * height // _CELLS_PER_POINT
    placed: dict[tuple[int, int], int] = {}
    for held_out, share in ((False, 2 / 3), (True, 1 / 3)):
        (which,) = np.nonzero(within & (plane.held_out == held_out))
        for place in which[: int(most * share)].tolist():
            placed.setdefault((int(lines[place]), int(columns[place])), place)
    return placed


def _sign(plane: Plane, place: int, classes: int) -> str:
    signs = HOLLOW if plane.held_out[place] else SIGNS
    return signs[int(plane.targets[place]) % len(signs) if classes else 0]


def _colour_row(
    plane: Plane, pixels: Colours, line: int, classes: int, placed: dict[tuple[int, int], int], palette: Palette
) -> Row:
    """One line of characters from two rows of pixels, [2, K, 3]."""
    upper, lower = ([f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in row.tolist()] for row in pixels)
    pieces: list[Piece] = []
    for column, (above, below) in enumerate(zip(upper, lower, strict=True)):
        place = placed.get((line, column))
        if place is None:
            piece = (HALF, f"{above} on {below}")
        else:
            piece = (_sign(plane, place, classes), f"bold {_point_colour(plane, place, classes, palette)} on {below}")
        _add(pieces, piece)
    return tuple(pieces)


def _point_colour(plane: Plane, place: int, classes: int, palette: Palette) -> str:
    """Stronger than that of its region."""
    if classes:
        return hex_of(palette.of_class(int(plane.targets[place])))
    share = (float(plane.targets[place]) - plane.low) / ((plane.high - plane.low) or 1.0)
    return hex_of(blend(_shade(0, min(max(share, 0.0), 1.0), 0, palette), palette.ink, 0.35))


def _plain_rows(plane: Plane, answers: Cells, strengths: Cells, classes: int, placed: dict[tuple[int, int], int]) -> list[Row]:
    """Textures instead of colours."""
    sure = _sureness(strengths, classes)
    if classes:
        textures = np.array([_texture(number) for number in range(classes)])
        glyphs = np.where(sure < UNSURE, " ", textures[np.minimum(answers, classes - 1)])
    else:
        glyphs = np.array([*RAMP])[np.minimum(sure * len(RAMP), len(RAMP) - 1).astype(np.intp)]
    glyphs = np.where(answers == NO_ANSWER, NOT_FINITE, glyphs)
    for at, place in placed.items():
        glyphs[at] = _sign(plane, place, classes)
    return [(("".join(row), ""),) for row in glyphs]


def _texture(number: int) -> str:
    return TEXTURES[number % len(TEXTURES)]


def _add(pieces: list[Piece], piece: Piece) -> None:
    """Another piece, together with the one before if they look alike."""
    if pieces and pieces[-1][1] == piece[1]:
        pieces[-1] = (pieces[-1][0] + piece[0], piece[1])
    else:
        pieces.append(piece)
