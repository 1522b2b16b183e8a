"""How the learning rate changes: a factor on the experiment's rate, for every step."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from engine.experiment import Experiment


@dataclass(slots=True)
class _Plateau:
    """PyTorch's ReduceLROnPlateau with mode `min`, a relative threshold and no least change of the rate (`eps=0`)."""

    factor: float
    patience: float
    threshold: float
    best: float = math.inf
    bad_epochs: int = 0
    value: float = 1.0

    def observe(self, cost: float) -> None:
        if cost < self.best * (1 - self.threshold):
            self.best, self.bad_epochs = cost, 0
        else:
            self.bad_epochs += 1
        if self.bad_epochs > self.patience:
            self.value *= self.factor
            self.bad_epochs = 0


@dataclass(slots=True)
class Schedule:
    """The learning rate of one member over time.

    Args:
        experiment: whose rate and schedule are followed.
        total_steps: the length of the training, which the cosine spans.
    """

    experiment: Experiment
    total_steps: int
    _plateau: _Plateau | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        pick = self.experiment.schedule
        if pick.kind == "on_plateau":
            self._plateau = _Plateau(pick["factor"], pick["patience"], pick["threshold"])

    @property
    def every_step(self) -> bool:
        """Whether the rate may change within an epoch."""
        return self.experiment.schedule.kind in ("cosine", "warm_up")

    def rate(self, step: int, epoch: int) -> float:
        """The learning rate of a step; steps and epochs count from 0."""
        pick = self.experiment.schedule
        match pick.kind:
            case "step":
                factor = pick["factor"] ** (epoch // int(pick["every"]))
            case "exponential":
                factor = pick["factor"] ** epoch
            case "cosine":
                share = min(step / self.total_steps, 1.0)
                factor = pick["final"] + (1 - pick["final"]) * (1 + math.cos(math.pi * share)) / 2
            case "warm_up":
                factor = min(1.0, (step + 1) / pick["steps"])
            case _:
                factor = self._plateau.value if self._plateau else 1.0
        return self.experiment.lr * factor

    def observe(self, validation_cost: float) -> None:
        """Take note of the validation cost after an epoch; only `on_plateau` minds it."""
        if self._plateau:
            self._plateau.observe(validation_cost)
