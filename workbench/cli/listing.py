"""A table of plain text for lists that must appear at once: it loads nothing. Other tables are made by rich."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP = "  "
NARROWEST = 6
"""A column that gives way keeps at least so many characters."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head, its alignment, and whether it gives way where the line is too long."""

    head: str
    right: bool = False
    gives_way: bool = False


def listing(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None = None) -> str:
    """Lines with a head, a rule and a line for each row, none ending in blanks.

    Args:
        columns: What stands in each column.
        rows: One text for each column.
        width: Characters in a line; what does not fit is cut and ends in `…`. None: as many as it takes.
    """
    heads = [column.head for column in columns]
    widths = [max(map(len, cells)) for cells in zip(heads, *rows, strict=True)]
    if width is not None:
        widths = _fitted(widths, columns, width)
    total = sum(widths) + len(GAP) * (len(widths) - 1)
    lines = [_line(heads, widths, columns), "─" * total, *(_line(row, widths, columns) for row in rows)]
    return "".join(f"{_cut(line, width or len(line)).rstrip()}\n" for line in lines)


def _fitted(widths: Sequence[int], columns: Sequence[Column], width: int) -> list[int]:
    """Take what is too much from the columns that give way, always from the widest of them."""
    fitted = list(widths)
    room = width - len(GAP) * (len(widths) - 1)
    yielding = [number for number, column in enumerate(columns) if column.gives_way]
    while sum(fitted) > room:
        widest = max(yielding, key=fitted.__getitem__, default=None)
        if widest is None or fitted[widest] <= NARROWEST:
            break
        fitted[widest] -= 1
    return fitted


def _line(cells: Sequence[str], widths: Sequence[int], columns: Sequence[Column]) -> str:
    shown = (_cut(cell, width) for cell, width in zip(cells, widths, strict=True))
    return GAP.join(
        cell.rjust(width) if column.right else cell.ljust(width)
        for cell, width, column in zip(shown, widths, columns, strict=True)
    )


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: max(width - 1, 0)]}…"
