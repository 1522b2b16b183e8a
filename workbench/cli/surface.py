"""The command that draws the cost over two weights."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.errors import CommandError
from workbench.cli.flags import FLAGS, Group, Kind, Setting, experiment_flags
from workbench.cli.history import Db, history_path

if TYPE_CHECKING:
    from engine.experiment import Experiment
    from engine.insight.surface_records import Along, Surface
    from engine.training.records import Branch
    from workbench.cli.experiments import Request

OF = {"rich_help_panel": Group.RUN}
AXES = {"rich_help_panel": "Surface"}
_WEIGHT = r"\s*([^\[\],]+?)\s*\[\s*(\d+(?:\s*,\s*\d+)*)\s*\]\s*"
_LINES = 25  # of a map
_RASTER, _VECTOR = ".png", ".svg"


def _surface_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of an experiment; `--cost` may name several."""
    words = "what is drawn: one or several costs with commas between, side by side; see `workbench choices costs`"
    flags = [replace(flag, kind=Kind.WORDS, metavar="A,B,…", help=words) if flag.path == "cost" else flag for flag in FLAGS]
    return experiment_flags(command, flags)


@_surface_flags
def surface(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.toml", help="an experiment as a TOML file", show_default=False)
    ] = None,
    settings: Mapping[str, Setting] = {},
    *,
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help='the two weights by layer and position from 0, such as "hidden 1[0,0], output[0,0]", which is the default',
            show_default=False,
            **AXES,
        ),
    ] = None,
    directions: Annotated[
        bool,
        typer.Option("--directions", help="two random directions of all weights, normalized filter by filter, instead", **AXES),
    ] = False,
    reach: Annotated[
        float | None,
        typer.Option(
            "--range",
            metavar="X",
            help="how far to go to both sides; 15 for weights, 1 for directions",
            show_default=False,
            **AXES,
        ),
    ] = None,
    points: Annotated[
        int | None,
        typer.Option(metavar="N", help="points along each axis; 41, or fewer for a large network", show_default=False, **AXES),
    ] = None,
    examples: Annotated[int, typer.Option(metavar="N", help="training examples that the cost is the mean of", **AXES)] = 300,
    start: Annotated[
        str | None,
        typer.Option(
            "--of", metavar="RUN", help="about a stored run's weights, not about first weights", show_default=False, **OF
        ),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="PATH=VALUE", help="any setting by its path (see `workbench choices settings`); repeatable", **OF
        ),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(metavar="NAME", help="begin from a preset, see `workbench presets`", show_default=False, **OF)
    ] = None,
    like: Annotated[
        str | None, typer.Option(metavar="RUN", help="a stored run's experiment, with first weights", show_default=False, **OF)
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write it into a PNG or SVG file as well", show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="replace the file of --picture if it is there already")] = False,
    db: Db = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per cost instead")] = False,
) -> None:
    """Draw the cost over two weights, or along two directions.

    At first weights, or those of a stored run. With several costs one sees which has the worse plateaus: the share of the points
    whose slope is at most 1 % of the steepest. Nothing is trained or recorded.
    """
    from engine.insight.surface import surface_of
    from workbench.cli.data import reading
    from workbench.cli.destination import check_destination
    from workbench.cli.experiments import Request

    given = dict(settings)
    costs = given.pop("cost", [])
    _check_picture(picture)
    check_destination(picture, replace=force)
    along = _along(weights, directions=directions)
    lead, branch = _asked(Request(given, tuple(assignments or ()), file, like, preset=preset), start, history_path(db))
    experiments = [lead.with_settings({"cost": cost}) for cost in costs] if isinstance(costs, list) and costs else [lead]
    with reading() as progress:
        surfaces = [
            surface_of(each, along, reach=reach, points=points, examples=examples, start=branch, progress=progress)
            for each in experiments
        ]
    _tell(surfaces, as_json=as_json)
    if picture is not None:
        _write(surfaces, f"Cost about run {start}" if start else "Cost about first weights", picture, replace_it=force)


