"""How weights begin. n_in and n_out are a unit's numbers of inputs and outputs (its fans)."""

from __future__ import annotations

from engine.catalog.choice import Choice, Parameter, Registry

_GAIN = (Parameter("gain", 1.0, "factor on the standard deviation", 0.0, 1000.0, low_open=True),)
_GLOROT = "Glorot & Bengio 2010, equation 16"
_HE = "He et al. 2015, equation 10"
_LECUN = "LeCun, Bottou, Orr & Mueller 1998, equation 16"

INITIALIZERS = Registry(
    "initializer",
    (
        Choice(
            "zeros",
            "Zeros",
            "W = 0",
            "All units of a layer are the same and stay the same: nothing but the output bias learns.",
            "Goodfellow, Bengio & Courville 2016, section 8.4",
        ),
        Choice(
            "constant",
            "Constant",
            "W = value",
            "All units of a layer are the same; symmetry is never broken.",
            "Goodfellow, Bengio & Courville 2016, section 8.4",
            (Parameter("value", 0.1, "every weight", -100.0, 100.0),),
        ),
        Choice(
            "normal",
            "Normal",
            "W ~ N(0, std^2)",
            "The same spread whatever the width: too small starves deep layers, too large saturates them.",
            "CS231n notes, 'Weight initialization'",
            (Parameter("std", 0.01, "standard deviation", 0.0, 100.0, low_open=True),),
        ),
        Choice(
            "uniform",
            "Uniform",
            "W ~ U[-a, a]",
            "The same range whatever the width.",
            "LeCun, Bottou, Orr & Mueller 1998",
            (Parameter("a", 0.05, "half the width of the range", 0.0, 100.0, low_open=True),),
        ),
        Choice(
            "standard",
            "Standard",
            "W ~ U[-1/sqrt(n_in), 1/sqrt(n_in)]",
            "The heuristic used before 2010. n_in Var W = 1/3, so gradients vanish with depth.",
            "Glorot & Bengio 2010, equation 1",
        ),
        Choice(
            "xavier_uniform",
            "Xavier (Glorot) uniform",
            "W ~ U[-r, r], r = gain * sqrt(6 / (n_in + n_out))",
            "Keeps the variance of activations and of gradients alike, for tanh and softsign.",
            _GLOROT,
            _GAIN,
        ),
        Choice(
            "xavier_normal",
            "Xavier (Glorot) normal",
            "W ~ N(0, gain^2 * 2 / (n_in + n_out))",
            "Keeps the variance of activations and of gradients alike, for tanh and softsign.",
            _GLOROT,
            _GAIN,
        ),
        Choice(
            "he_uniform",
            "He uniform",
            "W ~ U[-r, r], r = gain * sqrt(6 / n_in)",
            "Makes up for the half that ReLU switches off.",
            _HE,
            _GAIN,
        ),
        Choice(
            "he_normal",
            "He normal",
            "W ~ N(0, gain^2 * 2 / n_in)",
            "Makes up for the half that ReLU switches off.",
            _HE,
            _GAIN,
        ),
        Choice(
            "lecun_uniform",
            "LeCun uniform",
            "W ~ U[-r, r], r = gain * sqrt(3 / n_in)",
            "Unit variance forward through linear units.",
            _LECUN,
            _GAIN,
        ),
        Choice(
            "lecun_normal",
            "LeCun normal",
            "W ~ N(0, gain^2 / n_in)",
            "Unit variance forward through linear units; the one that SELU needs.",
            f"{_LECUN}; Klambauer et al. 2017",
            _GAIN,
        ),
        Choice(
            "orthogonal",
            "Orthogonal",
            "W = gain * Q, Q'Q = I",
            "Keeps lengths exactly: every singular value is the gain.",
            "Saxe, McClelland & Ganguli 2013",
            _GAIN,
        ),
        Choice(
            "lsuv",
            "LSUV",
            "W = Q / std(x Q), layer by layer",
            "Orthogonal, then scaled until the pre-activations of a batch have variance 1.",
            "Mishkin & Matas 2016",
            (
                Parameter("tolerance", 0.02, "how far the variance may be from 1", 0.0, 1.0, low_open=True),
                Parameter("tries", 10, "scalings of a layer at most", 1, 100, whole=True),
            ),
        ),
        Choice(
            "identity",
            "Identity",
            "W_ij = gain if i = j else 0",
            "Each unit begins as a copy of its input.",
            "Le, Jaitly & Hinton 2015",
            _GAIN,
        ),
    ),
)
