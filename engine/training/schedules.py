"""How the learning rate changes: a factor on the experiment's rate, for every step."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from engine.experiment import Experiment
from engine.training.records import Plateau


@dataclass(slots=True)
class Schedule:
    """The learning rate of one member over time.

    Args:
        experiment: whose rate and schedule are followed.
        total_steps: the length of the training, which the cosine spans.
    """

    experiment: Experiment
    total_steps: int = 1
    base: float = field(init=False)
    """The rate that the schedule multiplies: the experiment's, until it is changed."""
    plateau: Plateau = field(init=False, default=Plateau())

    def __post_init__(self) -> None:
        self.base = self.experiment.lr

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
                factor = self.plateau.factor
        return self.base * factor

    def observe(self, validation_cost: float) -> None:
        """Take note of the validation cost after an epoch; only `on_plateau` minds it.

        As PyTorch's ReduceLROnPlateau with mode `min`, a relative threshold and no least change of the rate (`eps=0`).
        """
        pick, now = self.experiment.schedule, self.plateau
        if pick.kind != "on_plateau":
            return
        if validation_cost < (math.inf if now.best is None else now.best) * (1 - pick["threshold"]):
            now = replace(now, best=validation_cost, bad_epochs=0)
        else:
            now = replace(now, bad_epochs=now.bad_epochs + 1)
        if now.bad_epochs > pick["patience"]:
            now = replace(now, factor=now.factor * pick["factor"], bad_epochs=0)
        self.plateau = now
