"""First values of weights. All scaled schemes are settings of one law, Var W = gain^2 scale / fan (He et al. 2015)."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor

from engine.catalog import Pick

Draw = Callable[[Pick, int, int, Generator, tuple[int, int]], Tensor]


def initial_weights(pick: Pick, n_in: int, n_out: int, generator: Generator, fans: tuple[int, int] | None = None) -> Tensor:
    """Draw a weight matrix `[n_in, n_out]` in float64 on the CPU, so that no device or precision changes the draw.

    Args:
        pick: the initializer and its parameters.
        n_in: inputs of each unit (fan-in, the first axis).
        n_out: units (fan-out, the second axis).
        generator: of the member's weights.
        fans: inputs and outputs of a weight where they are not the axes: in a convolution.
    """
    return _BY_KEY[pick.kind](pick, n_in, n_out, generator, fans or (n_in, n_out))


def identity_kernels(gain: float, channels: int, maps: int, kernel: int) -> Tensor:
    """Weights `[maps, channels, kernel, kernel]` with which a convolution copies its input: `gain` in the middle, else 0."""
    weight = torch.zeros(maps, channels, kernel, kernel, dtype=torch.float64)
    same = torch.arange(min(maps, channels))
    weight[same, same, kernel // 2, kernel // 2] = gain
    return weight


def _filled(value: float, n_in: int, n_out: int) -> Tensor:
    return torch.full((n_in, n_out), value, dtype=torch.float64)


def _normal(std: float, n_in: int, n_out: int, generator: Generator) -> Tensor:
    return torch.randn(n_in, n_out, dtype=torch.float64, generator=generator) * std


def _uniform(limit: float, n_in: int, n_out: int, generator: Generator) -> Tensor:
    return (torch.rand(n_in, n_out, dtype=torch.float64, generator=generator) * 2 - 1) * limit


def _scaled(variance: Callable[[int, int], float], *, uniform: bool) -> Draw:
    """A scheme whose variance is gain^2 times `variance(n_in, n_out)`. U[-r, r] has variance r^2 / 3."""

    def draw(pick: Pick, n_in: int, n_out: int, generator: Generator, fans: tuple[int, int]) -> Tensor:
        std = pick["gain"] * math.sqrt(variance(*fans))
        if uniform:
            return _uniform(std * math.sqrt(3), n_in, n_out, generator)
        return _normal(std, n_in, n_out, generator)

    return draw


def _orthogonal(gain: float, n_in: int, n_out: int, generator: Generator) -> Tensor:
    """Rows or columns, whichever are fewer, are orthonormal times the gain (Saxe et al. 2013).

    The signs of R's diagonal are divided out, which makes Q uniform over all orthogonal matrices (Mezzadri 2007).
    """
    tall = _normal(1.0, max(n_in, n_out), min(n_in, n_out), generator)
    q, r = torch.linalg.qr(tall)
    q = q * torch.where(r.diagonal() < 0, -1.0, 1.0)
    matrix: Tensor = q if n_in >= n_out else q.T.contiguous()
    return matrix * gain


def _glorot(n_in: int, n_out: int) -> float:
    return 2 / (n_in + n_out)


def _he(n_in: int, n_out: int) -> float:
    return 2 / n_in


def _lecun(n_in: int, n_out: int) -> float:
    return 1 / n_in


_BY_KEY: dict[str, Draw] = {
    "zeros": lambda pick, n_in, n_out, generator, fans: _filled(0.0, n_in, n_out),
    "constant": lambda pick, n_in, n_out, generator, fans: _filled(pick["value"], n_in, n_out),
    "normal": lambda pick, n_in, n_out, generator, fans: _normal(pick["std"], n_in, n_out, generator),
    "uniform": lambda pick, n_in, n_out, generator, fans: _uniform(pick["a"], n_in, n_out, generator),
    "standard": lambda pick, n_in, n_out, generator, fans: _uniform(1 / math.sqrt(fans[0]), n_in, n_out, generator),
    "xavier_uniform": _scaled(_glorot, uniform=True),
    "xavier_normal": _scaled(_glorot, uniform=False),
    "he_uniform": _scaled(_he, uniform=True),
    "he_normal": _scaled(_he, uniform=False),
    "lecun_uniform": _scaled(_lecun, uniform=True),
    "lecun_normal": _scaled(_lecun, uniform=False),
    "orthogonal": lambda pick, n_in, n_out, generator, fans: _orthogonal(pick["gain"], n_in, n_out, generator),
    "lsuv": lambda pick, n_in, n_out, generator, fans: _orthogonal(1.0, n_in, n_out, generator),
    "identity": lambda pick, n_in, n_out, generator, fans: pick["gain"] * torch.eye(n_in, n_out, dtype=torch.float64),
}
