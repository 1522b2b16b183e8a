"""The gradients of a layer: at its pre-activations, and of its weights."""

from __future__ import annotations

from torch import Tensor

from engine.events import Floats
from engine.network.dense import Dense
from engine.probes.moments import mean_and_deviation, norm_from, std_from


def measure_gradients(layer: Dense, scratch: Tensor) -> list[Tensor]:
    """Mean and deviation of the gradient at z, then of the weight gradient; each `[P]`.

    `scratch` is memory like the weights.
    """
    assert layer.delta is not None
    return [*mean_and_deviation(layer.delta), *mean_and_deviation(layer.affine.weight.grad, scratch)]


def gradient_statistics(raw: Floats, batch: Floats, pre_activations: Floats, weights: Floats) -> list[Floats]:
    """Mean and std of dC_i/dz; norm and std of dC/dW, penalties included; from what was measured `[…, 4]`.

    C_i is the data cost of example i (Glorot & Bengio 2010, figures 7 and 8). The backward pass carries the gradient of the
    mean over the batch, which is 1/B of it.
    """
    return [
        raw[..., 0] * batch,
        std_from(raw[..., 1], batch * pre_activations) * batch,
        norm_from(raw[..., 2], raw[..., 3], weights),
        std_from(raw[..., 3], weights),
    ]
