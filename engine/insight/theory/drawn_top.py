"""The output layer of single networks, drawn: how much its few units and the classes of a batch differ by chance. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

import numpy as np

from engine.insight.theory.at_the_top import Task, slope, softmax
from engine.insight.theory.curves import Floats, curve, sigmoid
from engine.insight.theory.fluctuation import Moved, added, half
from engine.insight.theory.gradient import Gradient
from engine.insight.theory.signal import Signal

_NUMBERS = 50_000
_NETWORKS = (48, 128)
_EXAMPLES = 128
"""Drawn of a batch that has more; how often each class is drawn is that of the whole batch."""
_STEP = 0.05
_LARGEST = 1e15
"""In single precision, which is enough here, larger deviations have no squares."""


@dataclass(frozen=True, slots=True)
class DrawnTop:
    """What differs from network to network and batch to batch.

    Attributes:
        covariance: `[4, 4]` of four figures in shares of their means: variance of z; variance of the outputs; mean square of the gradient;
            squared mean of the gradient over the batch.
        by_scale: how the logarithms of the figures change with that of the variance of z, `[4]`.
        alike: the mean squared cosine between the gradients of two examples.
    """

    covariance: Floats
    by_scale: Floats
    alike: float


def drawn_top(task: Task, mean: float, variance: float, covariance: float, batch: int) -> DrawnTop:
    """Of outputs whose z have this mean and variance, and this covariance between two examples."""
    examples = min(batch, _EXAMPLES)
    networks = int(np.clip(_NUMBERS // (examples * task.outputs), *_NETWORKS))
    common, private, targets = _draws(networks, examples, task.outputs, task.classes)
    of_unit, of_example, shift = (
        np.float32(min(each, _LARGEST)) for each in (covariance**0.5, max(variance - covariance, 0.0) ** 0.5, mean)
    )
    z = of_unit * common + of_example * private
    figures, alike = _figures(task, shift + z, targets, batch)
    more, _ = _figures(task, shift + z * np.float32(1 + _STEP), targets, batch)
    means = np.maximum(figures.mean(1), 1e-300)
    changed = np.log(np.maximum(more.mean(1), 1e-300) / means) / (2 * np.log1p(_STEP))
    return DrawnTop(np.cov(figures / means[:, None]), changed, alike)


@lru_cache(16)
def _draws(networks: int, examples: int, outputs: int, classes: int) -> tuple[Floats, Floats, Floats]:
    """What units share, what each example has by itself, and what is asked of the outputs."""
    rng = np.random.default_rng(0)
    shape = networks, examples, outputs
    common, private = rng.standard_normal((networks, 1, outputs)), rng.standard_normal(shape)
    if not classes:
        targets = rng.standard_normal(shape)
    elif outputs == 1:
        targets = rng.integers(0, 2, shape).astype(np.float64)
    else:
        targets = np.eye(outputs)[rng.integers(0, outputs, shape[:2])]
    single = [np.asarray(each, np.float32) for each in (common, private, targets)]
    return cast("tuple[Floats, Floats, Floats]", tuple(single))


def _figures(task: Task, z: Floats, targets: Floats, batch: int) -> tuple[Floats, float]:
    """The four figures of each network `[4, networks]`, and how alike gradients are."""
    h, gradient = _gradients(task, z, targets)
    examples = z.shape[1]
    asked = targets - (1 / task.outputs if task.classes and task.outputs > 1 else 0.0)
    of_all = gradient.mean(1)
    if task.cost.kind == "cross_entropy":  # the gradient is h less what is asked: of a large batch this has a smaller mean
        of_all += asked.mean(1) * (1 - np.sqrt(examples / batch))
    square = (gradient**2).mean((1, 2))
    second = gradient.transpose(0, 2, 1) @ gradient / examples
    pairs = float(((second**2).sum((1, 2))).mean() - ((gradient**2).sum(2) ** 2).mean() / examples)
    length = float(((gradient**2).sum(2)).mean()) ** 2
    values = np.stack([z.var((1, 2)), h.var((1, 2)), square, (of_all**2).mean(1)])
    return values, min(max(pairs / max(length * (1 - 1 / examples), 1e-300), 0.0), 1.0) if examples > 1 else 1.0


def _gradients(task: Task, z: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """The outputs, and the gradient of each example's cost at their pre-activations."""
    if task.output.kind == "softmax":
        h = softmax(z)
        if task.cost.kind == "cross_entropy":
            return h, h - targets
        back = slope(task.cost, h - targets, task.outputs)
        return h, h * (back - (back * h).sum(-1, keepdims=True))
    f = curve(task.output)
    h = f.value(z)
    if task.cost.kind == "binary_cross_entropy":
        return h, (sigmoid(z) - targets) / task.outputs
    return h, slope(task.cost, h - targets, task.outputs) * f.slope(z)


@dataclass(frozen=True, slots=True)
class OneTop:
    """The output layer of one network.

    Attributes:
        gradient: as it moves.
        doubts: relative standard deviations of what is measured.
        longer: response of the logarithm of the variance of the weights, if they are scaled until z has variance 1.
    """

    gradient: Gradient
    doubts: dict[str, float]
    longer: Floats


def one_top(task: Task, z: Signal, gradient: Gradient, *, scaled: bool) -> OneTop:
    """What differs in one network at outputs with these z and this gradient; `scaled`: by LSUV."""
    mean = float(z.mean.mean())
    variance = max(float(z.square.mean()) - mean**2, 0.0)
    assert z.moved is not None
    examples = z.moved.causes.examples
    drawn = drawn_top(task, mean, variance, float(np.clip(z.cross.mean() - mean**2, 0.0, variance)), examples)
    longer = z.moved.rows[1] / variance if variance > 0 else np.zeros(1)
    responses = added(np.outer(drawn.by_scale, longer), z.moved.causes.new(drawn.covariance))
    longer = responses[0].copy()
    if scaled:
        responses -= np.outer(drawn.by_scale, longer)
    names = ("z_std", "activation_std", "gradient_std")
    doubts = {name: half(response, 0.0) for name, response in zip(names, responses, strict=False)}
    if scaled:
        doubts["z_std"] = half(responses[0], 2 / (examples * task.outputs))  # scaled on other examples
    square, cross = float(gradient.square.mean()), float(gradient.cross.mean())
    of_square = square * responses[2]
    of_pairs = max(cross + (square - cross) / examples, 0.0) * responses[3] - of_square / examples
    moved = Moved(z.moved.causes, np.stack([of_square, of_pairs]))
    return OneTop(replace(gradient, alike=drawn.alike, moved=moved), doubts, -longer)
