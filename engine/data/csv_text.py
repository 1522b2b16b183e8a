"""A CSV file as columns of text, with the faults of the file found and named."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from engine.errors import DataError


@dataclass(frozen=True, slots=True)
class CsvText:
    """The cells of a file, column by column, without white space around them."""

    path: Path
    columns: dict[str, list[str]]  # by the names in the header
    lines: list[int]  # the line of the file on which each row ends, from 1
    unnamed: int  # columns without a name, which are left out
    separator: str  # what lies between values


def read_csv(path: Path) -> CsvText:
    """Read a file with a header; values lie between commas, or semicolons or tabs if the header has more of those.

    Raises:
        DataError: there is no such file, or it is not a table.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(path, file)
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: not UTF-8 text (byte {error.object[error.start]:#04x}: {error.reason}); save the file as UTF-8"
        ) from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None


def _read(path: Path, file: TextIO) -> CsvText:
    first = file.readline()
    file.seek(0)
    separator = max(",;\t", key=first.count)
    reader = csv.reader(file, delimiter=separator)
    rows: list[list[str]] = []
    lines: list[int] = []
    header: list[str] = []
    try:
        for row in reader:
            if not row:
                continue
            if not header:
                header = [name.strip() for name in row]
                continue
            if len(row) != len(header):
                raise DataError(
                    f"{path}: line {reader.line_num} has {len(row)} values, the header has {len(header)}; "
                    "put text that contains the separator in double quotes"
                )
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise DataError(f"{path}: line {reader.line_num}: not CSV ({error}); is a double quote left open?") from None
    _check(path, header, rows)
    cells = {name: [cell.strip() for cell in column] for name, column in _named(header, rows)}
    return CsvText(path, cells, lines, header.count(""), separator)


def _check(path: Path, header: list[str], rows: list[list[str]]) -> None:
    if not header:
        raise DataError(f"{path}: the file is empty; it needs a header with the names of the columns, then rows")
    twice = [name for name, count in Counter(header).items() if count > 1 and name]
    if twice:
        raise DataError(f"{path}: more than one column is called {', '.join(map(repr, twice))}; give each a name of its own")
    if not rows:
        raise DataError(f"{path}: a header and no rows")


def _named(header: list[str], rows: list[list[str]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    return ((name, column) for name, column in zip(header, zip(*rows, strict=True), strict=True) if name)
