"""Activation functions on `[P, B, W]` tensors, or with more axes, each with its derivative.

`forward` may write h over z where `backward` does without z; `backward` leaves the gradient it is given as it is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor

from engine.catalog import Pick
from engine.network.parameters import Parameter, of_members

_Operation = Callable[..., Tensor]
_aten = torch.ops.aten
_elu: _Operation = _aten.elu_.default
_elu_backward: _Operation = _aten.elu_backward.default
_gelu_backward: _Operation = _aten.gelu_backward.default
_hardtanh_backward: _Operation = _aten.hardtanh_backward.default
_leaky_relu: _Operation = _aten.leaky_relu_.default
_leaky_relu_backward: _Operation = _aten.leaky_relu_backward.default
_sigmoid_backward: _Operation = _aten.sigmoid_backward.default
_silu_backward: _Operation = _aten.silu_backward.default
_softplus_backward: _Operation = _aten.softplus_backward.default
_tanh_backward: _Operation = _aten.tanh_backward.default
_threshold_backward: _Operation = _aten.threshold_backward.default

FLAT = 0.05
"""A value is saturated where the slope of its activation is below this share of the steepest slope there is."""


class Activation(ABC):
    """h = f(z), elementwise unless said otherwise."""

    pieces: int = 1
    """Pre-activations that each unit takes."""
    steepest: float = 1.0
    """The largest |f'(z)|."""
    pick: Pick
    """What it was made from."""

    def __init__(self, pick: Pick, members: int, like: Tensor) -> None:  # noqa: B027  most have no parameters
        """Read the parameters of `pick`; `like` gives dtype and device of learned ones."""

    @property
    def parameters(self) -> list[Parameter]:
        """Learned parameters, if it has any."""
        return []

    @abstractmethod
    def forward(self, z: Tensor) -> Tensor:
        """Return h, `[P, B, W]`."""

    @abstractmethod
    def backward(self, grad: Tensor, z: Tensor, h: Tensor) -> Tensor:
        """Return dC/dz from dC/dh."""

    def saturated(self, z: Tensor, h: Tensor) -> Tensor:
        """Where |f'(z)| < 0.05 max |f'|, as a boolean tensor like h."""
        return self.backward(torch.ones_like(h), z, h).abs_() < FLAT * self.steepest


class Identity(Activation):
    """h = z."""

    def forward(self, z: Tensor) -> Tensor:
        return z

    def backward(self, grad: Tensor, z: Tensor, h: Tensor) -> Tensor:
        return grad


class Sigmoid(Activation):
    """h = 1 / (1 + e^-z); h' = h (1 - h). Saturated where h < 0.0127 or h > 0.9873."""

    steepest = 0.25

    def forward(self, z: Tensor) -> Tensor:
        return z.sigmoid_()

    def backward(self, grad: Tensor, z: Tensor, h: Tensor) -> Tensor:
        return _sigmoid_backward(grad, h)


class Tanh(Activation):
    """h = tanh z; h' = 1 - h^2. Saturated where |h| > 0.9747."""

    def forward(self, z: Tensor) -> Tensor:
        return z.tanh_()

    def backward(self, grad: Tensor, z: Tensor, h: Tensor) -> Tensor:
        return _tanh_backward(grad, h)


class HardTanh(Activation):
    """h = max(-1, min(1, z)). Saturated where |z| >= 1."""

    def forward(self, z: Tensor) -> Tensor:
        return z.clamp_(-1, 1)

    def backward(self, grad: Tensor, z: Tensor, h: Tensor) -> Tensor:
        return _hardtanh_backward(grad, h, -1.0, 1.0)


class Softsign(Activation):
    """h = z / (1 + |z|); h' = (1 - |h|)^2. Saturated where |h| > 0.776."""

    def forward(self, z: Tensor) -> Tensor:
        return z.div_(z.abs().add_(1))

    def backward(self, grad: Tensor, z: Tensor, h: Tensor) -> Tensor:
        return h.abs().neg_().add_(1).square_().mul_(grad)


class Softplus(Activation):
    """h = ln(1 + e^z); h' = sigmoid(z). Saturated where z < -2.94."""

    def forward(self, z: Tensor) -> Tensor:
        return torch.nn.functional.softplus(z)

    def backward(self, grad: Tensor, z: Tensor, h: Tensor) -> Tensor:
        return _softplus_backward(grad, z, 1.0, 20.0)


class ReLU(Activation):
    """h = max(0, z). Saturated where it is off, h = 0."""

    def forward(self, z: Tensor) -> Tensor:
        return z.relu_()

    def backward(self, grad: Tensor, z: Tensor, h: Tensor) -> Tensor:
        return _threshold_backward(grad, h, 0)

    def saturated(self, z: Tensor, h: Tensor) -> Tensor:
        return h == 0


class LeakyReLU(Activation):
    """h = z if z > 0 else slope z. Saturated where z <= 0, if slope < 0.05."""

    def __init__(self, pick: Pick, members: int, like: Tensor) -> None:
        self._slope = pick["slope"]

    def forward(self, z: Tensor) -> Tensor:
        return _leaky_relu(z, self._slope)

    def backward(self, grad: Tensor, z: Tensor, h: Tensor) -> Tensor:
        return _leaky_relu_backward(grad, h, self._slope, True)


