"""The command that shows one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.curve_options import Curves, Log, Metric, Smooth, Svg, XAxis, Zoom, read_drawn
from workbench.cli.destination import Png, ReplacePng
from workbench.cli.errors import CommandError
from workbench.cli.history import AsJson, Db, Run
from workbench.cli.show_layers import Heat, Histograms, print_heat, print_histograms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from engine.events import Score
    from workbench.history import History
    from workbench.history.records import RunRecord
    from workbench.live import RunView

SPARK = 40


def show(
    ref: Run,
    *,
    distributions: Annotated[
        bool, typer.Option("--distributions", help="activations, gradients and weights by layer: percentiles, histograms, units")
    ] = False,
    confusion: Annotated[bool, typer.Option("--confusion", help="what was taken for what at the end")] = False,
    worst: Annotated[bool, typer.Option("--worst", help="the examples that it got most wrong")] = False,
    region: Annotated[
        bool, typer.Option("--region", help="what it answers everywhere on the plane, for inputs of two numbers")
    ] = False,
    reconstructions: Annotated[
        bool, typer.Option("--reconstructions", help="inputs of the pre-training beside what was made of them")
    ] = False,
    weights: Annotated[bool, typer.Option("--weights", help="the weights of the first layer as pictures")] = False,
    curves: Curves = False,
    metric: Metric = None,
    log: Log = False,
    smooth: Smooth = None,
    axis: XAxis = None,
    zoom: Zoom = None,
    heat: Heat = None,
    histograms: Histograms = None,
    png: Png = None,
    svg: Svg = None,
    force: ReplacePng = False,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Show one run: its experiment, how it ended, and its layers.

    With options, only what they name. --json then prints one object for each row, as `workbench export` does.
    """
    from workbench.cli.history import opened
    from workbench.cli.looks import PICTURES
    from workbench.cli.pictures import write_png
    from workbench.cli.show_curves import Files, print_curves

    drawn = read_drawn(curves=curves, metric=metric, log=log, smooth=smooth, axis=axis, zoom=zoom)
    given = {
        "distributions": distributions,
        "confusion": confusion,
        "worst": worst,
        "region": region,
        "reconstructions": reconstructions,
        "weights": weights,
    }
    wanted = [name for name, is_wanted in given.items() if is_wanted]
    _check_files(png, svg, [*(["curves"] if curves else []), *wanted], replace=force)
    with opened(db) as history:
        record = history.run(ref)
        if png is not None and not curves:  # first: who reads what is printed may have enough of it early
            write_png(png, PICTURES[wanted[0]](history, record), f"run {record.id}", replace=force)
        if curves:
            print_curves(history, record, drawn, as_json=as_json, files=Files(png, svg, replace=force))
        if heat is not None:
            print_heat(history, record, heat, as_json=as_json)
        if histograms is not None:
            print_histograms(history, record, histograms, as_json=as_json)
        if not (wanted or curves or heat or histograms):
            _overview(history, record, as_json)
        _print_looks(history, record, wanted, as_json=as_json)


def _print_looks(history: History, record: RunRecord, wanted: Sequence[str], *, as_json: bool) -> None:
    from workbench.cli.looks import LOOKS, print_rows

    for name in wanted:
        if as_json:
            print_rows(name, history, record)
        else:
            LOOKS[name](history, record)


def _check_files(png: Path | None, svg: Path | None, wanted: Sequence[str], *, replace: bool) -> None:
    """See that what is wanted can be written as a picture, and that the files can be."""
    from workbench.cli.destination import check_destination
    from workbench.cli.looks import PICTURES

    if svg is not None and "curves" not in wanted:
        raise CommandError("--svg goes with --curves")
    pictured = ("curves", *PICTURES)
    if png is not None and (len(wanted) != 1 or wanted[0] not in pictured):
        raise CommandError(f"--png goes with one of {', '.join(f'--{name}' for name in pictured)}")
    for path in (png, svg):
        check_destination(path, replace=replace)


