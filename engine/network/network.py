"""A population of networks of the same shape: a body of blocks, the output layer, the cost."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Generator, Tensor

from engine.network.activated import PostActivation
from engine.network.block import Block, Layer
from engine.network.costs import Cost
from engine.network.parameters import Parameter, lay_together


class Network:
    """All members' layers, stacked. One forward pass is every member's forward pass.

    Args:
        body: everything below the output layer.
        output: the output layer; its activation belongs to the cost.
        cost: what training makes small.
        widest: numbers of one example in the widest place.
        values: numbers of one example that are looked at when all layers are measured.
        products: multiplications in the forward pass of one example of one member.
        generators: of the members' dropout, one for each.
    """

    def __init__(
        self,
        body: Block,
        output: PostActivation,
        cost: Cost,
        *,
        widest: int,
        values: int,
        products: int,
        generators: Sequence[Generator] = (),
    ) -> None:
        self.body = body
        self.output = output
        self.cost = cost
        self.widest = widest
        self.values = values
        self.products = products
        self.generators = tuple(generators)
        self._layers = [*body.layers, output]
        self._parameters = [*body.parameters, *output.parameters]
        self.together = lay_together(self._parameters)
        """All parameters in one tensor, of which they are views."""

    @property
    def hidden(self) -> list[Layer]:
        """All layers that are measured but the output layer."""
        return self._layers[:-1]

    @property
    def layers(self) -> list[Layer]:
        """All layers that are measured, the output layer last."""
        return self._layers

    @property
    def parameters(self) -> list[Parameter]:
        """All learned tensors, in the order of the forward pass."""
        return self._parameters

    @property
    def buffers(self) -> list[Tensor]:
        """Tensors that training changes without learning them, in the order of the forward pass."""
        return [*self.body.buffers, *self.output.buffers]

    @property
    def members(self) -> int:
        """P."""
        return self.output.weight.value.shape[0]

    @property
    def weights(self) -> int:
        """The number of weights of one member, biases left out."""
        return sum(parameter.value[0].numel() for parameter in self.parameters if parameter.penalized)

    def set_dropout(self, rates: Sequence[float]) -> None:
        """Give every dropout that follows the model's rate new rates, one for each member."""
        for dropout in self.body.dropouts:
            dropout.set_rates(rates)

    def forward(self, x: Tensor, targets: Tensor, *, training: bool) -> tuple[Tensor, Tensor]:
        """Return the outputs `[P, B, C]` and each example's data cost `[P, B]`, for x `[P, B, D]`."""
        x = self.body.forward(x, training=training)
        self.output.z = z = self.output.affine.forward(x)
        if self.output.watch is not None:
            self.output.watch(z)
        self.output.h, cost = self.cost.forward(z, targets)
        return self.output.h, cost

    def backward(self) -> None:
        """Write the gradient of the mean data cost into every parameter."""
        grad = self.output.backward_from(self.cost.backward())
        if grad is not None:
            self.body.backward(grad)
