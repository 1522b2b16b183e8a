"""What commands print: JSON lines for programs, tables for people."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.plots.numbers import ABSENT

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


_ENDLESS = 10_000  # columns


def json_text(value: object) -> str:
    """A value as JSON on one line. What is not a finite number becomes null, which JSON can say."""
    return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False)


def print_json(value: object) -> None:
    """Write one JSON line to stdout, at once."""
    sys.stdout.write(json_text(value) + "\n")
    sys.stdout.flush()


def print_table(table: Table, *, most: int | None = None) -> None:
    """Write a table to stdout: fitted to a terminal; for a file or pipe as wide as it needs, but `most` at the most."""
    screen = console()
    if not screen.is_terminal:
        screen.width = _ENDLESS
        needed = screen.measure(table).maximum
        screen.width = min(needed, most or needed)
    with screen.capture() as drawn:  # rich would answer a broken pipe by ending the program
        screen.print(table)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in drawn.get().splitlines()))


def console(*, stderr: bool = False) -> Console:
    """Where people read."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)  # what users wrote is shown as it is


def make_table(columns: Sequence[str], *, numbers: Sequence[str] = (), title: str | None = None) -> Table:
    """An empty table; columns named in `numbers` are aligned to the right."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False, show_edge=False)
    for column in columns:
        right = column in numbers
        # What does not fit goes on in the next line: a name that was cut could not be used.
        table.add_column(column, justify="right" if right else "left", no_wrap=right, overflow="fold")
    return table


def few(names: Sequence[str], most: int = 24) -> list[str | None]:
    """The names, or of many more than `most` the first and the last ones, with None for those in between: two at least."""
    if len(names) <= most + 1:
        return list(names)
    return [*names[: most // 2], None, *names[-(most // 2) :]]


def percent(value: float | None) -> str:
    """A share with two decimals, or a dash where there is none."""
    return ABSENT if value is None else f"{100 * value:.2f} %"


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
