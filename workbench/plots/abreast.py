"""Several pages on one: side by side in lines, below a common title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from workbench.plots.figure import LEFT, TITLE, Page, Path, Word

HEAD = 34.0
"""Room for the title."""


def abreast(pages: Sequence[Page], across: int, title: str) -> Page:
    """Pages of the same width, `across` in a line; those of a line are aligned at their feet.

    The plot of the whole is that of the first one.
    """
    width, shapes, top = pages[0].width, list[Path | Word](), HEAD
    shapes.append(Word(LEFT, HEAD - 10, title, size=TITLE, bold=True))
    corners = list[tuple[float, float]]()
    for first in range(0, len(pages), across):
        line = pages[first : first + across]
        high = max(page.height for page in line)
        for column, page in enumerate(line):
            corners.append((column * width, top + high - page.height))
            shapes += (_moved(shape, *corners[-1]) for shape in page.shapes)
        top += high
    right, down = corners[0]
    left, upper, far, lower = pages[0].plot
    return Page(min(across, len(pages)) * width, top, shapes, (left + right, upper + down, far + right, lower + down))


def _moved(shape: Path | Word, right: float, down: float) -> Path | Word:
    if isinstance(shape, Word):
        return replace(shape, x=shape.x + right, y=shape.y + down)
    return replace(shape, points=[(x + right, y + down) for x, y in shape.points])
