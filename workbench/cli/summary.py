"""What a person reads when a training is over."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from statistics import fmean, stdev

from engine.events import DataInfo, Outcome, Score
from engine.vocabulary import STATISTICS, Statistic, Status
from workbench.cli.output import make_table, percent, print_table
from workbench.live import RunView
from workbench.plots import format_duration, format_number, format_share, sparkline
from workbench.runner import Runner

SHOWN = {
    Statistic.ACTIVATION_STD: "activation std",
    Statistic.GRADIENT_STD: "gradient std",
    Statistic.SATURATED: "saturated",
    Statistic.DEAD: "dead",
    Statistic.UPDATE_RATIO: "update ratio",
}
HEADS = {"cost": "cost", "accuracy": "accuracy", "r2": "R²", "mae": "mean absolute error"}
"""The figures of a score and what they are called."""
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
        print_layers(view)
    else:
        _print_runs(runner)
    for run, experiment, outcome in zip(run_ids, runner.experiments, outcomes, strict=True):
        if outcome.divergence is not None:
            begun = outcome.divergence
            print(divergence_sentence(run, begun.step, begun.layer, begun.quantity, experiment.lr))
    if view.data is not None:
        print_data(view.data)
    _print_where(view, outcomes, run_ids, db)


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


def print_scores(parts: Mapping[str, Score]) -> None:
    """Print a line for each part of the data, and a blank one after them."""
    names = [name for name in HEADS if any(getattr(score, name) is not None for score in parts.values())]
    if not names:
        return
    heads = [HEADS[name] for name in names]
    table = make_table(["", *heads], numbers=heads)
    for part, score in parts.items():
        table.add_row(part, *(_score(score, name) for name in names))
    print_table(table)
    print()


def _score(score: Score | None, name: str) -> str:
    return _figure(getattr(score, name) if score else None, name)


def _figure(value: float | None, name: str) -> str:
    return percent(value) if name == "accuracy" else format_number(value)


def print_layers(view: RunView) -> None:
    """One line for each layer: how its signals went, and where they are."""
    if not view.layers or not view.latest.size:
        return
    width = SPARK if shutil.get_terminal_size().columns >= WIDE else SHORT_SPARK
    table = make_table(["layer", *SHOWN.values()])
    series = {statistic: view.series(statistic) for statistic in SHOWN}  # [L, S] each
    rows = list(range(len(view.layers)))
    if len(rows) > LAYERS_SHOWN:
        rows = [*rows[: LAYERS_SHOWN // 2], *rows[-LAYERS_SHOWN // 2 :]]
    for layer in rows:
        cells = []
        for statistic in SHOWN:
            log = statistic in (Statistic.GRADIENT_STD, Statistic.UPDATE_RATIO)
            number = float(view.latest[layer, STATISTICS.index(statistic)])
            if statistic is Statistic.DEAD:
                cells.append(format_share(number))
                continue
            shown = format_share if statistic is Statistic.SATURATED else format_number
            cells.append(f"{sparkline(series[statistic][layer], width, log=log)} {shown(number)}")
        table.add_row(view.layers[layer].name, *cells)
    print_table(table)
    print()
    if len(rows) < len(view.layers):
        print(f"({len(view.layers) - len(rows)} layers between them are not shown; `workbench export` has them all)")


def _print_runs(runner: Runner) -> None:
    """One line for each run, and their mean and spread."""
    numbers = ["run", "seed", "train cost", "validation cost", "test cost", "test accuracy", "test R²"]
    table = make_table([*numbers[:2], "status", *numbers[2:]], numbers=numbers)
    for run, experiment, outcome in zip(runner.run_ids, runner.experiments, runner.outcomes, strict=True):
        figures = (_score(outcome.train, "cost"), _score(outcome.validation, "cost"), _score(outcome.test, "cost"))
        table.add_row(
            str(run),
            str(experiment.seed),
            str(outcome.status),
            *figures,
            _score(outcome.test, "accuracy"),
            _score(outcome.test, "r2"),
        )
    print_table(table)
    tests = [outcome.test for outcome in runner.outcomes if outcome.status is not Status.DIVERGED and outcome.test]
    for name in ("accuracy", "r2", "cost"):
        values = [value for test in tests if (value := getattr(test, name)) is not None]
        if len(values) > 1:
            mean, spread = _figure(fmean(values), name), _figure(stdev(values), name)
            print(f"Test {HEADS[name]} over {len(values)} runs: mean {mean}, standard deviation {spread}")
            return


def _print_where(view: RunView, outcomes: Sequence[Outcome], run_ids: Sequence[int], db: Path) -> None:
    steps = max(outcome.step for outcome in outcomes)
    status = " and ".join(sorted({str(outcome.status) for outcome in outcomes}))
    runs = f"Run {run_ids[0]}" if len(run_ids) == 1 else f"Runs {run_ids[0]} to {run_ids[-1]}"
    took = f"{format_duration(view.seconds)} on {view.device}{measuring_words(view.measuring)}"
    print(f"{runs}: {status} after {steps:,} steps in {took}. Saved in {db}")
