"""How weights move, and how the learning rate changes. g is the gradient of the whole cost, lr the learning rate."""

from __future__ import annotations

from engine.catalog.choice import Choice, Parameter, Registry

_MOMENTUM = Parameter("momentum", 0.9, "share of the last velocity that is kept", 0.0, 1.0, high_open=True)
_BETA1 = Parameter("beta1", 0.9, "memory of the mean gradient", 0.0, 1.0, high_open=True)
_BETA2 = Parameter("beta2", 0.999, "memory of the mean squared gradient", 0.0, 1.0, high_open=True)


def _eps(default: float) -> Parameter:
    return Parameter("eps", default, "added to the denominator", 0.0, 1.0, low_open=True)


OPTIMIZERS = Registry(
    "optimizer",
    (
        Choice(
            "sgd",
            "Gradient descent (SGD)",
            "w -= lr * g",
            "Plain steps down the slope.",
            "Robbins & Monro 1951",
            learning_rate=0.1,
        ),
        Choice(
            "momentum",
            "Momentum",
            "v = momentum * v + g; w -= lr * v",
            "A heavy ball: speeds up along steady slopes, damps zigzags.",
            "Polyak 1964; Sutskever et al. 2013",
            (_MOMENTUM,),
            learning_rate=0.01,
        ),
        Choice(
            "nesterov",
            "Nesterov momentum",
            "v = momentum * v + g; w -= lr * (g + momentum * v)",
            "Momentum that looks ahead before it corrects.",
            "Nesterov 1983; Sutskever et al. 2013",
            (Parameter("momentum", 0.9, "share of the last velocity that is kept", 0.0, 1.0, True, True),),
            learning_rate=0.01,
        ),
        Choice(
            "adagrad",
            "Adagrad",
            "s += g^2; w -= lr * g / (sqrt(s) + eps)",
            "A rate for each weight, smaller the more it has moved; never grows back.",
            "Duchi, Hazan & Singer 2011",
            (_eps(1e-10),),
            learning_rate=0.01,
        ),
        Choice(
            "adadelta",
            "Adadelta",
            "s = rho s + (1-rho) g^2; d = g sqrt(u+eps)/sqrt(s+eps); u = rho u + (1-rho) d^2; w -= lr d",
            "Adagrad with a fading memory and its own unit of step.",
            "Zeiler 2012",
            (Parameter("rho", 0.9, "memory of squares", 0.0, 1.0, high_open=True), _eps(1e-6)),
            learning_rate=1.0,
        ),
        Choice(
            "rmsprop",
            "RMSprop",
            "s = alpha s + (1-alpha) g^2; w -= lr * g / (sqrt(s) + eps)",
            "Divides by a running root mean square of the gradient.",
            "Tieleman & Hinton 2012, lecture 6.5",
            (Parameter("alpha", 0.99, "memory of squares", 0.0, 1.0, high_open=True), _eps(1e-8)),
            learning_rate=0.001,
        ),
        Choice(
            "adam",
            "Adam",
            "m = beta1 m + (1-beta1) g; v = beta2 v + (1-beta2) g^2; w -= lr * m^ / (sqrt(v^) + eps)",
            "Momentum and RMSprop together, both corrected for their start at zero (m^, v^).",
            "Kingma & Ba 2015",
            (_BETA1, _BETA2, _eps(1e-8)),
            learning_rate=0.001,
        ),
        Choice(
            "adamw",
            "AdamW",
            "Adam, and w -= lr * weight_decay * w",
            "Adam with weight decay kept out of the gradient.",
            "Loshchilov & Hutter 2019",
            (_BETA1, _BETA2, _eps(1e-8), Parameter("weight_decay", 0.01, "decay of weights and biases", 0.0, 10.0)),
            learning_rate=0.001,
        ),
        Choice(
            "nadam",
            "NAdam",
            "Adam with Nesterov's look ahead in m^",
            "Adam that looks ahead; momentum_decay warms the momentum up.",
            "Dozat 2016",
            (
                Parameter("beta1", 0.9, "memory of the mean gradient", 0.0, 1.0, high_open=True),
                _BETA2,
                _eps(1e-8),
                Parameter("momentum_decay", 0.004, "how fast the momentum warms up", 0.0, 1.0),
            ),
            learning_rate=0.002,
        ),
        Choice(
            "rprop",
            "Rprop",
            "w -= sign(g) * step; step *= eta_plus if the sign stays else eta_minus",
            "Uses only the sign of the gradient; meant for full batches.",
            "Riedmiller & Braun 1993",
            (
                Parameter("eta_minus", 0.5, "factor when the sign turns", 0.0, 1.0, True, True),
                Parameter("eta_plus", 1.2, "factor when the sign stays", 1.0, 10.0, low_open=True),
            ),
            learning_rate=0.01,
        ),
    ),
)

SCHEDULES = Registry(
    "schedule",
    (
        Choice("constant", "Constant", "lr_t = lr", "The same rate throughout.", "Robbins & Monro 1951"),
        Choice(
            "step",
            "Step",
            "lr_t = lr * factor^floor(epoch / every)",
            "Drops the rate every few epochs.",
            "Krizhevsky, Sutskever & Hinton 2012",
            (
                Parameter("every", 10, "epochs between drops", 1, 1e6, whole=True),
                Parameter("factor", 0.1, "factor of each drop", 0.0, 1.0, low_open=True),
            ),
        ),
        Choice(
            "exponential",
            "Exponential",
            "lr_t = lr * factor^epoch",
            "Multiplies the rate by the same factor each epoch.",
            "Senior et al. 2013",
            (Parameter("factor", 0.95, "factor for each epoch", 0.0, 1.0, low_open=True),),
        ),
        Choice(
            "cosine",
            "Cosine",
            "lr_t = floor + (lr - floor) * (1 + cos(pi * t / T)) / 2, floor = final * lr",
            "Half a cosine from the rate down to its final share, over all T steps.",
            "Loshchilov & Hutter 2017",
            (Parameter("final", 0.0, "share of the rate left at the end", 0.0, 1.0),),
        ),
        Choice(
            "warm_up",
            "Warm-up",
            "lr_t = lr * min(1, (t + 1) / steps)",
            "Rises in a straight line to the full rate, then stays.",
            "Goyal et al. 2017",
            (Parameter("steps", 100, "steps until the full rate", 1, 1e9, whole=True),),
        ),
        Choice(
            "on_plateau",
            "On plateau",
            "lr *= factor when the validation cost has not fallen for `patience` epochs",
            "Waits until learning stalls, then takes smaller steps.",
            "PyTorch documentation, ReduceLROnPlateau",
            (
                Parameter("factor", 0.1, "factor of each drop", 0.0, 1.0, True, True),
                Parameter("patience", 10, "epochs without a lower cost that are borne", 0, 1e6, whole=True),
                Parameter("threshold", 1e-4, "relative fall that counts as lower", 0.0, 1.0),
            ),
        ),
    ),
)
