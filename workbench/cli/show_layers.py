"""What the interface draws of the layers of a stored run: a statistic over time, histograms over time."""

from __future__ import annotations

import math
import shutil
from typing import TYPE_CHECKING, Annotated

import typer

from engine.vocabulary import Quantity, Statistic

if TYPE_CHECKING:
    from rich.text import Text

    from workbench.history import History, RunRecord
    from workbench.view import RunView

Heat = Annotated[
    Statistic | None,
    typer.Option("--heat", metavar="STATISTIC", help="a statistic of all layers over time, such as gradient_std"),
]
Histograms = Annotated[
    Quantity | None,
    typer.Option("--histograms", metavar="QUANTITY", help="histograms of each layer over time: activation, gradient, ..."),
]

LEAST_WIDTH, MOST_WIDTH, PLAIN_WIDTH = 40, 160, 100
_LINES = 20  # of a heat map, or more where there are many layers
_RIDGES = 12  # lines of the histograms of one layer


def print_heat(history: History, run: RunRecord, statistic: Statistic, *, as_json: bool) -> None:
    """Print a statistic as a heat map, or each of its numbers as a JSON object.

    Raises:
        CommandError: the layers were never measured.
    """
    from workbench.cli.errors import CommandError
    from workbench.cli.output import print_json
    from workbench.measures import MEASURES, over_time
    from workbench.plots.heat import heat_map, heat_text

    view = _view(history, run)
    if not view.layer_steps.size:
        raise CommandError(f"the layers of run {run.id} were never measured: it is {run.status}")
    measure, names = MEASURES[statistic], [layer.name for layer in view.layers]
    if as_json:
        for layer, course in zip(names, view.series(statistic), strict=True):
            for step, value in zip(view.layer_steps.tolist(), course.tolist(), strict=True):
                print_json({"what": "heat", "statistic": str(statistic), "layer": layer, "step": step, "value": value})
        return
    heat = heat_map(
        over_time(view, statistic),
        names,
        view.layer_steps.astype(float),
        width_of_drawings(),
        max(_LINES, len(names) + 3),
        log=measure.log,
        diverging=measure.signed,
        title=f"run {run.id}: {measure.title}",
        marks=[event.step for event in view.interventions],
        mark="changed",
        ends=(0.0, 1.0) if measure.share else None,
    )
    print_drawing(heat_text(heat.rows))


def print_histograms(history: History, run: RunRecord, quantity: Quantity, *, as_json: bool) -> None:
    """Print the histograms of every layer that has the quantity, the latest below, or each as a JSON object.

    Raises:
        CommandError: none were taken.
    """
    from workbench.cli.absent import lacking
    from workbench.cli.exported import What
    from workbench.cli.output import print_json
    from workbench.measures import QUANTITY_TITLES, histogram_of
    from workbench.plots.ridges import ridge_rows, ridge_text

    view = _view(history, run)
    if not view.taken:
        raise lacking(What.DISTRIBUTIONS, run)
    for layer, info in enumerate(view.layers):
        found = [histogram_of(taken, layer, quantity) for taken in view.taken]
        if as_json:
            for taken, each in zip(view.taken, found, strict=True):
                where = {"what": "histograms", "quantity": str(quantity), "layer": info.name, "step": taken.step}
                print_json({**where, "low": each.low, "high": each.high, "std": each.std, "counts": each.counts.tolist()})
        elif any(not math.isnan(each.std) or each.is_there for each in found):
            title = f"run {run.id}: {QUANTITY_TITLES[quantity]} of {info.name}"
            height = max(_RIDGES, 2 * len(found) + 3)
            print_drawing(ridge_text(ridge_rows(found, width_of_drawings(), height, title=title, x_label="value")))
            print()


def _view(history: History, run: RunRecord) -> RunView:
    from workbench.live import LiveRun

    live = LiveRun()
    for event in history.events(run.id):
        live.apply(event)
    return live.view()


def width_of_drawings() -> int:
    """Characters for a drawing: as wide as the terminal, within bounds."""
    return min(max(shutil.get_terminal_size((PLAIN_WIDTH, 0)).columns, LEAST_WIDTH), MOST_WIDTH)


def print_drawing(drawing: Text) -> None:
    """Print a drawing, which is never wrapped."""
    from workbench.cli.output import console

    screen = console()
    screen.width = max(screen.width, len(drawing.plain.partition("\n")[0]))
    with screen.capture() as text:  # rich would answer a broken pipe by ending the program
        screen.print(drawing)
    print("\n".join(line.rstrip() for line in text.get().splitlines()).rstrip())
