"""Scaling of inputs and targets, by what the training part alone tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

_CHUNK = 1 << 20  # numbers at a time, so that squares of all pixels are never in memory at once


@dataclass(frozen=True, slots=True, eq=False)
class Scaler:
    """(input - mean) / std, for each feature or for all of them together."""

    mean: NDArray[np.float64]  # [D] or [1]
    std: NDArray[np.float64]  # [D] or [1]; 1 where the training part does not vary
    constant: int  # features that do not vary

    def apply(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        """The scaled inputs, float32 and C-contiguous. Works in place: `inputs` is used up."""
        inputs -= self.mean.astype(inputs.dtype)
        inputs /= self.std.astype(inputs.dtype)
        return np.ascontiguousarray(inputs, dtype=np.float32)


def fit(inputs: NDArray[Any], kind: Literal["none", "standardize", "global"]) -> Scaler:
    """Mean and standard deviation (divided by N) of training inputs [N, D], added up in float64."""
    if kind == "none":
        return Scaler(np.zeros(1), np.ones(1), 0)
    if kind == "global":
        mean, std = _moments(inputs.reshape(-1, 1))
        varies = np.array([inputs.min() < inputs.max()])
    else:
        mean, std = _moments(inputs)
        # Not std > 0: rounding gives equal numbers a small one.
        varies = inputs.min(axis=0) < inputs.max(axis=0)
    return Scaler(mean, np.where(varies, std, 1.0), int((~varies).sum()))


def _moments(columns: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    mean = columns.mean(axis=0, dtype=np.float64)
    squares = np.zeros_like(mean)
    rows = max(1, _CHUNK // columns.shape[1])
    for first in range(0, len(columns), rows):
        squares += ((columns[first : first + rows] - mean) ** 2).sum(axis=0)
    return mean, np.sqrt(squares / len(columns))
