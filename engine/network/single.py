"""Batch norm, dropout and activation as blocks of their own, so that their order can be chosen."""

from __future__ import annotations

from torch import Tensor

from engine.network.activations import Activation
from engine.network.block import Layer
from engine.network.layers import BatchNorm, Dropout
from engine.network.parameters import Parameter


class _Single(Layer):
    """One operation that leaves the shape as it is."""

    def __init__(self, name: str, axes: int, activation: Activation | None = None) -> None:
        super().__init__(name, activation)
        self.unit_axis = 2 if axes == 5 else -1  # [P, B, C, H, W]


class ActivationBlock(_Single):
    """y = f(x), elementwise."""

    kind = "activation"

    @property
    def parameters(self) -> list[Parameter]:
        assert self.activation is not None
        return self.activation.parameters

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        return self.activate(x.clone())

    def backward(self, grad: Tensor) -> Tensor:
        return self.deactivate(grad)


class BatchNormBlock(_Single):
    """Batch norm by itself."""

    kind = "batch_norm"

    def __init__(self, name: str, axes: int, norm: BatchNorm) -> None:
        super().__init__(name, axes)
        self.norm = norm

    @property
    def parameters(self) -> list[Parameter]:
        return self.norm.parameters

    @property
    def buffers(self) -> list[Tensor]:
        return self.norm.buffers

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        self.h = h = self.norm.forward(x, training=training)
        return h

    def backward(self, grad: Tensor) -> Tensor:
        self.delta = grad
        return self.norm.backward(grad)


class DropoutBlock(_Single):
    """Dropout by itself."""

    kind = "dropout"

    def __init__(self, name: str, axes: int, dropout: Dropout) -> None:
        super().__init__(name, axes)
        self.dropout = dropout

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        self._dropped = training and self.dropout.active
        self.h = h = self.dropout.forward(x) if self._dropped else x
        return h

    def backward(self, grad: Tensor) -> Tensor:
        self.delta = grad
        return self.dropout.backward(grad) if self._dropped else grad
