"""The gradient with which back-propagation begins: from the cost and what the first weights make the output layer say.

First outputs know nothing of an example's target: a class, all of them equally likely, or a number of mean 0 and variance 1. But
where the data are known, examples that are alike agree in their targets more often than others, and so do their
gradients. Needs no torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.catalog import Pick
from engine.insight.theory.activation import activate
from engine.insight.theory.curves import Curve, Floats, Function, curve, sigmoid
from engine.insight.theory.gaussian import expected_pair, nodes
from engine.insight.theory.gradient import ACROSS, Along, Gradient
from engine.insight.theory.signal import HUGE, TINY, Signal

_DRAWN = 60_000
"""Numbers that are drawn for softmax, whose outputs depend on each other."""
_NORMAL = np.polynomial.hermite_e.hermegauss(24)
_ONE_NUMBER = 1
_Pair = tuple[float, float]
"""Covariances of z and of the targets of two examples."""
_SAFE = 80.0
"""Exponentials of numbers up to this one, and their sums, are below the largest number of single precision."""
_STEP = 0.1
"""Of the variance: between covariances of which a slope is taken."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is learned."""

    cost: Pick
    output: Pick
    outputs: int
    classes: int
    """0 for a regression."""
    agreement: tuple[float, ...] | None = None
    """As in `Inputs`."""

    def target_covariance(self, pairs: int) -> Floats:
        """Of what is asked of one output for two examples, for each group of pairs."""
        if self.agreement is None:
            return np.zeros(pairs)
        agreement = np.array(self.agreement)
        if not self.classes:
            return agreement
        return agreement / 2 - 0.25 if self.outputs == _ONE_NUMBER else agreement / self.outputs - 1 / self.outputs**2


def centre(task: Task) -> float:
    """The mean of the outputs that is left out of their values in `at_the_top`: what differs from it may be very small."""
    return 1 / task.outputs if task.output.kind == "softmax" else 0.0


def at_the_top(task: Task, z: Signal) -> tuple[Signal, Gradient]:
    """The values of the outputs less their `centre`, and the gradient of each example's cost at their pre-activations."""
    if task.output.kind != "softmax":
        return _each_by_itself(task, z)
    return _softmax(task, z)


def slope(cost: Pick, error: Floats, outputs: int) -> Floats:
    """The derivative of an example's cost with respect to an output, from output - target."""
    match cost.kind:
        case "mean_squared":
            return 2 * error / outputs
        case "mean_absolute":
            return np.sign(error) / outputs
        case "huber":
            return np.clip(error, -cost["delta"], cost["delta"]) / outputs
        case _:  # quadratic
            return error


# --- outputs that do not depend on each other ---------------------------------------


def _each_by_itself(task: Task, z: Signal) -> tuple[Signal, Gradient]:
    _, chances = targets_of(task)
    std = np.sqrt(np.maximum(z.square - z.mean**2, 0.0))
    kinks = _kinks(task, curve(task.output))
    points, weight = nodes(z.mean, std, np.array(kinks))
    seen = gradients_of_one(task, points)
    square = (weight * (seen**2 @ chances)).sum(-1)
    mean = float((weight * (seen @ chances)).sum(-1).mean())
    centre = float(z.mean.mean())
    variance = max(float(z.square.mean()) - centre**2, 0.0)
    shared = np.clip(z.cross - centre**2, -variance, variance)

    def expected(at: Floats) -> Floats:
        return gradients_of_one(task, at) @ chances

    def of_target(at: Floats) -> Floats:
        return _of_target(task, at)

    pairs = [(float(each), float(agree)) for each, agree in zip(shared, task.target_covariance(len(shared)), strict=True)]

    def of_pair(covariance: float) -> float:
        return expected_pair(expected, kinks, centre, variance, covariance)

    cross = _products(expected, of_target, kinks, centre, variance, pairs)
    h, _ = activate(task.output, z)
    by_cross, along = _slope_of(of_pair, shared, -variance, variance), _along_each(task, kinks, centre, variance, pairs)
    return h, Gradient(square, cross, mean, by_cross=by_cross, along=along)


