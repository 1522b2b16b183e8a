"""The command that trains recipes and judges their claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.history import Db

if TYPE_CHECKING:
    from workbench.recipes.records import Recipe


def reproduce(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RECIPE…]", help="names of recipes (see `workbench recipes`), or their files", show_default=False
        ),
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="all recipes there are")] = False,
    scale: Annotated[str, typer.Option(metavar="quick|full|paper", help="how much is trained")] = "quick",
    seeds: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="runs of each group, instead of the recipe's number", show_default=False),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="where the data are, in it or in folders named after the sets", show_default=False),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="PATH=VALUE", help="a setting over all others (see `workbench choices settings`); repeatable"
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, metavar="N", help="so many recipes at once, each in a process of its own")] = 1,
    check: Annotated[bool, typer.Option("--check", help="judge by the runs that are there, and train nothing")] = False,
    any_version: Annotated[
        bool, typer.Option("--any-version", help="take runs that other versions of the workbench have trained, too")
    ] = False,
    db: Db = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="one JSON object per line: begun, group, failed, note, verdict, finished")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="no progress")] = False,
) -> None:
    """Train what recipes describe, and say whether their claims hold.

    Runs that the history holds already are not trained again, whichever command of this version trained them: after Ctrl-C the same
    command goes on where it was. For example: workbench reproduce vanishing-gradient, or workbench reproduce --all --jobs 2.

    Exit codes: 0 all claims hold, 1 one does not or cannot be judged, 2 wrong usage or recipe, 130 interrupted.
    """
    from workbench.cli.errors import CommandError
    from workbench.cli.history import history_path
    from workbench.cli.recipes import readable
    from workbench.cli.reproductions import Wanted, reproduced
    from workbench.recipes.planning import plan

    if everything == bool(names):
        raise CommandError("name recipes, or give --all; `workbench recipes` lists them")
    settings = _settings(assignments or ())
    with readable():
        chosen = _chosen(names or (), scale)
        plans = [plan(each, scale, seeds=seeds, data_dir=data_dir, settings=settings) for each in chosen.values()]
    wanted = Wanted(
        names=tuple(chosen),
        plans=tuple(plans),
        settings=settings,
        options=_options(scale, seeds, data_dir, assignments or (), check=check, any_version=any_version),
        db=history_path(db),
        check=check,
        any_version=any_version,
        as_json=as_json,
        quiet=quiet,
        summed_up=everything or len(plans) > 1,
    )
    raise typer.Exit(reproduced(wanted, jobs))


def _settings(assignments: Sequence[str]) -> Mapping[str, Any]:
    if not assignments:
        return {}
    from workbench.cli.experiments import assignment

    return dict(map(assignment, assignments))


def _chosen(names: Sequence[str], scale: str) -> Mapping[str, Recipe]:
    """The recipes that are meant, by what they were asked for: those named, or all that have this scale.

    Raises:
        ConfigurationError: there is no such recipe, or one cannot be read.
    """
    import sys

    from engine.errors import ConfigurationError
    from workbench.cli.recipes import asked_for

    found = asked_for(names)
    if names:
        return found
    fitting = {name: each for name, each in found.items() if scale in each.scales}
    if not fitting:
        raise ConfigurationError.at("", f"no recipe has a scale {scale}; give --scale quick or --scale full")
    if left := [name for name in found if name not in fitting]:
        print(f"workbench: left out, for they have no scale {scale}: {', '.join(left)}", file=sys.stderr)
    return fitting


def _options(
    scale: str, seeds: int | None, data_dir: Path | None, assignments: Sequence[str], *, check: bool, any_version: bool
) -> list[str]:
    """The same options for a process that does one of the recipes."""
    options = ["--scale", scale]
    options += ["--seeds", str(seeds)] if seeds is not None else []
    options += ["--data-dir", str(data_dir)] if data_dir is not None else []
    options += [word for text in assignments for word in ("--set", text)]
    return [*options, *(["--check"] if check else []), *(["--any-version"] if any_version else [])]
