"""All probes on all layers: one row of numbers for each measured step."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

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
        like = network.output.affine.weight.value
        self._raw = like.new_zeros((rows, like.shape[0], len(network.layers), len(STATISTICS)), dtype=torch.float64)
        self._batches = np.zeros(rows)
        weights = [layer.affine.weight.value for layer in network.layers]
        self._before = [torch.empty_like(weight) for weight in weights]
        scratch = like.new_empty(max(weight.numel() for weight in weights))
        self._scratch = [scratch[: weight.numel()].view_as(weight) for weight in weights]
        self._measured: list[list[Tensor]] = []
        shapes = np.array([layer.affine.weight.value.shape[1:] for layer in network.layers], dtype=np.float64)
        pieces = np.array([layer.activation.pieces for layer in network.layers])
        self._weights, self._pre_activations, self._units = shapes.prod(1), shapes[:, 1], shapes[:, 1] / pieces

    def before_update(self) -> None:
        """Measure the last forward and backward pass and the weights. Changes nothing that training uses."""
        self._measured = []
        for layer, before, scratch in zip(self._network.layers, self._before, self._scratch, strict=True):
            forward_and_backward = [*measure_activations(layer), *measure_gradients(layer, scratch)]
            self._measured.append([*forward_and_backward, *measure_weights(layer, scratch)])
            before.copy_(layer.affine.weight.value)

    def after_update(self, row: int) -> None:
        """Measure what the update did, and keep everything as row `row`."""
        layers = zip(self._network.layers, self._measured, self._before, strict=True)
        for position, (layer, measured, before) in enumerate(layers):
            torch.stack([*measured, *measure_update(layer, before)], -1, out=self._raw[row, :, position])
        delta = self._network.output.delta
        assert delta is not None
        self._batches[row] = delta.shape[1]

    def take(self, rows: int) -> NDArray[np.float32]:
        """The statistics of the first `rows` rows, `[M, P, L, K]` in the order of `STATISTICS`."""
        raw = self._raw[:rows].cpu().numpy()
        batch = self._batches[:rows, None, None]
        columns = [
            *activation_statistics(raw[..., 0:4], batch, self._units),
            *gradient_statistics(raw[..., 4:8], batch, self._pre_activations, self._weights),
            *weight_statistics(raw[..., 8:12], self._weights),
        ]
        with np.errstate(over="ignore"):  # what is too large for float32 is infinite there
            return np.stack(np.broadcast_arrays(*columns), -1).astype(np.float32)
