"""The command that lists what was recorded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.history import AsJson, Db

if TYPE_CHECKING:
    from workbench.history.records import RunRecord

WIDE = 100
"""Columns of a terminal from which on there is room for longer heads and the time of day."""


def runs(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORD…]", help="all must occur in the run; field=value is exact", show_default=False),
    ] = None,
    *,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="show the newest N")] = 30,
    everything: Annotated[bool, typer.Option("--all", help="show all, however many there are")] = False,
    deleted: Annotated[bool, typer.Option("--deleted", help="show the deleted runs instead")] = False,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """List the recorded runs, newest first.

    For example: workbench runs mnist relu, or workbench runs status=diverged depth=8.
    """
    from workbench.cli.history import history_path, opened, run_fields
    from workbench.cli.output import print_json

    with opened(db) as history:
        records = history.runs(" ".join(words or ()), deleted=deleted, limit=None if everything else limit + 1)
    shown = records if everything else records[:limit]
    if as_json:
        for record in shown:
            print_json(run_fields(record))
    elif shown:
        _print_runs(shown)
        if len(records) > len(shown):
            print(f"The newest {limit} are shown; --all shows every run, and words narrow the list.")
    else:
        print(f"No runs{' that match' if words else ''} in {history_path(db)}.")


def _print_runs(records: list[RunRecord]) -> None:
    import shutil
    import sys

    from workbench.cli.listing import Column, listing
    from workbench.plots.numbers import format_number

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    wide = width is None or width >= WIDE
    columns = (
        Column("run", right=True),
        Column("status"),
        Column("data", gives_way=True),
        Column("network", gives_way=True),
        Column("optimizer", gives_way=True),
        Column("test cost" if wide else "cost", right=True),
        Column("test score" if wide else "score", right=True),
        Column("started" if wide else "date"),
        Column("name, tags" if wide else "name", gives_way=True),
    )
    rows = [
        (
            str(run.id),
            run.status,
            run.data.rpartition("/")[2],
            _network(run),
            f"{run.optimizer.partition('(')[0]} {format_number(run.lr)}",
            format_number(_finite(run.test_cost)),
            _score(run),
            run.started[5 : 16 if wide else 10].replace("T", " "),
            " ".join(filter(None, (run.name, *(f"#{tag}" for tag in run.tags)))),
        )
        for run in records
    ]
    sys.stdout.write(listing(columns, rows, width))
    if not wide:
        print("Cost and score are those on the test data.")


def _network(run: RunRecord) -> str:
    if run.depth == 0:
        return "linear"
    shape = f"{run.depth}x{run.width}" if run.width.isdigit() else run.width.replace(",", "-")
    return f"{shape} {run.activation}"


def _score(run: RunRecord) -> str:
    """Accuracy or coefficient of determination on the test data; a dash where it was not taken, as while the run goes on."""
    from workbench.plots.numbers import format_number, format_share

    accuracy, r2 = _finite(run.test_accuracy), _finite(run.test_r2)
    return f"R² {format_number(r2)}" if accuracy is None and r2 is not None else format_share(accuracy)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
