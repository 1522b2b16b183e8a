"""The parts of a layer: affine map, batch norm, dropout. Each goes forward and backward on all members at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Generator, Tensor

from engine.network.parameters import Parameter, of_members
from engine.network.processor import is_intel

SMALL_BATCH = 32
"""Up to this batch size (W grad')' is faster than grad W' on processors of Intel: by 2.2 times for 10 examples and 1000x1000
weights on one core of a Xeon. On an EPYC of AMD it takes 1.8 times as long."""


class AffineMap(Protocol):
    """Weights applied to what enters, and a shift: a dense map or a convolution."""

    weight: Parameter
    bias: Parameter | None

    @property
    def parameters(self) -> list[Parameter]:
        """Weight, then bias."""
        ...

    def forward(self, x: Tensor) -> Tensor:
        """Return z, a fresh tensor."""
        ...

    def backward(self, grad: Tensor) -> Tensor | None:
        """Write the gradients of weight and bias; return dC/dx, or None at the input."""
        ...


class HeardAffine:
    """Another affine map in its place: it does the same. Those who listen override what they want to hear."""

    def __init__(self, affine: AffineMap) -> None:
        self.weight: Parameter = affine.weight
        self.bias: Parameter | None = affine.bias
        self._affine = affine

    @property
    def parameters(self) -> list[Parameter]:
        """Weight, then bias."""
        return self._affine.parameters

    def forward(self, x: Tensor) -> Tensor:
        """Return z."""
        return self._affine.forward(x)

    def backward(self, grad: Tensor) -> Tensor | None:
        """Return dC/dx, or None at the input."""
        return self._affine.backward(grad)


class Affine:
    """z = x W + b, with W `[P, D, W]` and b `[P, 1, W]`.

    Args:
        weight: first weights.
        bias: first biases; None under batch norm, which takes any constant away again and has a shift of its own.
        first: whether this is the first layer, whose gradient with respect to the input nobody needs.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None, *, first: bool = False) -> None:
        self.weight = Parameter("weight", weight, penalized=True, owner=self)
        self.bias = None if bias is None else Parameter("bias", bias, owner=self)
        self.descent: Tensor | None = None
        self._first = first
        self._transposes = weight.device.type == "cpu" and is_intel()
        self._x: Tensor | None = None
        self._grad: Tensor | None = None

    @property
    def parameters(self) -> list[Parameter]:
        """Weight, then bias."""
        return [self.weight] if self.bias is None else [self.weight, self.bias]

    def forward(self, x: Tensor) -> Tensor:
        """Return z `[P, B, W]` for x `[P, B, D]`."""
        self._x = x
        if self.bias is None:
            return torch.bmm(x, self.weight.value)
        return torch.baddbmm(self.bias.value, x, self.weight.value)

    def backward(self, grad: Tensor) -> Tensor | None:
        """Write dC/dW and dC/db, or make a step of descent; return dC/dx, or None for the first layer."""
        self._grad = grad
        before = None if self._first else self._through(grad)
        if self.descent is not None:
            self.descend(self.descent)
            return before
        assert self._x is not None
        torch.bmm(self._x.mT, grad, out=self.weight.grad)
        if self.bias is not None:
            torch.sum(grad, 1, keepdim=True, out=self.bias.grad)
        return before

    def descend(self, descent: Tensor) -> None:
        """W - lr x'g and b - lr sum g in one pass over W: the gradient of W would have to be written and read again."""
        assert self._x is not None
        assert self._grad is not None
        step = self._grad * descent
        self.weight.value.baddbmm_(self._x.mT, step)
        if self.bias is not None:
            self.bias.value.add_(step.sum(1, keepdim=True))

    def _through(self, grad: Tensor) -> Tensor:
        """dC/dx."""
        if self._transposes and grad.shape[1] <= SMALL_BATCH:
            return torch.bmm(self.weight.value, grad.mT).mT.contiguous()
        return torch.bmm(grad, self.weight.value.mT)


