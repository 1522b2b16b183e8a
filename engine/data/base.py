"""What a dataset is: before the split (`Source`), and after split and scaling (`Dataset`).

Axes of the arrays: N examples, D inputs of each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.parts import Data

Task = Literal["classification", "regression"]

Rows = NDArray[np.int64]
"""Positions of examples in a `Source`."""

Progress = Callable[[str, int, int | None], None]
"""Told what is going on, how much of it is done, and of how much (None: unknown)."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """One part of a dataset."""

    inputs: NDArray[np.float32]  # [N, D], C-contiguous, scaled
    targets: NDArray[np.int64] | NDArray[np.float64]  # [N]; class indices, or standardized numbers

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """What is learned from: split, scaled, ready for the network."""

    name: str
    task: Task
    train: Examples
    validation: Examples  # may be empty
    test: Examples  # may be empty
    classes: tuple[str, ...]  # the name of each class index; empty for a regression
    features: tuple[str, ...]  # the name of each of the D inputs
    image_shape: tuple[int, ...] | None  # (height, width) where the inputs are the pixels of a picture
    target_mean: float  # regression: a target in its own unit is target * target_std + target_mean
    target_std: float
    notes: tuple[str, ...]  # sentences that tell the user what was done to the data


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """The inputs of all examples as numbers, not yet scaled."""

    values: NDArray[Any]  # [N, D], of any real type
    features: tuple[str, ...]
    unit: float = 1.0  # the inputs are values * unit; lets pixels stay bytes until they are used
    notes: tuple[str, ...] = ()

    def take(self, rows: Rows) -> NDArray[np.float32] | NDArray[np.float64]:
        """The inputs of some examples, [N, D], as a copy; float64 if the values are, else float32."""
        taken = self.values[rows]
        if taken.dtype != np.float64:
            taken = taken.astype(np.float32, copy=False)
        if self.unit != 1.0:
            taken *= self.unit
        return taken


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """All examples of a dataset as they were read or made.

    What must be learned from data to make numbers of it (a median, a list of categories) is learned by `encode`, which is
    given the rows of the training part and looks at no others.
    """

    task: Task
    encode: Callable[[Rows], Numbers]
    targets: NDArray[np.int64] | NDArray[np.float64]  # [N]; class indices, or numbers in their own unit
    classes: tuple[str, ...] = ()
    image_shape: tuple[int, ...] | None = None
    test_from: int | None = None  # the examples from this one on are the data's own test set
    notes: tuple[str, ...] = ()


Loader = Callable[[Data, Progress], Source]
"""Reads or makes a dataset. Raises DataError if it cannot."""


def already_numbers(
    values: NDArray[Any], features: tuple[str, ...], unit: float = 1.0, notes: tuple[str, ...] = ()
) -> Callable[[Rows], Numbers]:
    """The `encode` of inputs that are numbers, so that nothing needs to be learned about them."""
    numbers = Numbers(values, features, unit, notes)

    def encode(_train: Rows) -> Numbers:
        return numbers

    return encode


def pixel_names(height: int, width: int) -> tuple[str, ...]:
    """A name for each pixel of a picture, row by row."""
    return tuple(f"pixel {row},{column}" for row in range(height) for column in range(width))
