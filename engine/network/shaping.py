"""Blocks that only change how the numbers of an example are arranged. They are not measured: no number changes."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.network.block import Block


class Arrange(Block):
    """Give each example a shape; `(n,)` makes flat numbers of it."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        self._came = x.shape
        return x.reshape(*x.shape[:2], *self.shape)

    def backward(self, grad: Tensor) -> Tensor:
        return grad.reshape(self._came)


class Rows(Block):
    """A picture `[P, B, C, H, W]` as the sequence of its rows, `[P, B, H, C W]`."""

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        self._channels = x.shape[2]
        return x.transpose(2, 3).flatten(3)

    def backward(self, grad: Tensor) -> Tensor:
        return torch.unflatten(grad, 3, (self._channels, -1)).transpose(2, 3)
