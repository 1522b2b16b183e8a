"""The command that holds runs against each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from engine.vocabulary import Statistic
from workbench.cli.history import AsJson, Db, Runs

if TYPE_CHECKING:
    from rich.table import Table

    from engine.insight.finding import Finding
    from workbench.compare_figures import Summary
    from workbench.compare_state import Comparison, Entry
    from workbench.history.records import LayerStatRow

    LatestLayers = dict[int, tuple[LayerStatRow, ...]]
    Found = dict[int, tuple[Finding, ...]]

FIGURES = (
    *(f"{part}_{name}" for name in ("cost", "accuracy", "r2", "mae") for part in ("train", "validation", "test")),
    "best_validation_cost",
)
LAYERED = {Statistic.GRADIENT_STD: "gradient std by layer", Statistic.SATURATED: "saturated by layer"}
"""The statistics that are held against each other layer by layer, as of each run's latest measurement."""
SPARK = 24


class View(StrEnum):
    """Pictures of a comparison."""

    CURVES = "curves"
    HEAT = "heat"
    PARALLEL = "parallel"


OF_VIEWS = {
    "--metric": (View.CURVES,),
    "--align": (View.CURVES, View.HEAT),
    "--log": (View.CURVES,),
    "--smooth": (View.CURVES,),
    "--statistic": (View.HEAT,),
    "--figure": (View.PARALLEL,),
}
"""The pictures in which options do something."""


class Align(StrEnum):
    """The x axis: keys of `workbench.compare_curves.Alignment`."""

    STEP = "step"
    EPOCH = "epoch"
    TIME = "time"


class MetricName(StrEnum):
    """The y axis: keys of `workbench.compare_curves.Metric`."""

    LOSS = "loss"
    VALIDATION_COST = "validation_cost"
    SCORE = "score"
    TRAIN_COST = "train_cost"
    TRAIN_SCORE = "train_score"
    LEARNING_RATE = "learning_rate"


