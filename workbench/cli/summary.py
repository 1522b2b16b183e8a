"""What a person reads when a training is over."""

from __future__ import annotations

import shutil
from math import isfinite
from pathlib import Path
from statistics import fmean, stdev

from engine.events import DataInfo
from engine.insight.finding import Finding
from engine.vocabulary import STATISTICS, WEIGHT_STATISTICS, Statistic, Status
from workbench.cli.course import (
    beginning_words,
    ending_sentence,
    print_checkpoints,
    print_combined,
    print_interventions,
    print_pretraining,
)
from workbench.cli.findings import print_findings
from workbench.cli.output import make_table, print_table
from workbench.cli.scores import HEADS, figure_text, print_scores, score_text
from workbench.live import LiveRun, RunView
from workbench.plots import format_duration, format_number, format_share, sparkline
from workbench.plots.numbers import ABSENT
from workbench.runner import Runner
from workbench.track import Array

SHOWN = {
    Statistic.ACTIVATION_STD: "activation std",
    Statistic.GRADIENT_STD: "gradient std",
    Statistic.SATURATED: "saturated",
    Statistic.DEAD: "dead",
    Statistic.UPDATE_RATIO: "update ratio",
}
SPARK, SHORT_SPARK = 12, 5
"""Characters of a layer's curve, and where the table has to fit into 80 columns."""
WIDE = 110
"""Columns of a terminal from which on the longer curves fit."""
LAYERS_SHOWN = 24
"""More layers than this are shown as the first and the last ones."""


def print_summary(runner: Runner, db: Path) -> None:
    """Print how the runs ended, what their layers look like, and where they were saved."""
    outcomes, run_ids = runner.outcomes, runner.run_ids
    view = runner.live.view()
    if len(outcomes) == 1:
        only = outcomes[0]
        parts = {"train": only.train, "validation": only.validation, "test": only.test}
        print_scores({part: score for part, score in parts.items() if score is not None})
        print_pretraining(view)
        print_layers(view if runner.resume_from is None else _whole(run_ids[0], db))
    else:
        _print_runs(runner)
    print_combined(view)
    print_interventions(view)
    print_findings(_findings(runner, db))
    _print_ends(runner)
    if view.data is not None:
        print_data(view.data)
    print_checkpoints(view)
    _print_where(runner, view, db)


def _findings(runner: Runner, db: Path) -> dict[int, tuple[Finding, ...]]:
    """What was found in each of the runs; the live run knows those of the latest population alone."""
    from workbench.history import History

    with History.open(db) as history:
        return {run_id: history.findings(run_id) for run_id in runner.run_ids}


def _whole(run_id: int, db: Path) -> RunView:
    """A run that went on, with what was recorded before."""
    from workbench.history import History

    live = LiveRun()
    with History.open(db) as history:
        for event in history.events(run_id):
            live.apply(event)
    return live.view()


def _print_ends(runner: Runner) -> None:
    """A line for each run that diverged or ended before its last step."""
    latest = runner.live.view().members  # the populations before have no live run any more; they differ in shape
    begins = len(runner.run_ids) - latest
    for position, (run, outcome) in enumerate(zip(runner.run_ids, runner.outcomes, strict=True)):
        if outcome.divergence is not None:
            begun = outcome.divergence
            print(divergence_sentence(run, begun.step, begun.layer, begun.quantity, runner.experiments[position].lr))
        elif position >= begins and (sentence := ending_sentence(run, runner.live.view(position - begins))):
            print(sentence)


def divergence_sentence(run: int, step: int, layer: str, quantity: str, lr: float) -> str:
    """Where a run ceased to be finite, and what to try instead of its learning rate `lr`."""
    place = "the cost" if layer == "cost" else f"{layer} ({quantity})"
    return (
        f"Run {run} diverged: at step {step:,} the numbers in {place} were no longer finite. "
        f"Try a learning rate below {format_number(lr)}, an initializer that fits the activation, or batch norm."
    )


def print_data(data: DataInfo) -> None:
    """Print how much there is to learn from, and what was done to it, a line for each note."""
    rows = f"{data.train:,} / {data.validation:,} / {data.test:,} rows to train / validate / test"
    inputs = f"{data.features:,} input{'s' * (data.features != 1)}"
    if data.task == "classification":
        print(f"data: {rows}, {inputs}, {len(data.classes):,} classes")
    else:
        print(f"data: {rows}, {inputs}, target standardized")
        print("data: cost is in standardized units, mean absolute error in the target's own")
    for note in data.notes:
        print(f"data: {note}")


