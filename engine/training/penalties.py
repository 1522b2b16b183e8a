"""L1 and L2 as terms of the cost: lambda1 sum |W| + lambda2 sum W^2, on weights and not on biases."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.experiment import Experiment
from engine.network.parameters import Parameter, of_members


class Penalties:
    """The penalty terms of all members, each with its own lambdas."""

    def __init__(self, experiments: Sequence[Experiment], parameters: Sequence[Parameter]) -> None:
        self._weights = [p for p in parameters if p.penalized]
        self.set([e.l1 for e in experiments], [e.l2 for e in experiments])

    def set(self, l1: Sequence[float], l2: Sequence[float]) -> None:
        """Give each member its lambdas for the steps to come."""
        like = self._weights[0].value
        self._l1, self._l2 = like.new_tensor(l1), like.new_tensor(l2)
        self._any_l1, self._any_l2 = any(l1), any(l2)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return self._any_l1 or self._any_l2

    def add_gradients(self) -> None:
        """Add lambda1 sign(W) + 2 lambda2 W to the weights' gradients. The slope of |w| at 0 is taken as 0."""
        if self._any_l1:
            for weight in self._weights:
                weight.grad.addcmul_(weight.value.sign(), of_members(self._l1, weight.value))
        if self._any_l2:
            for weight in self._weights:
                weight.grad.addcmul_(weight.value, of_members(self._l2, weight.value), value=2)

    def values(self) -> tuple[Tensor, Tensor]:
        """The two terms of the cost, each `[P]`."""
        l1, l2 = torch.zeros_like(self._l1), torch.zeros_like(self._l2)
        for weight in self._weights:
            flat = weight.value.flatten(1)
            if self._any_l1:
                l1 += torch.linalg.vector_norm(flat, 1, dim=1)
            if self._any_l2:
                l2 += torch.linalg.vector_norm(flat, dim=1).square()
        return l1 * self._l1, l2 * self._l2
