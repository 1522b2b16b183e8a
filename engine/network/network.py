"""A population of networks of the same shape: dense layers, then the cost."""

from __future__ import annotations

from torch import Tensor

from engine.network.costs import Cost
from engine.network.dense import Dense
from engine.network.parameters import Parameter


class Network:
    """All members' layers, stacked. One forward pass is every member's forward pass.

    Args:
        hidden: the hidden layers, from the input on.
        output: the output layer; its activation belongs to the cost.
        cost: what training makes small.
    """

    def __init__(self, hidden: list[Dense], output: Dense, cost: Cost) -> None:
        self.hidden = hidden
        self.output = output
        self.cost = cost

    @property
    def layers(self) -> list[Dense]:
        """Hidden layers and the output layer."""
        return [*self.hidden, self.output]

    @property
    def parameters(self) -> list[Parameter]:
        """All learned tensors, in the order of the forward pass."""
        return [parameter for layer in self.layers for parameter in layer.parameters]

    @property
    def members(self) -> int:
        """P."""
        return self.output.affine.weight.value.shape[0]

    @property
    def weights(self) -> int:
        """The number of weights of one member, biases left out."""
        return sum(parameter.value[0].numel() for parameter in self.parameters if parameter.penalized)

    def forward(self, x: Tensor, targets: Tensor, *, training: bool) -> tuple[Tensor, Tensor]:
        """Return the outputs `[P, B, C]` and each example's data cost `[P, B]`, for x `[P, B, D]`."""
        for layer in self.hidden:
            x = layer.forward(x, training=training)
        self.output.z = z = self.output.affine.forward(x)
        self.output.h, cost = self.cost.forward(z, targets)
        return self.output.h, cost

    def backward(self) -> None:
        """Write the gradient of the mean data cost into every parameter."""
        grad = self.output.backward_from(self.cost.backward())
        for layer in reversed(self.hidden):
            assert grad is not None
            grad = layer.backward(grad)
