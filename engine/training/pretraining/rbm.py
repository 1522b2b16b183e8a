"""Restricted Boltzmann machines, learned by contrastive divergence."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor
from torch.nn import functional

from engine.network.activations import Activation
from engine.training.pretraining.coder import Coder, Tied


class RBM(Coder):
    """Visible units v `[P, B, D]` and binary hidden units h `[P, B, W]`, with p(v, h) = e^-E(v, h) / Z.

    Binary visible units:   E(v, h) = -a'v - b'h - v'W h,          p(v_i = 1 | h) = sigmoid(a_i + (W h)_i)
    Gaussian visible units: E(v, h) = |v - a|^2 / 2 - b'h - v'W h, p(v | h) = N(a + W h, 1)
    Both:                   p(h_j = 1 | v) = sigmoid(b_j + (v'W)_j)

    The gradient of the mean log-likelihood is d ln p(v) / dW = <v h'>_data - <v h'>_model, and <v>, <h> for the biases.
    Contrastive divergence, CD-k, takes for the model's expectation that after k steps of Gibbs sampling from the data
    (Hinton 2002). With q0 = p(h = 1 | v0) the statistics are

        dW = <v0 q0'> - <vk qk'>,  da = <v0> - <vk>,  db = <q0> - <qk>,  qk = p(h = 1 | vk),

    where probabilities stand wherever they may, which takes sampling noise away (Hinton 2012, sections 3.1 to 3.3): the
    hidden units that drive a reconstruction are binary samples, the last ones are probabilities. With k = 1 the
    reconstruction v1 is its mean given h, as is usual for pre-training. With k > 1 visible units are sampled as well, and
    the chain is a Gibbs sampler proper: means handed on would keep it from ever reaching the model's distribution, which
    is what more steps are for.

    The step is a change with momentum m and weight cost c (sections 7, 9 and 10; biases pay no weight cost):

        change <- m change + lr (d - c W),  W <- W + change

    Args:
        tied: weights and biases.
        activation: the sigmoid.
        generators: one for each member.
        bernoulli: binary visible units; else Gaussian ones of variance 1.
        k: steps of Gibbs sampling.
        lr: learning rate.
        momentum: m; half of it in the first epoch, while the gradient is large (Hinton 2012, section 9).
        weight_cost: c.
    """

    def __init__(
        self,
        tied: Tied,
        activation: Activation,
        generators: Sequence[Generator],
        *,
        bernoulli: bool,
        k: int = 1,
        lr: float = 0.1,
        momentum: float = 0.0,
        weight_cost: float = 0.0,
    ) -> None:
        super().__init__(tied, activation, generators, bernoulli=bernoulli)
        self._k = k
        self._lr = lr
        self._momentum = momentum
        self._keep = momentum
        self._weight_cost = weight_cost
        self._change = tied.zeros()

    def begin_epoch(self, epoch: int) -> None:
        self._keep = self._momentum / 2 if epoch == 1 else self._momentum

    def step(self, x: Tensor) -> Tensor:
        change, tied = self._change, self.tied
        error = self._contrast(x, change, keep=self._keep, scale=self._lr)
        if self._weight_cost:
            change.weight.add_(tied.weight, alpha=-self._lr * self._weight_cost)
        tied.weight.add_(change.weight)
        tied.hidden.add_(change.hidden)
        tied.visible.add_(change.visible)
        return error

    def gradient(self, v: Tensor) -> Tied:
        """The estimate of the gradient of the mean log-likelihood of v `[P, B, D]` by CD-k, for weights and biases."""
        gradient = self.tied.zeros()
        self._contrast(v, gradient, keep=0.0, scale=1.0)
        return gradient

    def free_energy(self, v: Tensor) -> Tensor:
        """F(v) = -ln sum_h e^-E(v, h) of each example, `[P, B]`.

        F(v) = -a'v - sum_j ln(1 + e^(b_j + (v'W)_j)) for binary visible units; |v - a|^2 / 2 takes the place of -a'v for
        Gaussian ones.
        """
        a, b = self.tied.visible, self.tied.hidden
        alone = -(v * a).sum(-1) if self.bernoulli else (v - a).square().sum(-1) / 2
        return alone - functional.softplus(torch.baddbmm(b, v, self.tied.weight)).sum(-1)

    def _contrast(self, v0: Tensor, into: Tied, *, keep: float, scale: float) -> Tensor:
        """Make `keep * into + scale * (CD-k's estimate)` of `into`; return the error of the first reconstruction."""
        q0 = self.encode(v0)
        v1 = self.decode(self._sampled(q0))
        error = (v0 - v1).square_().mean((1, 2))
        vk = v1
        for _ in range(1, self._k):
            vk = self.decode(self._sampled(self.encode(self._sampled_visible(vk))))
        if self._k > 1:
            vk = self._sampled_visible(vk)
        qk = self.encode(vk)
        mean = scale / v0.shape[1]
        into.weight.baddbmm_(v0.mT, q0, beta=keep, alpha=mean).baddbmm_(vk.mT, qk, alpha=-mean)
        into.hidden.mul_(keep).add_(q0.sum(1, keepdim=True).sub_(qk.sum(1, keepdim=True)), alpha=mean)
        into.visible.mul_(keep).add_(v0.sum(1, keepdim=True).sub_(vk.sum(1, keepdim=True)), alpha=mean)
        return error

    def _sampled(self, probabilities: Tensor) -> Tensor:
        """1 with these probabilities, else 0; each member draws from its own generator."""
        chance = torch.empty_like(probabilities)
        for member, generator in enumerate(self._generators):
            chance[member].uniform_(generator=generator)
        return torch.lt(chance, probabilities, out=chance)

    def _sampled_visible(self, mean: Tensor) -> Tensor:
        """Visible units with this mean given the hidden ones."""
        if self.bernoulli:
            return self._sampled(mean)
        noise = torch.empty_like(mean)
        for member, generator in enumerate(self._generators):
            noise[member].normal_(generator=generator)
        return noise.add_(mean)
