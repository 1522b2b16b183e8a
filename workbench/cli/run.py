"""The command that trains."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.flags import Setting, experiment_flags
from workbench.cli.history import Db, history_path


@experiment_flags
def run(
    recipe: Annotated[
        Path | None, typer.Argument(metavar="RECIPE.toml", help="an experiment as a TOML file", show_default=False)
    ] = None,
    settings: Mapping[str, Setting] = {},
    *,
    seeds: Annotated[int, typer.Option(metavar="N", help="train N runs at once (10,000 at most), with seeds that follow")] = 1,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="PATH=VALUE", help="any setting by its path (see `workbench choices settings`); repeatable"
        ),
    ] = None,
    like: Annotated[
        str | None, typer.Option(metavar="RUN", help="begin from a stored run's experiment, seed included", show_default=False)
    ] = None,
    name: Annotated[str, typer.Option(metavar="TEXT", help="name of the run", show_default=False)] = "",
    tags: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="tag of the run; repeatable")] = None,
    note: Annotated[str, typer.Option(metavar="TEXT", help="note on the run", show_default=False)] = "",
    db: Db = None,
    as_json: Annotated[bool, typer.Option("--json", help="every event as one JSON object per line on stdout")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="no progress")] = False,
) -> None:
    """Train a network and record every measurement.

    What is not given takes its default, the recipe's value or, with --like, the stored run's value. Options have the last
    word over a recipe, and --set over options. Choices with parameters are written as text: "leaky_relu(slope=0.1)".
    """
    from workbench.cli.experiments import Request, requested
    from workbench.cli.session import Session, train

    path = history_path(db)
    request = Request(settings, tuple(assignments or ()), recipe, like, seeds)
    made = requested(request, path)
    session = Session(path, name, tuple(tags or ()), note, made.parent, made.expected_data, as_json=as_json, quiet=quiet)
    raise typer.Exit(train(made.experiments, session))
