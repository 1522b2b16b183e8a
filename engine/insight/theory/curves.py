"""The activations of the catalog as plain functions of NumPy, for integrals: value, slope, where they bend. Needs no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.catalog import Pick

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]

SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717


@dataclass(frozen=True, slots=True)
class Curve:
    """h = f(z), elementwise."""

    value: Function
    slope: Function
    kinks: tuple[float, ...] = ()
    """Where value or slope are not smooth."""


def curve(pick: Pick) -> Curve:
    """The activation that was picked; maxout and softmax are none of one variable."""
    match pick.kind:
        case "leaky_relu" | "prelu":
            return _bent(pick["slope"])
        case "elu":
            return _elu(pick["alpha"], 1.0)
        case "selu":
            return _elu(SELU_ALPHA, SELU_SCALE)
        case kind:
            return _CURVES[kind]


def normal_density(z: Floats) -> Floats:
    """phi(z)."""
    return np.exp(-0.5 * z * z) * 0.3989422804014327


def normal_share(z: Floats) -> Floats:
    """Phi(z), to 1e-7 (Abramowitz & Stegun 1964, equation 26.2.17)."""
    t = 1 / (1 + 0.2316419 * np.abs(z))
    tail = normal_density(z) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    return np.where(z > 0, 1 - tail, tail)


def sigmoid(z: Floats) -> Floats:
    """1 / (1 + e^-z)."""
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def _bent(slope: float) -> Curve:
    return Curve(lambda z: np.where(z > 0, z, slope * z), lambda z: np.where(z > 0, 1.0, slope), (0.0,))


def _elu(alpha: float, scale: float) -> Curve:
    return Curve(
        lambda z: scale * np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0))),
        lambda z: scale * np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0))),
        (0.0,),
    )


def _silu_slope(z: Floats) -> Floats:
    share = sigmoid(z)
    return share * (1 + z * (1 - share))


_CURVES = {
    "identity": Curve(lambda z: z, np.ones_like),
    "sigmoid": Curve(sigmoid, lambda z: 0.25 / np.cosh(np.clip(0.5 * z, -300, 300)) ** 2),
    "tanh": Curve(np.tanh, lambda z: 1 / np.cosh(np.clip(z, -300, 300)) ** 2),
    "hard_tanh": Curve(lambda z: np.clip(z, -1, 1), lambda z: (np.abs(z) < 1).astype(np.float64), (-1.0, 1.0)),
    "softsign": Curve(lambda z: z / (1 + np.abs(z)), lambda z: (1 + np.abs(z)) ** -2.0, (0.0,)),
    "softplus": Curve(lambda z: np.logaddexp(0, z), sigmoid),
    "relu": _bent(0.0),
    "gelu": Curve(lambda z: z * normal_share(z), lambda z: normal_share(z) + z * normal_density(z)),
    "silu": Curve(lambda z: z * sigmoid(z), _silu_slope),
}
