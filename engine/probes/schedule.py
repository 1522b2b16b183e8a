"""When to measure: as often as a budget allows, decided from the experiment alone.

Had the clock a say, two runs of one experiment would be measured at different steps. So costs are estimated; the constants
were fitted on one CPU core (`benchmarks/measuring.py`), and the share of time that measuring really took is reported with
every run.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.experiment import Experiment

STEP_OVERHEAD = 80e-6  # seconds of a step, whatever its size
STEP_PER_LAYER = 27e-6
STEP_PER_WEIGHT_AND_EXAMPLE = 6 / 120e9  # forward and backward multiply-adds, two operations each
STEP_PER_WEIGHT = 1.2e-9  # the update of the optimizer and the memory it moves
PROBE_OVERHEAD = 250e-6  # seconds of a measurement, with its way to the history
PROBE_PER_LAYER = 140e-6
PROBE_PER_WEIGHT = 3.6e-9
PROBE_PER_VALUE = 8e-9  # a value is one unit for one example
MOST_STEPS_BETWEEN = 200
LONGEST_MEAN = 2000  # steps that one record of the loss may stand for


@dataclass(frozen=True, slots=True)
class Size:
    """What the cost of a step and of a measurement depend on."""

    members: int
    batch: int
    layers: int
    weights: int  # of one member
    units: int  # of one member, all layers
    products: int  # multiplications in the forward pass of one example: a convolution uses a weight at every place


def measured_every(experiment: Experiment, size: Size) -> int:
    """Steps between two measurements: as asked for, or as many as keep the estimated cost within the budget."""
    if experiment.monitor.every != "auto":
        return experiment.monitor.every
    every = probe_seconds(size) / (experiment.monitor.budget * step_seconds(size))
    return max(1, min(MOST_STEPS_BETWEEN, round(every)))


def step_seconds(size: Size) -> float:
    """Roughly how long a step takes."""
    of_member = STEP_PER_WEIGHT_AND_EXAMPLE * size.batch * size.products + STEP_PER_WEIGHT * size.weights
    return STEP_OVERHEAD + STEP_PER_LAYER * size.layers + size.members * of_member


def probe_seconds(size: Size) -> float:
    """Roughly how long it takes to measure all layers once."""
    values = size.members * size.batch * size.units
    weights = size.members * size.weights
    return PROBE_OVERHEAD + PROBE_PER_LAYER * size.layers + PROBE_PER_WEIGHT * weights + PROBE_PER_VALUE * values


def is_measured(step: int, every: int) -> bool:
    """Whether the layers are measured at a step, from 1: every so many, and at 1, 2, 4, 8, … when much happens."""
    return step % every == 0 or (step < every and step & (step - 1) == 0)


def steps_between_losses(step: int, members: int) -> int:
    """Steps from one record of the loss to the next: every step at first, every 10th from 10,000 on, and so forth.

    A record holds the mean since the last one, so nothing is left out. Many members are recorded less often, so that the
    history takes a small share of the time of a small population's step as well.
    """
    stride = -(-members // 4)
    while step >= 10_000:
        step //= 10
        stride *= 10
    return min(stride, LONGEST_MEAN)