def compare(
    refs: Runs,
    *,
    baseline: Annotated[
        str | None, typer.Option(metavar="RUN", help="the run against which the others are held", show_default=False)
    ] = None,
    by_seed: Annotated[bool, typer.Option("--by-seed", help="runs that differ in their seed alone as one: mean ± std")] = False,
    rank: Annotated[
        str | None, typer.Option(metavar="NAME", help="the best first, by a figure such as test_cost", show_default=False)
    ] = None,
    view: Annotated[
        View | None, typer.Option(help="a picture: curves, layers over time, settings against a figure", show_default=False)
    ] = None,
    metric: Annotated[
        MetricName | None, typer.Option(help="what --view curves shows, loss if not given; score: accuracy or R²")
    ] = None,
    align: Annotated[Align | None, typer.Option(help="x axis of --view curves and heat; step if not given")] = None,
    log: Annotated[bool, typer.Option("--log", help="--view curves on a logarithmic axis")] = False,
    smooth: Annotated[
        float | None,
        typer.Option(min=0.0, max=0.999, metavar="WEIGHT", help="moving average of --view curves: the weight of the past"),
    ] = None,
    statistic: Annotated[Statistic | None, typer.Option(help="of --view heat; gradient_std if not given")] = None,
    figure: Annotated[
        str | None, typer.Option(metavar="NAME", help="last axis of --view parallel, such as test_cost", show_default=False)
    ] = None,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Compare runs: settings, final figures, layers, curves.

    With --view a picture instead; --json then prints what is drawn. Layers are those of each run, or against the baseline.
    """
    from workbench.cli.comparing import Wanted, compared_runs, print_view

    given = {
        "--metric": metric,
        "--align": align,
        "--log": log or None,
        "--smooth": smooth,
        "--statistic": statistic,
        "--figure": figure,
    }
    _check_used([option for option, value in given.items() if value is not None], view)
    chosen = (metric or MetricName.LOSS).value, (align or Align.STEP).value
    wanted = Wanted(*chosen, log, smooth or 0.0, statistic or Statistic.GRADIENT_STD, figure or "")
    with compared_runs(db, refs, baseline, rank or "", by_seed=by_seed) as (history, comparison):
        if view is not None:
            print_view(history, comparison, view.value, wanted, as_json=as_json)
            return
        ids = [entry.key for entry in comparison.entries]
        measured = {} if by_seed else {run_id: history.latest_layer_stats(run_id) for run_id in ids}
        found = {run.record.id: history.findings(run.record.id) for entry in comparison.entries for run in entry.runs}
    if as_json:
        _print_json(comparison, measured, found)
    else:
        _print_tables(comparison, measured, found)


def _check_used(options: Sequence[str], view: View | None) -> None:
    """See that each of these options does something in what is to be printed. Raises CommandError."""
    from workbench.cli.errors import CommandError

    for option in options:
        if view not in OF_VIEWS[option]:
            raise CommandError(f"{option} goes with --view {' or '.join(OF_VIEWS[option])}")


def _print_json(comparison: Comparison, measured: LatestLayers, found: Found) -> None:
    from workbench.cli.findings import finding_fields
    from workbench.cli.output import print_json

    for position, entry in enumerate(comparison.entries):
        run = entry.records[0]
        told: dict[str, object] = {"run": run.id, "name": run.name, "status": run.status}
        if comparison.by_seed:
            told = {"runs": [record.id for record in entry.records], "name": run.name}
        told["differences"] = {difference.path: difference.values[position] for difference in comparison.differences}
        numbers = _numbers(comparison, entry) | ({} if comparison.by_seed else _layers(measured[run.id]))
        findings = [{"run": record.id, **finding_fields(each)} for record in entry.records for each in found[record.id]]
        print_json(told | numbers | {"findings": findings})


def _numbers(comparison: Comparison, entry: Entry) -> dict[str, object]:
    """The figures of a run, or of a group with mean and standard deviation, and how they differ from the baseline."""
    from workbench.compare_figures import FIGURES as ALL
    from workbench.compare_figures import delta

    run, base = entry.records[0], comparison.base
    numbers: dict[str, object] = {"steps": run.step, "seconds": run.seconds, **{name: getattr(run, name) for name in FIGURES}}
    known = {figure.field: figure for figure in ALL if figure.field in FIGURES}
    if comparison.by_seed:
        found = {name: entry.summary(figure) for name, figure in known.items()}
        numbers = {name: each and {"n": each.n, "mean": each.mean, "std": each.std} for name, each in found.items()}
    if base is not None:
        deltas = {name: delta(figure, entry.summary(figure), base.summary(figure)) for name, figure in known.items()}
        numbers |= {"baseline": base.key, "deltas": {name: each.value for name, each in deltas.items() if each is not None}}
    return numbers


def _layers(rows: Sequence[LayerStatRow]) -> dict[str, object]:
    layers = [{"name": row.name, **{str(statistic): row.value(statistic) for statistic in LAYERED}} for row in rows]
    return {"measured_step": rows[0].step if rows else None, "layers": layers}


def _print_tables(comparison: Comparison, measured: LatestLayers, found: Found) -> None:
    from workbench.cli.output import make_table, print_table
    from workbench.compare_state import counted
    from workbench.plots import format_duration
    from workbench.plots.numbers import ABSENT

    entries = comparison.entries
    table = make_table(["", *(_heading(comparison, entry) for entry in entries)])
    for difference in comparison.differences:
        table.add_row(difference.path, *(value if value is not None else ABSENT for value in difference.values))
    if not comparison.differences:
        print("The experiments are the same in every setting.\n")
    else:
        table.add_section()
    if comparison.by_seed:
        table.add_row("n", *(str(len(entry.runs)) for entry in entries))
        table.add_row("status", *(counted(record.status for record in entry.records) for entry in entries))
    else:
        table.add_row("status", *(entry.records[0].status for entry in entries))
        table.add_row("steps", *(f"{entry.records[0].step:,}" for entry in entries))
        table.add_row("time", *(format_duration(entry.records[0].seconds) for entry in entries))
    _add_figures(table, comparison)
    _add_findings(table, entries, found)
    if not comparison.by_seed:
        _add_layers(table, [measured[entry.key] for entry in entries])
        _add_losses(table, entries)
    print_table(table)


def _heading(comparison: Comparison, entry: Entry) -> str:
    from workbench.compare_state import id_ranges

    several = len(entry.runs) > 1
    name = f"run{'s' if several else ''} {id_ranges([record.id for record in entry.records])}"
    return f"{name} (baseline)" if entry.key == comparison.baseline else name


def _add_figures(table: Table, comparison: Comparison) -> None:
    """A row for each figure that any of the runs has, with how it differs from the baseline."""
    from workbench.cli.output import percent
    from workbench.compare_figures import FIGURES as ALL
    from workbench.compare_figures import delta
    from workbench.plots import format_number
    from workbench.plots.numbers import ABSENT

    known, base = {figure.field: figure for figure in ALL}, comparison.base
    for name in FIGURES:
        found = [entry.summary(known[name]) for entry in comparison.entries]
        if not any(found):
            continue
        show = percent if name.endswith("accuracy") else format_number
        texts = []
        for entry, each in zip(comparison.entries, found, strict=True):
            text = _summed(each, show) if each is not None else ABSENT
            against = base.summary(known[name]) if base is not None and base is not entry else None
            difference = delta(known[name], each, against)
            texts.append(f"{text} ({difference.text(known[name])})" if difference is not None else text)
        table.add_row(name.replace("_", " ").replace("r2", "R²"), *texts)


def _summed(found: Summary, show: Callable[[float], str]) -> str:
    """A figure of a run or a group: `0.42 ± 0.01 (4 of 5)`."""
    from workbench.plots.numbers import ABSENT

    if found.not_finite and found.n > 1:
        return f"{ABSENT} {found.note}"
    spread = f" ± {show(found.std)}" if found.std is not None else ""
    return " ".join(filter(None, (f"{show(found.mean)}{spread}", found.note)))


def _add_findings(table: Table, entries: Sequence[Entry], found: Found) -> None:
    """A row for each rule by which something was found in any of the runs."""
    from workbench.findings import sign, span, title, worst_first

    rules = dict.fromkeys(each.rule for each in worst_first(finding for findings in found.values() for finding in findings))
    if rules:
        table.add_section()
        table.add_row("findings")
    for rule in rules:
        texts = []
        for entry in entries:
            having = [[each for each in found[record.id] if each.rule == rule] for record in entry.records]
            worst = worst_first(each for findings in having for each in findings)
            how_many = f"in {sum(map(bool, having))} of {len(having)}" if len(having) > 1 else ""
            texts.append(f"{sign(worst[0])} {how_many or span(worst[0])}" if worst else "")
        table.add_row(f"  {title(rule)}", *texts)


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


def _add_losses(table: Table, entries: Sequence[Entry]) -> None:
    from workbench.plots import format_number, sparkline
    from workbench.plots.numbers import ABSENT

    losses = [entry.runs[0].steps.loss for entry in entries]
    table.add_section()
    table.add_row("loss (log)", *(sparkline(loss, SPARK, log=True) for loss in losses))
    ends = (f"{format_number(loss[0])}, {format_number(loss[-1])}" if loss.size else ABSENT for loss in losses)
    table.add_row("first, last", *ends)
