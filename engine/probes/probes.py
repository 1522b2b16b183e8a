"""All probes on all layers: one row of numbers for each measured step."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.events import Floats
from engine.network.network import Network
from engine.probes.activations import activation_statistics, measure_activations
from engine.probes.gradients import gradient_statistics, measure_gradients
from engine.probes.weights import measure_update, measure_weights, weight_statistics
from engine.vocabulary import STATISTICS


class Probes:
    """Measures a network around an update. Rows stay on the device until they are taken.

    Args:
        network: what is measured.
        rows: how many measured steps can be kept.
    """

    def __init__(self, network: Network, rows: int) -> None:
        self._network = network
        like = network.output.weight.value
        self._raw = like.new_zeros((rows, like.shape[0], len(network.layers), len(STATISTICS)), dtype=torch.float64)
        self._counts = np.zeros((rows, 4, len(network.layers)))  # values, flags, pre-activations and units of a member
        self._counted: dict[int, Floats] = {}  # by the size of the batch
        self._batches = np.zeros(rows)
        weights = [None if layer.weight is None else layer.weight.value for layer in network.layers]
        self._before = [None if weight is None else torch.empty_like(weight) for weight in weights]
        scratch = like.new_empty(max(weight.numel() for weight in weights if weight is not None))
        self._scratch = [None if weight is None else scratch[: weight.numel()].view_as(weight) for weight in weights]
        self._weights = np.array([0.0 if weight is None else weight[0].numel() for weight in weights])
        self._nothing = like.new_zeros(like.shape[0])
        self._measured: list[list[Tensor]] = []

    def before_update(self) -> None:
        """Measure the last forward and backward pass and the weights. Changes nothing that training uses."""
        self._measured = []
        for layer, before, scratch in zip(self._network.layers, self._before, self._scratch, strict=True):
            measured = [*measure_activations(layer), *measure_gradients(layer, scratch)]
            if layer.weight is None or before is None or scratch is None:
                measured += [self._nothing] * 2
            else:
                measured += measure_weights(layer.weight, scratch)
                before.copy_(layer.weight.value)
            self._measured.append(measured)

    def after_update(self, row: int) -> None:
        """Measure what the update did, and keep everything as row `row`."""
        layers = zip(self._network.layers, self._measured, self._before, strict=True)
        for position, (layer, measured, before) in enumerate(layers):
            moved = [self._nothing] * 2 if layer.weight is None or before is None else measure_update(layer.weight, before)
            torch.stack([*measured, *moved], -1, out=self._raw[row, :, position])
        delta = self._network.output.delta
        assert delta is not None
        self._batches[row] = batch = delta.shape[1]
        if batch not in self._counted:
            self._counted[batch] = self._count()
        self._counts[row] = self._counted[batch]

    def take(self, rows: int) -> NDArray[np.float32]:
        """The statistics of the first `rows` rows, `[M, P, L, K]` in the order of `STATISTICS`."""
        raw = self._raw[:rows].cpu().numpy()
        batch = self._batches[:rows, None, None]
        values, flags, pre_activations, units = (self._counts[:rows, None, kind] for kind in range(4))
        columns = [
            *activation_statistics(raw[..., 0:4], values, flags, units),
            *gradient_statistics(raw[..., 4:8], batch, pre_activations, self._weights),
            *weight_statistics(raw[..., 8:12], self._weights),
        ]
        with np.errstate(over="ignore"):  # what is too large for float32 is infinite there
            return np.stack(np.broadcast_arrays(*columns), -1).astype(np.float32)

    def _count(self) -> Floats:
        """How many numbers each layer's figures were taken over, for one member: [4, L]."""
        counts = []
        for layer in self._network.layers:
            assert layer.h is not None
            assert layer.delta is not None
            flags = layer.flags()
            counts.append((layer.h[0].numel(), flags[0].numel(), layer.delta[0].numel(), flags.shape[layer.unit_axis]))
        return np.array(counts, dtype=np.float64).T
