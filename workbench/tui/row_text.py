"""What a row of the form is made of: its title, its value, and what stands below them."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from workbench.tui.nudge import nudged

if TYPE_CHECKING:
    from workbench.plots.lines import Piece
    from workbench.tui.fields import Field

TITLE_WIDTH, WIDE_TITLE_WIDTH = 18, 28
_WIDE = 70
"""Columns from which on the longest title fits."""
BLANK = "–"
INDENT = 4
"""Columns before what stands below the first line."""
_MOST_LINES = 4
"""Lines that a long value, or what is wrong with it, takes at the most."""


def title_width_in(width: int) -> int:
    """Characters for the title in a row of so many."""
    return WIDE_TITLE_WIDTH if width >= _WIDE else TITLE_WIDTH


def room_in(width: int) -> int:
    """Characters for the value beside the title."""
    return max(1, width - title_width_in(width) - 4)


def row_pieces(
    field: Field, value: str, *, changed: bool, focused: bool, wrong: bool, width: int, elsewhere: bool = False
) -> list[Piece]:
    """The row's first line. A value that is not the default has a dot before it; a focused one shows that arrows move it.

    A value that is shown `elsewhere` is left out, as is a long one that does not fit: it has lines of its own.
    """
    indent = "  " if field.parent else ""
    title = indent + field.title
    title_width, room = title_width_in(width), room_in(width)
    title = title if len(title) < title_width else title[: title_width - 2] + "…"
    text = "" if elsewhere else value or BLANK
    if len(text) > room:
        text = "" if field.long else "…" + text[-(room - 1) :]
    arrows = focused and not elsewhere and any(nudged(field, value, direction) != value for direction in (-1, 1))
    value_style = "row--wrong" if wrong else "row--changed" if changed else "row--value"
    return [
        ("! " if wrong else "• " if changed else "  ", value_style),
        (f"{title:<{title_width}}", "row--title"),
        ("‹" if arrows else " ", "row--arrow"),
        (text, value_style),
        ("›" if arrows else " ", "row--arrow"),
    ]


def value_lines(field: Field, value: str, width: int) -> list[str]:
    """The lines below the first that a long value takes; none where it fits beside the title."""
    if not field.long or len(value) <= room_in(width):
        return []
    return wrapped(value, width)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of a long text below the first; the last one is cut if they are too many."""
    lines = textwrap.wrap(text, max(10, width - INDENT))
    return lines if len(lines) <= _MOST_LINES else [*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1][:-1]}…"]
