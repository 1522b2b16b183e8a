"""Pictures on the command line: drawn for people, or written into a PNG file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from workbench.cli.output import console

PNG_COLUMNS = 10
"""Pictures side by side in a file."""


def print_pictures(pictures: NDArray[Any], captions: Sequence[str], *, together: int = 1, symmetric: bool = False) -> None:
    """Draw pictures: in half blocks on a terminal that has colours, else in characters.

    Args:
        pictures: [N, H, W] or [N, C, H, W].
        captions: What stands below each of them.
        together: So many that follow each other belong together.
        symmetric: 0 is in the middle of the range, as suits weights.
    """
    from workbench.plots.pictures import picture_rows

    screen = console()
    colour = screen.is_terminal and screen.color_system is not None and not screen.no_color
    options: dict[str, Any] = {"captions": captions, "together": together, "symmetric": symmetric}
    rows = picture_rows(pictures, screen.width, colour=colour, **options)
    if not colour:
        sys.stdout.write("".join("".join(text for text, _ in row).rstrip() + "\n" for row in rows))
        return
    from rich.text import Text

    with screen.capture() as drawn:  # rich would answer a broken pipe by ending the program
        for row in rows:
            screen.print(Text.assemble(*row), no_wrap=True, crop=True)
    sys.stdout.write(drawn.get())


def write_png(path: Path, pictures: NDArray[Any], captions: Sequence[str], *, together: int = 1, symmetric: bool = False) -> None:
    """Write pictures into a PNG file, and say so on stderr; as `print_pictures`."""
    from workbench.plots.pictures import save_png

    save_png(path, pictures, PNG_COLUMNS, captions, together=together, symmetric=symmetric)
    print(f"Written: {path}", file=sys.stderr)
