"""What is shown of a large tensor: its first rows and columns, and figures of all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.events import Floats


@dataclass(frozen=True, slots=True)
class Figures:
    """All numbers of a tensor in brief."""

    shape: tuple[int, ...]
    mean: float
    std: float
    min: float
    max: float


@dataclass(frozen=True, slots=True)
class Row:
    """One row of what is shown."""

    label: str
    values: tuple[float, ...]


def figures(values: Floats) -> Figures:
    """Mean, standard deviation and range."""
    return Figures(values.shape, float(values.mean()), float(values.std()), float(values.min()), float(values.max()))


def signal_rows(values: Floats, most: int) -> list[Row]:
    """The first units of the first examples: of a picture its maps at the middle, of a sequence its last step.

    Args:
        values: [B, W], [B, T, W] or [B, maps, height, width].
        most: examples, and units.
    """
    place = ""
    if values.ndim == 4:
        row, column = values.shape[2] // 2, values.shape[3] // 2
        values, place = values[:, :, row, column], f" at {row + 1},{column + 1}"
    elif values.ndim == 3:
        values, place = values[:, -1], f" step {values.shape[1]}"
    return _rows([f"example {number}{place}" for number in range(1, len(values) + 1)], values, most)


def weight_rows(values: Floats, most: int) -> list[Row]:
    """The first inputs of the first units.

    Args:
        values: [inputs, units], [1, units], or [maps, channels, side, side] of a convolution.
        most: inputs, and units.
    """
    if values.ndim == 4:
        side = values.shape[2]
        places = [(place // side**2, place % side**2 // side, place % side) for place in range(values[0].size)]
        labels = [f"channel {channel + 1} at {row + 1},{column + 1}" for channel, row, column in places]
        return _rows(labels, values.reshape(len(values), -1).T, most)
    labels = [""] if len(values) == 1 else [f"input {number}" for number in range(1, len(values) + 1)]
    return _rows(labels, values, most)


def norm_share(part: Floats, whole: Floats) -> float:
    """The Euclidean norm of one as a share of that of the other; 0 if both are 0."""
    size = float(np.linalg.norm(part))
    return size / float(np.linalg.norm(whole)) if size else 0.0


def _rows(labels: Sequence[str], values: Floats, most: int) -> list[Row]:
    return [Row(label, tuple(row[:most].tolist())) for label, row in zip(labels[:most], values, strict=False)]
