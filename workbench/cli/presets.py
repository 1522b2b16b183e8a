"""The command that lists the experiments that come with the workbench."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from workbench.experiment_files import ExperimentFile


def presets(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="print this one as TOML; without it all are listed", show_default=False)
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
) -> None:
    """List experiments to begin with, each with what it shows.

    `workbench run --preset NAME` trains one; options change it. Experiment files of your own in ./sessions are listed as well: those are
    trained with `workbench run sessions/NAME.toml`.
    """
    from workbench import experiment_files
    from workbench.cli.errors import CommandError
    from workbench.cli.output import make_table, print_json, print_table

    try:
        found = (
            [experiment_files.preset(name)] if name else [*experiment_files.presets(), *experiment_files.own_experiment_files()]
        )
    except experiment_files.ExperimentFileError as error:
        raise CommandError(str(error)) from None
    if as_json:
        for each in found:
            own = each.path.parent != experiment_files.PRESETS
            facts = {"title": each.title, "about": each.about, "path": str(each.path) if own else None}
            print_json({"name": each.name, **facts, "experiment": each.experiment.to_dict()})
        return
    if name:
        print(f"# {found[0].title}: {found[0].about}\n{experiment_files.toml_text(found[0].experiment)}", end="")
        return
    from rich.text import Text

    table = make_table(["preset", "what it shows"])
    table.columns[0].width = max(len(_named(each)) for each in found)  # a name is never broken
    for each in found:
        table.add_row(_named(each), Text(f"{each.title}\n{each.about}\n"))
    print_table(table, most=120)


def _named(file: ExperimentFile) -> str:
    """How it is asked for: a preset by its name, a file of one's own by its path."""
    from workbench.experiment_files import PRESETS

    return file.name if file.path.parent == PRESETS else str(file.path)
