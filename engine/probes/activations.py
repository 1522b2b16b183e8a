"""The values of a layer's units."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.events import Floats
from engine.network.block import Layer
from engine.probes.moments import mean_and_deviation, std_from


def measure_activations(layer: Layer) -> list[Tensor]:
    """Mean, deviation, number of saturated values, number of dead units; each `[P]`.

    Taken on the batch of the step, before dropout. A unit is dead on this batch if it is saturated for all its examples; the
    map of a convolution if it is at all places, a recurrent unit if it is at all steps.
    """
    assert layer.h is not None
    saturated = layer.saturated()
    dead = _everywhere(saturated, layer.unit_axis).sum(1, dtype=torch.float64)
    count = saturated.flatten(1).sum(1, dtype=torch.float64)
    return [*mean_and_deviation(layer.h), count, dead]


def _everywhere(saturated: Tensor, unit_axis: int) -> Tensor:
    """Which units are saturated wherever they are looked at, `[P, U]`."""
    units = saturated.movedim(unit_axis, -1)
    return units.all(1) if units.ndim == 3 else units.flatten(1, -2).all(1)


def activation_statistics(raw: Floats, values: Floats, flags: Floats, units: Floats) -> list[Floats]:
    """Mean, standard deviation, share saturated, share of dead units, from what was measured `[…, 4]`.

    Args:
        raw: what was measured.
        values: numbers that mean and deviation were taken over.
        flags: values that could be saturated; more than the units of a recurrent layer, whose gates count.
        units: that could be dead.
    """
    mean, deviation, saturated, dead = raw[..., 0], raw[..., 1], raw[..., 2], raw[..., 3]
    return [mean, std_from(deviation, values), saturated / flags, dead / units]
