"""The command that lists what was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.history import AsJson, Db

if TYPE_CHECKING:
    from workbench.history.records import RunRecord


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

    columns = (
        Column("run", right=True),
        Column("status"),
        Column("data", gives_way=True),
        Column("network", gives_way=True),
        Column("optimizer", gives_way=True),
        Column("cost", right=True),
        Column("score", right=True),
        Column("started"),
        Column("name, tags", gives_way=True),
    )
    rows = [
        (
            str(run.id),
            run.status,
            run.data.rpartition("/")[2],
            f"{_shape(run)} {run.activation}",
            f"{run.optimizer.partition('(')[0]} {format_number(run.lr)}",
            format_number(_best_known(run, "cost")),
            _score(run),
            run.started[5:16].replace("T", " "),
            " ".join(filter(None, (run.name, *(f"#{tag}" for tag in run.tags)))),
        )
        for run in records
    ]
    sys.stdout.write(listing(columns, rows, shutil.get_terminal_size().columns if sys.stdout.isatty() else None))


def _shape(run: RunRecord) -> str:
    return run.width.replace(",", "-") if "," in run.width else f"{run.depth}x{run.width}"


def _best_known(run: RunRecord, figure: str) -> float | None:
    """The figure on the test data, else on the validation data, else on the training data."""
    values = (getattr(run, f"{part}_{figure}") for part in ("test", "validation", "train"))
    return next((value for value in values if value is not None), None)


def _score(run: RunRecord) -> str:
    from workbench.plots.numbers import format_number, format_share

    accuracy, r2 = _best_known(run, "accuracy"), _best_known(run, "r2")
    return f"R² {format_number(r2)}" if accuracy is None and r2 is not None else format_share(accuracy)
