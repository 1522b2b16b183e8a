"""Mean and spread per member, exact for tiny gradients and cheap for large matrices.

Probes do as little as they can while training waits: they take a mean and the norm of the deviations from it. What these
mean (`std_from`, `norm_from`) is worked out afterwards, in NumPy, for all records of a frame at once.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.events import Floats


def mean_and_deviation(x: Tensor) -> tuple[Tensor, Tensor]:
    """The mean of `[P, …]` over all but the first axis, and the Euclidean norm of x - mean; each `[P]`.

    The squares are summed in float64: in float32 those of a gradient below 1e-19 would be zero. `torch.std` does the same
    one number at a time and takes about ten times as long.
    """
    mean = x.mean((1, 2), keepdim=True)
    return mean[:, 0, 0], torch.linalg.vector_norm(x - mean, dim=(1, 2), dtype=torch.float64)


def std_from(deviation: Floats, count: Floats) -> Floats:
    """The (population) standard deviation of `count` numbers."""
    return deviation / np.sqrt(count)


def norm_from(mean: Floats, deviation: Floats, count: Floats) -> Floats:
    """The Euclidean norm of `count` numbers: |x|^2 = |x - mean|^2 + count mean^2."""
    return np.hypot(deviation, np.sqrt(count) * mean)
