"""What a training tells of what its networks do: regions of the plane, and what they mistake for what.

Axes of the arrays: P members, C classes, N points, D inputs, R rows and K columns of a grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NO_ANSWER = 255
"""Stands for the answer where a member's output is not finite."""
FULL = 255
"""The strength that stands for 1."""


@dataclass(frozen=True, slots=True)
class Plane:
    """The grid on which regions are taken where the inputs are two numbers, and examples that lie on it. Told before the first.

    Its rows go from the top down, its columns from the left to the right; a cell is looked at in its middle.
    """

    left: float  # edges of the grid, in inputs as the network sees them
    right: float
    bottom: float
    top: float
    rows: int
    columns: int
    low: float  # of a regression: the number, in its own unit, that the strength 0 stands for; else 0
    high: float  # and that `FULL` stands for; else 1
    points: NDArray[np.float32]  # [N, 2]
    targets: NDArray[np.float32]  # [N] the class, or the number in its own unit
    held_out: NDArray[np.bool_]  # [N] whether it is of the test part (or else of the validation part), not of the training part


@dataclass(frozen=True, slots=True)
class Region:
    """What the members answer on the cells of the plane's grid, in evaluation mode."""

    step: int
    epoch: int  # epochs that are over
    answers: NDArray[np.uint8]  # [P, R, K] the class, of a regression 0; NO_ANSWER: not finite
    strengths: NDArray[np.uint8]  # [P, R, K] of 255: the probability of that class, or the number between `low` and `high`


@dataclass(frozen=True, slots=True)
class Worst:
    """One example of a part of the data that a member got most wrong."""

    example: int  # position in its part
    truth: str
    answer: str
    probability: float  # that the member gave to the truth
    inputs: NDArray[np.float32]  # [D], as the network sees them


@dataclass(frozen=True, slots=True)
class Mistaken:
    """What the members of a classification mistake for what after an epoch, on the validation part."""

    step: int
    epoch: int
    confusion: NDArray[np.int64]  # [P, C, C] examples of class i that are taken for class j
    worst: tuple[tuple[Worst, ...], ...]  # P; the worst first

    @property
    def part(self) -> str:
        """Of the data."""
        return "validation"


@dataclass(frozen=True, slots=True)
class Examined:
    """What the members of a classification mistake for what, at the end."""

    part: str  # "test" or "validation"
    confusion: NDArray[np.int64]  # [P, C, C] examples of class i that were taken for class j
    worst: tuple[tuple[Worst, ...], ...]  # P; the worst first
