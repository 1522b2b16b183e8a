"""The activation functions: z is a unit's pre-activation, h its value."""

from __future__ import annotations

from engine.catalog.choice import Choice, Parameter, Registry

_HIDDEN = (
    Choice(
        "identity",
        "Identity",
        "h = z",
        "No non-linearity: any depth collapses to one linear map.",
        "Saxe, McClelland & Ganguli 2013 (deep linear networks)",
    ),
    Choice(
        "sigmoid",
        "Sigmoid",
        "h = 1 / (1 + e^-z)",
        "Between 0 and 1. Its slope is at most 1/4, so gradients shrink from layer to layer.",
        "Glorot & Bengio 2010, section 3.1",
    ),
    Choice(
        "tanh",
        "Hyperbolic tangent",
        "h = tanh z",
        "Between -1 and 1, centred on zero; saturates when weights are large.",
        "Glorot & Bengio 2010, section 3.2",
    ),
    Choice(
        "hard_tanh",
        "Hard tanh",
        "h = max(-1, min(1, z))",
        "A tanh made of straight lines: exactly no gradient beyond -1 and 1.",
        "Collobert 2004",
    ),
    Choice(
        "softsign",
        "Softsign",
        "h = z / (1 + |z|)",
        "Like tanh, but approaches -1 and 1 slowly and so saturates less.",
        "Bergstra et al. 2009; Glorot & Bengio 2010",
    ),
    Choice(
        "softplus",
        "Softplus",
        "h = ln(1 + e^z)",
        "A smooth ReLU that is never quite zero.",
        "Dugas et al. 2001",
    ),
    Choice(
        "relu",
        "ReLU",
        "h = max(0, z)",
        "Passes gradients unchanged where it is on, and nothing where it is off.",
        "Nair & Hinton 2010; Glorot, Bordes & Bengio 2011",
    ),
    Choice(
        "leaky_relu",
        "Leaky ReLU",
        "h = z if z > 0 else slope * z",
        "A ReLU that lets a little gradient through where it is off, so units do not die.",
        "Maas, Hannun & Ng 2013",
        (Parameter("slope", 0.01, "slope for negative z", 0.0, 1.0),),
    ),
    Choice(
        "prelu",
        "Parametric ReLU",
        "h = z if z > 0 else a * z, a learned per layer",
        "A leaky ReLU whose slope is learned with the weights.",
        "He et al. 2015",
        (Parameter("slope", 0.25, "first value of a", -1.0, 1.0),),
    ),
    Choice(
        "elu",
        "ELU",
        "h = z if z > 0 else alpha * (e^z - 1)",
        "Negative values keep the mean near zero; saturates softly at -alpha.",
        "Clevert, Unterthiner & Hochreiter 2016",
        (Parameter("alpha", 1.0, "value approached for negative z", 0.0, 100.0, low_open=True),),
    ),
    Choice(
        "selu",
        "SELU",
        "h = 1.0507 * (z if z > 0 else 1.6733 * (e^z - 1))",
        "Keeps mean 0 and variance 1 from layer to layer with LeCun normal weights; its dropout is alpha dropout.",
        "Klambauer et al. 2017",
    ),
    Choice(
        "gelu",
        "GELU",
        "h = z * Phi(z), Phi the normal distribution function",
        "A smooth ReLU that weighs z by how likely a normal value is to lie below it.",
        "Hendrycks & Gimpel 2016",
    ),
    Choice(
        "silu",
        "SiLU (swish)",
        "h = z * sigmoid(z)",
        "A smooth ReLU with a small dip below zero.",
        "Elfwing, Uchibe & Doya 2018; Ramachandran, Zoph & Le 2017",
    ),
    Choice(
        "maxout",
        "Maxout",
        "h = max(z_1, ..., z_k), k affine maps for each unit",
        "Learns its own convex shape from k linear pieces; costs k times the weights.",
        "Goodfellow et al. 2013",
        (Parameter("pieces", 2, "affine maps for each unit", 2, 16, whole=True),),
    ),
)

ACTIVATIONS = Registry("activation", _HIDDEN)

OUTPUT_ACTIVATIONS = Registry(
    "output activation",
    (
        Choice(
            "auto",
            "As the cost wants",
            "softmax, sigmoid or identity",
            "Softmax under cross-entropy, sigmoid under binary cross-entropy, identity under all others.",
            "Bishop 2006, section 5.2 (canonical link functions)",
        ),
        Choice(
            "softmax",
            "Softmax",
            "h_i = e^z_i / sum_j e^z_j",
            "Positive values that add up to one: a probability for each class.",
            "Bridle 1990",
        ),
        *(choice for choice in _HIDDEN if choice.key not in ("prelu", "maxout")),
    ),
)
