"""Where recipes are: in ./sessions, and beside the package those that come with the workbench."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.catalog import unknown_name
from engine.errors import ConfigurationError, Problem
from workbench.experiment_files import FOLDER, is_recipe
from workbench.recipes.reading import read_recipe
from workbench.recipes.records import Recipe

PACKAGE = Path(__file__).parents[1]
WITH_THE_WORKBENCH = (PACKAGE / "sessions", PACKAGE.parent / "sessions")
"""Where those that come with it lie: in an installed package, and in a copy of the source."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The recipes that were found."""

    recipes: tuple[Recipe, ...]
    """Those that can be read, by name."""
    problems: tuple[Problem, ...]
    """What is wrong with the others, each naming its file."""


def recipe_paths() -> dict[str, Path]:
    """The files of all recipes by their names, sorted; of two with the same name that of ./sessions counts."""
    found: dict[str, Path] = {}
    for path in _files():
        found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def recipes() -> Shelf:
    """All recipes."""
    read, problems = list[Recipe](), list[Problem]()
    for path in recipe_paths().values():
        try:
            read.append(read_recipe(path))
        except ConfigurationError as error:
            problems += error.problems
    return Shelf(tuple(read), tuple(problems))


def recipe(name: str) -> Recipe:
    """A recipe by its name, or by the path of its file.

    Raises:
        ConfigurationError: there is none, or it cannot be read.
    """
    if name.endswith(".toml"):
        return read_recipe(Path(name))
    paths = recipe_paths()
    if name not in paths:
        raise ConfigurationError.at("", unknown_name("recipe", name, paths) + "; or give the path of a TOML file")
    return read_recipe(paths[name])


def _files() -> Iterator[Path]:
    for folder in (FOLDER, *WITH_THE_WORKBENCH):
        for path in sorted(folder.glob("*.toml")):
            with suppress(OSError, ValueError):
                if is_recipe(path.read_text(encoding="utf-8")):
                    yield path
