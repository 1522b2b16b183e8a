"""Denoising auto-encoders with tied weights."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from engine.network.activations import Activation
from engine.training.pretraining.coder import Coder, Tied


class DenoisingAutoencoder(Coder):
    """Learns to restore x from a damaged copy (Vincent, Larochelle, Bengio & Manzagol 2008).

        x~ = x with each input 0 with probability nu (masking noise)
        h = f(x~ W + b),  y = g(h W' + a)

    For inputs from 0 to 1, taken as probabilities, g is the sigmoid and the cost of an example the cross-entropy
    -sum_i (x_i ln y_i + (1 - x_i) ln(1 - y_i)); else g is the identity and the cost |y - x|^2 / 2. Both have the slope
    y - x at what enters g. With C the mean over the batch of B examples, d = (y - x) / B and e = f'(z) (d W):

        dC/da = sum_B d,  dC/db = sum_B e,  dC/dW = x~' e + d' h

    The step is plain gradient descent: W <- W - lr dC/dW.

    Args:
        tied: weights and biases.
        activation: f, the layer's own. Parameters that it learns later, as PReLU does, stay as they are.
        generators: one for each member, for the noise.
        bernoulli: whether inputs are taken as probabilities.
        corruption: nu, in [0, 1).
        lr: learning rate.
    """

    def __init__(
        self,
        tied: Tied,
        activation: Activation,
        generators: Sequence[Generator],
        *,
        bernoulli: bool,
        corruption: float = 0.25,
        lr: float = 0.1,
    ) -> None:
        super().__init__(tied, activation, generators, bernoulli=bernoulli)
        self._corruption = corruption
        self._lr = lr
        self._gradient = tied.zeros()

    def step(self, x: Tensor) -> Tensor:
        error = self.backpropagate(x, self._damaged(x), self._gradient)
        tied, gradient = self.tied, self._gradient
        tied.weight.sub_(gradient.weight, alpha=self._lr)
        tied.hidden.sub_(gradient.hidden, alpha=self._lr)
        tied.visible.sub_(gradient.visible, alpha=self._lr)
        return error

    def backpropagate(self, x: Tensor, damaged: Tensor, into: Tied) -> Tensor:
        """Write dC/dW, dC/db and dC/da for x and its damaged copy, `[P, B, D]`; return the mean of (y - x)^2, `[P]`."""
        weight = self.tied.weight
        z = torch.baddbmm(self.tied.hidden, damaged, weight)
        h = self._activation.forward(z)
        difference = self.decode(h).sub_(x)
        error = difference.square().mean((1, 2))
        d = difference.div_(x.shape[1])
        e = self._activation.backward(torch.bmm(d, weight), z, h)
        torch.bmm(damaged.mT, e, out=into.weight).baddbmm_(d.mT, h)
        torch.sum(e, 1, keepdim=True, out=into.hidden)
        torch.sum(d, 1, keepdim=True, out=into.visible)
        return error

    def _damaged(self, x: Tensor) -> Tensor:
        """Return x with a share of its numbers set to 0, each member's by its own generator."""
        kept = torch.empty_like(x)
        for member, generator in enumerate(self._generators):
            kept[member].bernoulli_(1 - self._corruption, generator=generator)
        return kept.mul_(x)
