"""What the statistics of the layers are called, and how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.vocabulary import QUANTITIES, Quantity, Statistic
from workbench.plots.numbers import format_number, format_share
from workbench.plots.ridges import Histogram
from workbench.view import DistributionView, RunView


@dataclass(frozen=True, slots=True)
class Measure:
    """One statistic as it is shown."""

    statistic: Statistic
    title: str
    log: bool = True
    """Whether it is seen best on a logarithmic scale; it is never negative then."""
    share: bool = False
    """Whether it is a share of one."""
    signed: bool = False

    def text(self, value: float) -> str:
        """A value in a few characters."""
        return format_share(value) if self.share else format_number(value)


MEASURES: Mapping[Statistic, Measure] = {
    measure.statistic: measure
    for measure in (
        Measure(Statistic.GRADIENT_STD, "gradient std"),
        Measure(Statistic.ACTIVATION_STD, "activation std"),
        Measure(Statistic.SATURATED, "saturated", log=False, share=True),
        Measure(Statistic.DEAD, "dead", log=False, share=True),
        Measure(Statistic.UPDATE_RATIO, "update ratio"),
        Measure(Statistic.WEIGHT_GRADIENT_NORM, "weight gradient norm"),
        Measure(Statistic.WEIGHT_NORM, "weight norm"),
        Measure(Statistic.WEIGHT_STD, "weight std"),
        Measure(Statistic.NEAR_ZERO, "weights near zero", log=False, share=True),
        Measure(Statistic.ACTIVATION_MEAN, "activation mean", log=False, signed=True),
        Measure(Statistic.GRADIENT_MEAN, "gradient mean", log=False, signed=True),
        Measure(Statistic.WEIGHT_GRADIENT_STD, "weight gradient std"),
    )
}
"""All of them, in the order in which one goes through them: those that tell most come first."""


def measured_at(view: RunView) -> tuple[object, ...]:
    """What makes one picture of the layers another: the run, and how far it is measured; good as long as the view is kept."""
    return id(view.layers), id(view.experiment), view.layer_steps.size, *view.layer_steps[-1:].tolist()


def over_time(view: RunView, statistic: Statistic) -> NDArray[np.floating[Any]]:
    """A statistic of every layer over `view.layer_steps`: [L, M]. Infinite where a layer that was measured is not-a-number.

    So that "diverged" and "has none" stay apart: what a layer does not have is not-a-number from the first.
    """
    values = view.series(statistic)
    lost = np.isnan(values)
    if lost.any():
        lost &= np.logical_or.accumulate(~lost, axis=1)
        values = np.where(lost, np.float32(np.inf), values)
    return values


QUANTITY_TITLES: Mapping[Quantity, str] = {
    Quantity.ACTIVATION: "activations",
    Quantity.GRADIENT: "back-propagated gradients",
    Quantity.WEIGHT_GRADIENT: "weight gradients",
    Quantity.WEIGHT: "weights",
}


def histogram_of(taken: DistributionView, layer: int, quantity: Quantity) -> Histogram:
    """One histogram of a layer, with the step at which it was taken."""
    at = layer, QUANTITIES.index(quantity)
    low, high = taken.edges[at].tolist()
    return Histogram(f"step {taken.step:,}", low, high, taken.counts[at], float(taken.moments[at][1]))
