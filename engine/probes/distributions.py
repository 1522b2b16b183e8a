"""How activations, gradients and weights of every layer are spread on the held-out examples (Glorot & Bengio 2010, figures 2-10)."""

from __future__ import annotations

from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.events import Distributions, Floats
from engine.network.block import Layer
from engine.network.network import Network
from engine.network.recurrent import Recurrent
from engine.probes.jacobian import mean_singular_values
from engine.probes.moments import mean_and_deviation
from engine.probes.spread import BINS, in_order, spread, stride_of
from engine.training.scores import Part
from engine.vocabulary import PERCENTILES, QUANTITIES, Quantity

PORTION_VALUES = 2**24
"""Values of the widest layer, over all members, that are worked on at a time: 64 MiB in float32, whatever the population."""


class DistributionProbe:
    """Takes distributions of all layers of all members from one forward and one backward pass in evaluation mode.

    Training goes on as if this had not been: no generator is used, parameters and buffers stay as they are. What every step
    writes anew is written over: the parameters' gradients, and what the layers hold of their last passes.

    Args:
        network: what is measured.
        examples: the held-out examples, see `engine.probes.held_out`.
        jacobian: whether Jacobians are measured as well.
    """

    def __init__(self, network: Network, examples: Part, *, jacobian: bool) -> None:
        self._network = network
        self._examples = examples
        self._jacobian = jacobian
        self._portion = max(1, min(len(examples), PORTION_VALUES // (network.members * network.widest)))

    def take(self, step: int, epoch: int) -> Distributions:
        """Measure the network as it is, after `step` steps and `epoch` epochs.

        Mean and standard deviation are exact; percentiles and histogram are those of at most `MOST_VALUES` values of each
        member, layer and quantity. Where values are not finite, as those of a diverged member, they are not-a-number, and there
        are no counts.
        """
        layers = self._network.layers
        scratch = self._scratch()
        gathered = [_GatheredLayer(layer, len(self._examples), scratch) for layer in layers]
        jacobian = np.full((self._network.members, len(layers)), np.nan)
        for first in range(0, len(self._examples), self._portion):
            self._pass(first)
            for layer in gathered:
                layer.add_portion(first)
            if self._jacobian and first == 0:
                jacobian = mean_singular_values(self._network)
        return self._event(step, epoch, gathered, jacobian)

    def _pass(self, first: int) -> None:
        """Forward and backward on the portion of the examples from `first` on."""
        members, portion = self._network.members, slice(first, first + self._portion)
        x = self._examples.inputs[portion].expand(members, -1, -1)
        y = self._examples.targets[portion].expand(members, -1, -1)
        self._network.forward(x, y, training=False)
        self._network.backward()

    def _scratch(self) -> Tensor:
        """Memory for the largest tensor that is measured; fresh memory for each takes longer than the arithmetic."""
        values = self._network.members * self._portion * self._network.widest
        weights = [layer.weight.value for layer in self._network.layers if layer.weight is not None]
        return weights[0].new_empty(max(values, *(weight.numel() for weight in weights)))

    def _event(self, step: int, epoch: int, gathered: list[_GatheredLayer], jacobian: Floats) -> Distributions:
        shape = (self._network.members, len(gathered), len(QUANTITIES))
        percentiles = np.full((*shape, len(PERCENTILES)), np.nan, np.float32)
        moments, edges = np.full((*shape, 2), np.nan), np.full((*shape, 2), np.nan)
        counts = np.zeros((*shape, BINS), np.int64)
        values = [layer.values() for layer in gathered]
        there = [found for of_layer in values for found in of_layer if found is not None]
        where = np.array([[found is not None for found in of_layer] for of_layer in values])
        found = spread([in_order(each.sample()) for each in there])
        moments[:, where] = torch.stack([each.moments() for each in there], 1).cpu().numpy()
        percentiles[:, where], edges[:, where], counts[:, where] = found.percentiles, found.edges, found.counts
        saturated = tuple(layer.saturated_counts() for layer in gathered)
        return Distributions(step, epoch, len(self._examples), percentiles, moments, edges, counts, jacobian, saturated)


class _GatheredLayer:
    """What is known of one layer, from one portion of the examples after the other.

    Args:
        layer: which.
        examples: in all portions together.
        scratch: memory for any of its tensors.
    """

    def __init__(self, layer: Layer, examples: int, scratch: Tensor) -> None:
        self._layer = layer
        self._examples = examples
        self._scratch = scratch
        self._activation = _Values(examples, scratch)
        self._gradient = _Values(examples, scratch)
        self._weight_gradient: Tensor | None = None
        self._saturated: Tensor | None = None

    def add_portion(self, first: int) -> None:
        """Take in the last forward and backward pass, which was that of the examples from `first` on."""
        layer = self._layer
        assert layer.h is not None
        assert layer.delta is not None
        h, delta = _examples_first(layer, layer.h), _examples_first(layer, layer.delta)
        count = h.shape[1]
        self._activation.add(h, first)
        # The pass carries the gradient of the mean over its examples.
        self._gradient.add(delta, first, factor=count)
        if layer.weight is not None:
            self._add_weight_gradient(layer.weight.grad, count)
        counts = _everywhere(_examples_first(layer, layer.saturated()), layer.unit_axis).sum(1)
        self._saturated = counts if self._saturated is None else self._saturated + counts

    def _add_weight_gradient(self, grad: Tensor, count: int) -> None:
        if count == self._examples:
            self._weight_gradient = grad
        elif self._weight_gradient is None:
            self._weight_gradient = grad * (count / self._examples)
        else:
            self._weight_gradient.add_(grad, alpha=count / self._examples)

    def values(self) -> list[_Values | None]:
        """Those of all quantities, in their order; None where the layer does not have one."""
        weight = None if self._layer.weight is None else self._layer.weight.value
        matrices = {Quantity.WEIGHT_GRADIENT: self._weight_gradient, Quantity.WEIGHT: weight}
        found: dict[Quantity, _Values | None] = {Quantity.ACTIVATION: self._activation, Quantity.GRADIENT: self._gradient}
        for quantity, matrix in matrices.items():
            found[quantity] = None if matrix is None else self._of_matrix(matrix)
        return [found[quantity] for quantity in QUANTITIES]

    def _of_matrix(self, matrix: Tensor) -> _Values:
        values = _Values(matrix.shape[1], self._scratch)
        values.add(matrix)
        return values

    def saturated_counts(self) -> NDArray[np.uint16]:
        """For each unit the number of examples on which it is saturated, `[P, U]`."""
        assert self._saturated is not None
        return self._saturated.cpu().numpy().astype(np.uint16)


class _Values:
    """Numbers `[P, rows, …]` that come portion by portion: their moments and a sample of them.

    Args:
        rows: in all portions together.
        scratch: memory for a portion.
    """

    def __init__(self, rows: int, scratch: Tensor) -> None:
        self._rows = rows
        self._scratch = scratch
        self._samples: list[Tensor] = []
        self._count = 0
        self._mean = self._deviation = scratch.new_zeros(0)

    def add(self, values: Tensor, first: int = 0, factor: int = 1) -> None:
        """Take in `factor` times the rows from `first` on."""
        row = prod(values.shape[2:])
        stride = stride_of(self._rows * row, row)
        flat = values.flatten(1)
        # The same values are taken however the rows are portioned.
        self._samples.append(flat[:, -first * row % stride :: stride] * factor)
        mean, deviation = mean_and_deviation(flat, self._scratch[: flat.numel()].view_as(flat))
        self._join(flat.shape[1], mean.double() * factor, deviation.double() * factor)

    def _join(self, count: int, mean: Tensor, deviation: Tensor) -> None:
        """Mean and norm of the deviations of the numbers so far and of `count` more (Chan, Golub & LeVeque 1979)."""
        total = self._count + count
        if self._count:
            shift = mean - self._mean
            between = shift * (self._count * count / total) ** 0.5
            # hypot, for the squares of very small gradients would be zero
            self._deviation = self._deviation.hypot(deviation).hypot(between)
            self._mean = self._mean + shift * (count / total)
        else:
            self._mean, self._deviation = mean, deviation
        self._count = total

    def moments(self) -> Tensor:
        """Mean and standard deviation of all numbers, `[P, 2]`."""
        return torch.stack([self._mean, self._deviation / self._count**0.5], -1)

    def sample(self) -> Tensor:
        """Copies of those numbers that percentiles and histogram are made of, `[P, n]`."""
        return self._samples[0] if len(self._samples) == 1 else torch.cat(self._samples, 1)


def _examples_first(layer: Layer, values: Tensor) -> Tensor:
    """`[P, B, …]` of what a recurrent layer holds as `[P, T, B, …]`."""
    return values.transpose(1, 2) if isinstance(layer, Recurrent) else values


def _everywhere(saturated: Tensor, unit_axis: int) -> Tensor:
    """Which units are saturated at all places or steps of an example, `[P, B, U]`."""
    units = saturated.movedim(unit_axis, -1)
    return units if units.ndim == 3 else units.flatten(2, -2).all(2)
