"""The command that writes measurements for other programs."""

from __future__ import annotations

import csv
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from workbench.cli.exported import Fields, What, rows_of
from workbench.cli.history import Db, Runs

if TYPE_CHECKING:
    from workbench.history import History
    from workbench.history.records import RunRecord

_LISTS = (What.FINDINGS, What.DISTRIBUTIONS, What.PROBES, What.WORST, What.RECONSTRUCTIONS)
"""Rows that hold lists: in CSV their items stand in one field, with blanks between."""


class Format(StrEnum):
    """How it is written."""

    CSV = "csv"
    JSON = "json"


def export(
    refs: Runs,
    *,
    form: Annotated[
        Format, typer.Option("--format", help="comma-separated values, or a JSON array with a row on each line")
    ] = Format.CSV,
    what: Annotated[
        What, typer.Option(help="which rows; those of `distributions` and `probes` are taken at chosen steps")
    ] = What.STEPS,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="file to write; without it stdout", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line, whatever --format says")] = False,
    force: Annotated[bool, typer.Option("--force", help="replace the file of --output if it is there already")] = False,
    db: Db = None,
) -> None:
    """Write the measurements of runs as CSV or JSON.

    Numbers that are not finite are `nan`, `inf` or `-inf` in CSV and null in JSON; what was not measured is left empty or null.
    """
    from workbench.cli.destination import destination
    from workbench.cli.history import found, opened
    from workbench.cli.output import json_text

    with opened(db) as history:
        runs = found(history, refs)
        with (
            closing(_rows(history, runs, what)) as rows,
            destination(output, replace=force) as file,
        ):
            if as_json:
                file.writelines(f"{json_text(row)}\n" for row in rows)
            elif form is Format.JSON:
                _write_json(rows, file)
            else:
                flat = (dict(_flat(row)) for row in rows) if what in _LISTS else rows
                _write_csv(_alike(rows) if what is What.RUN else flat, file)
    if output is not None:
        print(f"{len(runs)} {'run' if len(runs) == 1 else 'runs'} written to {output}", file=sys.stderr)


def _rows(history: History, runs: Sequence[RunRecord], what: What) -> Generator[Fields]:
    """The rows of all runs; of a run that has none it is said on stderr.

    Raises:
        CommandError: none of the runs has any, and that does not say something of them.
    """
    from workbench.cli.absent import is_an_answer, sentence
    from workbench.cli.errors import CommandError

    without = []
    for run in runs:
        rows = rows_of(history, run, what)
        first = next(rows, None)
        if first is None:
            without.append(sentence(what, run))
        else:
            yield first
            yield from rows
    if len(without) == len(runs) and not is_an_answer(what):
        raise CommandError("\n  ".join(without))
    for words in without:
        print(f"workbench: {words}", file=sys.stderr)


def _write_csv(rows: Iterable[Fields], file: TextIO) -> None:
    """Write rows that all have the fields of the first one."""
    writer = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(file, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow(row)


def _alike(rows: Iterable[Fields]) -> list[Fields]:
    """Rows without tables in them, all with the same fields."""
    flat = [dict(_flat(row)) for row in rows]
    names = dict.fromkeys(name for row in flat for name in row)
    return [{name: row.get(name) for name in names} for row in flat]


def _flat(row: Fields, prefix: str = "") -> Iterator[tuple[str, object]]:
    """A row without tables in it.

    An experiment's settings become columns of their own, named by their paths; tables in lists are JSON.
    """
    from workbench.cli.output import json_text

    for name, value in row.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield f"{prefix}{name}", json_text(value)
        elif isinstance(value, list | tuple):
            yield f"{prefix}{name}", " ".join(map(str, value))
        else:
            yield f"{prefix}{name}", value


def _write_json(rows: Iterable[Fields], file: TextIO) -> None:
    from workbench.cli.output import json_text

    before = "[\n"
    for row in rows:
        file.write(before + json_text(row))
        before = ",\n"
    file.write("[\n]\n" if before.startswith("[") else "\n]\n")
