"""The gradient of a matrix of weights: what a batch makes of signals and of gradients that come back. Needs no torch."""

from __future__ import annotations

import numpy as np

from engine.insight.theory.fluctuation import added, covariance, half
from engine.insight.theory.gradient import Gradient
from engine.insight.theory.signal import Signal
from engine.insight.theory.trace import Weights


def weight_gradient_variance(x: Signal, delta: Gradient, examples: int, weights: Weights) -> float:
    """Variance over a matrix of dC/dW = mean over the batch of x_i delta_j.

    Two examples add to it as far as both their signals and their gradients have something in common. Networks and pairs in which
    the ones have more in common are those in which the others do, too.
    """
    inputs, units = weights.rows, weights.columns
    share = 1 / examples
    own = share * float((x.square * delta.square).mean()) + (1 - share) * float((x.cross * delta.cross).mean())
    own += share * _together(x, 1, delta, 0) + (1 - share) * _together(x, 2, delta, 1)
    if x.moved is not None:
        own += (1 - share) * x.moved.scatter * delta.by_cross * weights.variance * weights.inputs
    if delta.balanced:
        return max(own, 0.0)
    mean, d = float(x.mean.mean()), delta.mean**2
    square, cross = float(x.square.mean()), float(x.cross.mean())
    alike = (mean**2 + (square - mean**2) / inputs) * (d + (float(delta.square.mean()) - d) / units)
    apart = (mean**2 + (cross - mean**2) / inputs) * (d + (float(delta.cross.mean()) - d) / units)
    return max(own - share * alike - (1 - share) * apart, 0.0)


def _together(x: Signal, row: int, delta: Gradient, column: int) -> float:
    """The covariance, over networks, of a moment of the signal and one of the gradient: where one is large the other is, too."""
    if x.moved is None or delta.moved is None:
        return 0.0
    return covariance(x.moved.rows[row], delta.moved.rows[column])


def weight_gradient_doubt(x: Signal, delta: Gradient) -> float | None:
    """The relative standard deviation of the root of `weight_gradient_variance`.

    To the mean over a batch of x_i delta_j, squared, all examples add by themselves, and pairs as far as both their signals and their
    gradients have something in common; besides, pairs that have not add what is theirs by chance.
    """
    if x.moved is None or delta.moved is None:
        return None
    share = 1 / x.moved.causes.examples
    q, c, p, d = (float(each.mean()) for each in (x.square, x.cross, delta.square, delta.cross))
    own = share * float((x.square * delta.square).mean())
    total = max(own + (1 - share) * float((x.cross * delta.cross).mean()), 0.0)
    if not total > 0:
        return None
    moved = added(x.moved.of(np.array([0.0, p * share, d])), delta.moved.of(np.array([q * share, c])))
    of_examples = float((x.square * delta.square / total).var()) * share**3
    apart = max(delta.alike - (d / p) ** 2, 0.0) * (q * p / total) ** 2
    of_pairs = 2 * share**2 * (float((x.cross / q).var()) + x.moved.scatter / q / q) * apart
    return half(moved / total, of_examples + of_pairs)
