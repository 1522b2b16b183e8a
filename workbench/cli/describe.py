"""The command that shows what an experiment comes to before it is trained."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.flags import Group, Setting, experiment_flags
from workbench.cli.history import Db, history_path

if TYPE_CHECKING:
    from engine.data_outline import DataOutline
    from engine.experiment import Experiment
    from engine.outline import Outline

OF = {"rich_help_panel": Group.RUN}
COLOURS = {
    "net--bar": "cyan",
    "net--name": "bold",
    "net--shape": "",
    "net--sign": "green",
    "net--number": "",
    "net--muted": "bright_black",
}


@experiment_flags
def describe(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.toml", help="an experiment as a TOML file", show_default=False)
    ] = None,
    settings: Mapping[str, Setting] = {},
    *,
    seeds: Annotated[int, typer.Option(metavar="N", help="networks that are trained at once", **OF)] = 1,
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
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.toml", help="write the experiment into a file that `workbench run` reads", show_default=False, **OF
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="replace the file of --save if it is there already", **OF)] = False,
    db: Db = None,
    as_json: Annotated[bool, typer.Option("--json", help="the numbers as one JSON object instead")] = False,
) -> None:
    """Draw a network and count what it takes, without training it.

    Parameters, memory, arithmetic and steps are counted. Takes the options of `workbench run`. Data are read only where their shape is not known without it.
    """
    from engine.outline import outline
    from workbench.cli.experiments import Request, requested
    from workbench.cli.output import print_json

    request = Request(settings, tuple(assignments or ()), file, like, seeds, preset=preset)
    experiments = requested(request, history_path(db)).experiments
    lead = experiments[0]
    made = outline(lead, _data(lead), len(experiments))
    if save is not None:
        _save(save, lead, replace=force)
    if as_json:
        print_json(_facts(made))
    else:
        _draw(made, lead)


def _data(experiment: Experiment) -> DataOutline:
    """What is known of the data; files on this machine are read for it."""
    from engine.data import load_dataset
    from engine.data_outline import known, outline_of
    from workbench.cli.data import reading

    settings = experiment.data
    if (found := known(settings)) is not None:
        return found
    with reading() as progress:
        return outline_of(load_dataset(settings, progress))


def _save(path: Path, experiment: Experiment, *, replace: bool) -> None:
    from engine.population import whole_ensemble
    from workbench.cli.errors import CommandError
    from workbench.experiment_files import ExperimentFileError, write_experiment_file

    try:
        write_experiment_file(path, whole_ensemble(experiment), replace=replace)
    except FileExistsError:
        raise CommandError(f"{path} is there already; name another file, or replace it with --force") from None
    except ExperimentFileError as error:
        raise CommandError(str(error)) from None
    print(f"Written: {path}", file=sys.stderr)


def _facts(made: Outline) -> Mapping[str, object]:
    return {**asdict(made), "memory": {**asdict(made.memory), "total": made.memory.total}}


def _draw(made: Outline, experiment: Experiment) -> None:
    from rich.text import Text

    from workbench.cli.output import console
    from workbench.plots.network import network_rows, number_rows

    screen = console()
    width = min(screen.width, 120)
    print(f"{experiment.data.name}: {made.cost} by {made.optimizer}\n")
    rows: Sequence[Sequence[tuple[str, str]]] = (*network_rows(made, width), (), *number_rows(made, width))
    if not screen.is_terminal or screen.no_color:
        sys.stdout.write("".join("".join(text for text, _ in row).rstrip() + "\n" for row in rows))
        return
    with screen.capture() as drawn:  # rich would answer a broken pipe by ending the program
        for row in rows:
            screen.print(Text.assemble(*((text, COLOURS[style]) for text, style in row)), no_wrap=True, crop=True)
    sys.stdout.write(drawn.get())
