"""Event series made by hand: a training of which every number is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from engine.events import DataInfo, EpochEnded, Event, Finished, Frame, LayerInfo, Outcome, Score, Started
from engine.experiment import Experiment
from engine.vocabulary import STATISTICS, Statistic, Status

GUESSING = float(np.log(10))
HEALTHY = {
    Statistic.ACTIVATION_MEAN: 0.4,
    Statistic.ACTIVATION_STD: 0.6,
    Statistic.SATURATED: 0.3,
    Statistic.DEAD: 0.05,
    Statistic.GRADIENT_MEAN: 0.0,
    Statistic.GRADIENT_STD: 0.05,
    Statistic.WEIGHT_GRADIENT_NORM: 0.3,
    Statistic.WEIGHT_GRADIENT_STD: 0.005,
    Statistic.WEIGHT_NORM: 11.0,
    Statistic.WEIGHT_STD: 0.17,
    Statistic.UPDATE_RATIO: 2e-3,
    Statistic.NEAR_ZERO: 0.01,
}


def started(
    experiment: Experiment | None = None, *, layers: int = 5, members: int = 1, total: int = 400, **data: object
) -> Started:
    """A classification of ten classes by dense layers of 64."""
    experiment = experiment or Experiment()
    activation = experiment.model.activation.kind.replace("_", "")
    hidden = [LayerInfo(f"hidden {number}", 64, 64, activation, 4160, weights=4096, shape=(64,)) for number in range(1, layers)]
    info = DataInfo("classification", 64, 10, tuple("0123456789"), 1438, 180, 179, class_shares=(0.1,) * 10)
    info = replace(info, **data)
    output = LayerInfo("output", 64, 10, "softmax", 650, weights=640, shape=(10,))
    return Started((experiment,) * members, info, (*hidden, output), 20_000, "cpu", 1, 20, total, 10)


def frames(
    start: Started,
    loss: Sequence[float] | np.ndarray,
    changes: dict[Statistic, Sequence[float] | np.ndarray] | None = None,
    *,
    every: int = 4,
) -> Frame:
    """One frame of all steps; changes are by statistic: a number for each layer, or for each measurement and layer."""
    steps = np.arange(1, len(loss) + 1)
    measured = steps[(steps == 1) | (steps % every == 0)]
    members, layers = len(start.experiments), len(start.layers)
    values = np.zeros((len(measured), members, layers, len(STATISTICS)), np.float32)
    for place, statistic in enumerate(STATISTICS):
        values[..., place] = HEALTHY[statistic]
        if changes and statistic in changes:
            numbers = np.asarray(changes[statistic], np.float32)
            values[..., place] = numbers if numbers.ndim < 2 else numbers[:, None, :]
    costs = np.repeat(np.asarray(loss, np.float64)[:, None], members, axis=1)
    zeros = np.zeros_like(costs)
    return Frame(steps, steps * 1e-3, costs, zeros, zeros, zeros + 1e-3, measured, values)


def cut(frame: Frame, after: Sequence[int]) -> Iterator[Frame]:
    """The same records in several frames, each of which ends after one of these steps."""
    edges = [0, *sorted(set(after) - {0, int(frame.steps[-1])}), int(frame.steps[-1])]
    for first, last in pairwise(edges):
        rows, measured = (frame.steps > first) & (frame.steps <= last), (frame.layer_steps > first) & (frame.layer_steps <= last)
        scalars = {name: getattr(frame, name)[rows] for name in ("steps", "seconds", "loss", "l1", "l2", "lr")}
        yield Frame(**scalars, layer_steps=frame.layer_steps[measured], layers=frame.layers[measured])


def epochs(start: Started, train: Sequence[float], validation: Sequence[float]) -> list[Event]:
    """Scores after epochs; costs as shares of guessing."""
    members = len(start.experiments)
    return [
        EpochEnded(
            number,
            number * start.steps_per_epoch,
            number * 0.02,
            (Score(a * GUESSING, accuracy=1 - 0.9 * min(a, 1)),) * members,
            (Score(b * GUESSING, accuracy=0.5),) * members,
        )
        for number, (a, b) in enumerate(zip(train, validation, strict=True), 1)
    ]


def finished(start: Started, cost: float, **outcome: object) -> Finished:
    """All members end with a training cost, as a share of guessing."""
    score = Score(cost * GUESSING, accuracy=0.9)
    each = replace(Outcome(Status.DONE, start.total_steps, train=score, validation=score, test=score), **outcome)
    return Finished((each,) * len(start.experiments), 1.0, 0.02)


def falling(steps: int = 400, floor: float = 0.02) -> np.ndarray:
    """Costs that fall as they should, with the noise of batches."""
    noise = np.random.default_rng(1).normal(0, 0.02, steps)
    return GUESSING * (floor + np.exp(-np.arange(steps) / (steps / 8)) * (1 + noise))


def guessing(steps: int = 400) -> np.ndarray:
    """Costs that stay where guessing is."""
    return GUESSING * (1 + np.random.default_rng(1).normal(0, 0.02, steps))
