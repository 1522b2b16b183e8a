"""What every way of pre-training a layer has in common: it codes its inputs, decodes the code, and learns to do so."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from engine.network.activations import Activation


@dataclass(frozen=True, slots=True)
class Tied:
    """The tensors of a layer that codes with W and decodes with its transpose. They are learned in place.

    Args:
        weight: W `[P, D, W]`, the network's own.
        hidden: the biases b `[P, 1, W]` of the code, the network's own.
        visible: the biases a `[P, 1, D]` of what is decoded; nobody needs them after pre-training.
    """

    weight: Tensor
    hidden: Tensor
    visible: Tensor

    def zeros(self) -> Tied:
        """Zeros of the same shapes."""
        return Tied(torch.zeros_like(self.weight), torch.zeros_like(self.hidden), torch.zeros_like(self.visible))


class Coder(ABC):
    """A layer of all members while it is pre-trained.

    Args:
        tied: weights and biases.
        activation: of the code.
        generators: one for each member, on the device of the tensors.
        bernoulli: whether inputs are numbers from 0 to 1 that are taken as probabilities; else they are any numbers.
    """

    def __init__(self, tied: Tied, activation: Activation, generators: Sequence[Generator], *, bernoulli: bool) -> None:
        self.tied = tied
        self.bernoulli = bernoulli
        self._activation = activation
        self._generators = generators

    def encode(self, x: Tensor) -> Tensor:
        """The code f(x W + b) `[P, B, W]` of x `[P, B, D]`, without chance."""
        return self._activation.forward(torch.baddbmm(self.tied.hidden, x, self.tied.weight))

    def decode(self, h: Tensor) -> Tensor:
        """What a code h `[P, B, W]` stands for, `[P, B, D]`: sigmoid(h W' + a) if inputs are probabilities, else h W' + a."""
        x = torch.baddbmm(self.tied.visible, h, self.tied.weight.mT)
        return x.sigmoid_() if self.bernoulli else x

    def begin_epoch(self, epoch: int) -> None:  # noqa: B027  most learn alike in all epochs
        """Hear that an epoch begins, counted from 1."""

    @abstractmethod
    def step(self, x: Tensor) -> Tensor:
        """Learn from a batch x `[P, B, D]`; return the mean squared reconstruction error of an input, `[P]`."""