def measuring_words(share: float | None) -> str:
    """How much of the time measuring took; nothing where that is not known."""
    return "" if share is None or not isfinite(share) else f", measuring took {100 * share:.1f} % of the time"


def print_layers(view: RunView) -> None:
    """One line for each layer: how its signals went, and where they are."""
    if not view.layers or not view.layer_steps.size:
        return
    shown = _shown(view)
    wide = shutil.get_terminal_size().columns >= WIDE
    width = SPARK if wide else SHORT_SPARK if len(shown) == len(SHOWN) else 0
    table = make_table(["layer", *shown.values()])
    series = {statistic: view.series(statistic) for statistic in shown}  # [L, S] each
    rows = list(range(len(view.layers)))
    if len(rows) > LAYERS_SHOWN:
        rows = [*rows[: LAYERS_SHOWN // 2], *rows[-LAYERS_SHOWN // 2 :]]
    for layer in rows:
        table.add_row(
            view.layers[layer].name, *(_cell(view, layer, name, values[layer], width) for name, values in series.items())
        )
    print_table(table)
    print()
    if len(rows) < len(view.layers):
        print(f"({len(view.layers) - len(rows)} layers between them are not shown; `workbench export` has them all)")


def _shown(view: RunView) -> dict[Statistic, str]:
    """The statistics in the table: those of all runs, and what the penalties are there for."""
    shown = dict(SHOWN)
    if view.experiment is not None and view.experiment.l1 > 0:
        shown[Statistic.NEAR_ZERO] = "near zero"
    if view.experiment is not None and view.experiment.l2 > 0:
        shown[Statistic.WEIGHT_NORM] = "weight norm"
    return shown


def _cell(view: RunView, layer: int, statistic: Statistic, series: Array, width: int) -> str:
    """The latest value, behind its curve where that says more."""
    if not view.layers[layer].weights and statistic in WEIGHT_STATISTICS:
        return ABSENT
    number = float(view.latest[layer, STATISTICS.index(statistic)])
    share = statistic in (Statistic.SATURATED, Statistic.DEAD, Statistic.NEAR_ZERO)
    text = format_share(number) if share else format_number(number)
    if not width or statistic in (Statistic.DEAD, Statistic.NEAR_ZERO, Statistic.WEIGHT_NORM):
        return text
    return f"{sparkline(series, width, log=statistic in (Statistic.GRADIENT_STD, Statistic.UPDATE_RATIO))} {text}"


def _print_runs(runner: Runner) -> None:
    """One line for each run, and their mean and spread."""
    numbers = ["run", "seed", "train cost", "validation cost", "test cost", "test accuracy", "test R²"]
    table = make_table([*numbers[:2], "status", *numbers[2:]], numbers=numbers)
    for run, experiment, outcome in zip(runner.run_ids, runner.experiments, runner.outcomes, strict=True):
        figures = (score_text(outcome.train, "cost"), score_text(outcome.validation, "cost"), score_text(outcome.test, "cost"))
        table.add_row(
            str(run),
            str(experiment.seed),
            str(outcome.status),
            *figures,
            score_text(outcome.test, "accuracy"),
            score_text(outcome.test, "r2"),
        )
    print_table(table)
    tests = [outcome.test for outcome in runner.outcomes if outcome.status is not Status.DIVERGED and outcome.test]
    for name in ("accuracy", "r2", "cost"):
        values = [value for test in tests if (value := getattr(test, name)) is not None]
        if len(values) > 1:
            mean, spread = figure_text(fmean(values), name), figure_text(stdev(values), name)
            print(f"Test {HEADS[name]} over {len(values)} runs: mean {mean}, standard deviation {spread}")
            return


def _print_where(runner: Runner, view: RunView, db: Path) -> None:
    outcomes, run_ids = runner.outcomes, runner.run_ids
    steps = max(outcome.step for outcome in outcomes)
    status = " and ".join(sorted({str(outcome.status) for outcome in outcomes}))
    runs = f"Run {run_ids[0]}" if len(run_ids) == 1 else f"Runs {run_ids[0]} to {run_ids[-1]}"
    beginning = beginning_words(view, runner.branch_from.run_id if runner.branch_from is not None else None)
    went = f"{status} after {steps:,} steps, {beginning}," if beginning else f"{status} after {steps:,} steps"
    took = f"{format_duration(view.seconds)} on {view.device}{measuring_words(view.measuring)}"
    print(f"{runs}: {went} in {took}. Saved in {db}")
