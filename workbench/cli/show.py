"""The command that shows one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.cli.history import AsJson, Db, Run

if TYPE_CHECKING:
    from engine.events import Score
    from workbench.history.records import RunRecord
    from workbench.live import RunView

SPARK = 40


def show(ref: Run, *, db: Db = None, as_json: AsJson = False) -> None:
    """Show one run: its experiment, how it ended, and its layers."""
    from workbench.cli.history import opened, run_fields
    from workbench.cli.output import print_json
    from workbench.live import LiveRun

    with opened(db) as history:
        record = history.run(ref)
        if as_json:
            print_json(run_fields(record))
            return
        live = LiveRun()
        for event in history.events(record.id):
            live.apply(event)
    _print(record, live.view())


def _print(run: RunRecord, view: RunView) -> None:
    from workbench.cli.summary import divergence_sentence, print_layers, print_scores
    from workbench.plots import format_number, sparkline

    _print_head(run, view)
    _print_settings(run)
    print_scores({part: score for part in ("train", "validation", "test") if (score := _score(run, part))})
    if view.loss.size:
        ends = f"{format_number(float(view.loss[0]))} to {format_number(float(view.loss[-1]))}"
        print(f"loss (log) {sparkline(view.loss, SPARK, log=True)} {ends}\n")
    print_layers(view)
    if run.diverged_step is not None and run.diverged_layer is not None:
        print(divergence_sentence(run.id, run.diverged_step, run.diverged_layer, run.diverged_quantity or "values", run.lr))


def _print_head(run: RunRecord, view: RunView) -> None:
    from workbench.cli.summary import measuring_words, print_data
    from workbench.plots import format_duration

    words = [f"Run {run.id}", run.name, run.status, *(f"#{tag}" for tag in run.tags), "(deleted)" if run.deleted else ""]
    print("  ".join(filter(None, words)))
    for line in (run.message, run.note):
        if line:
            print(line)
    origin = f", made from run {run.parent}" if run.parent is not None else ""
    began = run.started[:19].replace("T", " ")
    print(f"{began} UTC on {run.host}, {run.device}, {run.threads} thread{'s' * (run.threads != 1)}{origin}")
    took = f"{format_duration(run.seconds)}{measuring_words(run.measuring)}"
    print(f"{run.step:,} of {run.total_steps:,} steps in {took}; {run.parameters:,} parameters")
    if view.data is not None:
        print_data(view.data)
    print()


def _print_settings(run: RunRecord) -> None:
    """What was asked for, as far as it is not the default, and always what the first look is for."""
    from engine.experiment import Experiment
    from workbench.cli.output import make_table, print_table
    from workbench.compare import flat_settings

    always = ("data.name", "model.depth", "model.width", "model.activation", "model.init", "optimizer", "lr", "seed")
    defaults = flat_settings(Experiment())
    table = make_table(["setting", "value"])
    for path, value in flat_settings(run.experiment).items():
        if path in always or defaults.get(path) != value:
            table.add_row(path, value)
    print_table(table)
    print()


def _score(run: RunRecord, part: str) -> Score | None:
    from engine.events import Score

    cost, accuracy, r2, mae = (getattr(run, f"{part}_{name}") for name in ("cost", "accuracy", "r2", "mae"))
    return None if cost is None else Score(cost, accuracy, r2, mae)
