"""Examples for a network to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.base import Rows
from engine.data.load import Learned
from engine.encoding.truth import as_numbers, class_name
from engine.errors import DataError

Part = Literal["train", "validation", "test"]


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Examples for a network to answer."""

    inputs: NDArray[np.float32]  # [N, D], scaled
    classes: tuple[str, ...] | None = None  # the true class of each, empty where it is not known; None: none is
    numbers: NDArray[np.float64] | None = None  # the true number of each in its own unit, nan where it is not known
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.inputs)


def of_part(learned: Learned, part: Part) -> Examples:
    """The examples of one part of the data that the network was trained on.

    Raises:
        DataError: it is empty.
    """
    rows: Rows = learned.rows if part == "train" else getattr(learned.parts, part)
    if not len(rows):
        raise DataError(f"the {part} part of {learned.settings.name} is empty; choose another part, or other data")
    examples = learned.train if part == "train" else learned.examples(rows)
    if learned.source.task == "regression":
        return Examples(examples.inputs, numbers=learned.source.targets[rows].astype(np.float64))
    return Examples(examples.inputs, classes=tuple(learned.source.classes[index] for index in examples.targets))


def with_truth(
    learned: Learned,
    inputs: NDArray[np.float32],
    truth: NDArray[Any] | None,
    name: str,
    notes: tuple[str, ...] = (),
    *,
    decimal_commas: bool = False,
) -> Examples:
    """Examples with their true answers, as far as these are known.

    Args:
        learned: the data that the network was trained on.
        inputs: scaled, [N, D].
        truth: words, numbers, or one-hot rows; None where they are not known.
        name: of the data, for messages.
        notes: to be told with them.
        decimal_commas: whether 0,5 may be a number.
    """
    if truth is None:
        return Examples(inputs, notes=notes)
    if truth.ndim == 2 and truth.shape[1] == 1:
        truth = truth[:, 0]
    if learned.source.task == "regression":
        return Examples(inputs, numbers=as_numbers(truth, name, decimal_commas=decimal_commas), notes=notes)
    if truth.ndim == 2:
        truth = truth.argmax(axis=1)
    known = set(learned.source.classes)
    names = tuple(class_name(value, known) for value in truth.tolist())
    others = sorted({each for each in names if each and each not in known})
    if others:
        shown = ", ".join(others[:5]) + (", …" if len(others) > 5 else "")
        notes = (*notes, f"the network knows no class {shown}; it cannot be right there")
    return Examples(inputs, classes=names, notes=notes)
