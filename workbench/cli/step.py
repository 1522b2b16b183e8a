"""The command that looks at one step of training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.errors import ExitCode
from workbench.cli.flags import FLAGS, Group, Setting, experiment_flags
from workbench.cli.history import Db, history_path

if TYPE_CHECKING:
    from engine.experiment import Experiment
    from engine.training.records import Branch
    from workbench.cli.experiments import Request

LOOK = {"rich_help_panel": Group.RUN}


def _step_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of an experiment; `--steps` says which step is looked at."""
    flags = [flag for flag in FLAGS if flag.path != "batch_size"]
    meant = {"steps": "the step to look at: train so many, with small batches, and look at the last"}
    return experiment_flags(command, [replace(flag, help=meant.get(flag.path, flag.help)) for flag in flags])


@_step_flags
def step(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.toml", help="an experiment as a TOML file", show_default=False)
    ] = None,
    settings: Mapping[str, Setting] = {},
    *,
    examples: Annotated[int, typer.Option(metavar="N", min=1, help="examples in the batch", **LOOK)] = 4,
    units: Annotated[
        int, typer.Option(metavar="N", min=1, help="units, examples and inputs of each layer that are shown", **LOOK)
    ] = 4,
    start: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="RUN", help="begin with a stored run's weights, not with first weights", show_default=False, **LOOK
        ),
    ] = None,
    like: Annotated[
        str | None, typer.Option(metavar="RUN", help="a stored run's experiment, with first weights", show_default=False, **LOOK)
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="PATH=VALUE", help="any setting by its path (see `workbench choices settings`); repeatable", **LOOK
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="compare the gradients with central differences; exit code 1 if they differ")
    ] = False,
    db: Db = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line: the step, each layer, the check")] = False,
) -> None:
    """Look at one step: forward pass, cost, back-propagation, update.

    For each layer: what enters, its values, slopes and gradients, its weights before and after, each with its formula. Nothing
    is recorded.
    """
    from engine.microscope import examine_step
    from workbench.cli.data import reading
    from workbench.cli.experiments import Request
    from workbench.cli.step_json import print_objects
    from workbench.cli.step_tables import print_tables

    given = dict(settings)
    steps = given.pop("steps", 1)
    path = history_path(db)
    experiment, branch = _asked(Request(given, tuple(assignments or ()), file, like), start, path)
    with reading() as progress:
        seen = examine_step(experiment, examples=examples, steps=_number(steps), start=branch, check=check, progress=progress)
    (print_objects if as_json else print_tables)(seen, units, start)
    if seen.check is not None and not seen.check.passed:
        raise typer.Exit(ExitCode.FAILED)


def _asked(request: Request, start: str | None, db: Path) -> tuple[Experiment, Branch | None]:
    """The experiment, and where it begins.

    Raises:
        ConfigurationError, CommandError, HistoryError: it cannot be made.
    """
    from workbench.cli.errors import CommandError
    from workbench.cli.experiments import requested, with_request

    if start is None:
        return requested(request, db).experiments[0], None
    if request.file or request.like:
        raise CommandError(f"give {'an experiment file' if request.file else '--like'} or --from, not both")
    from engine.training.records import Branch
    from workbench.history import History
    from workbench.stored import checkpoint_of

    with History.open(db) as history:
        run = history.run(start)
        found = checkpoint_of(history, run)
    return with_request(run.experiment, request), Branch(found.path, found.member)


def _number(steps: Setting) -> int:
    from workbench.cli.errors import CommandError

    if isinstance(steps, int) and steps >= 1:
        return steps
    raise CommandError(f"--steps must be a whole number from 1 on, not {steps!r}")
