"""What a dataset is: before the split (`Source`), and after split and scaling (`Dataset`).

Axes of the arrays: N examples, D inputs of each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.data.features import chosen
from engine.parts import Data

Task = Literal["classification", "regression"]

Rows = NDArray[np.int64]
"""Positions of examples in a `Source`."""

Targets = NDArray[np.int64] | NDArray[np.float64]
"""Class indices, or numbers, [N]."""

Progress = Callable[[str, int, int | None], None]
"""Told what is going on, how much of it is done, and of how much (None: unknown)."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """One part of a dataset."""

    inputs: NDArray[np.float32]  # [N, D], C-contiguous, scaled
    targets: Targets  # [N]; class indices, or standardized numbers

    def __len__(self) -> int:
        return len(self.targets)


class Stream(Protocol):
    """Training examples without an end. Each is a function of the data's settings and of its place alone."""

    def examples(self, first: int, count: int) -> Examples:
        """The examples at the places `first`, `first` + 1, …, counted from 0: the same in whatever portions they are asked for."""


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
    image_shape: tuple[int, ...] | None  # (height, width) or (channels, height, width) where the inputs are pixels of a picture
    shape: tuple[int, ...]  # of one example: (features,), (steps, features), or (channels, height, width); its product is D
    target_mean: float  # regression: a target in its own unit is target * target_std + target_mean
    target_std: float
    notes: tuple[str, ...]  # sentences that tell the user what was done to the data
    stream: Stream | None = None  # online sets: what training goes through, scaled; `train` holds its first examples


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


Encode = Callable[[Rows, tuple[str, ...]], Numbers]
"""Makes numbers of the inputs.

What must be learned from data for it (a median, a list of categories) is learned from the rows of the training part, which are
given, and from no others. The second argument is `Data.features`: which of the inputs are wanted.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """All examples of a dataset as they were read or made: those to be divided, then its own validation and test set if it has them."""

    task: Task
    encode: Encode
    targets: Targets  # [N]; class indices, or numbers in their own unit
    classes: tuple[str, ...] = ()
    image_shape: tuple[int, ...] | None = None
    sequence_shape: tuple[int, int] | None = None  # (steps, features) where the inputs are a sequence, step by step
    validation_from: int | None = None  # the examples from this one on are the data's own validation set
    test_from: int | None = None  # the examples from this one on are the data's own test set
    notes: tuple[str, ...] = ()
    usual_scaling: Literal["none", "standardize", "global"] | None = None  # None: global for pictures, else standardize
    stream: Stream | None = None  # online sets: what training goes through, not scaled; the training part is its beginning


Loader = Callable[[Data, Progress], Source]
"""Reads or makes a dataset. Raises DataError if it cannot."""


def already_numbers(values: NDArray[Any], features: tuple[str, ...], unit: float = 1.0, notes: tuple[str, ...] = ()) -> Encode:
    """The `encode` of inputs that are numbers, so that nothing needs to be learned about them."""

    def encode(_train: Rows, wanted: tuple[str, ...]) -> Numbers:
        if not wanted:
            return Numbers(values, features, unit, notes)
        kept = chosen(wanted, features)
        return Numbers(values[:, kept], tuple(features[place] for place in kept), unit, notes)

    return encode


COLOURS = ("red", "green", "blue")


def pixel_names(*image_shape: int) -> tuple[str, ...]:
    """A name for each pixel of a picture (height, width) or (channels, height, width), channel by channel, row by row."""
    *channels, height, width = image_shape
    count = channels[0] if channels else 1
    names = {1: ("",), 3: COLOURS}.get(count, tuple(f"channel {number}" for number in range(count)))
    return tuple(
        f"{name} row {row} column {column}".strip() for name in names for row in range(height) for column in range(width)
    )
