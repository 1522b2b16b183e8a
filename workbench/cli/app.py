"""The commands and what `workbench` alone does. Commands import what they need when they are called."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from workbench.cli.choices import choices
from workbench.cli.compare import compare
from workbench.cli.data import data_app
from workbench.cli.describe import describe
from workbench.cli.diagnose import diagnose
from workbench.cli.doctor import doctor
from workbench.cli.edit import archive, delete, note, rename, restore, tag, unarchive
from workbench.cli.errors import guarded
from workbench.cli.explain import explain
from workbench.cli.export import export
from workbench.cli.fix import fix
from workbench.cli.forecast import forecast
from workbench.cli.help import GroupedCommand
from workbench.cli.history import Db
from workbench.cli.predict import predict
from workbench.cli.presets import presets
from workbench.cli.recipes import recipes
from workbench.cli.report import report
from workbench.cli.reproduce import reproduce
from workbench.cli.run import run
from workbench.cli.runs import runs
from workbench.cli.show import show
from workbench.cli.step import step
from workbench.cli.surface import surface


class Commands(TyperGroup):
    """The group of all commands; says what is wrong with a word in our own words."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:  # its message is that of the library which checked the word
            error.message = error.message.removeprefix("Value error, ").replace("Input should be", "must be")
            raise


app = typer.Typer(
    name="workbench",
    cls=Commands,
    # Plain help: loading the library that would decorate it takes longer than all the rest of a short command.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
for command in (
    *(run, describe, forecast, surface, step, predict, runs, show, compare, diagnose, fix, explain, export),
    *(reproduce, recipes, report),
    *(tag, note, rename, archive, unarchive, delete, restore, choices, presets, doctor),
):
    app.command(cls=GroupedCommand)(guarded(command))
app.add_typer(data_app, name="data")


class Look(StrEnum):
    """How the interface looks."""

    DARK = "dark"
    LIGHT = "light"
    ANSI = "ansi"  # the 16 colours of the terminal


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"workbench {version('training-workbench')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
@guarded
def workbench(
    context: typer.Context,
    *,
    db: Db = None,
    theme: Annotated[
        Look | None,
        typer.Option("--theme", help="look of the interface; ansi: the 16 colours of the terminal", show_default=False),
    ] = None,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version")] = False,
) -> None:
    """Understand why neural networks train or fail to train.

    Without a command the interface opens. Where there is no terminal, the default experiment is trained instead.

    Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 diverged, 130 interrupted.
    """
    if context.invoked_subcommand is not None:
        if db is not None:  # before the command it means the same as after it, where it has the last word
            context.default_map = {context.invoked_subcommand: {"db": str(db)}}
        return
    from workbench.cli.history import history_path

    path = history_path(db)
    if sys.stdin.isatty() and sys.stdout.isatty():
        from workbench.tui.app import run_app

        run_app(path, theme=f"workbench-{theme}" if theme is not None else None)
        return
    from engine.experiment import Experiment
    from workbench.cli.session import Session, train

    print("No terminal: training the default experiment. `workbench --help` names the commands.", file=sys.stderr)
    raise typer.Exit(train((Experiment(),), Session(path, plain_progress=True)))
