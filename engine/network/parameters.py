"""A learned tensor and its gradient; numbers of the members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

ALIGNMENT = 64
"""Bytes: where parameters begin that are laid together, so that no arithmetic is slower on them."""


class Descending(Protocol):
    """Makes steps of plain gradient descent on its parameters without their gradients being written anywhere."""

    descent: Tensor | None
    """Minus the members' learning rates, `[P, 1, 1]`; while it is set, the backward pass makes the step and writes no gradients."""

    def descend(self, descent: Tensor) -> None:
        """Make the step for the last backward pass, with minus the members' learning rates `[P, 1, 1]`."""
        ...


@dataclass(slots=True)
class Parameter:
    """One learned tensor of all members, axes `[P, …]`."""

    name: str
    value: Tensor
    penalized: bool = False
    """Whether L1 and L2 apply: to weights, not to biases or to batch norm's scale and shift."""
    owner: Descending | None = None
    """Who can update it by plain gradient descent, if anybody can."""

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


def lay_together(parameters: Sequence[Parameter]) -> Tensor:
    """Move all values into one tensor, and all gradients into its gradient; each parameter is a view of its part.

    Whoever works on each number by itself, as optimizers do, has one tensor to work on instead of many. Between the parameters
    are a few zeros whose gradient is zero.
    """
    parts = places(parameters)
    together = parameters[0].value.new_zeros(parts[-1].stop)
    together.grad = torch.zeros_like(together)
    for parameter, part in zip(parameters, parts, strict=True):
        value = parameter.value
        parameter.value = together[part].view_as(value).copy_(value)
        parameter.value.grad = together.grad[part].view_as(value)
    return together


def places(parameters: Sequence[Parameter]) -> list[slice]:
    """Where each parameter lies in the one tensor."""
    found, start = [], 0
    for parameter in parameters:
        unit = ALIGNMENT // parameter.value.element_size()
        start = -(-start // unit) * unit
        found.append(slice(start, start + parameter.value.numel()))
        start = found[-1].stop
    return found
