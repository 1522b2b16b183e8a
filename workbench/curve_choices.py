"""What of a run's curves can be chosen. Loads nothing."""

from __future__ import annotations

from enum import StrEnum


class Shown(StrEnum):
    """What the chart of one run shows."""

    COST = "cost"
    SCORE = "score"  # accuracy, or R² for a regression
    ERROR = "error"  # mean absolute, of a regression
    RATE = "learning_rate"
    PENALTY = "penalty"  # the L1 and L2 terms of the cost
    RECONSTRUCTION = "reconstruction"  # error of each layer in pre-training

    @property
    def words(self) -> str:
        """As it is read."""
        return self.value.replace("_", " ")


class Unit(StrEnum):
    """What the x axis counts."""

    STEPS = "steps"
    EPOCHS = "epochs"
    SECONDS = "seconds"

    @property
    def label(self) -> str:
        """As it stands at the axis."""
        return "s" if self is Unit.SECONDS else self.value[:-1]


class Members(StrEnum):
    """How the members of a population are drawn."""

    BAND = "band"  # the median, and what lies about it
    ALL = "all"  # a line each
    ONE = "one"  # the chosen one alone
