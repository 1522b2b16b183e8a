"""Where a number that is not finite came from."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.events import Divergence
from engine.network.network import Network


def find_divergence(network: Network, member: int, step: int) -> Divergence:
    """Name the step, layer and quantity that ceased to be finite first, after a forward pass with a cost that is not.

    Weights that are not finite were made by the update before this step. The gradient reaches the layers from the output
    down, so of several such layers the one nearest to the output was the first.
    """

    def broken(tensor: Tensor | None) -> bool:
        return tensor is not None and not torch.isfinite(tensor[member]).all().item()

    for layer in reversed(network.layers):
        if layer.weight is not None and broken(layer.weight.value):
            return Divergence(step - 1, layer.name, "weights")
        if any(broken(p.value) for p in layer.own_parameters):
            return Divergence(step - 1, layer.name, "biases")
    for layer in network.layers:
        if broken(layer.z):
            return Divergence(step, layer.name, "pre-activation")
        if broken(layer.h):
            return Divergence(step, layer.name, "activation")
    return Divergence(step, "cost", "cost")
