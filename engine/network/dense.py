"""A layer as the bench counts them: affine map, batch norm if wanted, activation, dropout if wanted."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.network.activations import Activation
from engine.network.layers import Affine, BatchNorm, Dropout
from engine.network.parameters import Parameter


class Dense:
    """x -> affine -> [batch norm] -> activation -> [dropout].

    Args:
        name: `hidden 1`, …, `output`.
        affine: weights and biases.
        activation: the non-linearity.
        norm: batch norm before the activation.
        dropout: after the activation.
        flat: whether the activation's flat parts stop learning. They do not in an output layer whose cost undoes them: the
            gradient of softmax under cross-entropy, and of sigmoid under binary cross-entropy, is h - y.

    After a forward and backward pass it holds what the probes measure, all `[P, B, W]`:

    Attributes:
        z: what enters the activation. The activation may have written h over it.
        h: the values of the units, before dropout.
        delta: the gradient of the mean cost at z.
    """

    def __init__(
        self,
        name: str,
        affine: Affine,
        activation: Activation,
        norm: BatchNorm | None = None,
        dropout: Dropout | None = None,
        *,
        flat: bool = True,
    ) -> None:
        self.name = name
        self.affine = affine
        self.norm = norm
        self.activation = activation
        self.dropout = dropout
        self._flat = flat
        self.z: Tensor | None = None
        self.h: Tensor | None = None
        self.delta: Tensor | None = None

    @property
    def parameters(self) -> list[Parameter]:
        """All learned tensors, in the order of the forward pass."""
        norm = self.norm.parameters if self.norm else []
        return [*self.affine.parameters, *norm, *self.activation.parameters]

    def saturated(self) -> Tensor:
        """Where the values of the last forward pass lie in a flat part of the activation, as a boolean tensor like h."""
        assert self.z is not None
        assert self.h is not None
        if not self._flat:
            return torch.zeros_like(self.h, dtype=torch.bool)
        return self.activation.saturated(self.z, self.h)

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        """Return the layer's output `[P, B, W]` for x `[P, B, D]`."""
        z = self.affine.forward(x)
        if self.norm is not None:
            z = self.norm.forward(z, training=training)
        self.z = z
        self.h = h = self.activation.forward(z)
        return self.dropout.forward(h) if training and self.dropout is not None else h

    def backward(self, grad: Tensor) -> Tensor | None:
        """Write the parameters' gradients; return the gradient at x, or None for the first layer."""
        assert self.z is not None
        assert self.h is not None
        if self.dropout is not None:
            grad = self.dropout.backward(grad)
        return self.backward_from(self.activation.backward(grad, self.z, self.h))

    def backward_from(self, delta: Tensor) -> Tensor | None:
        """The same from the gradient at z; the output layer, whose cost knows it, begins here."""
        self.delta = delta
        return self.affine.backward(delta if self.norm is None else self.norm.backward(delta))
