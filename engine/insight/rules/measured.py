"""Measurements of the layers, as the rules look at them.

Axes of the arrays: M measurements, P members, L layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.insight import thresholds
from engine.insight.latch import Flags, Steps
from engine.insight.rules.rule import Floats
from engine.insight.subject import RECTIFYING, Subject
from engine.vocabulary import STATISTICS, Statistic


@dataclass(frozen=True, eq=False)
class LayerMeasurements:
    """Some measurements of all layers of all members.

    Attributes:
        subject: the population.
        steps: [M].
        values: [K, M, P, L] in the order of `STATISTICS`; not-a-number from the step on at which a member's cost was not finite.
        first: [K, P, L] the first measurement of the training.
        level: [M, P, 1] training cost of the batches lately, as a share of the chance level.
    """

    subject: Subject
    steps: Steps
    values: NDArray[np.float64]
    first: NDArray[np.float64]
    level: Floats

    def of(self, statistic: Statistic) -> Floats:
        """One statistic, [M, P, L]."""
        values: Floats = self.values[STATISTICS.index(statistic)]
        return values

    def at_first(self, statistic: Statistic) -> Floats:
        """The same at the first measurement, [P, L]."""
        values: Floats = self.first[STATISTICS.index(statistic)]
        return values

    @cached_property
    def symmetric_at_first(self) -> Flags:
        """[P, L] whether the weights of a hidden layer were all equal at the first measurement."""
        size, spread = self.at_first(Statistic.WEIGHT_NORM), self.at_first(Statistic.WEIGHT_STD)
        flags: Flags = spread_of_weights(self.subject, size, spread) < thresholds.SYMMETRIC
        return flags

    @cached_property
    def gradient(self) -> Floats:
        """Size of the back-propagated gradient of one example at all pre-activations of a layer: root of the summed squares."""
        mean, std = self.of(Statistic.GRADIENT_MEAN), self.of(Statistic.GRADIENT_STD)
        return np.sqrt((np.square(mean) + np.square(std)) * self.subject.values)

    @cached_property
    def update(self) -> Floats:
        """Update ratio of layers with weights; not-a-number where there are none or all are zero."""
        ratio = self.of(Statistic.UPDATE_RATIO)
        return np.where(self.subject.weighted & np.isfinite(ratio), ratio, np.nan)

    @cached_property
    def blocked(self) -> Flags:
        """Whether nearly all units of a hidden layer are dead, in the layer or in one above: no gradient gets there."""
        dead = (self.of(Statistic.DEAD) >= thresholds.NEARLY_ALL_DEAD) & self.subject.with_activation(RECTIFYING)
        blocked: Flags = np.maximum.accumulate(dead[..., ::-1], axis=-1)[..., ::-1]
        return blocked

    @cached_property
    def untaught(self) -> Flags:
        """[M, P, 1] whether the network has not yet learned what it is to learn."""
        untaught: Flags = ~(self.level < thresholds.LEARNED)
        return untaught

    @cached_property
    def highest_above(self) -> Floats:
        """The largest gradient of the hidden layers above each; not-a-number above the last."""
        hidden = np.where(self.subject.hidden, self.gradient, -np.inf)
        highest = np.maximum.accumulate(hidden[..., ::-1], axis=-1)[..., ::-1]
        above = np.full_like(highest, np.nan)
        above[..., :-1] = highest[..., 1:]
        return np.where(above > 0, above, np.nan)


def spread_of_weights(subject: Subject, norm: Floats, spread: Floats) -> Floats:
    """[..., L] standard deviation over root mean square of a hidden layer's weights; not-a-number of a single unit's."""
    size = norm / np.sqrt(np.maximum(subject.weights, 1))
    ratio = np.where(size > 0, spread / np.where(size > 0, size, 1), 0.0)
    return np.where(subject.hidden & (subject.units > 1) & np.isfinite(spread), ratio, np.nan)
