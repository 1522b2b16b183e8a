"""The tables of `workbench runs`."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.cli.listing import Column, listing
from workbench.findings import brief, listed
from workbench.plots.numbers import format_number, format_share

if TYPE_CHECKING:
    from workbench.history import Group, History
    from workbench.history.lists import Value
    from workbench.history.records import RunRecord

WIDE = 100
"""Columns of a terminal from which on there is room for longer heads and the time of day."""


def print_runs(records: Sequence[RunRecord]) -> None:
    """The usual table of runs."""
    width = _width()
    wide = width is None or width >= WIDE
    any_found = any(run.findings for run in records)
    columns = (
        Column("run", right=True),
        Column("status"),
        Column("data", gives_way=True),
        Column("network", gives_way=True),
        Column("optimizer", gives_way=True),
        Column("test cost" if wide else "cost", right=True),
        Column("test score" if wide else "score", right=True),
        *((Column("findings", gives_way=True),) if any_found else ()),
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
            *((brief(run.findings, run.severity, named=wide),) if any_found else ()),
            run.started[5 : 16 if wide else 10].replace("T", " "),
            " ".join(filter(None, (run.name, *(f"#{tag}" for tag in run.tags)))),
        )
        for run in records
    ]
    sys.stdout.write(listing(columns, rows, width))
    if not wide:
        print("Cost and score are those on the test data.")


def chosen_fields(history: History, records: Sequence[RunRecord], names: Sequence[str]) -> list[dict[str, object]]:
    """Some fields of runs, each with its run."""
    ids = [record.id for record in records]
    values = history.values(ids, names)
    return [
        {"run": run_id, **{name: _plain(name, value) for name, value in zip(names, values[run_id], strict=True)}}
        for run_id in ids
        if run_id in values  # else it has just been deleted
    ]


def print_fields(rows: Sequence[dict[str, object]], names: Sequence[str]) -> None:
    """A table of some fields of runs."""
    numbers = [all(isinstance(row[name], int | float | None) for row in rows) for name in names]
    columns = [
        Column("run", right=True),
        *(Column(n, right=right, gives_way=not right) for n, right in zip(names, numbers, strict=True)),
    ]
    texts = [[str(row["run"]), *(_text(row[name]) for name in names)] for row in rows]
    sys.stdout.write(listing(columns, texts, _width()))


def group_fields(group: Group, name: str, figure: str) -> dict[str, object]:
    """A group as the fields of a JSON object."""
    value = _plain(name, group.value)
    counts = {"runs": len(group.ids), "diverged": group.diverged, "unfinished": group.unfinished}
    best = {"median": group.median, "best": group.best, "best_run": group.best_run}
    return {"group": name, "value": value, **counts, "figure": figure, **best}


def print_groups(groups: Sequence[Group], name: str, figure: str) -> None:
    """A table of groups by a field, with a figure of the runs of each.

    How many of them diverged, or go on or broke off, which median and best leave out, is told where there are any.
    """
    counted = [each for each in ("diverged", "unfinished") if any(getattr(group, each) for group in groups)]
    columns = (
        Column(name, gives_way=True),
        Column("runs", right=True),
        *(Column(each, right=True) for each in counted),
        Column(f"median {figure}", right=True),
        Column("best", right=True),
        Column("best run", right=True),
    )
    rows = [
        (
            _text(_plain(name, each.value)),
            f"{len(each.ids):,}",
            *(f"{getattr(each, count):,}" for count in counted),
            format_number(each.median),
            format_number(each.best),
            _text(each.best_run),
        )
        for each in groups
    ]
    sys.stdout.write(listing(columns, rows, _width()))
    if "unfinished" in counted:
        print("Unfinished: running, interrupted or failed; median and best are of the others.")


def _width() -> int | None:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _plain(name: str, value: Value) -> object:
    """A value of a field; tags and findings one by one."""
    if name == "finding":
        return list(listed(str(value or ""))[0])
    return (value.split("\n") if isinstance(value, str) else []) if name == "tag" else value


def _text(value: object) -> str:
    if isinstance(value, list):
        return " ".join(f"#{each}" for each in value)
    return format_number(value) if isinstance(value, float) or value is None else str(value)


def _network(run: RunRecord) -> str:
    if run.depth == 0:
        return "linear"
    shape = f"{run.depth}x{run.width}" if run.width.isdigit() else run.width.replace(",", "-")
    return f"{shape} {run.activation}"


def _score(run: RunRecord) -> str:
    """Accuracy or coefficient of determination on the test data; a dash where it was not taken, as while the run goes on."""
    accuracy, r2 = _finite(run.test_accuracy), _finite(run.test_r2)
    return f"R² {format_number(r2)}" if accuracy is None and r2 is not None else format_share(accuracy)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
