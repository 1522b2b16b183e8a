"""Settings that change while training goes on, and what hangs on them."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import ConfigurationError, Problem
from engine.events import Change, Intervened
from engine.experiment import Experiment
from engine.network.network import Network
from engine.training.batch_sizes import batch_size_problem
from engine.training.batches import Batches
from engine.training.control import TUNABLE, Settings
from engine.training.penalties import Penalties
from engine.training.prepare import Prepared
from engine.training.records import Tuned
from engine.training.schedules import Schedule


class Tuning:
    """Makes changes between two steps.

    A new learning rate is what the schedule multiplies; a new dropout rate holds for all dropout that follows the model's.

    Args:
        experiments: one for each member.
        network: whose dropout changes.
        batches: whose size changes.
        schedules: whose base rate changes; one for each member.
        penalties: whose lambdas change.
    """

    def __init__(
        self,
        experiments: Sequence[Experiment],
        network: Network,
        batches: Batches,
        schedules: Sequence[Schedule],
        penalties: Penalties,
    ) -> None:
        self._network = network
        self._batches = batches
        self._schedules = schedules
        self._penalties = penalties
        self.interventions = 0
        """Changes made so far."""
        self.tuned = Tuned(
            lr=tuple(e.lr for e in experiments),
            dropout=tuple(e.model.dropout for e in experiments),
            l1=tuple(e.l1 for e in experiments),
            l2=tuple(e.l2 for e in experiments),
            batch_size=(batches.size,),
        )

    def change(self, settings: Settings, step: int, origin: str = "") -> Intervened | None:
        """Make changes that were checked, for all members, and tell of them and who asked; None if all is so already.

        Where members differ, the value before is that of the first.
        """
        changes = []
        tuned = self.tuned
        for path, value in settings.items():
            before = tuned.at(path)
            tuned = tuned.changed(path, value)
            if tuned.at(path) != before:
                changes.append(Change(path, before[0], value))
        if not changes:
            return None
        self.set(tuned)
        self.interventions += 1
        return Intervened(step, tuple(changes), origin)

    def set(self, tuned: Tuned) -> None:
        """Let all settings be as they are said to be."""
        self.tuned = tuned
        for schedule, rate in zip(self._schedules, tuned.lr, strict=True):
            schedule.base = rate
        self._network.set_dropout(tuned.dropout)
        self._penalties.set(tuned.l1, tuned.l2)
        if tuned.batch_size[0] != self._batches.size:
            self._batches.resize(tuned.batch_size[0])


def check_changes(settings: Settings, prepared: Prepared, batches: Batches) -> Settings:
    """Whether changes make sense now; the numbers that they are.

    Args:
        settings: new values by path.
        prepared: what is being trained.
        batches: of it, as far as they have come in this epoch.

    Raises:
        ConfigurationError: a setting cannot be changed, or not to this value.
    """
    checked: dict[str, float] = {}
    problems = []
    for path, value in settings.items():
        problem = _unchangeable(path, prepared)
        if not problem:
            try:
                checked[path] = _number(path, value, prepared, batches)
            except ConfigurationError as error:
                problem = error.problems[0].message
        if problem:
            problems.append(Problem(path, problem))
    if problems:
        raise ConfigurationError(problems)
    return checked


def _unchangeable(path: str, prepared: Prepared) -> str:
    """Why a setting cannot be changed at all; empty if it can."""
    if path not in TUNABLE:
        return f"cannot be changed while training goes on; these can: {', '.join(TUNABLE)}"
    if path == "lr" and prepared.experiments[0].optimizer.kind == "rprop":
        return "rprop finds its own step sizes after the first step, so that a new learning rate would change nothing"
    if path == "model.dropout" and not prepared.network.body.dropouts:
        return "no layer of this network has the model's dropout"
    return ""


def _number(path: str, value: object, prepared: Prepared, batches: Batches) -> float:
    """The number that a new value is to the experiment.

    Raises:
        ConfigurationError: it is none, or not one that will do.
    """
    if value is None:
        raise ConfigurationError.at(path, "must be a number (given: None)")
    changed = prepared.experiments[0].with_settings({path: value})
    numbers = {"lr": changed.lr, "model.dropout": changed.model.dropout, "l1": changed.l1, "l2": changed.l2}
    if path != "batch_size":
        return numbers[path]
    if changed.batch_size == "full":
        raise ConfigurationError.at(path, f"must be a number; full batches have {batches.examples}")
    problem = batch_size_problem(changed, prepared.shape, batches.examples, batches.examples - batches.cursor)
    if problem:
        raise ConfigurationError.at(path, problem)
    return changed.batch_size
