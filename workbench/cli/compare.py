"""The command that holds runs against each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.vocabulary import Statistic
from workbench.cli.history import AsJson, Db, Runs

if TYPE_CHECKING:
    from rich.table import Table

    from workbench.compare import Difference
    from workbench.history.records import LayerStatRow, RunRecord

    Measured = dict[int, tuple[LayerStatRow, ...]]

FIGURES = (
    *(f"{part}_{name}" for name in ("cost", "accuracy", "r2", "mae") for part in ("train", "validation", "test")),
    "best_validation_cost",
)
LAYERED = {Statistic.GRADIENT_STD: "gradient std by layer", Statistic.SATURATED: "saturated by layer"}
"""The statistics that are held against each other layer by layer, as of each run's latest measurement."""
SPARK = 24


def compare(refs: Runs, *, db: Db = None, as_json: AsJson = False) -> None:
    """Compare runs: settings that differ, final figures, layers, loss."""
    from workbench.cli.errors import CommandError
    from workbench.cli.history import found, opened
    from workbench.compare import data_difference, differences

    with opened(db) as history:
        records = found(history, refs)
        if len(records) < 2:
            raise CommandError("compare needs at least two different runs")
        losses = {run.id: [_number(row.loss) for row in history.steps(run.id)] for run in records}
        measured = {run.id: history.latest_layer_stats(run.id) for run in records}
    experiments = [run.experiment for run in records]
    data = data_difference(experiments, [run.data_fingerprint for run in records])
    differing = differences(experiments) + ((data,) if data else ())
    if as_json:
        _print_json(records, differing, measured)
    else:
        _print_tables(records, differing, losses, measured)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _print_json(records: list[RunRecord], differing: tuple[Difference, ...], measured: Measured) -> None:
    from workbench.cli.output import print_json

    for position, run in enumerate(records):
        print_json(
            {
                "run": run.id,
                "name": run.name,
                "status": run.status,
                "differences": {difference.path: difference.values[position] for difference in differing},
                "steps": run.step,
                "seconds": run.seconds,
                **{figure: getattr(run, figure) for figure in FIGURES},
                "measured_step": measured[run.id][0].step if measured[run.id] else None,
                "layers": [
                    {"name": row.name, **{str(statistic): row.value(statistic) for statistic in LAYERED}}
                    for row in measured[run.id]
                ],
            }
        )


def _print_tables(
    records: list[RunRecord], differing: tuple[Difference, ...], losses: dict[int, list[float]], measured: Measured
) -> None:
    from workbench.cli.output import make_table, percent, print_table
    from workbench.plots import format_duration, format_number, sparkline
    from workbench.plots.numbers import ABSENT

    heads = [f"run {run.id}" for run in records]
    table = make_table(["", *heads])
    for difference in differing:
        table.add_row(difference.path, *(value if value is not None else ABSENT for value in difference.values))
    if not differing:
        print("The experiments are the same in every setting.\n")
    else:
        table.add_section()
    table.add_row("status", *(run.status for run in records))
    table.add_row("steps", *(f"{run.step:,}" for run in records))
    table.add_row("time", *(format_duration(run.seconds) for run in records))
    for figure in FIGURES:
        values = [getattr(run, figure) for run in records]
        if any(value is not None for value in values):
            shown = percent if figure.endswith("accuracy") else format_number
            table.add_row(figure.replace("_", " ").replace("r2", "R²"), *map(shown, values))
    _add_layers(table, [measured[run.id] for run in records])
    table.add_section()
    table.add_row("loss (log)", *(sparkline(losses[run.id], SPARK, log=True) for run in records))
    ends = ((losses[run.id][0], losses[run.id][-1]) if losses[run.id] else None for run in records)
    table.add_row("first, last", *(f"{format_number(e[0])}, {format_number(e[1])}" if e else ABSENT for e in ends))
    print_table(table)


def _add_layers(table: Table, measured: Sequence[tuple[LayerStatRow, ...]]) -> None:
    """A block for each statistic, a row for each layer that any of the runs has."""
    from workbench.cli.output import few
    from workbench.plots import format_number, format_share
    from workbench.plots.numbers import ABSENT

    names = few([row.name for row in max(measured, key=len)])
    for statistic, title in LAYERED.items() if names else ():
        shown = format_share if statistic is Statistic.SATURATED else format_number
        values = [{row.name: shown(row.value(statistic)) for row in rows} for rows in measured]
        table.add_section()
        table.add_row(title)
        for name in names:
            table.add_row(f"  {name or '…'}", *("" if name is None else each.get(name, ABSENT) for each in values))
