"""Experiments in TOML files: presets that come with the workbench, files of one's own, and how they are written.

A comment at the top of a file says what it is: up to the first colon or full stop its title, then what it shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from engine.catalog import unknown_name
from engine.errors import ConfigurationError, Problem
from engine.experiment import SETTINGS, Experiment
from engine.nested import take_out, value_at
from engine.parts import is_file
from workbench.files import write_whole

PRESETS = Path(__file__).parent / "presets"
"""The folder of those that come with the workbench."""

FOLDER = Path("sessions")
"""Where one's own are looked for, seen from where the workbench was started."""


class ExperimentFileError(Exception):
    """A file cannot be read or written, or there is no such preset; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class ExperimentFile:
    """An experiment that was written down."""

    name: str
    """The name of its file, without ending."""
    title: str
    about: str
    experiment: Experiment
    path: Path


# --- reading ------------------------------------------------------------------------


def read_experiment_file(path: Path) -> ExperimentFile:
    """Read a file. Data files that it names are looked for from its own folder.

    Raises:
        ExperimentFileError: it cannot be read.
        ConfigurationError: it describes no experiment; each problem names the file.
    """
    try:
        text = path.expanduser().read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ExperimentFileError(f"there is no experiment file {path}") from None
    except (OSError, ValueError, RuntimeError) as error:  # text in another encoding, a name with a NUL, ~ of somebody unknown
        raise ExperimentFileError(f"experiment file {path} cannot be read: {error}") from None
    if is_recipe(text):
        name = path.stem if path.parent == FOLDER else path
        raise ExperimentFileError(f"{path} is a recipe: `workbench reproduce {name}` runs it")
    try:
        experiment = Experiment.from_toml(text)
    except ConfigurationError as error:
        raise ConfigurationError([Problem(f"{path}: {p.path}".removesuffix(": "), p.message) for p in error.problems]) from None
    title, about = _header(text, path.stem)
    return ExperimentFile(path.stem, title, about, with_absolute_files(experiment, path.expanduser().parent), path)


def is_recipe(text: str) -> bool:
    """Whether the text of a file is a recipe, with experiments and claims, and no single experiment."""
    return re.search(r"^[ \t]*\[[ \t]*recipe[ \t]*\]", text, re.MULTILINE) is not None


def _header(text: str, name: str) -> tuple[str, str]:
    """Title and explanation from the comment at the top; the title is the file's name where there is no comment."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").strip())
    comment = " ".join(filter(None, lines))
    end = min((place for mark in (": ", ". ") if (place := comment.find(mark)) > 0), default=len(comment))
    title, about = comment[:end].rstrip("."), comment[end + 1 :].strip()
    return title or name.replace("-", " "), about[:1].upper() + about[1:]


def presets() -> tuple[ExperimentFile, ...]:
    """Those that come with the workbench, in the order of their names."""
    return tuple(read_experiment_file(path) for path in sorted(PRESETS.glob("*.toml")))


def preset(name: str) -> ExperimentFile:
    """The preset of that name. Raises ExperimentFileError if there is none."""
    path = PRESETS / f"{name}.toml"
    if Path(name).name != name or not path.exists():
        raise ExperimentFileError(unknown_name("preset", name, [each.stem for each in sorted(PRESETS.glob("*.toml"))]))
    return read_experiment_file(path)


def own_experiment_files(folder: Path = FOLDER) -> Iterator[ExperimentFile]:
    """Those in a folder that can be read; files that describe no experiment are passed over."""
    for path in sorted(folder.glob("*.toml")):
        with suppress(ExperimentFileError, ConfigurationError):
            yield read_experiment_file(path)


# --- writing ------------------------------------------------------------------------


def shortest(experiment: Experiment) -> Mapping[str, Any]:
    """Nested plain values from which the same experiment is read, with nothing in them that goes without saying."""
    values = experiment.to_dict()
    for path in SETTINGS:
        kept = value_at(values, path)
        if kept is None:
            continue
        take_out(values, path)
        if not _reads_as(values, experiment):
            _put_back(values, path, kept)
    return {name: value for name, value in values.items() if value != {}}


def _reads_as(values: Mapping[str, Any], experiment: Experiment) -> bool:
    try:
        return Experiment.parse(values) == experiment
    except ConfigurationError:
        return False


def _put_back(values: dict[str, Any], path: str, value: object) -> None:
    *parents, name = path.split(".")
    for parent in parents:
        values = values[parent]
    values[name] = value


def toml_text(experiment: Experiment) -> str:
    """An experiment as a TOML document with what is not a default."""
    return tomli_w.dumps(shortest(with_absolute_files(experiment, Path.cwd())))


def write_experiment_file(path: Path, experiment: Experiment, *, replace: bool = False) -> None:
    """Write an experiment down; a file appears under its name when it is whole.

    Raises:
        FileExistsError: there is a file of that name, and it is not to be replaced.
        ExperimentFileError: it cannot be written.
    """
    try:
        path = path.expanduser()
    except RuntimeError:
        raise ExperimentFileError(f"there is no folder of the user that {path} names; name another file") from None
    if path.exists() and not replace:
        raise FileExistsError(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, toml_text(experiment).encode())
    except OSError as error:
        raise ExperimentFileError(f"{path} cannot be written ({error.strerror}); name another file") from error
    except ValueError as error:
        raise ExperimentFileError(f"no file can be called {str(path)!r}; name another one") from error


# --- settings -----------------------------------------------------------------------


def with_own_end(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The same settings; steps alone take the place of the epochs that were set before, and epochs that of the steps."""
    given = dict(settings)
    if ("steps" in given) != ("epochs" in given):
        given["steps" if "epochs" in given else "epochs"] = None
    return given


def with_absolute_files(experiment: Experiment, folder: Path) -> Experiment:
    """The same experiment with its files named from the root, so that it can be repeated from elsewhere."""
    data, changed = experiment.data, {}
    if is_file(data.name):
        changed["name"] = str((folder / Path(data.name).expanduser()).resolve())
    if data.dir is not None:
        changed["dir"] = str((folder / Path(data.dir).expanduser()).resolve())
    if not changed:
        return experiment
    return experiment.model_copy(update={"data": data.model_copy(update=changed)})
