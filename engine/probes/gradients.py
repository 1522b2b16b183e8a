"""The gradients of a layer: at its pre-activations, and of its weights."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from engine.events import Floats
from engine.network.block import Layer
from engine.probes.moments import mean_and_deviation, norm_from, std_from


def measure_gradients(layer: Layer, scratch: Tensor | None) -> list[Tensor]:
    """Mean and deviation of the gradient at z, then of the weight gradient; each `[P]`.

    `scratch` is memory like the weights; None: the layer has none, and zeros stand in their place.
    """
    assert layer.delta is not None
    at_z = mean_and_deviation(layer.delta)
    if layer.weight is None or scratch is None:
        return [*at_z, *[at_z[0].new_zeros(len(at_z[0]))] * 2]
    return [*at_z, *mean_and_deviation(layer.weight.grad, scratch)]


def gradient_statistics(raw: Floats, batch: Floats, pre_activations: Floats, weights: Floats) -> list[Floats]:
    """Mean and std of dC_i/dz; norm and std of dC/dW, penalties included; from what was measured `[…, 4]`.

    C_i is the data cost of example i (Glorot & Bengio 2010, figures 7 and 8). The backward pass carries the gradient of the
    mean over the batch, which is 1/B of it. `pre_activations` counts those of the whole batch; without weights there is
    nothing of theirs: not-a-number.
    """
    with np.errstate(invalid="ignore"):
        return [
            raw[..., 0] * batch,
            std_from(raw[..., 1], pre_activations) * batch,
            norm_from(raw[..., 2], raw[..., 3], np.where(weights == 0, np.nan, weights)),
            std_from(raw[..., 3], weights),
        ]
