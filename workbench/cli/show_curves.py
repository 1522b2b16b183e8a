"""The curves of a stored run, as the interface draws them."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from workbench.cli.curve_options import Drawn
from workbench.cli.destination import destination
from workbench.cli.errors import CommandError
from workbench.cli.output import console, print_json
from workbench.curve_axes import Axis, Unit
from workbench.curves import Curves, Shown, choices, run_curves
from workbench.live import LiveRun
from workbench.plots import line_chart
from workbench.plots.smoothing import smoothing_words

if TYPE_CHECKING:
    from workbench.history import History, RunRecord
    from workbench.view import RunView

LEAST_WIDTH, MOST_WIDTH, HEIGHT = 40, 160, 20
_PLAIN_WIDTH = 100
"""Columns of a chart that goes into a file or a pipe."""


@dataclass(frozen=True, slots=True)
class Files:
    """Where curves are written to besides."""

    png: Path | None = None
    svg: Path | None = None
    replace: bool = False


def print_curves(history: History, run: RunRecord, drawn: Drawn, *, as_json: bool, files: Files = Files()) -> None:
    """Print them as a chart, or each point as a JSON object, and write them into files.

    Raises:
        CommandError: the run has nothing of the metric, or nothing in the part that is asked for; a file is there already.
        OSError: a file cannot be written.
    """
    live = LiveRun()
    for event in history.events(run.id):
        live.apply(event)
    curves, window = _prepared(live.view(), run, drawn)
    _write(curves, window, run, drawn, files)
    if as_json:
        _print_points(curves, window, drawn)
        return
    width = min(max(shutil.get_terminal_size((_PLAIN_WIDTH, HEIGHT)).columns, LEAST_WIDTH), MOST_WIDTH)
    log = drawn.log and curves.logarithmic
    words = smoothing_words(drawn.smooth, smoothed=any(line.measured is not None for line in curves.lines))
    about = [*(["log"] if log else []), *filter(None, [words.removeprefix(", ")])]
    title = f"{curves.title} ({', '.join(about)})" if about else curves.title
    chart = line_chart(
        curves.lines,
        width,
        HEIGHT,
        log=log,
        share=curves.share,
        title=f"run {run.id}: {title}",
        x_label=curves.x_label,
        marks=curves.marks,
        mark="changed",
        window=window,
    )
    screen = console()
    if not screen.is_terminal:
        screen.width = width
    with screen.capture() as text:  # rich would answer a broken pipe by ending the program
        screen.print(chart)
    print("\n".join(line.rstrip() for line in text.get().splitlines()))


def _write(curves: Curves, window: tuple[float, float] | None, run: RunRecord, drawn: Drawn, files: Files) -> None:
    """The files that are wanted, with a word on stderr for each."""
    from workbench.figures import run_figure
    from workbench.plots import figure_png, vector

    smoothing = smoothing_words(drawn.smooth, smoothed=any(line.measured is not None for line in curves.lines))
    log = drawn.log and curves.logarithmic
    named = replace(curves, title=curves.title + smoothing)
    figure = run_figure(named, f"Run {run.id}", log=log, share=curves.share, window=window)
    if files.png is not None:
        with destination(files.png, replace=files.replace) as file:
            file.buffer.write(figure_png.png(figure))
    if files.svg is not None:
        with destination(files.svg, replace=files.replace) as file:
            file.write(vector.svg(figure))
    for path in filter(None, (files.png, files.svg)):
        print(f"Written: {path}", file=sys.stderr)


def _prepared(view: RunView, run: RunRecord, drawn: Drawn) -> tuple[Curves, tuple[float, float] | None]:
    """The curves over their axis, and the part of it that is asked for."""
    there = choices(view)
    if drawn.metric not in there:
        words = ", ".join(there)
        raise CommandError(f"run {run.id} has no {drawn.metric.words}; --metric can be {words}")
    curves = run_curves(view, drawn.metric)
    if drawn.metric is not Shown.RATE:
        curves = curves.smoothed(drawn.smooth)
    axis = Axis.of(view, drawn.axis if curves.x_label == "step" else Unit.STEPS)
    curves = axis.carry(curves)
    if drawn.zoom is None:
        return curves, None
    low, high = curves.extent
    window = max(low, drawn.zoom[0]), min(high, drawn.zoom[1])
    if not window[0] < window[1]:
        raise CommandError(f"run {run.id} goes from {curves.x_label} {low:,.6g} to {high:,.6g}; --zoom must lie within it")
    return curves, window


def _print_points(curves: Curves, window: tuple[float, float] | None, drawn: Drawn) -> None:
    """One object for each point of each line; with smoothing also the value as it was measured."""
    raw = {line.label: np.asarray(line.y, np.float64) for line in curves.lines if line.faint}
    low, high = window or (-np.inf, np.inf)
    for line in curves.lines:
        if line.faint:
            continue
        x, y = np.asarray(line.x, np.float64), np.asarray(line.y, np.float64)
        for at in np.flatnonzero((x >= low) & (x <= high)).tolist():
            point = {"what": "curves", "metric": str(drawn.metric), "curve": line.label, str(drawn.axis): float(x[at])}
            measured = {"raw": float(raw[line.label][at])} if line.label in raw else {}
            print_json({**point, "value": float(y[at]), **measured})
