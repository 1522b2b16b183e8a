"""What networks are stacked from: blocks that go forward and backward, and layers, which are blocks that are measured."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from engine.network.activations import Activation
from engine.network.layers import Dropout
from engine.network.parameters import Parameter


class Block(ABC):
    """y = f(x) for all members at once; x and y are `[P, B, ...]`.

    Backward passes leave the gradient that they are given as it is: it may be needed by another branch. They are those of the
    last forward pass, in training or in evaluation.
    """

    @property
    def parameters(self) -> list[Parameter]:
        """Learned tensors, in the order of the forward pass."""
        return [parameter for block in self.inner for parameter in block.parameters]

    @property
    def buffers(self) -> list[Tensor]:
        """Tensors that training changes without learning them: batch norm's running mean and variance."""
        return [buffer for block in self.inner for buffer in block.buffers]

    @property
    def layers(self) -> list[Layer]:
        """What is measured, in the order of the forward pass."""
        return [layer for block in self.inner for layer in block.layers]

    @property
    def dropouts(self) -> list[Dropout]:
        """The dropouts whose rate is the model's."""
        return [dropout for block in self.inner for dropout in block.dropouts]

    @property
    def inner(self) -> Sequence[Block]:
        """Blocks that this one holds."""
        return ()

    @abstractmethod
    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        """Return y."""

    @abstractmethod
    def backward(self, grad: Tensor) -> Tensor | None:
        """Write the parameters' gradients; return dC/dx from dC/dy, or None where nobody needs it: at the input."""


class Chain(Block):
    """Blocks one after another."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = list(blocks)

    @property
    def inner(self) -> Sequence[Block]:
        return self.blocks

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        for block in self.blocks:
            x = block.forward(x, training=training)
        return x

    def backward(self, grad: Tensor) -> Tensor | None:
        result: Tensor | None = grad
        for block in reversed(self.blocks):
            if result is None:
                break
            result = block.backward(result)
        return result


class Layer(Block):
    """A block that is measured.

    After a forward and backward pass it holds, all `[P, ...]`:

    Attributes:
        z: what enters the activation; None where there is no activation. The activation may have written h over it.
        h: the values of the units, before dropout.
        delta: the gradient of the mean cost at z, or at h where there is no activation.
        watch: called with z before the activation overwrites it; for those who look at the network before training.
    """

    kind = "dense"
    """A key of `engine.catalog.BLOCKS`."""
    unit_axis = -1
    """The axis of h along which one unit or feature map follows the other."""

    def __init__(self, name: str, activation: Activation | None = None) -> None:
        self.name = name
        self.activation = activation
        self.z: Tensor | None = None
        self.h: Tensor | None = None
        self.delta: Tensor | None = None
        self.watch: Callable[[Tensor], None] | None = None

    @property
    def weight(self) -> Parameter | None:
        """The weights `[P, ...]` that are measured and penalized, if it has any."""
        return None

    @property
    def own_parameters(self) -> list[Parameter]:
        """Learned tensors, those of inner blocks left out."""
        inner = {id(parameter) for block in self.inner for parameter in block.parameters}
        return [parameter for parameter in self.parameters if id(parameter) not in inner]

    @property
    def layers(self) -> list[Layer]:
        return [*super().layers, self]

    def saturated(self) -> Tensor:
        """Where the values of the last forward pass lie in a flat part of the activation: booleans with the axes of h."""
        assert self.h is not None
        if self.activation is None:
            return torch.zeros_like(self.h, dtype=torch.bool)
        assert self.z is not None
        return self.activation.saturated(self.z, self.h)

    def flags(self) -> Tensor:
        """A tensor with the axes of `saturated`, whatever its values: h, or the gates of a recurrent layer."""
        assert self.h is not None
        return self.h

    def activate(self, z: Tensor) -> Tensor:
        """Keep z and h = f(z); z is this layer's own fresh tensor."""
        assert self.activation is not None
        if self.watch is not None:
            self.watch(z)
        self.z = z
        self.h = h = self.activation.forward(z)
        return h

    def deactivate(self, grad: Tensor) -> Tensor:
        """Keep and return delta = dC/dz from dC/dh."""
        assert self.activation is not None
        assert self.z is not None
        assert self.h is not None
        self.delta = delta = self.activation.backward(grad, self.z, self.h)
        return delta


def walk(block: Block) -> Iterator[Block]:
    """A block and all that it holds, however deep."""
    yield block
    for inner in block.inner:
        yield from walk(inner)
