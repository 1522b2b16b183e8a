"""The experiments that a recipe comes to: every combination of its variations, at one scale, with as many seeds."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from glob import escape
from pathlib import Path
from typing import Any

from engine.catalog import unknown_name
from engine.errors import ConfigurationError, Problem
from engine.experiment import Experiment
from engine.parts import IMAGE_FOLDER, is_file
from engine.population import expand
from workbench.experiment_files import with_absolute_files, with_own_end
from workbench.recipes.records import Axis, Group, Plan, Recipe, Scale

Names = tuple[tuple[str, str], ...]
"""Of each axis its name and that of one of its variations."""


def plan(
    recipe: Recipe,
    scale: str,
    *,
    seeds: int | None = None,
    data_dir: Path | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Plan:
    """All groups of a recipe at one scale, with their experiments.

    Args:
        recipe: as it was read.
        scale: the name of one of its scales.
        seeds: for each group, in place of the scale's own number.
        data_dir: where the files of the datasets are: in a folder of the dataset's name in it, or in it; CSV and NPZ files in any of its folders.
        settings: by dotted path, over all others.

    Raises:
        ConfigurationError: there is no such scale, a group cannot be trained so, or settings make groups the same; names each.
    """
    if scale not in recipe.scales:
        raise ConfigurationError.at("", unknown_name("scale", scale, recipe.scales))
    chosen = recipe.scales[scale]
    count = chosen.seeds if seeds is None else seeds
    if count < 1:
        raise ConfigurationError.at("seeds", f"must be at least 1, not {count}")
    grid, given = Grid(recipe), with_own_end(settings or {})
    groups, problems = list[Group](), dict[Problem, Problem]()
    for names in combinations(recipe.axes, chosen):
        label = label_of(recipe.axes, names)
        try:
            experiment = _placed(grid.experiment(names, chosen), recipe.path.parent, data_dir)
            if given:
                experiment = with_absolute_files(experiment.with_settings(given), Path.cwd())
            groups.append(Group(names, _seeded(experiment, count), label))
        except ConfigurationError as error:
            _gather(error, label, problems)
    alike = _alike((group.experiments[0], group.label) for group in groups) if given else ()
    if wrong := tuple(problems.values()) or tuple(alike):
        raise ConfigurationError(wrong)
    return Plan(recipe, chosen, tuple(groups), count)


def combinations(axes: Sequence[Axis], scale: Scale | None = None) -> Iterator[Names]:
    """Every combination of variations, of one scale or of all there are; the first axis varies slowest."""
    only = scale.only if scale else {}
    return itertools.product(
        *([(axis.name, name) for name in axis.names if name in only.get(axis.name, axis.names)] for axis in axes)
    )


def label_of(axes: Sequence[Axis], names: Names) -> str:
    """How a combination is called, such as `relu, depth=10`; empty where nothing varies."""
    return ", ".join(axis.label(name) for axis, (_, name) in zip(axes, names, strict=True))


class Grid:
    """The experiments of a recipe's combinations. What several have in common is made once."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._made: dict[Names, Experiment] = {(): recipe.base}
        self._steps = {
            (axis.name, each.name): (
                each.settings,
                f"[vary] {axis.name}={each.name}" if axis.path else f"[vary.{axis.name}] {each.name}",
            )
            for axis in recipe.axes
            for each in axis.variations
        }
        self._failed: dict[Names, ConfigurationError] = {}

    def experiment(self, names: Names, scale: Scale) -> Experiment:
        """The experiment of one combination at one scale, with the seed of its settings.

        Raises:
            ConfigurationError: it cannot be; each problem stands at the table that brought it about.
        """
        varied = self._varied(names)
        if not scale.settings:
            return varied
        return _changed(varied, scale.settings, f"[scale.{scale.name}] settings")

    def _varied(self, names: Names) -> Experiment:
        if names in self._failed:
            raise self._failed[names]
        if names not in self._made:
            try:
                self._made[names] = _changed(self._varied(names[:-1]), *self._steps[names[-1]])
            except ConfigurationError as error:
                self._failed[names] = error
                raise
        return self._made[names]


def problems_of(recipe: Recipe) -> list[Problem]:
    """What is wrong with the experiments of a recipe, at any of its scales; each problem is told of once, with its first group."""
    grid, problems = Grid(recipe), dict[Problem, Problem]()
    for scale in recipe.scales.values():
        made: list[tuple[Experiment, str]] = []
        for names in combinations(recipe.axes, scale):
            label = label_of(recipe.axes, names)
            try:
                made.append((grid.experiment(names, scale), label))
            except ConfigurationError as error:
                _gather(error, label, problems)
        for problem in _alike(made, f"[scale.{scale.name}]"):
            problems.setdefault(problem, problem)
    return list(problems.values())


def _alike(groups: Iterable[tuple[Experiment, str]], place: str = "") -> Iterator[Problem]:
    """The first two groups, of experiment and label, that are the same experiment: nothing can be said of their difference."""
    seen: dict[Experiment, str] = {}
    for experiment, label in groups:
        if (other := seen.setdefault(experiment, label)) != label:
            yield Problem(place, f"groups {other!r} and {label!r} come to the same experiment")
            return


def _changed(experiment: Experiment, settings: Mapping[str, Any], place: str) -> Experiment:
    """An experiment with some settings; problems name the table that they stand in."""
    try:
        return experiment.with_settings(with_own_end(settings)) if settings else experiment
    except ConfigurationError as error:
        raise ConfigurationError([Problem(f"{place} {p.path}".strip(), p.message) for p in error.problems]) from None


def _gather(error: ConfigurationError, label: str, problems: dict[Problem, Problem]) -> None:
    """Take in what is wrong with a group; what several have in common is told of the first of them."""
    for problem in error.problems:
        words = f"{problem.message} (in group {label!r})" if label else problem.message
        problems.setdefault(problem, Problem(problem.path, words))


def _placed(experiment: Experiment, folder: Path, data_dir: Path | None) -> Experiment:
    """The same experiment with its files looked for where they are: beside the recipe, or where the user has them."""
    data = experiment.data
    if data_dir is None or data.name == IMAGE_FOLDER:
        return with_absolute_files(experiment, folder)
    if is_file(data.name):
        root, name = data_dir.expanduser(), Path(data.name).name
        there = next((place for place in (root / name, *sorted(root.glob(f"*/{escape(name)}"))) if place.is_file()), None)
        if there is not None:
            experiment = experiment.model_copy(update={"data": data.model_copy(update={"name": str(there.resolve())})})
        return with_absolute_files(experiment, folder)
    names = (data.name, data.name.replace("_", "-"))
    places = [data_dir.expanduser() / name for name in names]
    place = next((place for place in places if place.is_dir()), data_dir.expanduser())
    return experiment.with_settings({"data.dir": str(place.resolve())})


def _seeded(experiment: Experiment, count: int) -> tuple[Experiment, ...]:
    """The experiment with as many seeds that follow each other; ensembles take the seeds of all their members."""
    step = experiment.ensemble.members
    seeds = range(experiment.seed, experiment.seed + count * step, step)
    return tuple(itertools.chain.from_iterable(expand(experiment.with_settings({"seed": seed})) for seed in seeds))
