"""The command that writes the page of results."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from workbench.cli.history import Db, history_path

if TYPE_CHECKING:
    from workbench.history.reproductions import ReproductionRow
    from workbench.history.series import SeriesHistory
    from workbench.recipes.records import Recipe
    from workbench.report.maps import MakeSurface
    from workbench.report.records import Shown
    from workbench.report.section import Reported
    from workbench.report.stored import Result


def report(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RECIPE…]", help="names of recipes, or their files; all if none is named", show_default=False),
    ] = None,
    *,
    scale: Annotated[
        str | None,
        typer.Option(
            metavar="quick|full|paper",
            help="results at this scale alone; without it each recipe's at the largest scale at which it was judged",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE.md", help="write the page into a file", show_default=False)
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="where its pictures go as SVG files; beside --output pictures/NAME if not given; without both they are drawn in text",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="replace the page and pictures that are there already")] = False,
    db: Db = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="one JSON object per recipe with the numbers of its tables and pictures instead")
    ] = False,
) -> None:
    """Write what recipes came to as a page of Markdown.

    Claims with their numbers, tables and pictures; all of it comes from the history that `workbench reproduce` keeps; nothing is trained. For example:
    workbench report --output results.md.
    """
    from workbench.cli.destination import check_destination, destination
    from workbench.cli.recipes import asked_for, readable
    from workbench.history.series import SeriesHistory
    from workbench.report.results import page
    from workbench.report.stored import largest

    _check_scale(scale)
    check_destination(output, replace=force)
    with readable():
        recipes = list(asked_for(names or ()).values())
    folder = None if as_json else pictures or (output.parent / "pictures" / output.stem if output is not None else None)
    with SeriesHistory.open(history_path(db)) as history:
        others = largest(history)
        made = others if scale is None else history.latest_reproductions(scale)
        written = _Pictures(folder, output.parent if output is not None else Path(), replace=force)
        with readable():
            reported = [_reported(each, made[each.name], history, written) for each in recipes if each.name in made]
    text = _json(reported) if as_json else page(recipes, reported, others, scale)
    with destination(output, replace=force) as file:
        file.write(text)
    if output is not None:
        print(f"Written: {output}" + (f", {written.count} pictures in {folder}" if written.count else ""), file=sys.stderr)


def _json(reported: Sequence[Reported]) -> str:
    from workbench.cli.output import json_text
    from workbench.report.fields import recipe_fields

    return "".join(json_text(recipe_fields(each)) + "\n" for each in reported)


def _check_scale(scale: str | None) -> None:
    from engine.catalog import unknown_name
    from workbench.cli.errors import CommandError
    from workbench.recipes.parts import SCALES

    if scale is not None and scale not in SCALES:
        raise CommandError(f"--scale: {unknown_name('scale', scale, SCALES)}")


def _reported(recipe: Recipe, made: ReproductionRow, history: SeriesHistory, written: _Pictures) -> Reported:
    """A recipe's tables and pictures; those that can be files become such.

    Raises:
        ConfigurationError: the recipe no longer fits what was judged.
        CommandError, OSError: a picture cannot be written.
    """
    from workbench.report.section import Reported
    from workbench.report.showing import shown
    from workbench.report.stored import result_of

    result = result_of(recipe, made, history)
    surfaces = _surfaces(result)
    everything = tuple(shown(each, result.plan, result.runs, surfaces) for each in recipe.show)
    links = tuple(written.link(f"{recipe.name}-{number}", each) for number, each in enumerate(everything, 1))
    return Reported(result, everything, links)


def _surfaces(result: Result) -> MakeSurface | None:
    """What works out cost surfaces, if there are any; it loads PyTorch."""
    from workbench.recipes.records import ShowKind

    if all(each.kind != ShowKind.SURFACE for each in result.recipe.show):
        return None
    from workbench.report.surfaces import Surfaces

    first = {label: records[0] for label, records in result.records.items()}
    return Surfaces({label: record for label, record in first.items() if record is not None})


class _Pictures:
    """Writes pictures as SVG files and says how the page names them.

    Args:
        folder: Where they go; None: nowhere.
        beside: The folder of the page.
        replace: Whether files that are there already are replaced.
    """

    def __init__(self, folder: Path | None, beside: Path, *, replace: bool) -> None:
        self._folder, self._beside, self._replace = folder, beside, replace
        self.count = 0

    def link(self, name: str, shown: Shown) -> str:
        """Write a picture; return its path from the page, or nothing if there is none to write."""
        from workbench.cli.destination import destination
        from workbench.plots.vector import svg_of
        from workbench.report.figures import page_of

        drawn = page_of(shown) if self._folder is not None else None
        if self._folder is None or drawn is None:
            return ""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name}.svg"
        with destination(path, replace=self._replace) as file:
            file.write(svg_of(drawn, shown.title))
        self.count += 1
        return quote(Path(os.path.relpath(path, self._beside)).as_posix())
