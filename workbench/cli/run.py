"""The command that trains."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.flags import Group, Setting, experiment_flags
from workbench.cli.history import Db, history_path

RUN = {"rich_help_panel": Group.RUN}


@experiment_flags
def run(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.toml", help="an experiment as a TOML file", show_default=False)
    ] = None,
    settings: Mapping[str, Setting] = {},
    *,
    seeds: Annotated[
        int, typer.Option(metavar="N", help="train N runs at once (10,000 at most), with seeds that follow", **RUN)
    ] = 1,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="PATH=VALUE", help="any setting by its path (see `workbench choices settings`); repeatable", **RUN
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="begin from a preset, see `workbench presets`", show_default=False, **RUN),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="begin from a stored run's experiment, seed included", show_default=False, **RUN),
    ] = None,
    branch: Annotated[
        str | None,
        typer.Option(
            metavar="RUN", help="begin from a checkpoint of a stored run, with changed settings", show_default=False, **RUN
        ),
    ] = None,
    at: Annotated[
        int | None,
        typer.Option(
            metavar="STEP", help="with --branch: the checkpoint of this step; without it the latest", show_default=False, **RUN
        ),
    ] = None,
    replay: Annotated[
        str | None,
        typer.Option(
            metavar="RUN", help="repeat a stored run, with what was changed while it was trained", show_default=False, **RUN
        ),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            help="go on with a run that was stopped, interrupted or killed, from its latest checkpoint; the runs that were trained "
            "together go on together",
            show_default=False,
            **RUN,
        ),
    ] = None,
    name: Annotated[str, typer.Option(metavar="TEXT", help="name of the run", show_default=False, **RUN)] = "",
    tags: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="tag of the run; repeatable", **RUN)] = None,
    note: Annotated[str, typer.Option(metavar="TEXT", help="note on the run", show_default=False, **RUN)] = "",
    db: Db = None,
    as_json: Annotated[bool, typer.Option("--json", help="every event as one JSON object per line on stdout")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="no progress")] = False,
) -> None:
    """Train a network and record every measurement.

    What is not given takes its default, the file's value or, with --like and --branch, the stored run's value. Options have the
    last word over a file, and --set over options. Choices with parameters are written as text: "leaky_relu(slope=0.1)".
    """
    from workbench.cli.experiments import Request, requested
    from workbench.cli.session import Session, train

    path = history_path(db)
    labels = [option for option, given in (("--name", name), ("--tag", tags), ("--note", note)) if given]
    request = Request(settings, tuple(assignments or ()), file, like, seeds, branch, at, replay, resume, labels, preset)
    made = requested(request, path)
    session = Session(path, name, tuple(tags or ()), note, made, as_json=as_json, quiet=quiet)
    raise typer.Exit(train(made.experiments, session))