def _asked(request: Request, start: str | None, db: Path) -> tuple[Experiment, Branch | None]:
    """The experiment, and whose weights are taken.

    Raises:
        ConfigurationError, CommandError, HistoryError: it cannot be made.
    """
    from workbench.cli.experiments import requested, with_request

    if start is None:
        return requested(request, db).experiments[0], None
    others = {"an experiment file": request.file, "--like": request.like, "--preset": request.preset}
    for words, given in others.items():
        if given:
            raise CommandError(f"give {words} or --of, not both")
    from engine.training.records import Branch
    from workbench.history import History
    from workbench.stored import checkpoint_of

    with History.open(db) as history:
        run = history.run(start)
        found = checkpoint_of(history, run)
    return with_request(run.experiment, request), Branch(found.path, found.member)


def _along(weights: str | None, *, directions: bool) -> Along | None:
    """What the axes are to be; None: the usual weights.

    Raises:
        CommandError: it cannot be understood.
    """
    from engine.insight.surface_records import Directions, WeightAt

    if directions:
        if weights:
            raise CommandError("give --weights or --directions, not both")
        return Directions()
    if weights is None:
        return None
    match = re.fullmatch(f"{_WEIGHT},{_WEIGHT}", weights)
    if match is None:
        raise CommandError(f'--weights must name two weights, such as "hidden 1[0,0], output[0,0]", not {weights!r}')
    one, other = (WeightAt(match[n], tuple(int(place) for place in match[n + 1].split(","))) for n in (1, 3))
    return one, other


def _check_picture(path: Path | None) -> None:
    if path is not None and path.suffix.lower() not in (_RASTER, _VECTOR):
        raise CommandError(f"--picture must end in {_RASTER} or {_VECTOR}, not {path.name}")


def _tell(surfaces: Sequence[Surface], *, as_json: bool) -> None:
    """The surfaces as maps with a table of their figures, or as objects."""
    from workbench.cli.output import make_table, print_json, print_table
    from workbench.cli.show_layers import print_drawing, width_of_drawings
    from workbench.plots.heat import heat_text
    from workbench.plots.numbers import format_number, format_share
    from workbench.plots.surface import surfaces_rows

    if as_json:
        for each in surfaces:
            print_json(_facts(each))
        return
    print_drawing(heat_text(surfaces_rows(surfaces, width_of_drawings(), _LINES)))
    print()
    columns = ["cost", "least", "here", "greatest", "steepest slope", "plateau"]
    table = make_table(columns, numbers=columns[1:])
    for each in surfaces:
        figures = (each.costs.min(), each.here, each.costs.max(), each.steepest)
        table.add_row(each.cost, *map(format_number, figures), format_share(each.plateau))
    print_table(table)
    print(f"\nMeans over {surfaces[0].examples:,} training examples. On a plateau the slope is at most 1 % of the steepest.")


def _facts(surface: Surface) -> dict[str, object]:
    axes = {
        name: {"label": axis.label, "here": axis.here, "values": axis.values.tolist()}
        for name, axis in (("x", surface.x), ("y", surface.y))
    }
    return {
        "cost": surface.cost,
        **axes,
        "here": surface.here,
        "plateau": surface.plateau,
        "steepest": surface.steepest,
        "examples": surface.examples,
        "costs": surface.costs.tolist(),
        "gradients": surface.gradients.tolist(),
    }


def _write(surfaces: Sequence[Surface], title: str, path: Path, *, replace_it: bool) -> None:
    from workbench.cli.destination import destination
    from workbench.plots.surface_page import surface_page

    page = surface_page(surfaces, title)
    with destination(path, replace=replace_it) as file:
        if path.suffix.lower() == _VECTOR:
            from workbench.plots.vector import svg_of

            file.write(svg_of(page, title))
        else:
            from workbench.plots.figure_png import png_of

            file.buffer.write(png_of(page))
    print(f"Written: {path}", file=sys.stderr)
