"""Pictures on the command line: drawn for people, or written into a PNG file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.cli.destination import destination
from workbench.cli.errors import CommandError
from workbench.cli.output import console
from workbench.plots.pictures import Scaling

PNG_COLUMNS = 10
"""Pictures side by side in a file."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Pictures that are shown one beside the other."""

    title: str
    pictures: NDArray[Any] | None  # [N, H, W] or [N, C, H, W]; None: the examples are no pictures
    captions: Sequence[str] = ()  # what stands below each of them
    together: int = 1  # so many that follow each other belong together
    symmetric: bool = False  # 0 is in the middle of the range, as suits weights
    scaling: Scaling = "all"  # what black and white are


def draw(drawing: Drawing) -> None:
    """Print a title, if there is one, and pictures: in half blocks on a terminal that has colours, else in characters."""
    from workbench.plots.pictures import picture_rows

    if drawing.title:
        print(drawing.title)
    if drawing.pictures is None:
        return
    screen = console()
    colour = screen.is_terminal and screen.color_system is not None and not screen.no_color
    options: dict[str, Any] = {"captions": drawing.captions, "together": drawing.together, "symmetric": drawing.symmetric}
    rows = picture_rows(drawing.pictures, screen.width, colour=colour, **options)
    if not colour:
        sys.stdout.write("".join("".join(text for text, _ in row).rstrip() + "\n" for row in rows))
        return
    from rich.text import Text

    with screen.capture() as drawn:  # rich would answer a broken pipe by ending the program
        for row in rows:
            screen.print(Text.assemble(*row), no_wrap=True, crop=True)
    sys.stdout.write(drawn.get())


def write_png(path: Path, drawings: Sequence[Drawing], whose: str, *, replace: bool) -> None:
    """Write the pictures of all drawings into a PNG file, one drawing below the other, and say so on stderr.

    Raises:
        CommandError: what is shown of `whose` are no pictures, or the file is there already.
        OSError: it cannot be written.
    """
    from workbench.plots.pictures import save_png

    there = [drawing.pictures for drawing in drawings if drawing.pictures is not None]
    if not there:
        raise CommandError(f"--png: the examples of {whose} are no pictures; leave it out")
    captions = [caption for drawing in drawings for caption in drawing.captions]
    together, symmetric = drawings[0].together, drawings[0].symmetric
    with destination(path, replace=replace) as file:
        save_png(
            *(file.buffer, np.concatenate(there), PNG_COLUMNS, captions),
            scaling=drawings[0].scaling,
            together=together,
            symmetric=symmetric,
        )
    print(f"Written: {path}", file=sys.stderr)
