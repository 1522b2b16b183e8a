"""Mean and spread per member, exact for tiny gradients and cheap for large matrices.

Probes do as little as they can while training waits: they take a mean and the norm of the deviations from it. What these
mean (`std_from`, `norm_from`) is worked out afterwards, in NumPy, for all records of a frame at once.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.events import Floats

SAFE = (1e-15, 1e15)
"""Norms between these are right in float32. A smaller one may have lost its squares to underflow, a larger one is infinite."""


def mean_and_deviation(x: Tensor, scratch: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """The mean of `[P, …]` over all but the first axis, and the Euclidean norm of x - mean; each `[P]`.

    `torch.std` does the same one number at a time and takes more than ten times as long.

    Args:
        x: two axes or more.
        scratch: memory like x that is written over; fresh memory for a large matrix takes as long as the arithmetic.
    """
    mean = x.mean(_inner(x), keepdim=True)
    return mean.flatten(), norm(torch.sub(x, mean, out=scratch))


def norm(x: Tensor) -> Tensor:
    """The Euclidean norm of `[P, …]` over all but the first axis, `[P]`, however small or large the numbers are."""
    if x.device.type == "cpu":
        quick: Tensor = torch.linalg.vector_norm(x, dim=_inner(x))
        least, most = torch.aminmax(quick)
        if SAFE[0] < least.item() and most.item() < SAFE[1]:
            return quick
    exact: Tensor = torch.linalg.vector_norm(x, dim=_inner(x), dtype=torch.float64)
    return exact


def _inner(x: Tensor) -> tuple[int, ...]:
    """All axes but the first."""
    return tuple(range(1, x.ndim))


def std_from(deviation: Floats, count: Floats) -> Floats:
    """The (population) standard deviation of `count` numbers."""
    return deviation / np.sqrt(count)


def norm_from(mean: Floats, deviation: Floats, count: Floats) -> Floats:
    """The Euclidean norm of `count` numbers: |x|^2 = |x - mean|^2 + count mean^2."""
    return np.hypot(deviation, np.sqrt(count) * mean)
