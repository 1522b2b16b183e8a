"""From the words of the command line to experiments: experiment file or stored run, then flags, then --set."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import ConfigurationError, Problem
from engine.experiment import SETTINGS, Experiment
from engine.parts import Stop, is_file
from engine.population import expand, whole_ensemble
from engine.training.stopping import idle_settings
from workbench.cli.errors import CommandError
from workbench.cli.flags import Setting, list_reader, number_or_text, option_of
from workbench.compare import same_data_asked
from workbench.experiment_files import ExperimentFileError, preset, read_experiment_file, with_own_end

if TYPE_CHECKING:
    from engine.events import Intervened
    from workbench.history.records import Origin, RunRecord
    from workbench.resumption import BranchPoint, Resumption

HAVE_NONE = ("data.scaling", "pretraining")
"""Settings of which `none` is a value; for all others it means the default."""

MOST_SEEDS = 10_000
"""So many runs are trained by one command at the most; their experiments are all made before the first one begins."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be trained, as it was asked for."""

    settings: Mapping[str, Setting]
    """From flags, by dotted path."""
    assignments: Sequence[str] = ()
    """From --set, as `path=value`; they have the last word."""
    file: Path | None = None
    """An experiment file to begin from."""
    like: str | None = None
    """A stored run to begin from."""
    seeds: int = 1
    """Experiments to make, with seeds that follow each other."""
    branch: str | None = None
    """A stored run from whose checkpoint to begin."""
    at: int | None = None
    """The step of that checkpoint; the latest if not given."""
    replay: str | None = None
    """A stored run to repeat, with the changes of settings that were made while it was trained."""
    resume: str | None = None
    """A stored run to go on with."""
    labels: Sequence[str] = ()
    """Options that were given for the name, tags and note of the runs."""
    preset: str | None = None
    """An experiment that comes with the workbench."""


@dataclass(frozen=True, slots=True)
class Requested:
    """The experiments, and what they come from."""

    experiments: tuple[Experiment, ...]
    parent: int | None = None
    expected_data: str = ""
    """The fingerprint of the data that the parent was trained on, where the same data are asked for; empty if it is not known."""
    origin: Origin | None = None
    """How they were made from the parent."""
    resume: Resumption | None = None
    branch: BranchPoint | None = None
    interventions: tuple[Intervened, ...] = ()


def requested(request: Request, db: Path) -> Requested:
    """Make the experiments that were asked for.

    Raises:
        ConfigurationError: with all that is wrong, each with the option that it came from.
        CommandError: the file cannot be read, or the words cannot be understood or do not go together.
        HistoryError: there is no such run, or no checkpoint of it.
    """
    _check(request)
    if request.resume or request.replay or request.branch:
        from workbench.cli.continuing import branched, replayed, resumed  # most trainings begin at their beginning

        if request.resume:
            return resumed(request.resume, db)
        return replayed(request.replay, db) if request.replay else branched(request, db)
    base, parent = Experiment(), None
    if request.file:
        base = _from_file(request.file)
    elif request.preset:
        base = _from_preset(request.preset)
    elif request.like:
        parent = run_of(request.like, db)
        base = whole_ensemble(parent.experiment)
    experiment = with_request(base, request)
    seeds = range(experiment.seed, experiment.seed + request.seeds)
    if experiment.ensemble.members > 1:
        if request.seeds > 1:
            raise CommandError("--seeds and --ensemble both make several networks of one experiment; give one of them")
        experiments = expand(experiment)
    else:
        experiments = tuple(experiment.with_settings({"seed": seed}) for seed in seeds)
    if parent is None:
        return Requested(experiments)
    from workbench.history.records import Origin

    data = parent.data_fingerprint if same_data_asked(base, experiment) else ""
    return Requested(experiments, parent.id, data, Origin.LIKE)


def _check(request: Request) -> None:
    """See that what was given goes together."""
    sources = {"--resume": request.resume, "--replay": request.replay, "--branch": request.branch, "--like": request.like}
    of_files = {"an experiment file": request.file, "--preset": request.preset}
    given = [source for source, asked in {**of_files, **sources}.items() if asked]
    if len(given) > 1:
        raise CommandError(f"give {given[0]} or {given[1]}, not both")
    if request.seeds < 1:
        raise CommandError(f"--seeds must be at least 1, not {request.seeds}")
    if request.seeds > MOST_SEEDS:
        raise CommandError(f"--seeds must be at most {MOST_SEEDS:,}, not {request.seeds:,}; give more with another --seed")
    if request.at is not None and not request.branch:
        raise CommandError("--at names a checkpoint of the run that --branch begins from; give --branch RUN as well")
    settings = [option_of(path, request.settings) or path for path in request.settings]
    changes = [*settings, *(["--set"] if request.assignments else []), *(["--seeds"] if request.seeds > 1 else [])]
    if request.resume and (changes or request.labels):
        left_out = ", ".join([*changes, *request.labels])
        raise CommandError(f"--resume goes on with the run as it is; leave out {left_out}, or begin a new one with --branch")
    if request.replay and changes:
        raise CommandError(f"--replay repeats the run as it was; leave out {', '.join(changes)}, or begin from it with --like")


