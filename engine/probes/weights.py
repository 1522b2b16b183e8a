"""The weights of a layer, and how far a step moves them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.events import Floats
from engine.network.parameters import Parameter
from engine.probes.moments import mean_and_deviation, norm, norm_from, std_from

NEAR_ZERO = 1e-3
"""Weights of a smaller size count as near zero."""


def measure_weights(weight: Parameter, scratch: Tensor) -> list[Tensor]:
    """Mean and deviation of W before the update; each `[P]`. `scratch` is memory like the weights."""
    return list(mean_and_deviation(weight.value, scratch))


def measure_update(weight: Parameter, before: Tensor) -> list[Tensor]:
    """Size of the change from `before`, and the number of weights near zero after it; each `[P]`. Writes over `before`."""
    moved = norm(before.sub_(weight.value))
    near_zero = torch.abs(weight.value, out=before).lt_(NEAR_ZERO)
    return [moved, near_zero.flatten(1).sum(1)]


def weight_statistics(raw: Floats, weights: Floats) -> list[Floats]:
    """Norm and std of W, |change| / |W| (0 where nothing moved), share near zero; from what was measured `[…, 4]`.

    Not-a-number where there are no weights.
    """
    size = norm_from(raw[..., 0], raw[..., 1], weights)
    moved = raw[..., 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(moved == 0, 0.0, moved / size)
        figures = [size, std_from(raw[..., 1], weights), ratio, raw[..., 3] / weights]
        return [np.where(weights == 0, np.nan, figure) for figure in figures]
