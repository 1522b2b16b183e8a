"""A learned tensor and its gradient; numbers of the members."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(slots=True)
class Parameter:
    """One learned tensor of all members, axes `[P, …]`."""

    name: str
    value: Tensor
    penalized: bool = False
    """Whether L1 and L2 apply: to weights, not to biases or to batch norm's scale and shift."""

    def __post_init__(self) -> None:
        self.value.grad = torch.zeros_like(self.value)

    @property
    def grad(self) -> Tensor:
        """The gradient of the mean cost over the batch, written anew by each backward pass."""
        assert self.value.grad is not None
        return self.value.grad


def of_members(numbers: Tensor, like: Tensor) -> Tensor:
    """One number of each member, `[P]` or `[P, 1, …]`, with as many axes as `like` `[P, …]`; a view."""
    return numbers.view(-1, *[1] * (like.ndim - 1))
