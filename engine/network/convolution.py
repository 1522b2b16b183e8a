"""What works on pictures `[P, B, C, H, W]`: convolution, pooling, batch norm of channels.

The kernels of PyTorch want `[B, C, H, W]`. Members are put side by side along the channels, `[B, P C, H, W]`, and convolved as so many
groups. Results keep that order in memory and are shown with the members first, so that one block's output is the next one's
input without a copy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from engine.network.block import Layer
from engine.network.parameters import Parameter

_Operation = Callable[..., Any]
_convolution: _Operation = torch.ops.aten.convolution.default
_convolution_backward: _Operation = torch.ops.aten.convolution_backward.default
_batch_norm: _Operation = torch.ops.aten.native_batch_norm.default
_batch_norm_backward: _Operation = torch.ops.aten.native_batch_norm_backward.default
_max_pool: _Operation = torch.ops.aten.max_pool2d_with_indices.default
_max_pool_backward: _Operation = torch.ops.aten.max_pool2d_with_indices_backward.default
_average_pool_backward: _Operation = torch.ops.aten.avg_pool2d_backward.default


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


class ChannelNorm:
    """Batch norm of each channel over batch and places (Ioffe & Szegedy 2015), as `torch.nn.BatchNorm2d`.

    Args:
        shift: first shift `[P, 1, C]`; the scale begins with 1.
    """

    momentum = 0.1
    eps = 1e-5

    def __init__(self, shift: Tensor) -> None:
        self.gamma = Parameter("gamma", torch.ones_like(shift))
        self.beta = Parameter("beta", shift)
        self.running_mean = torch.zeros_like(shift)
        self.running_var = torch.ones_like(shift)
        self._members = shift.shape[0]

    @property
    def parameters(self) -> list[Parameter]:
        """Scale, then shift."""
        return [self.gamma, self.beta]

    @property
    def buffers(self) -> list[Tensor]:
        """Running mean and variance, `[P, 1, C]`."""
        return [self.running_mean, self.running_var]

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        """Return y `[P, B, C, H, W]`."""
        self._x = side_by_side(x)
        self._training = training
        mean, var = self.running_mean.view(-1), self.running_var.view(-1)
        gamma, beta = self.gamma.value.view(-1), self.beta.value.view(-1)
        y, self._mean, self._inverse_std = _batch_norm(self._x, gamma, beta, mean, var, training, self.momentum, self.eps)
        return members_first(y, self._members)

    def backward(self, grad: Tensor) -> Tensor:
        """Write dC/dgamma and dC/dbeta; return dC/dx."""
        mean, var = self.running_mean.view(-1), self.running_var.view(-1)
        x, of_gamma, of_beta = _batch_norm_backward(
            side_by_side(grad), self._x, self.gamma.value.view(-1), mean, var, self._mean, self._inverse_std, self._training, self.eps,
            [True, True, True],
        )  # fmt: skip
        self.gamma.grad.copy_(of_gamma.view_as(self.gamma.grad))
        self.beta.grad.copy_(of_beta.view_as(self.beta.grad))
        return members_first(x, self._members)


class _Pool(Layer):
    """Squares of neighbouring values become one."""

    unit_axis = 2

    def __init__(self, name: str, size: int, stride: int, members: int) -> None:
        super().__init__(name)
        self.size, self.stride = size, stride
        self._window = [size, size], [stride, stride], [0, 0]
        self._members = members


class MaxPool(_Pool):
    """y = the largest value of each square."""

    kind = "max_pool"

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        self._x = side_by_side(x)
        y, self._where = _max_pool(self._x, *self._window)
        self.h = h = members_first(y, self._members)
        return h

    def backward(self, grad: Tensor) -> Tensor:
        self.delta = grad
        before = _max_pool_backward(side_by_side(grad), self._x, *self._window, [1, 1], False, self._where)
        return members_first(before, self._members)


class AveragePool(_Pool):
    """y = the mean of each square."""

    kind = "average_pool"

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        self._x = side_by_side(x)
        self.h = h = members_first(torch.nn.functional.avg_pool2d(self._x, *self._window), self._members)
        return h

    def backward(self, grad: Tensor) -> Tensor:
        self.delta = grad
        before = _average_pool_backward(side_by_side(grad), self._x, *self._window, False, True, None)
        return members_first(before, self._members)
