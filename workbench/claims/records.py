"""What comes of judging a claim, and what runs must tell so that it can be judged.

Axes of arrays: S seeds, M measurements in the order of the steps, H hidden layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from workbench.recipes.records import Claim, Group

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Outcome(StrEnum):
    """What became of a claim."""

    PASS = "pass"  # noqa: S105 - the runs bear it out
    FAIL = "fail"  # they contradict it
    ERROR = "error"  # they cannot tell: runs or measurements are missing, or a number is none
    OPEN = "open"  # runs that it speaks of are still to be trained


class Unit(StrEnum):
    """In which unit a number is."""

    PERCENT = "percent"  # from 0 to 100: errors
    SHARE = "share"  # from 0 to 1
    COUNT = "count"  # steps
    SECONDS = "seconds"
    NUMBER = "number"  # anything else, and what arithmetic makes of two units


@dataclass(frozen=True, slots=True)
class Number:
    """A quantity that a claim speaks of, as it was measured."""

    text: str
    """As the claim writes it, such as `test_error(sigmoid)`."""
    values: tuple[float, ...]
    """One for each seed."""
    unit: Unit

    @property
    def mean(self) -> float:
        """Over the seeds."""
        return sum(self.values) / len(self.values)

    @property
    def std(self) -> float | None:
        """Sample standard deviation over the seeds (n - 1 in the denominator); None of a single one."""
        if len(self.values) < 2:
            return None
        mean = self.mean
        return float((sum((value - mean) ** 2 for value in self.values) / (len(self.values) - 1)) ** 0.5)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A claim as the runs of a plan bear it out or not."""

    claim: Claim
    outcome: Outcome
    words: str
    """One line with the numbers, or why it cannot be judged."""
    numbers: tuple[Number, ...] = ()
    """The quantities in the order of the check; none where it cannot be judged."""

    @property
    def ours(self) -> float | None:
        """What stands beside the published figure: the first quantity of the check, its mean over the seeds."""
        return self.numbers[0].mean if self.numbers else None


# --- what is judged ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A quantity of a run at the steps at which it was taken."""

    steps: Floats
    """[M], rising."""
    values: Floats
    """[M], or [M, H + 1] of layers: the hidden ones from the input on, then the output. Not-a-number: not finite, or not had."""


class Trained(Protocol):
    """A run that has ended, or the ensemble of one seed: the quantities of its members are then means over them."""

    @property
    def seed(self) -> int:
        """Its seed; of an ensemble that of its first member."""
        ...

    @property
    def diverged(self) -> bool:
        """Whether its cost was no longer a finite number; of an ensemble, whether that of any member was."""
        ...

    @property
    def last_step(self) -> int:
        """The step at which it ended."""
        ...

    @property
    def steps_per_epoch(self) -> int:
        """Steps in a pass over the training data."""
        ...

    def examples(self, part: str) -> int:
        """How many there are in a part of its data: "train", "validation" or "test"."""
        ...

    def figure(self, name: str) -> float | None:
        """A figure of its end, by the name of `workbench.claims.quantities`; None where it has none."""
        ...

    def course(self, name: str) -> Course | None:
        """A quantity of the run while it was trained; None where it was not recorded."""
        ...

    def layers(self, name: str) -> Course | None:
        """A quantity of its layers while it was trained; None where it was not recorded."""
        ...

    def findings(self) -> frozenset[str]:
        """The rules that found something in it at any time, also what was gone later."""
        ...


class Runs(Protocol):
    """The runs of a plan."""

    def of(self, group: Group) -> Sequence[Trained | None]:
        """One for each seed of the group, in their order; None where it is still to be trained."""
        ...
