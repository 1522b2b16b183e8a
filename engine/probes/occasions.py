"""When distributions are taken: as asked for, or as often as a share of the training's time allows.

As in `engine.probes.schedule` costs are estimated from the experiment's sizes, so that the same experiment is measured at the same
steps on every machine. The constants were fitted on one CPU core (`python -m benchmarks.distributions`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.events import LayerInfo
from engine.experiment import Experiment
from engine.probes.jacobian import jacobian_examples
from engine.probes.schedule import STEP_PER_WEIGHT_AND_EXAMPLE, Size, step_seconds

SHARE = 0.6
"""Of `monitor.budget` that distributions may take."""

TAKING_OVERHEAD = 300e-6  # seconds of one set of distributions, with its way to the history
TAKING_PER_LAYER = 250e-6
TAKING_PER_LAYER_AND_MEMBER = 100e-6
TAKING_PER_WEIGHT = 3.6e-9
TAKING_PER_VALUE = 8e-9  # a value is one unit for one example
JACOBIANS_PER_LAYER = 150e-6
JACOBIAN_PER_MATRIX = 4e-6  # seconds for the Jacobian of one layer at one example
JACOBIAN_PER_ENTRY = 1.5e-8
JACOBIAN_PER_PRODUCT = 1e-10  # products are entries times the smaller side
LONGEST_JACOBIANS = 1.0
"""Seconds that Jacobians may take each time where they were not asked for: training stands still meanwhile."""

WITH_JACOBIAN = ("dense", "residual", "split", "activation", "batch_norm", "dropout")
"""Kinds of layers that have one, if flat numbers leave them."""


@dataclass(frozen=True, slots=True)
class Occasions:
    """When distributions are taken, and whether Jacobians are measured with them."""

    start: bool = False
    """Before the first step."""
    end: bool = False
    """After the last step."""
    every: int = 0
    """After every so many epochs; 0: not regularly."""
    factor: int = 0
    """After the epochs 1, factor, factor^2, …; 0: not so."""
    jacobian: bool = False

    def after_epoch(self, epoch: int) -> bool:
        """Whether they are taken after an epoch, counted from 1."""
        if self.every:
            return epoch % self.every == 0
        return self.factor > 0 and epoch in _powers(self.factor, epoch + 1)

    def count(self, epochs: int) -> int:
        """How often they are taken in so many epochs; the end of the last one is the end of all."""
        between = (epochs - 1) // self.every if self.every else len(_powers(self.factor, epochs))
        return self.start + self.end + between


def occasions(
    experiment: Experiment, size: Size, layers: Sequence[LayerInfo], *, examples: int, steps: int, steps_per_epoch: int
) -> Occasions:
    """When the distributions of a training are taken.

    `monitor.distributions` = N: before the first step, after every N-th epoch, and at the end. `auto`: before the first step, after the
    epochs 1, 2, 4, 8, … and at the end; where that would take more than `SHARE` of `monitor.budget` of the estimated time of
    training, after the epochs 1, 4, 16, … or 1, 8, 64, … and so on, or only at both ends, or only at the end, or not at all.

    `monitor.jacobian` = `always`: with all of them, and at both ends at least. `auto`: if Jacobians take at most a second each time
    and stay within that share: together with the distributions at both ends, or by themselves where N was asked for.

    Args:
        experiment: the first of the population.
        size: of its network.
        layers: of its network.
        examples: held out.
        steps: of the whole training.
        steps_per_epoch: updates in an epoch.
    """
    monitor = experiment.monitor
    if monitor.distributions == "never":
        return Occasions()
    epochs = -(-steps // steps_per_epoch)
    share = SHARE * monitor.budget * steps * step_seconds(size)
    each, jacobians = taking_seconds(size, examples), jacobian_seconds(size, layers)
    always, may = monitor.jacobian == "always", monitor.jacobian == "auto" and jacobians <= LONGEST_JACOBIANS
    if monitor.distributions != "auto":
        plan = Occasions(start=True, end=True, every=monitor.distributions)
        return replace(plan, jacobian=always or (may and plan.count(epochs) * jacobians <= share))
    jacobian = always or (may and 2 * (each + jacobians) <= share)
    if jacobian:
        each += jacobians
    factors = [2 * power for power in _powers(2, epochs)]
    plans = [Occasions(start=True, end=True, factor=factor, jacobian=jacobian) for factor in (*factors, 0)]
    if always:
        least = plans[-1]
    else:
        plans.append(Occasions(end=True))
        least = Occasions()
    return next((plan for plan in plans if plan.count(epochs) * each <= share), least)


def _powers(factor: int, below: int) -> list[int]:
    """1, factor, factor^2, … below a number; none of factor 0."""
    powers: list[int] = []
    power = 1
    while factor and power < below:
        powers.append(power)
        power *= factor
    return powers


def taking_seconds(size: Size, examples: int) -> float:
    """Roughly how long it takes to take distributions once, Jacobians left out."""
    of_member = (
        TAKING_PER_LAYER_AND_MEMBER * size.layers
        + TAKING_PER_WEIGHT * size.weights
        + TAKING_PER_VALUE * size.units * examples
        + STEP_PER_WEIGHT_AND_EXAMPLE * size.products * examples
    )
    return TAKING_OVERHEAD + TAKING_PER_LAYER * size.layers + of_member * size.members


def jacobian_seconds(size: Size, layers: Sequence[LayerInfo]) -> float:
    """Roughly how long it takes to measure all Jacobians once."""
    seconds = 0.0
    for layer in layers:
        if layer.kind in WITH_JACOBIAN and len(layer.shape) == 1:
            entries = layer.inputs * layer.outputs
            products = entries * min(layer.inputs, layer.outputs)
            each = JACOBIAN_PER_MATRIX + JACOBIAN_PER_ENTRY * entries + JACOBIAN_PER_PRODUCT * products
            seconds += JACOBIANS_PER_LAYER + jacobian_examples(layer.outputs) * each * size.members
    return seconds
