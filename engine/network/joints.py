"""Blocks that hold others: fast forward, and split and merge."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.network.activations import Activation
from engine.network.block import Block, Chain, Layer
from engine.network.layers import AffineMap
from engine.network.parameters import Parameter


class Residual(Layer):
    """y = f(P x + F(x)): the input skips over the blocks inside (He, Zhang, Ren & Sun 2015 and 2016).

    Args:
        name: of the block.
        inside: F.
        activation: f; the identity where the activations stand inside.
        projection: P where the shapes differ, without bias; None: the identity.
        first: whether nothing that learns lies before it.
        unit_axis: the axis of y along which one unit or feature map follows the other.
    """

    kind = "residual"

    def __init__(
        self, name: str, inside: Chain, activation: Activation, projection: AffineMap | None, *, first: bool, unit_axis: int
    ) -> None:
        super().__init__(name, activation)
        self.unit_axis = unit_axis
        self.inside = inside
        self.projection = projection
        self._first = first

    @property
    def inner(self) -> Sequence[Block]:
        return (self.inside,)

    @property
    def weight(self) -> Parameter | None:
        return self.projection.weight if self.projection else None

    @property
    def parameters(self) -> list[Parameter]:
        assert self.activation is not None
        projection = self.projection.parameters if self.projection else []
        return [*self.inside.parameters, *projection, *self.activation.parameters]

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        skipped = x if self.projection is None else self.projection.forward(x)
        return self.activate(torch.add(self.inside.forward(x, training=training), skipped))

    def backward(self, grad: Tensor) -> Tensor | None:
        delta = self.deactivate(grad)
        through = self.inside.backward(delta)
        skipped = delta if self.projection is None else self.projection.backward(delta)
        if self._first:
            return None
        assert through is not None
        assert skipped is not None
        return through + skipped


class Split(Layer):
    """Branches in parallel on the same input, merged by sum or side by side.

    Args:
        name: of the block.
        branches: on the same input.
        axis: of y along which the branches' outputs are put side by side; None: they are added.
        first: whether nothing that learns lies before it.
        unit_axis: the axis of y along which one unit or feature map follows the other.
    """

    kind = "split"

    def __init__(self, name: str, branches: Sequence[Chain], axis: int | None, *, first: bool, unit_axis: int) -> None:
        super().__init__(name)
        self.unit_axis = unit_axis
        self.branches = list(branches)
        self.axis = axis
        self._first = first

    @property
    def inner(self) -> Sequence[Block]:
        return self.branches

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        outputs = [branch.forward(x, training=training) for branch in self.branches]
        if self.axis is None:
            self.h = torch.stack(outputs).sum(0)
        else:
            self._sizes = [output.shape[self.axis] for output in outputs]
            self.h = torch.cat(outputs, self.axis)
        return self.h

    def backward(self, grad: Tensor) -> Tensor | None:
        self.delta = grad
        parts = [grad] * len(self.branches) if self.axis is None else torch.split(grad, self._sizes, self.axis)
        inputs = [branch.backward(part) for branch, part in zip(self.branches, parts, strict=True)]
        return None if self._first else torch.stack([part for part in inputs if part is not None]).sum(0)
