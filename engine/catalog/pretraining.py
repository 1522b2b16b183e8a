"""What can be done to the weights of the hidden layers before labels are looked at."""

from __future__ import annotations

from engine.catalog.choice import Choice, Parameter, Registry

_EPOCHS = Parameter("epochs", 5, "passes over the training data for each layer", 1, 10_000, whole=True)
_BATCH = Parameter("batch_size", 100, "examples in a step of pre-training; at most all of them", 1, 1_000_000, whole=True)


_LR = Parameter("lr", 0.1, "learning rate of pre-training", 0.0, 10.0, low_open=True)
_RBM = (
    Parameter("k", 1, "steps of Gibbs sampling", 1, 1000, whole=True),
    Parameter(
        "momentum",
        0.9,
        "share of the last change that is made again; half as much in the first epoch",
        0.0,
        1.0,
        high_open=True,
    ),
    Parameter("weight_cost", 0.0002, "weight decay of pre-training", 0.0, 1.0),
    _BATCH,
)


PRETRAINING = Registry(
    "pre-training",
    (
        Choice("none", "None", "-", "Training begins from the initializer's weights.", ""),
        Choice(
            "dbn",
            "Deep belief net",
            "dW ~ <v h'>_data - <v h'>_k",
            "Each hidden layer is an RBM on the probabilities of the one below; inputs from 0 to 1 are taken as probabilities.",
            "Hinton, Osindero & Teh 2006; Hinton 2002",
            (_EPOCHS, _LR, *_RBM),
        ),
        Choice(
            "gaussian_dbn",
            "Deep belief net, Gaussian inputs",
            "v ~ N(b + W h, 1)",
            "As a deep belief net, but the inputs are real numbers of variance 1.",
            "Hinton & Salakhutdinov 2006; Hinton 2012, section 13.2",
            (
                _EPOCHS,
                _LR,
                Parameter("first_lr", 0.001, "learning rate of the layer of Gaussian inputs", 0.0, 10.0, low_open=True),
                *_RBM,
            ),
        ),
        Choice(
            "denoising",
            "Denoising auto-encoders",
            "min C(x, g(f(x with some inputs 0)))",
            "Each hidden layer learns to restore what it is given from a damaged copy, with tied weights.",
            "Vincent, Larochelle, Bengio & Manzagol 2008",
            (
                _EPOCHS,
                Parameter("lr", 0.01, _LR.help, 0.0, 10.0, low_open=True),
                Parameter("corruption", 0.25, "share of the inputs set to 0", 0.0, 1.0, high_open=True),
                _BATCH,
            ),
        ),
    ),
)
