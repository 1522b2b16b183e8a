"""What works on pictures `[P, B, C, H, W]`: convolution, pooling, batch norm of channels.

The kernels of PyTorch want `[B, C, H, W]`. Members are put side by side along the channels, `[B, P C, H, W]`, and convolved as so many
groups. Results keep that order in memory and are shown with the members first, so that one block's output is the next one's
input without a copy.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from engine.network.block import Layer
from engine.network.layers import BatchNorm
from engine.network.parameters import Parameter

_Operation = Callable[..., Any]
_convolution: _Operation = torch.ops.aten.convolution.default
_convolution_backward: _Operation = torch.ops.aten.convolution_backward.default
_batch_norm: _Operation = torch.ops.aten.native_batch_norm.default
_batch_norm_backward: _Operation = torch.ops.aten.native_batch_norm_backward.default
_threshold_backward: _Operation = torch.ops.aten.threshold_backward.default


def side_by_side(x: Tensor) -> Tensor:
    """`[P, B, C, H, W]` as `[B, P C, H, W]`."""
    members, batch = x.shape[:2]
    return x.transpose(0, 1).reshape(batch, members * x.shape[2], *x.shape[3:])


def members_first(x: Tensor, members: int) -> Tensor:
    """`[B, P C, H, W]` as `[P, B, C, H, W]`, a view."""
    return torch.unflatten(x, 1, (members, -1)).transpose(0, 1)


class Convolution:
    """z_c = sum_d x_d * W_cd + b_c (a cross-correlation, as in `torch.nn.Conv2d`).

    Args:
        weight: first weights `[P, C_out, C_in, K, K]`.
        bias: first biases `[P, 1, C_out]`; None under batch norm.
        stride: pixels from one place to the next.
        padding: zeros on each side.
        first: whether nobody needs the gradient at x.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None, *, stride: int = 1, padding: int = 0, first: bool = False) -> None:
        self.weight = Parameter("weight", weight, penalized=True)
        self.bias = None if bias is None else Parameter("bias", bias)
        self.stride, self.padding = stride, padding
        self._strides, self._paddings = [stride, stride], [padding, padding]
        self._first = first
        self._members = weight.shape[0]
        self._x: Tensor | None = None

    @property
    def parameters(self) -> list[Parameter]:
        """Weight, then bias."""
        return [self.weight] if self.bias is None else [self.weight, self.bias]

    def forward(self, x: Tensor) -> Tensor:
        """Return z `[P, B, C_out, H', W']` for x `[P, B, C_in, H, W]`."""
        self._x = flat = side_by_side(x)
        bias = None if self.bias is None else self.bias.value.flatten()
        weight = self.weight.value.flatten(0, 1)
        z = _convolution(flat, weight, bias, self._strides, self._paddings, [1, 1], False, [0, 0], self._members)
        return members_first(z, self._members)

    def backward(self, grad: Tensor) -> Tensor | None:
        """Write dC/dW and dC/db; return dC/dx, or None at the input."""
        assert self._x is not None
        weight = self.weight.value.flatten(0, 1)
        channels = [weight.shape[0]]
        wanted = [not self._first, True, self.bias is not None]
        before, of_weight, of_bias = _convolution_backward(
            side_by_side(grad), self._x, weight, channels, self._strides, self._paddings, [1, 1], False, [0, 0], self._members, wanted
        )  # fmt: skip
        self.weight.grad.copy_(of_weight.view_as(self.weight.grad))
        if self.bias is not None:
            self.bias.grad.copy_(of_bias.view_as(self.bias.grad))
        return None if self._first else members_first(before, self._members)


class ChannelNorm(BatchNorm):
    """Batch norm of each channel of a picture `[P, B, C, H, W]`, over batch and places, as `torch.nn.BatchNorm2d`."""

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        self._x = side_by_side(x)
        self._training = training
        mean, var = self.running_mean.view(-1), self.running_var.view(-1)
        gamma, beta = self.gamma.value.view(-1), self.beta.value.view(-1)
        y, self._mean, self._inverse_std = _batch_norm(self._x, gamma, beta, mean, var, training, self.momentum, self.eps)
        return members_first(y, len(self.gamma.value))

    def backward(self, grad: Tensor) -> Tensor:
        mean, var = self.running_mean.view(-1), self.running_var.view(-1)
        x, of_gamma, of_beta = _batch_norm_backward(
            side_by_side(grad), self._x, self.gamma.value.view(-1), mean, var, self._mean, self._inverse_std, self._training, self.eps,
            [True, True, True],
        )  # fmt: skip
        self.gamma.grad.copy_(of_gamma.view_as(self.gamma.grad))
        self.beta.grad.copy_(of_beta.view_as(self.beta.grad))
        return members_first(x, len(self.gamma.value))


class _Pool(Layer):
    """Squares of neighbouring values become one.

    Each square is worked off column by column, then row by row, on slices of the whole picture: vectors for the processor
    where a loop over the places is none (PyTorch's kernels on the CPU take ten times as long).
    """

    unit_axis = 2

    def __init__(self, name: str, size: int, stride: int) -> None:
        super().__init__(name)
        self.size, self.stride = size, stride

    def slices(self, x: Tensor, axis: int) -> list[Tensor]:
        """The first, second, … value of every window along an axis; views."""
        places = (x.shape[axis] - self.size) // self.stride + 1
        span = (places - 1) * self.stride + 1
        return [_every(x, axis, first, span, self.stride) for first in range(self.size)]


class MaxPool(_Pool):
    """y = the largest value of each square; of equal ones the first, row by row, has the gradient."""

    kind = "max_pool"

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        self._x = x
        self._rows = _largest(self.slices(x, -1))
        self.h = h = _largest(self.slices(self._rows, -2))
        return h

    def backward(self, grad: Tensor) -> Tensor:
        assert self.h is not None
        self.delta = grad
        return self._spread(self._spread(grad, self.h, self._rows, -2), self._rows, self._x, -1)

    def _spread(self, grad: Tensor, largest: Tensor, x: Tensor, axis: int) -> Tensor:
        """The gradient at x, whose windows along an axis have these largest values."""
        before = torch.zeros_like(x)
        left = grad
        *others, last = zip(self.slices(x, axis), self.slices(before, axis), strict=True)
        for value, target in others:
            rest = _threshold_backward(left, largest - value, 0.0)  # for the windows in which this value is not the largest
            target += left - rest
            left = rest
        last[1].add_(left)
        return before


class AveragePool(_Pool):
    """y = the mean of each square."""

    kind = "average_pool"

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        self._like = x
        rows = _total(self.slices(x, -1))
        self.h = h = _total(self.slices(rows, -2)).div_(self.size**2)
        return h

    def backward(self, grad: Tensor) -> Tensor:
        self.delta = grad
        before = torch.zeros_like(self._like)
        share = grad / self.size**2
        for row in self.slices(before, -2):
            for place in self.slices(row, -1):
                place += share
        return before


def _every(x: Tensor, axis: int, first: int, span: int, stride: int) -> Tensor:
    """Every so manieth value along the last axis or the one before it."""
    part = slice(first, first + span, stride)
    return x[..., part] if axis == -1 else x[..., part, :]


def _largest(values: list[Tensor]) -> Tensor:
    """Elementwise."""
    return functools.reduce(torch.maximum, values)


def _total(values: list[Tensor]) -> Tensor:
    """Elementwise, a fresh tensor."""
    total = values[0].clone()
    for value in values[1:]:
        total += value
    return total