class PReLU(Activation):
    """h = z if z > 0 else a z, with one learned a per layer and member (He et al. 2015, channel-shared)."""

    def __init__(self, pick: Pick, members: int, like: Tensor) -> None:
        self._slope = Parameter("slope", like.new_full((members, 1, 1), pick["slope"]))

    @property
    def parameters(self) -> list[Parameter]:
        return [self._slope]

    def forward(self, z: Tensor) -> Tensor:
        return z.clamp(min=0).addcmul_(z.clamp(max=0), of_members(self._slope.value, z))

    def backward(self, grad: Tensor, z: Tensor, h: Tensor) -> Tensor:
        self._slope.grad.copy_((grad * z.clamp(max=0)).sum(tuple(range(1, z.ndim))).view(-1, 1, 1))
        return self._through(grad, z)

    def saturated(self, z: Tensor, h: Tensor) -> Tensor:
        steepest = of_members(self._slope.value, z).abs().clamp(min=1)
        return self._through(torch.ones_like(h), z).abs_() < FLAT * steepest

    def _through(self, grad: Tensor, z: Tensor) -> Tensor:
        return torch.where(z > 0, grad, grad * of_members(self._slope.value, z))


class ELU(Activation):
    """h = z if z > 0 else alpha (e^z - 1). Saturated where alpha e^z < 0.05 max(1, alpha)."""

    scale = 1.0

    def __init__(self, pick: Pick, members: int, like: Tensor) -> None:
        self._alpha = pick["alpha"]
        self.steepest = max(1.0, self._alpha)

    def forward(self, z: Tensor) -> Tensor:
        return _elu(z, self._alpha, self.scale, 1.0)

    def backward(self, grad: Tensor, z: Tensor, h: Tensor) -> Tensor:
        return _elu_backward(grad, self._alpha, self.scale, 1.0, True, h)


class SELU(ELU):
    """ELU with alpha and scale such that mean 0 and variance 1 are a fixed point (Klambauer et al. 2017)."""

    scale = 1.0507009873554804934193349852946
    alpha = 1.6732632423543772848170429916717

    def __init__(self, pick: Pick, members: int, like: Tensor) -> None:
        self._alpha = self.alpha
        self.steepest = self.scale * self.alpha


class GELU(Activation):
    """h = z Phi(z). Saturated where |Phi(z) + z phi(z)| < 0.05 of its maximum 1.129."""

    steepest = 1.1289

    def forward(self, z: Tensor) -> Tensor:
        return torch.nn.functional.gelu(z)

    def backward(self, grad: Tensor, z: Tensor, h: Tensor) -> Tensor:
        return _gelu_backward(grad, z)


class SiLU(Activation):
    """h = z sigmoid(z). Saturated where its slope is below 0.05 of its maximum 1.0998."""

    steepest = 1.0998

    def forward(self, z: Tensor) -> Tensor:
        return torch.nn.functional.silu(z)

    def backward(self, grad: Tensor, z: Tensor, h: Tensor) -> Tensor:
        return _silu_backward(grad, z)


class Maxout(Activation):
    """The largest of k affine maps: z is `[P, B, W k]`, the k pieces of a unit side by side. Never saturated."""

    def __init__(self, pick: Pick, members: int, like: Tensor) -> None:
        self.pieces = int(pick["pieces"])

    def forward(self, z: Tensor) -> Tensor:
        h, self._winner = z.view(*z.shape[:-1], -1, self.pieces).max(-1)
        return h

    def backward(self, grad: Tensor, z: Tensor, h: Tensor) -> Tensor:
        spread = grad.new_zeros((*grad.shape, self.pieces))
        return spread.scatter_(-1, self._winner.unsqueeze(-1), grad.unsqueeze(-1)).flatten(-2)

    def saturated(self, z: Tensor, h: Tensor) -> Tensor:
        return torch.zeros_like(h, dtype=torch.bool)


class Softmax(Activation):
    """h_i = e^z_i / sum_j e^z_j, over the last axis; saturated where h_i (1 - h_i) < 0.0125, as for the sigmoid."""

    steepest = 0.25

    def forward(self, z: Tensor) -> Tensor:
        return torch.softmax(z, -1)

    def backward(self, grad: Tensor, z: Tensor, h: Tensor) -> Tensor:
        return h * (grad - (grad * h).sum(-1, keepdim=True))

    def saturated(self, z: Tensor, h: Tensor) -> Tensor:
        return h * (1 - h) < FLAT * self.steepest


_BY_KEY: dict[str, type[Activation]] = {
    "identity": Identity,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "hard_tanh": HardTanh,
    "softsign": Softsign,
    "softplus": Softplus,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "prelu": PReLU,
    "elu": ELU,
    "selu": SELU,
    "gelu": GELU,
    "silu": SiLU,
    "maxout": Maxout,
    "softmax": Softmax,
}


def make_activation(pick: Pick, members: int, like: Tensor) -> Activation:
    """The activation that was picked; `like` gives dtype and device."""
    activation = _BY_KEY[pick.kind](pick, members, like)
    activation.pick = pick
    return activation
