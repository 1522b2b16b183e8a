"""Early stopping and the target, for each member by itself."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.errors import ConfigurationError, Problem
from engine.events import EpochEnded, Score
from engine.experiment import Experiment
from engine.parts import Stop
from engine.training.records import Watched

EARLY_STOPPING = "early stopping"
TARGET = "target"


def check_watched(experiment: Experiment, task: str, validation: int) -> None:
    """Whether the data has the figures that are watched, if any are.

    Args:
        experiment: whose settings are checked.
        task: "classification" or "regression".
        validation: examples in the validation part.

    Raises:
        ConfigurationError: it has not.
    """
    if experiment.schedule.kind == "on_plateau" and not validation:
        raise ConfigurationError.at("schedule", "on_plateau watches the validation cost, but there is no validation part")
    stop = experiment.stop
    if stop.patience is None and stop.target is None and not experiment.checkpoint.best:
        return
    part, _, figure = stop.monitor.partition("_")
    unknown = {"classification": "r2", "regression": "accuracy"}[task]
    if figure == unknown:
        raise ConfigurationError.at("stop.monitor", f"a {task} has no {figure}; watch {part}_cost")
    if part == "validation" and not validation:
        raise ConfigurationError.at("stop.monitor", f"there is no validation part to watch; watch train_{figure}")


def idle_settings(experiment: Experiment) -> list[Problem]:
    """The settings of early stopping that do nothing in an experiment, whatever their values, each with what they need."""
    stop, keeps_best = experiment.stop, experiment.checkpoint.best
    if stop.patience is not None:
        return []
    idle = [Problem("stop.restore_best", "does nothing without early stopping; give stop.patience as well")]
    if not keeps_best:
        idle.append(Problem("stop.min_delta", "does nothing by itself; give stop.patience or checkpoint.best as well"))
    if not keeps_best and stop.target is None:
        idle.append(Problem("stop.monitor", "nothing goes by it; give stop.patience, stop.target or checkpoint.best as well"))
    return idle


class Stopping:
    """Watches one figure of each member after each epoch.

    An epoch is an improvement if the figure is better than the best by more than `min_delta`; not-a-number never is. A member
    ends when it has reached the target, or after `patience` epochs without an improvement (Prechelt 1998). Costs are better
    when they are smaller; accuracies and R² when they are larger.

    Args:
        stop: the rule.
        members: P.
        keep_best: whether the best epoch is wanted in any case.
    """

    def __init__(self, stop: Stop, members: int, *, keep_best: bool = False) -> None:
        self._stop = stop
        self.needs_best = keep_best or (stop.patience is not None and stop.restore_best)
        """Whether the weights of the best epochs must be kept."""
        self._is_needed = self.needs_best or stop.patience is not None or stop.target is not None
        self._part, _, self._figure = stop.monitor.partition("_")
        self._sign = 1.0 if self._figure == "cost" else -1.0
        self.watched = [Watched() for _ in range(members)]

    def look(self, told: EpochEnded, members: Iterable[int]) -> list[int]:
        """Take note of the scores of members after an epoch; return those that are better than ever."""
        improved: list[int] = []
        if not self._is_needed:
            return improved
        for member in members:
            value, so_far = self._value(told, member), self.watched[member]
            if self._is_better(value, so_far.best):
                self.watched[member] = Watched(value, told.step, told.epoch)
                improved.append(member)
            else:
                self.watched[member] = replace(so_far, waited=so_far.waited + 1)
        return improved

    def reason_to_end(self, told: EpochEnded, member: int) -> str:
        """Why a member that was looked at ends now; empty if it does not."""
        target, patience = self._stop.target, self._stop.patience
        if target is not None and self._sign * self._value(told, member) <= self._sign * target:
            return TARGET
        return EARLY_STOPPING if patience is not None and self.watched[member].waited >= patience else ""

    def step_to_restore(self, member: int) -> int | None:
        """The step whose weights a member takes that is stopped early; None: it stays as it is."""
        watched = self.watched[member]
        return watched.best_step if self._stop.restore_best and watched.best is not None else None

    def restore(self, watched: Sequence[Watched]) -> None:
        """Take over what was remembered before."""
        self.watched = list(watched)

    def _is_better(self, value: float, best: float | None) -> bool:
        if best is None:
            return math.isfinite(value)
        return self._sign * value < self._sign * best - self._stop.min_delta

    def _value(self, told: EpochEnded, member: int) -> float:
        scores: Sequence[Score | None] = told.train if self._part == "train" else told.validation
        score = scores[member]
        value = getattr(score, self._figure)
        assert isinstance(value, float), "what is watched was checked against the data before training"
        return value
