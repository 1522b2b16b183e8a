"""From the words of the command line to experiments: recipe or stored run, then flags, then --set."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import ConfigurationError, Problem
from engine.experiment import SETTINGS, Experiment
from engine.parts import is_csv
from workbench.cli.errors import CommandError
from workbench.cli.flags import Setting, number_or_text, numbers, option_of, takes_numbers
from workbench.compare import same_data_asked

if TYPE_CHECKING:
    from workbench.history.records import RunRecord

MOST_SEEDS = 10_000
"""So many runs are trained by one command at the most; their experiments are all made before the first one begins."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be trained, as it was asked for."""

    settings: Mapping[str, Setting]
    """From flags, by dotted path."""
    assignments: Sequence[str] = ()
    """From --set, as `path=value`; they have the last word."""
    recipe: Path | None = None
    like: str | None = None
    """A stored run to begin from."""
    seeds: int = 1
    """Experiments to make, with seeds that follow each other."""


@dataclass(frozen=True, slots=True)
class Requested:
    """The experiments, and the run that they were made from."""

    experiments: tuple[Experiment, ...]
    parent: int | None
    expected_data: str = ""
    """The fingerprint of the data that the parent was trained on, where the same data are asked for; empty if it is not known."""


def requested(request: Request, db: Path) -> Requested:
    """Make the experiments that were asked for.

    Raises:
        ConfigurationError: with all that is wrong, each with the option that it came from.
        CommandError: the recipe cannot be read, or the words cannot be understood.
        HistoryError: there is no such run.
    """
    if request.recipe and request.like:
        raise CommandError("give a recipe or --like RUN, not both")
    if request.seeds < 1:
        raise CommandError(f"--seeds must be at least 1, not {request.seeds}")
    if request.seeds > MOST_SEEDS:
        raise CommandError(f"--seeds must be at most {MOST_SEEDS:,}, not {request.seeds:,}; give more with another --seed")
    assigned = dict(map(_assignment, request.assignments))
    base, parent = Experiment(), None
    if request.recipe:
        base = _from_recipe(request.recipe)
    elif request.like:
        parent = _from_history(request.like, db)
        base = parent.experiment
    settings: dict[str, Setting | None] = {**request.settings, **assigned}
    try:
        experiment = base.with_settings(_completed(settings))
    except ConfigurationError as error:
        raise _with_options(error, request) from None
    seeds = range(experiment.seed, experiment.seed + request.seeds)
    experiments = tuple(experiment.with_settings({"seed": seed}) for seed in seeds)
    if parent is None:
        return Requested(experiments, None)
    return Requested(experiments, parent.id, parent.data_fingerprint if same_data_asked(base, experiment) else "")


def _from_recipe(path: Path) -> Experiment:
    """Read a recipe. Files that it names are looked for from its own folder."""
    try:
        experiment = Experiment.from_toml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CommandError(f"there is no recipe {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"recipe {path} cannot be read: {error}") from None
    except ConfigurationError as error:
        raise ConfigurationError([Problem(f"{path}: {p.path}".removesuffix(": "), p.message) for p in error.problems]) from None
    files = _absolute({"data.name": experiment.data.name, "data.dir": experiment.data.dir}, path.parent)
    data = {name.removeprefix("data."): value for name, value in files.items()}
    return experiment.model_copy(update={"data": experiment.data.model_copy(update=data)})  # the same data, with all its settings


def _from_history(ref: str, db: Path) -> RunRecord:
    from workbench.history import History

    with History.open(db) as history:
        return history.run(ref)


def _assignment(text: str) -> tuple[str, Setting | None]:
    """Read `path=value`; the value as in TOML, or else as plain text; `none` takes the default."""
    path, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not path:
        raise CommandError(f"--set wants path.to.field=value, such as monitor.every=10, not {text!r}")
    if path not in SETTINGS:
        raise CommandError(f"--set {path}: {_unknown_path(path)}")
    if value.lower() == "none":
        return path, None
    try:
        read = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        read = number_or_text(value)
    if takes_numbers(path) and not isinstance(read, list):
        return path, numbers(value)
    return path, read if isinstance(read, str | int | float | bool | list) else value


def _unknown_path(path: str) -> str:
    near = difflib.get_close_matches(path.lower(), SETTINGS, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    return f"there is no such setting.{hint} `workbench choices settings` shows all"


def _completed(settings: Mapping[str, Setting | None]) -> dict[str, Setting | None]:
    """Add what the given settings imply: absolute paths, and the end of the steps or epochs that they replace."""
    completed = _absolute(settings, Path.cwd())
    if "steps" in completed and "epochs" not in completed:
        completed["epochs"] = None
    elif "epochs" in completed and "steps" not in completed:
        completed["steps"] = None
    return completed


def _absolute(settings: Mapping[str, Setting | None], folder: Path) -> dict[str, Setting | None]:
    """The same settings with files named from the root, so that the run can be repeated from elsewhere."""
    absolute = dict(settings)
    name, directory = settings.get("data.name"), settings.get("data.dir")
    if isinstance(name, str) and is_csv(name):
        absolute["data.name"] = str((folder / Path(name).expanduser()).resolve())
    if isinstance(directory, str):
        absolute["data.dir"] = str((folder / Path(directory).expanduser()).resolve())
    return absolute


def _with_options(error: ConfigurationError, request: Request) -> ConfigurationError:
    """The same problems, each named by the option that the user wrote."""
    named = []
    for problem in error.problems:
        option = option_of(problem.path, request.settings)
        assigned = any(text.partition("=")[0].strip() == problem.path for text in request.assignments)
        path = f"--set {problem.path}" if assigned else option or problem.path
        named.append(Problem(path, problem.message))
    return ConfigurationError(named)
