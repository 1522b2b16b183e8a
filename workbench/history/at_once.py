"""Many rows handed over as one.

Between any two rows SQLite lets other threads go on, and gets its turn again only when these let it: a thread that reads ten
thousand rows while another one computes waits ten thousand times. What a list needs is therefore put together by SQLite, as JSON
with each value as SQL writes it, which keeps all digits of a number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence


def as_one_row(query: str, columns: Sequence[str]) -> str:
    """The query whose one row holds all rows of another one, column by column. `LIMIT` has SQLite keep their order."""
    gathered = ", ".join(f"json_group_array(quote({column}))" for column in columns)
    return f"SELECT {gathered} FROM ({query} LIMIT -1)"  # noqa: S608


def ids_as_one_row(query: str) -> str:
    """The same of a query that gives whole numbers named `id`."""
    return f"SELECT json_group_array(id) FROM ({query} LIMIT -1)"  # noqa: S608


def rows_of(columns: Sequence[str]) -> Iterator[tuple[str | float | None, ...]]:
    """The rows that `as_one_row` gathered."""
    return zip(*(map(literal, json.loads(column)) for column in columns), strict=True)


def literal(text: str) -> str | float | None:
    """A value as SQL writes it."""
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    if text == "NULL":
        return None
    try:
        return int(text)
    except ValueError:
        return float(text)
