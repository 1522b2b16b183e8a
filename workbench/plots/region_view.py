"""A plane with its legend and what it was like before, side by side: what the screen and the command line show of regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.pictures import Plane
from workbench.plots.chart import Row
from workbench.plots.palette import Palette
from workbench.plots.region import Cells, legend, picture_size, region_rows
from workbench.plots.rows import fit

SIDE = 24
"""Characters beside the picture for the legend, where there is room."""
SMALL = (14, 7)
"""Characters and lines of the pictures of earlier moments."""
GAP = 2
_LEAST_WIDTH = 54  # of which the picture takes the rest

MUTED, CHOSEN = "picture--muted", "picture--title"


@dataclass(frozen=True, slots=True)
class Moment:
    """A region at a step."""

    step: int
    epoch: int
    answers: Cells
    strengths: Cells


@dataclass(frozen=True, slots=True)
class RegionView:
    """A drawing, and where in it which moment can be pointed at."""

    rows: tuple[Row, ...]
    spots: tuple[tuple[range, range, int], ...] = ()
    """Lines, characters and the place of the moment that is drawn there."""

    def at(self, x: int, y: int) -> int | None:
        """The place of the moment that is drawn small at a character."""
        return next((place for lines, characters, place in self.spots if y in lines and x in characters), None)


def region_view(
    plane: Plane,
    moments: Sequence[Moment],
    shown: int,
    classes: Sequence[str],
    width: int,
    height: int,
    palette: Palette | None,
    *,
    hint: str = "",
) -> RegionView:
    """Draw one moment large and the others small, in at most `width` x `height` characters.

    Args:
        plane: where the regions are.
        moments: at least one, in their order.
        shown: place of the one that is drawn large.
        classes: their names; none of a regression.
        width: characters in a line.
        height: lines.
        palette: colours; None: textures.
        hint: words behind the title, where there are several moments.
    """
    moment = moments[shown]
    title = fit([(f"step {moment.step:,}, epoch {moment.epoch:,}", CHOSEN), (_place_text(moments, shown, hint), MUTED)], width)
    beside = width >= _LEAST_WIDTH
    size = picture_size(plane, width - SIDE - GAP if beside else width, max(height - 1, 1))
    picture = region_rows(plane, moment.answers, moment.strengths, len(classes), size, palette)
    if not beside:
        return RegionView((title, *(fit(row, width) for row in picture))[:height])
    left = size[0] + GAP
    side = _legend(plane, classes, palette, width - left, height - 1)
    small, spots = _earlier(plane, moments, shown, len(classes), (width - left, height - 2 - len(side)), palette)
    first = len(side) + 2
    side += [fit([], width - left), *small]
    rows = []
    for line in range(height - 1):
        row = fit(picture[line], left) if line < len(picture) else fit([], left)
        rows.append((*row, *(side[line] if line < len(side) else fit([], width - left))))
    moved = ((range(y + first, y + first + SMALL[1] + 1), range(x + left, x + left + SMALL[0]), place) for y, x, place in spots)
    return RegionView((title, *rows), tuple(moved))


def _legend(plane: Plane, classes: Sequence[str], palette: Palette | None, width: int, height: int) -> list[Row]:
    """The legend, in a single line where small pictures would else find no room below it."""
    lines = legend(plane, classes, palette, SIDE)
    if height < len(lines) + SMALL[1] + 2:
        for count in range(len(lines), max(len(classes), 1) - 1, -1):  # the last words are left out first
            line = [piece for row in lines[:count] for piece in (*row, (" " * GAP, ""))][:-1]
            if sum(len(text) for text, _ in line) <= width:
                return [fit(line, width)]
    return [fit(row, width) for row in lines][:height]


def _place_text(moments: Sequence[Moment], shown: int, hint: str) -> str:
    if len(moments) == 1:
        return ""
    which = "latest" if shown == len(moments) - 1 else f"{shown + 1}"
    return f"   {which} of {len(moments)} kept{hint}"


def _earlier(
    plane: Plane, moments: Sequence[Moment], shown: int, classes: int, room: tuple[int, int], palette: Palette | None
) -> tuple[list[Row], list[tuple[int, int, int]]]:
    """Small pictures of as many moments as there is room for, in lines, and for each its line, character and place."""
    across, down = (room[0] + GAP) // (SMALL[0] + GAP), room[1] // (SMALL[1] + 1)
    count = min(len(moments), across * down)
    if len(moments) < 2 or count < 2:
        return [], []
    places = sorted({round(n * (len(moments) - 1) / (count - 1)) for n in range(count)})
    rows: list[Row] = []
    spots = []
    for first in range(0, len(places), across):
        line = places[first : first + across]
        drawn = [_small(plane, moments[place], classes, palette, is_shown=place == shown) for place in line]
        spots += [(len(rows), number * (SMALL[0] + GAP), place) for number, place in enumerate(line)]
        rows += [
            fit([piece for text in texts for piece in (*text, (" " * GAP, ""))], room[0]) for texts in zip(*drawn, strict=True)
        ]
    return rows, spots


def _small(plane: Plane, moment: Moment, classes: int, palette: Palette | None, *, is_shown: bool) -> list[Row]:
    """One small picture with its step below."""
    rows = region_rows(plane, moment.answers, moment.strengths, classes, SMALL, palette, points=False)
    caption = f"{'▸ ' if is_shown else ''}step {moment.step:,}"
    return [*rows, fit([(caption, CHOSEN if is_shown else MUTED)], SMALL[0])]
