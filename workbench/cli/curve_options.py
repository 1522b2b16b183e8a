"""The options that say how curves are drawn: the equals of the keys of the interface."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.errors import CommandError
from workbench.curve_choices import Shown, Unit

Curves = Annotated[bool, typer.Option("--curves", help="cost or scores over the course of the training")]
Metric = Annotated[Shown | None, typer.Option("--metric", help="with --curves: what is drawn; cost if not given")]
Log = Annotated[bool, typer.Option("--log", help="with --curves: logarithmic cost")]
Smooth = Annotated[
    float | None,
    typer.Option(
        "--smooth", metavar="WEIGHT", help="with --curves: moving average with this weight of the past, from 0 to below 1"
    ),
]
XAxis = Annotated[Unit | None, typer.Option("--axis", help="with --curves: what the x axis counts; steps if not given")]
Zoom = Annotated[
    str | None, typer.Option("--zoom", metavar="FROM:TO", help="with --curves: a part of the x axis, such as 100:500 or 100:")
]


Svg = Annotated[
    Path | None,
    typer.Option("--svg", metavar="FILE", help="with --curves: write them into an SVG file as well", show_default=False),
]


@dataclass(frozen=True, slots=True)
class Drawn:
    """How curves are to be drawn."""

    metric: Shown = Shown.COST
    log: bool = False
    smooth: float = 0.0
    axis: Unit = Unit.STEPS
    zoom: tuple[float, float] | None = None


def read_drawn(
    *, curves: bool, metric: Shown | None, log: bool, smooth: float | None, axis: Unit | None, zoom: str | None
) -> Drawn:
    """How curves are to be drawn, as it was asked for.

    Raises:
        CommandError: something is not possible, or was asked for without --curves.
    """
    given = {"--metric": metric, "--log": log or None, "--smooth": smooth, "--axis": axis, "--zoom": zoom}
    idle = [name for name, value in given.items() if value is not None]
    if idle and not curves:
        raise CommandError(f"{idle[0]} goes with --curves")
    if smooth is not None and not 0 <= smooth < 1:
        raise CommandError(f"--smooth must be from 0 to below 1, such as 0.9 (given: {smooth:g})")
    return Drawn(metric or Shown.COST, log, smooth or 0.0, axis or Unit.STEPS, _read_zoom(zoom) if zoom is not None else None)


def _read_zoom(text: str) -> tuple[float, float]:
    begin, colon, end = text.partition(":")
    try:
        low, high = float(begin or "-inf"), float(end or "inf")
    except ValueError:
        low = high = 0.0
    if not colon or not low < high:
        raise CommandError(f"--zoom must be FROM:TO with the smaller number first, such as 100:500 or 100: (given: {text})")
    return low, high