class BatchNorm:
    """y = gamma (x - mean) / sqrt(var + eps) + beta, over the batch, per unit and member (Ioffe & Szegedy 2015).

    In training mean and (biased) variance are the batch's; evaluation takes their running averages, the unbiased variance
    among them, with PyTorch's momentum 0.1.
    """

    momentum = 0.1

    def __init__(self, shift: Tensor, eps: float = 1e-5) -> None:
        """Begin with scale 1 and `shift` `[P, 1, W]`; `eps` is PyTorch's if not given."""
        self.eps = eps
        self.gamma = Parameter("gamma", torch.ones_like(shift))
        self.beta = Parameter("beta", shift)
        self.running_mean = torch.zeros_like(shift)
        self.running_var = torch.ones_like(shift)

    @property
    def parameters(self) -> list[Parameter]:
        """Scale, then shift."""
        return [self.gamma, self.beta]

    @property
    def buffers(self) -> list[Tensor]:
        """Running mean and variance, `[P, 1, W]`."""
        return [self.running_mean, self.running_var]

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        """Return y, like x `[P, B, W]`."""
        self._evaluated = None if training else x
        if not training:
            scale = self.gamma.value * torch.rsqrt(self.running_var + self.eps)
            return torch.addcmul(self.beta.value - self.running_mean * scale, x, scale)
        batch = x.shape[1]
        mean = x.mean(1, keepdim=True)
        centred = x - mean
        var = centred.square().mean(1, keepdim=True)
        self._inverse_std = torch.rsqrt(var + self.eps)
        self._normalized = centred.mul_(self._inverse_std)
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(var * (batch / max(batch - 1, 1)), self.momentum)
        return torch.addcmul(self.beta.value, self._normalized, self.gamma.value)

    def backward(self, grad: Tensor) -> Tensor:
        """Write dC/dgamma and dC/dbeta; return dC/dx, which in training flows through mean and variance as well."""
        batch = grad.shape[1]
        if self._evaluated is not None:
            self._inverse_std = torch.rsqrt(self.running_var + self.eps)
            self._normalized = (self._evaluated - self.running_mean) * self._inverse_std
        torch.sum(grad, 1, keepdim=True, out=self.beta.grad)
        torch.sum(grad * self._normalized, 1, keepdim=True, out=self.gamma.grad)
        if self._evaluated is not None:
            return grad * (self.gamma.value * self._inverse_std)
        inner = torch.addcmul(grad - self.beta.grad / batch, self._normalized, self.gamma.grad, value=-1 / batch)
        return inner.mul_(self.gamma.value * self._inverse_std)


class FlatAffine(Affine):
    """An affine map of all numbers of a picture or a sequence, `[P, B, ...]`."""

    def forward(self, x: Tensor) -> Tensor:
        self._came = x.shape
        return super().forward(x.flatten(2))

    def backward(self, grad: Tensor) -> Tensor | None:
        before = super().backward(grad)
        return None if before is None else before.view(self._came)


class SequenceAffine(Affine):
    """The same affine map at each step of a sequence `[P, B, T, D]`."""

    def forward(self, x: Tensor) -> Tensor:
        self._steps = x.shape[2]
        return torch.unflatten(super().forward(x.flatten(1, 2)), 1, (-1, self._steps))

    def backward(self, grad: Tensor) -> Tensor | None:
        before = super().backward(grad.flatten(1, 2))
        return None if before is None else torch.unflatten(before, 1, (-1, self._steps))


class SequenceNorm(BatchNorm):
    """Batch norm of each number of a sequence `[P, B, T, D]`, over batch and steps."""

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        return super().forward(x.flatten(1, 2), training=training).view(x.shape)

    def backward(self, grad: Tensor) -> Tensor:
        return super().backward(grad.flatten(1, 2)).view(grad.shape)


class Dropout:
    """Each unit is off with the member's own probability p; the others are scaled by 1 / (1 - p) (Srivastava et al. 2014).

    Each member draws from its own generator, so that it drops the same units alone and in a population.

    Args:
        rates: p of each member, in [0, 1).
        generators: one for each member, on the network's device.
        follows_model: whether the rate is the model's, and changes with it.
    """

    def __init__(self, rates: Sequence[float], generators: Sequence[Generator], like: Tensor, *, follows_model: bool) -> None:
        self.follows_model = follows_model
        self._generators = generators
        self._like = like
        self.set_rates(rates)

    def set_rates(self, rates: Sequence[float]) -> None:
        """Drop with these rates from now on; one for each member."""
        self.rates = tuple(rates)
        self.active = any(rates)
        self._draws = [(m, 1 - rate, self._generators[m]) for m, rate in enumerate(rates) if rate > 0]
        self._keep = self._like.new_tensor([1 - rate for rate in rates])

    def forward(self, h: Tensor) -> Tensor:
        """Return h with units off, `[P, B, ...]`. Called in training only; evaluation leaves dropout out."""
        self._slope = self._kept(h).div_(of_members(self._keep, h))
        return h * self._slope

    def backward(self, grad: Tensor) -> Tensor:
        """Return dC/dh."""
        return grad * self._slope

    def _kept(self, h: Tensor) -> Tensor:
        """1 where a unit stays on, else 0."""
        kept = torch.ones_like(h)
        for member, keep, generator in self._draws:
            kept[member].bernoulli_(keep, generator=generator)
        return kept


class AlphaDropout(Dropout):
    """Dropout for SELU: units are set to the value that SELU approaches far below zero, then mean and variance are restored.

    Klambauer et al. 2017, section 'New dropout technique'.
    """

    floor = -1.0507009873554804934193349852946 * 1.6732632423543772848170429916717

    def set_rates(self, rates: Sequence[float]) -> None:
        super().set_rates(rates)
        self._scale = self._like.new_tensor([1 / math.sqrt((1 - p) * (1 + p * self.floor**2)) for p in rates])
        self._shift = -self._scale * self.floor * (1 - self._keep)

    def forward(self, h: Tensor) -> Tensor:
        kept = self._kept(h)
        scale = of_members(self._scale, h)
        self._slope = kept * scale
        return h.mul(kept).add_(1 - kept, alpha=self.floor).mul_(scale).add_(of_members(self._shift, h))
