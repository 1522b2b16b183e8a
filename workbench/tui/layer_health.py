"""What is unhealthy in a layer: a sign for the table, and the reason in words. Plain numbers, no widget."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.events import LayerInfo
from engine.vocabulary import STATISTICS, WEIGHT_STATISTICS, Statistic
from workbench.live import RunView
from workbench.plots import format_number, format_share

SMALL, LARGE, ALARM, NOT_FINITE = "↓", "↑", "!", "×"
"""Signs beside a number: too small, too large, a share too high, no number at all."""

VANISHING = 1e-3
"""A gradient below this share of the largest layer's is marked."""
EXPLODING = 1e3
"""So is one that is so many times the output layer's."""
SATURATED, DEAD = 0.9, 0.5
"""Shares of a hidden layer from which on they are marked; half the values of a healthy ReLU layer are saturated."""
LARGE_UPDATE, SMALL_UPDATE = 0.1, 1e-7
"""Changes of the weights by one step, in shares of the weights, beyond which they are marked."""

_GATED = ("rnn", "gru", "lstm")
"""Kinds of layers that have activations within."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something unhealthy."""

    statistic: Statistic
    sign: str
    words: str
    short: str
    """The same where there is little room."""


def findings(view: RunView) -> tuple[tuple[Finding, ...], ...]:
    """Of each layer what is unhealthy in its latest measurement, the worst first."""
    gradients = view.latest[:, STATISTICS.index(Statistic.GRADIENT_STD)].astype(np.float64)
    if not len(view.steps) or not len(gradients):
        return ((),) * len(view.layers)
    largest = float(np.max(gradients, initial=0.0, where=np.isfinite(gradients)))
    return tuple(
        (*_not_finite(view, layer), *_of_gradient(float(gradient), largest, float(gradients[-1])), *_of_shares(view, layer))
        for layer, gradient in enumerate(gradients)
    )


def lacks(info: LayerInfo, statistic: Statistic, value: float) -> bool:
    """Whether a layer has nothing of which this could be measured."""
    if statistic in WEIGHT_STATISTICS:
        return info.weights == 0 and math.isnan(value)
    flat = bool(info.activation) or info.kind in _GATED
    return statistic in (Statistic.SATURATED, Statistic.DEAD) and not flat and value == 0


def _not_finite(view: RunView, layer: int) -> list[Finding]:
    """One finding for all numbers that should be there and are infinite or not-a-number."""
    row = view.latest[layer]
    bad = [
        statistic
        for statistic, value in zip(STATISTICS, row.tolist(), strict=True)
        if not math.isfinite(value) and not lacks(view.layers[layer], statistic, value)
    ]
    return [Finding(bad[0], NOT_FINITE, "its numbers are no longer finite: it has diverged", "diverged")] if bad else []


def _of_gradient(value: float, largest: float, output: float) -> list[Finding]:
    """Gradients that vanish, or grow beyond all measure, on their way from the output."""
    at = Statistic.GRADIENT_STD
    if value == 0:
        return [Finding(at, SMALL, "no gradient reaches it: it learns nothing", "no gradient")]
    if value < VANISHING * largest:
        return [Finding(at, SMALL, f"gradient {_power(value / largest)} of the largest layer's: vanishing", "vanishing gradient")]
    if math.isfinite(value) and value > EXPLODING * output > 0:
        return [
            Finding(at, LARGE, f"gradient {format_number(value / output)} times the output's: exploding", "exploding gradient")
        ]
    return []


def _of_shares(view: RunView, layer: int) -> list[Finding]:
    """Units that pass no gradient, and steps that are too large or too small."""
    dead, saturated, update = (
        float(view.latest[layer, STATISTICS.index(each)])
        for each in (Statistic.DEAD, Statistic.SATURATED, Statistic.UPDATE_RATIO)
    )
    found: list[Finding] = []
    if layer < len(view.layers) - 1:  # an output layer that is sure of its answers is saturated, and nothing is wrong with it
        if dead >= DEAD:
            words = f"{format_share(dead)} of its units are dead: saturated for the whole batch, they do not learn"
            found.append(Finding(Statistic.DEAD, ALARM, words, f"{format_share(dead)} dead"))
        if saturated >= SATURATED:
            words = f"{format_share(saturated)} of its outputs are in the flat part of the activation: little gradient passes"
            found.append(Finding(Statistic.SATURATED, ALARM, words, f"{format_share(saturated)} saturated"))
    if math.isfinite(update) and update > LARGE_UPDATE:
        words = f"a step changes its weights by {format_share(update)}: the learning rate may be too high"
        found.append(Finding(Statistic.UPDATE_RATIO, LARGE, words, "large steps"))
    elif 0 <= update < SMALL_UPDATE:
        words = f"a step changes its weights by {_power(update)} of their size: they hardly move"
        found.append(Finding(Statistic.UPDATE_RATIO, SMALL, words, "weights stand still"))
    return found


def _power(value: float) -> str:
    """One digit and a power of ten: `3e-5`."""
    digit, _, power = f"{value:.0e}".partition("e")
    return f"{digit}e{int(power)}" if value else "0"