def with_request(base: Experiment, request: Request) -> Experiment:
    """An experiment with the settings of flags and --set.

    Raises:
        ConfigurationError: with all that is wrong, each with the option that it came from.
        CommandError: an assignment cannot be understood.
    """
    assigned = dict(map(assignment, request.assignments))
    settings: dict[str, Setting | None] = {**request.settings, **assigned}
    try:
        experiment = base.with_settings(_completed(settings))
        _check_idle(experiment, base, request, settings)
    except ConfigurationError as error:
        if absent := _absent_file(settings):  # what else is wrong may be so because of it
            raise CommandError(absent) from None
        raise _with_options(error, request) from None
    return experiment


def _absent_file(settings: Mapping[str, Setting | None]) -> str:
    """That the data file which was asked for is not there; empty if it is, or none was."""
    name, folder = settings.get("data.name"), settings.get("data.dir")
    if not isinstance(name, str) or not is_file(name):
        return ""
    path = Path(str(folder or "")).expanduser() / Path(name).expanduser()
    return "" if path.exists() else f"{path}: there is no such file"


def _check_idle(experiment: Experiment, base: Experiment, request: Request, settings: Mapping[str, Setting | None]) -> None:
    """See that nothing was asked for that does nothing. What a stored run has of this kind may stay: it was trained so."""
    asked = {path for path, value in settings.items() if value is not None}
    if request.file:
        asked |= {f"stop.{name}" for name, value in base.stop if value != getattr(Stop(), name)}
    idle = [problem for problem in idle_settings(experiment) if problem.path in asked]
    if idle:
        raise ConfigurationError(idle)


def _from_file(path: Path) -> Experiment:
    """Read an experiment file. Data files that it names are looked for from its own folder."""
    try:
        return read_experiment_file(path).experiment
    except ExperimentFileError as error:
        raise CommandError(str(error)) from None


def _from_preset(name: str) -> Experiment:
    """One of the experiments that come with the workbench."""
    try:
        return preset(name).experiment
    except ExperimentFileError as error:
        raise CommandError(f"{error}; `workbench presets` tells what they show") from None


def run_of(ref: str, db: Path) -> RunRecord:
    """A stored run.

    Raises:
        HistoryError: there is none.
    """
    from workbench.history import History

    with History.open(db) as history:
        return history.run(ref)


def assignment(text: str) -> tuple[str, Setting | None]:
    """Read `path=value`; the value as in TOML, or else as plain text; `none` takes the default.

    Raises:
        CommandError: it is no such text, or there is no such setting.
    """
    path, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not path:
        raise CommandError(f"--set wants path.to.field=value, such as monitor.every=10, not {text!r}")
    if path not in SETTINGS:
        raise CommandError(f"--set {path}: {_unknown_path(path)}")
    if value.lower() == "none" and path not in HAVE_NONE:
        return path, None
    try:
        read = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        read = number_or_text(value)
    if (reader := list_reader(path)) is not None and not isinstance(read, list):
        return path, reader(value)
    return path, read if isinstance(read, str | int | float | bool | list) else value


def _unknown_path(path: str) -> str:
    near = difflib.get_close_matches(path.lower(), SETTINGS, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    return f"there is no such setting.{hint} `workbench choices settings` shows all"


def _completed(settings: Mapping[str, Setting | None]) -> dict[str, Setting | None]:
    """Add what the given settings imply: absolute paths, and the end of the steps or epochs that they replace."""
    return with_own_end(_absolute(settings, Path.cwd()))


def _absolute(settings: Mapping[str, Setting | None], folder: Path) -> dict[str, Setting | None]:
    """The same settings with files named from the root, so that the run can be repeated from elsewhere."""
    absolute = dict(settings)
    name, directory = settings.get("data.name"), settings.get("data.dir")
    if isinstance(name, str) and is_file(name):
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
