"""Reading what the screen of recipes shows: called in worker threads, each call with a connection of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import ConfigurationError
from workbench.history import History, ReproductionRow
from workbench.recipes import shelf
from workbench.recipes.planning import plan
from workbench.recipes.reading import read_recipe
from workbench.recipes.records import Plan, Recipe, Show, ShowKind

if TYPE_CHECKING:
    from workbench.report.records import Shown


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that is no recipe as it stands."""

    path: Path
    problems: tuple[str, ...]
    """What is wrong, each with its place in the file."""


@dataclass(frozen=True, slots=True, eq=False)
class Recipes:
    """All recipes, and what came of them."""

    recipes: tuple[Recipe, ...] = ()
    """By title."""
    unreadable: tuple[Unreadable, ...] = ()
    latest: Mapping[str, ReproductionRow] | None = None
    """What came of each the last time, by name; None where the history cannot be read."""
    at: Mapping[tuple[str, str], ReproductionRow] | None = None
    """The same at each scale."""
    problem: str = ""
    """Why the history cannot be read."""

    def last(self, name: str) -> ReproductionRow | None:
        """What came of a recipe the last time."""
        return (self.latest or {}).get(name)

    def last_at(self, name: str, scale: str) -> ReproductionRow | None:
        """What came of a recipe at a scale the last time that it was taken as it is."""
        return (self.at or {}).get((name, scale))


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """What a recipe takes at one scale."""

    plan: Plan
    runs: int
    there: int
    """Those of them that the history holds."""
    operations: int | None
    """Floating-point operations of all runs; None where they are not known."""


def read_recipes(db: Path) -> Recipes:
    """All recipes, and what came of them."""
    from workbench.history import HistoryError

    read, unreadable = list[Recipe](), list[Unreadable]()
    for path in shelf.recipe_paths().values():
        try:
            about = path.stat()
            read.append(_read(path, about.st_mtime_ns, about.st_size))
        except ConfigurationError as error:
            name = str(path)
            texts = (str(problem).removeprefix(": ").removeprefix(name).lstrip(": ") for problem in error.problems)
            unreadable.append(Unreadable(path, tuple(texts)))
        except OSError as error:
            unreadable.append(Unreadable(path, (error.strerror or str(error),)))
    recipes = tuple(sorted(read, key=lambda each: each.title.casefold()))
    scales = dict.fromkeys(scale for each in recipes for scale in each.scales)
    try:
        with History.open(db) as history:
            at = {(name, scale): row for scale in scales for name, row in history.latest_reproductions(scale).items()}
            return Recipes(recipes, tuple(unreadable), history.latest_reproductions(), at)
    except HistoryError as error:
        return Recipes(recipes, tuple(unreadable), problem=str(error))


@lru_cache(maxsize=200)
def _read(path: Path, changed: int, size: int) -> Recipe:
    """A recipe, read once as long as its file stays as it is. Raises ConfigurationError."""
    return read_recipe(path)


def read_plan(db: Path, recipe: Recipe, scale: str, data_dir: Path | None) -> Planned:
    """What a recipe takes at a scale, and how much of that is there. `data_dir`: where its data are, if not in their usual place.

    Raises:
        ConfigurationError: a group cannot be trained so.
        HistoryError: the file cannot be read.
    """
    from workbench.reproduction.matching import finished
    from workbench.reproduction.sizes import cost_of
    from workbench.reproduction.trials import distinct, trials_of

    planned = plan(recipe, scale, data_dir=data_dir)
    cost = cost_of(planned)
    with History.open(db) as history:
        there = finished(history, distinct(trial for group in planned.groups for trial in trials_of(group)))
    return Planned(planned, cost.runs, sum(map(len, there.values())), cost.operations)


def read_shown(db: Path, planned: Plan, show: Show) -> Shown:
    """A table or picture of the runs that are there. A cost surface takes seconds, and loads PyTorch.

    Raises:
        HistoryError: the file cannot be read.
    """
    from workbench.history.series import SeriesHistory
    from workbench.report.showing import shown
    from workbench.report.stored import runs_of

    surfaces = None
    if show.kind is ShowKind.SURFACE:
        from workbench.report.surfaces import Surfaces

        surfaces = Surfaces()
    with SeriesHistory.open(db) as history:
        return shown(show, planned, runs_of(planned, history), surfaces)
