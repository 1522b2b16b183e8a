"""The first weights of the layers of a network: their variance, and how often each number passes through them. Needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod

import numpy as np

from engine.catalog import Pick
from engine.insight.theory.first_weights import SCALED_ON_DATA, weight_variance
from engine.insight.theory.trace import Beyond, Weights
from engine.network.plan import Planned, conv_padding

Scaled = Mapping[str, float]
"""The variances of weights that LSUV has scaled, by layer."""


def dense_weights(name: str, pick: Pick, fans: tuple[int, int], scaled: Scaled, pieces: int = 1) -> Weights | Beyond:
    """A matrix from so many inputs to so many units; under maxout to several pieces of each."""
    variance = scaled.get(name) or weight_variance(pick, fans)
    if variance is None:
        return Beyond(f"{name} begins with {pick} weights among others, which are no independent draws")
    orthogonal = pick.kind in ("orthogonal", SCALED_ON_DATA)
    return Weights(pick, variance, fans[0], fans[1] * pieces, fans[0], fans[1] * pieces, orthogonal=orthogonal)


def block_weights(block: Planned, pick: Pick, activation: Pick, scaled: Scaled) -> Weights | Beyond:
    """Those of a dense block or of a convolution."""
    if block.pick.kind == "dense":
        pieces = int(activation.parameters.get("pieces", 1))
        return dense_weights(block.name, pick, (prod(block.inputs), block.outputs[0]), scaled, pieces)
    (channels, *places), (maps, *new) = block.inputs, block.outputs
    side = block.pick.whole("kernel")
    rows = channels * side**2
    variance = scaled.get(block.name) or weight_variance(pick, (rows, maps * side**2), (rows, maps))
    if variance is None:
        return Beyond(f"{block.name} begins with {pick} weights, which are no independent draws")
    taps = prod(_taps(size, now, block) for size, now in zip(places, new, strict=True))
    return Weights(pick, variance, channels * taps, maps * taps * prod(new) / prod(places), rows, maps, shared=True)


def projection_weights(block: Planned, pick: Pick, scaled: Scaled) -> Weights | Beyond:
    """Those that bring the input of a residual to the shape of what is added to it."""
    inputs, outputs = block.inputs, block.outputs
    if len(outputs) == 1:
        return dense_weights(block.name, pick, (prod(inputs), outputs[0]), scaled)
    axis = 0 if len(outputs) == 3 else 1
    found = dense_weights(block.name, pick, (inputs[axis], outputs[axis]), scaled)
    if isinstance(found, Beyond):
        return found
    share = prod(outputs) / outputs[axis] * inputs[axis] / prod(inputs)
    return replace(found, outputs=found.outputs * share, shared=True)


def _taps(size: int, now: int, block: Planned) -> float:
    """How many weights of a kernel meet the picture along one axis, in the mean over places."""
    side, stride, padding = block.pick.whole("kernel"), block.pick.whole("stride"), conv_padding(block.pick)
    at = np.arange(now)[:, None] * stride - padding + np.arange(side)
    return float(((at >= 0) & (at < size)).sum(1).mean())
