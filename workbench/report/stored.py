"""The runs of a recipe, as the history holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.claims.stored import StoredRuns
from workbench.history.records import RunRecord
from workbench.history.reproductions import ReproductionRow
from workbench.history.series import SeriesHistory
from workbench.recipes.planning import plan
from workbench.recipes.records import Group, Plan, Recipe
from workbench.reproduction.matching import finished, stored_runs
from workbench.reproduction.trials import distinct, trials_of

LARGEST_FIRST = ("paper", "full", "quick")


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What came of a recipe, with the runs that it was judged by."""

    recipe: Recipe
    made: ReproductionRow
    plan: Plan
    records: Mapping[str, tuple[RunRecord | None, ...]]
    """By the label of a group, for each of its experiments its run; None where there is none any more."""
    runs: StoredRuns

    @property
    def changed(self) -> bool:
        """Whether the recipe trains or claims something else than when it was judged; what is said about it does not count."""
        if self.made.digest == self.recipe.digest:
            return False
        claims = {number: claim.check for number, claim in enumerate(self.recipe.claims, 1) if claim.judged_at(self.made.scale)}
        return claims != {each.number: each.check for each in self.made.verdicts} or not all(
            map(self._as_trained, self.plan.groups)
        )

    def _as_trained(self, group: Group) -> bool:
        there = zip(group.experiments, self.records[group.label], strict=True)
        return all(run is None or run.experiment_hash == experiment.hash for experiment, run in there)

    @property
    def there(self) -> tuple[RunRecord, ...]:
        """All runs, each once."""
        found = {run.id: run for of_group in self.records.values() for run in of_group if run is not None}
        return tuple(found.values())


def result_of(recipe: Recipe, made: ReproductionRow, history: SeriesHistory) -> Result:
    """The runs by which a recipe was judged.

    Args:
        recipe: As it is now; it must still have the scale.
        made: What was judged.
        history: Their history; it belongs to the thread that opened it, and must stay open as long as the runs are looked at.

    Raises:
        ConfigurationError: the recipe has no such scale any more.
    """
    planned = plan(recipe, made.scale, seeds=made.seeds)
    found = {run.id: run for run in history.records([*dict.fromkeys(run for _, run in made.runs)])}
    records = {group.label: _records(group, made, found) for group in planned.groups}
    return Result(recipe, made, planned, records, StoredRuns(history, records))


def _records(group: Group, made: ReproductionRow, found: Mapping[int, RunRecord]) -> tuple[RunRecord | None, ...]:
    """For each experiment the run of its seed."""
    by_seed = {found[run].seed: found[run] for run in made.runs_of(group.label) if run in found}
    return tuple(by_seed.get(experiment.seed) for experiment in group.experiments)


def runs_of(planned: Plan, history: SeriesHistory) -> StoredRuns:
    """The runs of a plan that the history holds by now, whatever trained them; for a recipe that is being trained."""
    groups = [(group, trials_of(group)) for group in planned.groups]
    found = finished(history, distinct(trial for _, of_group in groups for trial in of_group))
    return stored_runs(history, groups, found)


def largest(history: SeriesHistory) -> dict[str, ReproductionRow]:
    """What came of each recipe at the largest scale at which it was judged, taken as it is, by its name."""
    found: dict[str, ReproductionRow] = {}
    for scale in LARGEST_FIRST:
        for name, made in history.latest_reproductions(scale).items():
            found.setdefault(name, made)
    return found
