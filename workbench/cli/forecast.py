"""The command that says how signal and gradient will pass a network, before it is trained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.flags import Group, Setting, experiment_flags
from workbench.cli.history import Db, history_path

if TYPE_CHECKING:
    from engine.insight.forecast_records import Forecast

OF = {"rich_help_panel": Group.RUN}


@experiment_flags
def forecast(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.toml", help="an experiment as a TOML file", show_default=False)
    ] = None,
    settings: Mapping[str, Setting] = {},
    *,
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
        str | None, typer.Option(metavar="RUN", help="begin from a stored run's experiment", show_default=False, **OF)
    ] = None,
    measure: Annotated[
        bool, typer.Option("--measure/--no-measure", help="make the network and measure one batch and some steps as well")
    ] = True,
    db: Db = None,
    as_json: Annotated[bool, typer.Option("--json", help="all of it as one JSON object instead")] = False,
) -> None:
    """Foresee signal and gradient before the first step.

    Theory works from the experiment alone; beside it stands what one batch of the data shows. Takes the options of
    `workbench run`. Nothing is trained or recorded.
    """
    from engine.insight.forecast import forecast as foresee
    from workbench.cli.data import reading
    from workbench.cli.experiments import Request, requested
    from workbench.cli.forecast_tables import facts, print_forecast
    from workbench.cli.output import print_json

    request = Request(settings, tuple(assignments or ()), file, like, preset=preset)
    lead = requested(request, history_path(db)).experiments[0]
    with reading() as progress:
        made: Forecast = foresee(lead, measure=measure, progress=progress)
    if as_json:
        print_json(facts(made))
    else:
        print_forecast(made)
