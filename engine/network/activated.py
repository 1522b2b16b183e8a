"""Layers of units: an affine map (dense or convolution) with an activation behind it, or before it."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.network.activations import Activation
from engine.network.block import Layer
from engine.network.layers import AffineMap, BatchNorm, Dropout
from engine.network.parameters import Parameter


class _Units(Layer):
    """What both orders have in common."""

    def __init__(
        self,
        name: str,
        affine: AffineMap,
        activation: Activation,
        norm: BatchNorm | None = None,
        dropout: Dropout | None = None,
        *,
        kind: str = "dense",
    ) -> None:
        super().__init__(name, activation)
        self.kind = kind
        self.unit_axis = 2 if kind == "conv" else -1  # a feature map of [P, B, C, H, W]
        self.affine = affine
        self.norm = norm
        self.dropout = dropout
        self._dropped = False

    @property
    def weight(self) -> Parameter:
        return self.affine.weight

    @property
    def buffers(self) -> list[Tensor]:
        return self.norm.buffers if self.norm else []

    @property
    def dropouts(self) -> list[Dropout]:
        return [self.dropout] if self.dropout is not None and self.dropout.follows_model else []

    def drop(self, h: Tensor, *, training: bool) -> Tensor:
        """Dropout in training; h itself in evaluation, or where nothing is dropped."""
        self._dropped = training and self.dropout is not None and self.dropout.active
        return self.dropout.forward(h) if self._dropped and self.dropout is not None else h

    def undrop(self, grad: Tensor) -> Tensor:
        """The gradient before dropout from the one behind it."""
        return self.dropout.backward(grad) if self._dropped and self.dropout is not None else grad


class PostActivation(_Units):
    """x -> affine -> [batch norm] -> activation -> [dropout]: the usual layer.

    Args:
        name: `hidden 1`, …, `output`.
        affine: weights and biases.
        activation: the non-linearity.
        norm: batch norm before the activation.
        dropout: after the activation.
        kind: `dense` or `conv`.
        flat: whether the activation's flat parts stop learning. They do not in an output layer whose cost undoes them: the
            gradient of softmax under cross-entropy, and of sigmoid under binary cross-entropy, is h - y.
    """

    def __init__(
        self,
        name: str,
        affine: AffineMap,
        activation: Activation,
        norm: BatchNorm | None = None,
        dropout: Dropout | None = None,
        *,
        kind: str = "dense",
        flat: bool = True,
    ) -> None:
        super().__init__(name, affine, activation, norm, dropout, kind=kind)
        self._flat = flat

    @property
    def parameters(self) -> list[Parameter]:
        assert self.activation is not None
        norm = self.norm.parameters if self.norm else []
        return [*self.affine.parameters, *norm, *self.activation.parameters]

    def saturated(self) -> Tensor:
        if self._flat:
            return super().saturated()
        assert self.h is not None
        return torch.zeros_like(self.h, dtype=torch.bool)

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        z = self.affine.forward(x)
        if self.norm is not None:
            z = self.norm.forward(z, training=training)
        return self.drop(self.activate(z), training=training)

    def backward(self, grad: Tensor) -> Tensor | None:
        return self.backward_from(self.deactivate(self.undrop(grad)))

    def backward_from(self, delta: Tensor) -> Tensor | None:
        """The backward pass from the gradient at z; the output layer, whose cost knows it, begins here."""
        self.delta = delta
        return self.affine.backward(delta if self.norm is None else self.norm.backward(delta))


class PreActivation(_Units):
    """x -> [batch norm] -> activation -> [dropout] -> affine (He, Zhang, Ren & Sun 2016)."""

    @property
    def parameters(self) -> list[Parameter]:
        assert self.activation is not None
        norm = self.norm.parameters if self.norm else []
        return [*norm, *self.activation.parameters, *self.affine.parameters]

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        z = x.clone() if self.norm is None else self.norm.forward(x, training=training)
        return self.affine.forward(self.drop(self.activate(z), training=training))

    def backward(self, grad: Tensor) -> Tensor | None:
        inner = self.affine.backward(grad)
        assert inner is not None, "the affine map of this order always has something before it that learns"
        delta = self.deactivate(self.undrop(inner))
        return delta if self.norm is None else self.norm.backward(delta)
