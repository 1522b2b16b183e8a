"""Hearing what passes through a network in one step, without the network knowing.

Blocks, activations and the cost are replaced by ones that do the same and keep a copy of what they were given and returned.
Nothing is worked out here that training does not work out, save for slopes, for which each activation's own backward pass is
asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor

from engine.network.activated import PostActivation, PreActivation
from engine.network.activations import Activation, Softmax
from engine.network.block import Block, Chain, Layer, walk
from engine.network.costs import Cost, OutputCost
from engine.network.layers import AffineMap, BatchNorm, HeardAffine
from engine.network.network import Network
from engine.network.parameters import Parameter
from engine.network.recurrent import Recurrent


@dataclass(slots=True)
class Passage:
    """What passed through a part of the network, forward and backward; `[P, B, …]`."""

    entered: Tensor | None = None
    left: Tensor | None = None
    grad_left: Tensor | None = None  # gradient of the mean cost at what left
    grad_entered: Tensor | None = None  # None at the input, where nobody needs it
    slope: Tensor | None = None  # of an activation: f'(z)
    states: Tensor | None = None  # h of a recurrent layer, [P, T, B, W]
    delta: Tensor | None = None  # and the gradient at its z, [P, T, B, gates]


@dataclass(slots=True)
class Heard:
    """What was heard in one step; by the identity of the layers."""

    body: Passage = field(default_factory=Passage)  # all blocks below the output layer
    layers: dict[int, Passage] = field(default_factory=dict)  # each block as a whole
    activations: dict[int, Passage] = field(default_factory=dict)  # from z to h
    norms: dict[int, Passage] = field(default_factory=dict)  # batch norm inside of a layer of units
    gates: dict[int, Tensor] = field(default_factory=dict)  # z of recurrent layers, [P, T, B, gates]
    cost: Passage = field(default_factory=Passage)  # from the output's z to each example's cost [P, B]
    outputs: Tensor | None = None  # [P, B, C]
    targets: Tensor | None = None


@contextmanager
def listening(network: Network) -> Iterator[Heard]:
    """Hear the forward and backward passes that are made meanwhile; of several, the last one."""
    heard = Heard()
    with ExitStack() as stack:
        for layer in network.layers:
            _listen_to_layer(layer, heard, stack)
        for chain in [block for block in walk(network.body) if isinstance(block, Chain)]:
            stack.callback(setattr, chain, "blocks", chain.blocks)
            chain.blocks = [_HeardBlock(block, heard.layers.setdefault(id(block), Passage())) for block in chain.blocks]
        stack.callback(setattr, network, "body", network.body)
        network.body = _HeardBlock(network.body, heard.body)
        _listen_to_output(network, heard, stack)
        yield heard


def _listen_to_layer(layer: Layer, heard: Heard, stack: ExitStack) -> None:
    if layer.activation is not None:
        passage = heard.activations.setdefault(id(layer), Passage())
        stack.callback(setattr, layer, "activation", layer.activation)
        layer.activation = _HeardActivation(layer.activation, passage)
    if isinstance(layer, PostActivation | PreActivation) and layer.norm is not None:
        stack.callback(setattr, layer, "norm", layer.norm)
        layer.norm = _HeardNorm(layer.norm, heard.norms.setdefault(id(layer), Passage()))
    if isinstance(layer, Recurrent):
        stack.callback(setattr, layer, "watch", layer.watch)
        layer.watch = lambda z: heard.gates.__setitem__(id(layer), z.clone())


def _listen_to_output(network: Network, heard: Heard, stack: ExitStack) -> None:
    """The output layer stands in no chain, and its activation belongs to the cost."""
    output, cost = network.output, network.cost
    stack.callback(setattr, output, "affine", output.affine)
    output.affine = _HeardAffine(output.affine, heard.layers.setdefault(id(output), Passage()))
    if isinstance(cost, OutputCost):
        stack.callback(setattr, cost, "output", cost.output)
        cost.output = _HeardActivation(cost.output, heard.activations[id(output)])
    stack.callback(setattr, network, "cost", cost)
    network.cost = _HeardCost(cost, heard)


class _HeardBlock(Block):
    def __init__(self, block: Block, passage: Passage) -> None:
        self._block = block
        self._passage = passage

    @property
    def inner(self) -> Sequence[Block]:
        return (self._block,)

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        self._passage.entered = x.clone()
        y = self._block.forward(x, training=training)
        self._passage.left = y.clone()
        if isinstance(self._block, Recurrent) and self._block.h is not None:
            self._passage.states = self._block.h.clone()
        return y

    def backward(self, grad: Tensor) -> Tensor | None:
        self._passage.grad_left = grad.clone()
        before = self._block.backward(grad)
        self._passage.grad_entered = None if before is None else before.clone()
        if isinstance(self._block, Recurrent) and self._block.delta is not None:
            self._passage.delta = self._block.delta.clone()
        return before


class _HeardAffine(HeardAffine):
    def __init__(self, affine: AffineMap, passage: Passage) -> None:
        super().__init__(affine)
        self._passage = passage

    def forward(self, x: Tensor) -> Tensor:
        self._passage.entered = x.clone()
        return super().forward(x)

    def backward(self, grad: Tensor) -> Tensor | None:
        before = super().backward(grad)
        self._passage.grad_entered = None if before is None else before.clone()
        return before


class _HeardNorm(BatchNorm):
    def __init__(self, norm: BatchNorm, passage: Passage) -> None:
        self.gamma, self.beta = norm.gamma, norm.beta
        self.running_mean, self.running_var = norm.running_mean, norm.running_var
        self._norm = norm
        self._passage = passage

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        self._passage.entered = x.clone()
        return self._norm.forward(x, training=training)

    def backward(self, grad: Tensor) -> Tensor:
        before = self._norm.backward(grad)
        self._passage.grad_entered = before.clone()
        return before


class _HeardActivation(Activation):
    def __init__(self, activation: Activation, passage: Passage) -> None:
        self._activation = activation
        self._passage = passage
        self.pieces, self.steepest, self.pick = activation.pieces, activation.steepest, activation.pick

    @property
    def parameters(self) -> list[Parameter]:
        return self._activation.parameters

    def forward(self, z: Tensor) -> Tensor:
        self._passage.entered = z.clone()
        h = self._activation.forward(z)
        self._passage.left = h.clone()
        return h

    def backward(self, grad: Tensor, z: Tensor, h: Tensor) -> Tensor:
        self._passage.grad_left = grad.clone()
        self._passage.slope = slope_of(self._activation, z, h)
        before = self._activation.backward(grad, z, h)  # last: it may write a parameter's gradient
        self._passage.grad_entered = before.clone()
        return before

    def saturated(self, z: Tensor, h: Tensor) -> Tensor:
        return self._activation.saturated(z, h)


class _HeardCost(Cost):
    def __init__(self, cost: Cost, heard: Heard) -> None:
        super().__init__(cost.output)
        self.classes_as_numbers = cost.classes_as_numbers
        self._cost = cost
        self._heard = heard

    def forward(self, z: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        heard = self._heard
        heard.cost.entered, heard.targets = z.clone(), targets.clone()
        h, cost = self._cost.forward(z, targets)
        heard.outputs, heard.cost.left = h.clone(), cost.clone()
        return h, cost

    def backward(self) -> Tensor:
        grad = self._cost.backward()
        self._heard.cost.grad_entered = grad.clone()
        return grad


def slope_of(activation: Activation, z: Tensor, h: Tensor) -> Tensor:
    """f'(z), a fresh tensor like z. Of softmax, whose derivative is a matrix, the diagonal dh_i/dz_i = h_i (1 - h_i)."""
    if isinstance(activation, Softmax):
        return h * (1 - h)
    return activation.backward(torch.ones_like(h), z, h).clone()