def _slope_of(of_pair: Callable[[float], float], shared: Floats, lowest: float, variance: float) -> float:
    """How the product of the gradients of two examples changes with the covariance of their z."""
    middle = float(shared.mean())
    below, above = max(middle - _STEP * variance, lowest), min(middle + _STEP * variance, variance)
    return (of_pair(above) - of_pair(below)) / (above - below) if above > below else 0.0


def _products(
    expected: Function, of_target: Function, kinks: tuple[float, ...], centre: float, variance: float, pairs: Sequence[_Pair]
) -> Floats:
    """Mean products of what two examples have, from what is expected of z and how that changes with the target."""
    return np.array(
        [
            expected_pair(expected, kinks, centre, variance, shared)
            + (agree * expected_pair(of_target, kinks, centre, variance, shared) if agree else 0.0)
            for shared, agree in pairs
        ]
    )


def _along_each(task: Task, kinks: tuple[float, ...], centre: float, variance: float, pairs: Sequence[_Pair]) -> Along:
    """Of outputs that do not depend on each other."""
    if not TINY < variance < HUGE:
        return ACROSS
    _, chances = targets_of(task)

    def lengthwise(at: Floats) -> Floats:
        return (at - centre) * (gradients_of_one(task, at) @ chances)

    def of_target(at: Floats) -> Floats:
        return (at - centre) * _of_target(task, at)

    points, weight = nodes(np.array(centre), np.array(variance**0.5), np.array(kinks))
    each = (points - centre)[:, None] * gradients_of_one(task, points)
    mean = float(weight @ (each @ chances))
    others = (task.outputs - 1) * mean**2
    pair = _products(lengthwise, of_target, kinks, centre, variance, pairs) + others
    scale = 1 / (task.outputs * variance**2)
    return Along(mean / variance, (float(weight @ (each**2 @ chances)) + others) * scale, pair * scale)


def _of_target(task: Task, z: Floats) -> Floats:
    """How the gradient at an output changes with its target."""
    targets, chances = targets_of(task)
    seen = gradients_of_one(task, z)
    return seen @ (chances * targets) if not task.classes else seen[..., 1] - seen[..., 0]


def gradients_of_one(task: Task, z: Floats) -> Floats:
    """The gradient at an output that does not depend on the others, for each z and each of its targets, `[..., T]`."""
    targets, _ = targets_of(task)
    if task.cost.kind == "binary_cross_entropy":
        return (sigmoid(z)[..., None] - targets) / task.outputs
    f = curve(task.output)
    gradient: Floats = slope(task.cost, f.value(z)[..., None] - targets, task.outputs) * f.slope(z)[..., None]
    return gradient


def targets_of(task: Task) -> tuple[Floats, Floats]:
    """What one output may be asked for, and how likely each is."""
    if not task.classes:
        return _NORMAL[0], _NORMAL[1] / _NORMAL[1].sum()
    one = 0.5 if task.outputs == _ONE_NUMBER else 1 / task.outputs
    return np.array([0.0, 1.0]), np.array([1 - one, one])


def _kinks(task: Task, f: Curve) -> tuple[float, ...]:
    """Of the output activation, and where the error changes its sign for a target that is 0 or 1."""
    return (*f.kinks, 0.0, 1.0) if task.cost.kind in ("mean_absolute", "huber") else f.kinks


# --- softmax -----------------------------------------------------------------------


def _softmax(task: Task, z: Signal) -> tuple[Signal, Gradient]:
    """By drawing z: of each pair of examples the common part, and what each has by itself.

    What goes along with the signal is that of z without their mean, on which softmax does not depend.
    """
    classes = task.outputs
    one = _draws(classes, _targets_drawn(task))[1]
    spread = np.maximum(z.square - z.mean**2, 0.0)
    values = [softmax(np.sqrt(each) * one) for each in spread]
    deviations = np.array([float(((h - 1 / classes) ** 2).mean()) for h in values])
    square = np.array([_mean_square(task, each) for each in values])
    centre, variance = float(z.mean.mean()), float(spread.mean())
    shared = np.clip(z.cross - centre**2, 0.0, variance)
    cross, lengthwise, by_cross = _pairs(task, variance, shared)
    of_labels = task.target_covariance(len(z.cross)) * _even_slope(task) ** 2
    lengthwise = lengthwise + classes * shared * of_labels
    h = Signal(np.zeros_like(z.mean), deviations, np.zeros_like(z.cross))
    along = _along_softmax(task, np.sqrt(variance) * one, lengthwise) if TINY < variance < HUGE else ACROSS
    return h, Gradient(square, cross + of_labels, balanced=True, by_cross=by_cross, along=along)


