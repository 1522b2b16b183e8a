"""The values of a layer's units."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.events import Floats
from engine.network.dense import Dense
from engine.probes.moments import mean_and_deviation, std_from


def measure_activations(layer: Dense) -> list[Tensor]:
    """Mean, deviation, number of saturated values, number of dead units; each `[P]`.

    Taken on the batch of the step, before dropout. A unit is dead on this batch if it is saturated for all its examples.
    """
    assert layer.h is not None
    saturated = layer.saturated()
    dead = saturated.all(1).sum(1, dtype=torch.float64)
    return [*mean_and_deviation(layer.h), saturated.sum((1, 2), dtype=torch.float64), dead]


def activation_statistics(raw: Floats, batch: Floats, units: Floats) -> list[Floats]:
    """Mean, standard deviation, share saturated, share of dead units, from what was measured `[…, 4]`."""
    mean, deviation, saturated, dead = raw[..., 0], raw[..., 1], raw[..., 2], raw[..., 3]
    return [mean, std_from(deviation, batch * units), saturated / (batch * units), dead / units]
