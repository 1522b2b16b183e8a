"""What the commands on stored runs have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from workbench.history import History
    from workbench.history.records import RunRecord

Db = Annotated[
    Path | None,
    typer.Option("--db", help="the history; without it WORKBENCH_DB, or else ./sessions/history.db", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object per line")]
RUN_HELP = "a run's id, its name, or `latest`"
Run = Annotated[str, typer.Argument(metavar="RUN", help=RUN_HELP, show_default=False)]
Runs = Annotated[list[str], typer.Argument(metavar="RUN…", help=RUN_HELP, show_default=False)]


def history_path(db: Path | None) -> Path:
    """The history that is meant."""
    from workbench.history.connection import default_path

    return db or default_path()


@contextmanager
def opened(db: Path | None) -> Iterator[History]:
    """The history as it is at this moment, with runs whose process has died marked as interrupted."""
    from workbench.history import History, mark_interrupted

    path = history_path(db)
    mark_interrupted(path)
    with History.open(path) as history, history.snapshot():
        yield history


def found(history: History, refs: Sequence[str]) -> list[RunRecord]:
    """The runs that are meant, each once, in the order given.

    Raises:
        HistoryError: there is no such run.
    """
    runs = {run.id: run for run in map(history.run, refs)}
    return list(runs.values())


def run_fields(run: RunRecord) -> dict[str, object]:
    """A run as the fields of a JSON object: the columns of the history, with what is JSON there as objects."""
    import json
    from dataclasses import fields

    values: dict[str, object] = {"run": run.id}
    for field in fields(run):
        value = getattr(run, field.name)
        if field.name == "data_json":
            values["data_info"] = json.loads(value)
        elif field.name.endswith("_json"):
            values[field.name.removesuffix("_json")] = json.loads(value)
        elif field.name != "id":
            values[field.name] = value
    return values
