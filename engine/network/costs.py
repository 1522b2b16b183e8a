"""Costs: from the output layer's pre-activations z `[P, B, C]` and the targets to each example's cost and dC/dz.

C is the mean over the batch, so every gradient carries 1/B.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.nn import functional

from engine.catalog import Pick
from engine.network.activations import Activation


class Cost(ABC):
    """One cost together with the output activation that belongs to it."""

    classes_as_numbers = False
    """Whether targets are class indices `[P, B, 1]` instead of values `[P, B, C]`."""

    def __init__(self, output: Activation) -> None:
        self.output = output

    @abstractmethod
    def forward(self, z: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the outputs h `[P, B, C]` and each example's cost `[P, B]`."""

    @abstractmethod
    def backward(self) -> Tensor:
        """Return the gradient of the mean cost at z, for the last forward pass."""


class CrossEntropy(Cost):
    """-ln h_y with h = softmax(z); dC/dz = (h - onehot(y)) / B."""

    classes_as_numbers = True

    def forward(self, z: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        # Step by step: torch.log_softmax takes several times as long on many rows of few classes.
        largest = z.amax(-1, keepdim=True)
        h = (z - largest).exp_()
        total = h.sum(-1, keepdim=True)
        self._targets = targets
        self._h = h.div_(total)
        return h, total.log_().sub_(z.gather(-1, targets) - largest).squeeze(-1)

    def backward(self) -> Tensor:
        minus_one = self._h.new_full((1, 1, 1), -1.0).expand_as(self._targets)
        return self._h.scatter_add(-1, self._targets, minus_one).div_(self._h.shape[1])


class BinaryCrossEntropy(Cost):
    """-mean_C (y ln h + (1 - y) ln(1 - h)) with h = sigmoid(z); dC/dz = (h - y) / (B C)."""

    def forward(self, z: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        self._targets = targets
        self._h = torch.sigmoid(z)
        return self._h, functional.binary_cross_entropy_with_logits(z, targets, reduction="none").mean(-1)

    def backward(self) -> Tensor:
        return (self._h - self._targets).div_(self._h.shape[1] * self._h.shape[2])


class OutputCost(Cost):
    """A cost of the outputs h = f(z) and values y: `distance` and its slope, then back through f."""

    def forward(self, z: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        # The activation may write over z, which is the output layer's own fresh tensor.
        self._z, self._h = z, self.output.forward(z)
        self._error = self._h - targets
        return self._h, self.distance(self._error)

    def backward(self) -> Tensor:
        return self.output.backward(self.slope(self._error).div_(self._error.shape[1]), self._z, self._h)

    @abstractmethod
    def distance(self, error: Tensor) -> Tensor:
        """Each example's cost `[P, B]` from h - y `[P, B, C]`."""

    @abstractmethod
    def slope(self, error: Tensor) -> Tensor:
        """The derivative of `distance` with respect to h, a fresh tensor."""


class MeanSquared(OutputCost):
    """mean_C (h - y)^2."""

    def distance(self, error: Tensor) -> Tensor:
        return error.square().mean(-1)

    def slope(self, error: Tensor) -> Tensor:
        return error * (2 / error.shape[2])


class MeanAbsolute(OutputCost):
    """mean_C |h - y|; slope 0 where the error is exactly 0."""

    def distance(self, error: Tensor) -> Tensor:
        return error.abs().mean(-1)

    def slope(self, error: Tensor) -> Tensor:
        return error.sign().div_(error.shape[2])


class Huber(OutputCost):
    """mean_C (d^2 / 2 if |d| <= delta else delta (|d| - delta / 2))."""

    def __init__(self, output: Activation, delta: float) -> None:
        super().__init__(output)
        self._delta = delta

    def distance(self, error: Tensor) -> Tensor:
        size = error.abs()
        near = size.clamp(max=self._delta)
        return near.mul(size - near / 2).mean(-1)

    def slope(self, error: Tensor) -> Tensor:
        return error.clamp(-self._delta, self._delta).div_(error.shape[2])


class Quadratic(OutputCost):
    """1/2 sum_C (h - y)^2."""

    def distance(self, error: Tensor) -> Tensor:
        return error.square().sum(-1).div_(2)

    def slope(self, error: Tensor) -> Tensor:
        return error.clone()


def make_cost(pick: Pick, output: Activation) -> Cost:
    """The cost that was picked, above the output activation."""
    if pick.kind == "huber":
        return Huber(output, pick["delta"])
    kinds: dict[str, type[Cost]] = {
        "cross_entropy": CrossEntropy,
        "binary_cross_entropy": BinaryCrossEntropy,
        "mean_squared": MeanSquared,
        "mean_absolute": MeanAbsolute,
        "quadratic": Quadratic,
    }
    return kinds[pick.kind](output)