def _overview(history: History, run: RunRecord, as_json: bool) -> None:
    from workbench.cli.history import run_fields
    from workbench.cli.output import print_json
    from workbench.live import LiveRun

    if as_json:
        print_json(run_fields(run))
        return
    live = LiveRun()
    for event in history.events(run.id):
        live.apply(event)
    _print(run, live.view(), history)


def _print(run: RunRecord, view: RunView, history: History) -> None:
    from workbench.cli.course import (
        ending_sentence,
        print_checkpoints,
        print_combined,
        print_interventions,
        print_pretraining,
    )
    from workbench.cli.findings import print_findings
    from workbench.cli.scores import print_scores
    from workbench.cli.summary import divergence_sentence, print_layers
    from workbench.plots import format_number, sparkline

    _print_head(run, view, history)
    _print_settings(run)
    print_scores({part: score for part in ("train", "validation", "test") if (score := _score(run, part))})
    print_combined(view)
    print_pretraining(view)
    if view.loss.size:
        ends = f"{format_number(float(view.loss[0]))} to {format_number(float(view.loss[-1]))}"
        print(f"loss (log) {sparkline(view.loss, SPARK, log=True)} {ends}\n")
    print_layers(view)
    print_interventions(view)
    print_findings({run.id: view.findings})
    if sentence := ending_sentence(run.id, view):
        print(sentence)
    if run.diverged_step is not None and run.diverged_layer is not None:
        print(divergence_sentence(run.id, run.diverged_step, run.diverged_layer, run.diverged_quantity or "values", run.lr))
    print_checkpoints(view)


def _print_head(run: RunRecord, view: RunView, history: History) -> None:
    from workbench.cli.summary import measuring_words, print_data
    from workbench.plots import format_duration

    words = [f"Run {run.id}", run.name, run.status, *(f"#{tag}" for tag in run.tags), "(deleted)" if run.deleted else ""]
    print("  ".join(filter(None, words)))
    for line in (run.message, run.note):
        if line:
            print(line)
    began = run.started[:19].replace("T", " ")
    print(f"{began} UTC on {run.host}, {run.device}, {run.threads} thread{'s' * (run.threads != 1)}{_origin(run)}")
    for line in _resumed(run, history):
        print(line)
    took = f"{format_duration(run.seconds)}{measuring_words(run.measuring)}"
    print(f"{run.step:,} of {run.total_steps:,} steps in {took}; {run.parameters:,} parameters")
    if run.ensemble is not None:
        population = history.population(run)
        runs = f"runs {population[0].id} to {population[-1].id}" if len(population) > 1 else f"run {run.id}"  # of a branch
        print(f"member {run.experiment.ensemble.member + 1} of an ensemble of {run.ensemble}, {runs}")
    if view.data is not None:
        print_data(view.data)
    print()


def _origin(run: RunRecord) -> str:
    """How the run came from another."""
    if run.parent is None:
        return ""
    made = {"branch": "branched from", "replay": "a repetition of", "fix": "a remedy for"}.get(run.origin or "", "made from")
    return f", {made} run {run.parent}"


def _resumed(run: RunRecord, history: History) -> list[str]:
    """From where the run began, if it is a branch, and from where it went on."""
    resumptions = history.resumptions(run.id)
    lines = []
    for number, row in enumerate(resumptions):
        begun = number == 0 and run.origin == "branch"
        when = row.at[:19].replace("T", " ")
        lines.append(f"{when} UTC {'begun' if begun else 'resumed'} from step {row.step:,} (epoch {row.epoch:,})")
    return lines


def _print_settings(run: RunRecord) -> None:
    """What was asked for, as far as it is not the default, and always what the first look is for."""
    from engine.experiment import Experiment
    from workbench.cli.output import make_table, print_table
    from workbench.compare import flat_settings

    shape = ("model.blocks",) if run.experiment.model.blocks else ("model.depth", "model.width")
    always = ("data.name", *shape, "model.activation", "model.init", "optimizer", "lr", "seed")
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