def _pairs(task: Task, variance: float, shared: Floats) -> tuple[Floats, Floats, float]:
    """Mean products of the gradients of two examples, and of z . gradient, for each covariance; how the first change with it."""
    common, *own = _draws(task.outputs, _targets_drawn(task))
    alone = [_mean_gradient(task, softmax(np.sqrt(variance) * each)) for each in own]
    by_chance = float((alone[0] * alone[1]).mean())  # the mean of what is taken off is 0

    def products(covariance: float) -> tuple[float, float]:
        z = [np.sqrt(covariance) * common + np.sqrt(variance - covariance) * each for each in own]
        first, second = (_mean_gradient(task, softmax(each)) for each in z)
        lengthwise = (z[0] * first).sum(-1) * (z[1] * second).sum(-1)
        return float((first * second).mean()) - by_chance, float(lengthwise.mean())

    cross, lengthwise = np.array([products(float(each)) for each in shared]).T
    return cross, lengthwise, _slope_of(lambda covariance: products(covariance)[0], shared, 0.0, variance)


def _along_softmax(task: Task, z: Floats, pair: Floats) -> Along:
    if task.cost.kind == "cross_entropy":
        lengthwise = (z * softmax(z)).sum(-1, keepdims=True) - z  # [M, C], for each class that the example may have
    else:
        lengthwise = (z * _by_class(task, softmax(z))).sum(-1)
    scale = 1 / (task.outputs * float((z * z).mean()))
    return Along(float(lengthwise.mean()) * scale, float((lengthwise**2).mean()) * scale**2, pair * scale**2)


def _targets_drawn(task: Task) -> int:
    return 1 if task.cost.kind == "cross_entropy" else task.outputs


def softmax(z: Floats) -> Floats:
    """Over the last axis."""
    large = z.size > 0 and float(np.abs(z).max()) > _SAFE
    h: Floats = np.exp(z - z.max(-1, keepdims=True)) if large else np.exp(z)
    h /= (h @ np.ones(z.shape[-1], h.dtype))[..., None]
    return h


@lru_cache(8)
def _draws(classes: int, targets: int) -> tuple[Floats, Floats, Floats]:
    rows = max(32, _DRAWN // (classes * targets))
    drawn = np.random.default_rng(0).standard_normal((3, rows, classes))
    return drawn[0], drawn[1], drawn[2]


def _even_slope(task: Task) -> float:
    """How much the gradient at an output changes with its target where all outputs are even."""
    if task.cost.kind == "cross_entropy":
        return 1.0
    steepness = float(slope(task.cost, np.ones(1), task.outputs)[0])
    return steepness / task.outputs


def _mean_square(task: Task, h: Floats) -> float:
    """E of the squared gradient, over the classes that an example may have."""
    classes: int = h.shape[-1]
    if task.cost.kind == "cross_entropy":
        return float(np.square(h).mean()) - 2 / classes**2 + 1 / classes
    return float((_by_class(task, h) ** 2).mean())


def _mean_gradient(task: Task, h: Floats) -> Floats:
    """The gradient that is to be expected of outputs h, over the classes that an example may have."""
    if task.cost.kind == "cross_entropy":
        return h - 1 / task.outputs
    mean: Floats = _by_class(task, h).mean(0)
    return mean


def _by_class(task: Task, h: Floats) -> Floats:
    """The gradient at z for each class that the example may have, `[C, M, C]`."""
    classes: int = h.shape[-1]
    error = h[None] - np.eye(classes)[:, None]
    back = slope(task.cost, error, classes)
    gradient: Floats = h * (back - (back * h).sum(-1, keepdims=True))
    return gradient
