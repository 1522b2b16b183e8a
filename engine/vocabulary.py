"""Words that engine, history and screens share, and that load nothing."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal


class Statistic(StrEnum):
    """What is measured of every layer, in the order of the last axis of `Frame.layers`.

    "Unit" means a hidden or output unit after its activation; z is the pre-activation that enters it. Gradients at z are
    those of each example's own data cost, so that they do not depend on the batch size; weight gradients are those of the
    mean over the batch, with L1 and L2 included, as the optimizer sees them.
    """

    ACTIVATION_MEAN = "activation_mean"  # mean over batch and units
    ACTIVATION_STD = "activation_std"  # standard deviation over batch and units
    SATURATED = "saturated"  # share of values in the flat part of the activation; 0 for an output whose cost undoes it
    DEAD = "dead"  # share of units that are saturated for every example of the batch
    GRADIENT_MEAN = "gradient_mean"  # back-propagated gradient at z, mean over batch and units
    GRADIENT_STD = "gradient_std"  # the same, standard deviation
    WEIGHT_GRADIENT_NORM = "weight_gradient_norm"  # Euclidean norm over the weight matrix
    WEIGHT_GRADIENT_STD = "weight_gradient_std"  # standard deviation over the weight matrix
    WEIGHT_NORM = "weight_norm"  # Euclidean norm, before the update
    WEIGHT_STD = "weight_std"  # standard deviation, before the update
    UPDATE_RATIO = "update_ratio"  # norm of the change that this step made / weight norm
    NEAR_ZERO = "near_zero"  # share of weights with |w| < 0.001


STATISTICS = tuple(Statistic)

WEIGHT_STATISTICS = frozenset(s for s in Statistic if s.startswith("weight") or s in ("update_ratio", "near_zero"))
"""Those that a layer without weights does not have: they are not-a-number in `Frame.layers`, and absent from the history."""


class Quantity(StrEnum):
    """What distributions are taken of, on the held-out examples; the gradients are those of each example's own cost."""

    ACTIVATION = "activation"
    GRADIENT = "gradient"  # back-propagated, at the pre-activation
    WEIGHT_GRADIENT = "weight_gradient"  # of the mean cost over the held-out examples, penalties left out
    WEIGHT = "weight"


QUANTITIES = tuple(Quantity)
PERCENTILES = (1, 2, 5, 25, 50, 75, 95, 98, 99)
"""Taken of every quantity, in percent. Glorot & Bengio 2010 plot the 98th."""


Watched = Literal["validation_cost", "validation_accuracy", "validation_r2", "train_cost", "train_accuracy", "train_r2"]
"""The figures that early stopping, a target and the best checkpoint can go by."""


class Status(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # by the user, before its end
    DIVERGED = "diverged"  # the cost was no longer a finite number
    INTERRUPTED = "interrupted"  # Ctrl-C, a closed terminal, or a process that died
    FAILED = "failed"  # an error, kept in the run's message
