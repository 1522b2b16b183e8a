"""Rules on the units of a layer: those at the ends of their activation, those that are off, those that are all the same."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.insight import thresholds as bounds
from engine.insight.finding import Severity
from engine.insight.rules import changes
from engine.insight.rules.measured import LayerMeasurements, spread_of_weights
from engine.insight.rules.rule import Case, Change, Figure, Look, Rule, number, share
from engine.insight.subject import RECTIFYING, SQUASHING
from engine.vocabulary import Statistic

MEAN = Statistic.ACTIVATION_MEAN.value
FROM_END = "distance of the mean value from an end of the activation over its range"
SPREAD_OF_WEIGHTS = "spread of the first weights over their size"
_LOW = {"sigmoid": 0.0}  # others go down to -1
_END = 0.2
"""Nearer to one end than this share of the whole range, the mean says that most values are there."""


def look_saturated(measured: LayerMeasurements) -> Look:
    """Values in the flat parts of squashing activations, or all of them at one end before anything has been learned."""
    squashing = measured.subject.with_activation(SQUASHING)
    share_ = np.where(squashing, measured.of(Statistic.SATURATED), np.nan)
    low = np.array([_LOW.get(layer.activation, -1.0) for layer in measured.subject.layers])
    place = (measured.of(Statistic.ACTIVATION_MEAN) - low) / (1 - low)
    from_end = np.where(squashing, np.minimum(place, 1 - place), np.nan)
    are_together = (measured.of(Statistic.ACTIVATION_STD) < bounds.ALL_AT_END * (1 - low)) & measured.untaught
    are_flat, are_at_end = share_ > bounds.SATURATED, are_together & (from_end < bounds.AT_END)
    return Look(
        are_flat | are_at_end,
        (share_ < bounds.NO_LONGER_SATURATED) & ~(are_together & (from_end < bounds.NO_LONGER_AT_END)),
        (
            Figure(Statistic.SATURATED.value, bounds.SATURATED, share_, beyond=are_flat),
            Figure(MEAN, np.nan, measured.of(Statistic.ACTIVATION_MEAN)),
            Figure(FROM_END, bounds.AT_END, from_end, beyond=are_at_end),
        ),
    )


def look_dead(measured: LayerMeasurements) -> Look:
    """Rectifying units that are off for the whole batch; what units lack that began alike, `look_symmetric` tells."""
    judged = measured.subject.with_activation(RECTIFYING) & (measured.subject.batch >= bounds.LEAST_BATCH_FOR_DEAD)
    judged = judged & ~measured.symmetric_at_first
    share_ = np.where(judged, measured.of(Statistic.DEAD), np.nan)
    return Look(share_ > bounds.DEAD, share_ < bounds.NO_LONGER_DEAD, (Figure(Statistic.DEAD.value, bounds.DEAD, share_),))


def look_symmetric(measured: LayerMeasurements) -> Look:
    """First weights that are all equal; only the measurement of step 1 can tell."""
    ratio = spread_of_weights(measured.subject, measured.of(Statistic.WEIGHT_NORM), measured.of(Statistic.WEIGHT_STD))
    first = (measured.steps == 1)[:, None, None]
    return Look(
        (ratio < bounds.SYMMETRIC) & first,
        np.zeros(ratio.shape, np.bool_),
        (Figure(SPREAD_OF_WEIGHTS, bounds.SYMMETRIC, ratio),),
    )


def _saturated_words(case: Case) -> str:
    places = [layer.name for layer in case.subject.layers]
    ends = {
        _end(case.subject.layers[places.index(name)].activation, mean)
        for name, mean in zip(case.layers, case.figures[MEAN], strict=True)
    }
    end = ends.pop() if len(ends) == 1 else "one end or both"
    largest = case.largest(Statistic.SATURATED.value)
    if not largest > bounds.SATURATED:
        mean = number(case.figures[MEAN][int(np.nanargmin(case.figures[FROM_END]))])
        return f"All values of {case.where} lie close together near one end of the activation: their mean is {mean}."
    most = share(largest)
    return f"Up to {most} of the values of {case.where} lie in the flat part of the activation, at {end}."


def _end(activation: str, mean: float) -> str:
    low = _LOW.get(activation, -1.0)
    place = (mean - low) / (1 - low)
    if place < _END:
        return "its lower end"
    return "its upper end" if place > 1 - _END else "both ends"


def saturated_changes(case: Case) -> Iterator[Change]:
    """What brings values out of the flat parts."""
    if case.experiment.data.scaling == "none":
        yield changes.standardize(case)
    yield from changes.initializer(case)
    yield changes.batch_norm(case)
    yield from changes.relu(case)
    yield from changes.lower_rate(case)


def _dead_changes(case: Case) -> Iterator[Change]:
    yield from changes.lower_rate(case)
    yield from changes.leaky_relu(case)
    if case.experiment.model.bias_init < 0:
        yield "Biases that begin at 0", {"model.bias_init": "0"}
    yield from changes.initializer(case)
    yield changes.batch_norm(case)


def symmetric_changes(case: Case) -> Iterator[Change]:
    """Random first weights."""
    yield from changes.initializer(case)
    yield "Small random first weights", {"model.init": "normal(std=0.1)"}


def _dead_words(case: Case) -> str:
    most = share(case.largest(Statistic.DEAD.value))
    return f"Up to {most} of the units of {case.where} are off for every example of the batch: no gradient passes them."


RULES = (
    Rule(
        "saturated-layer",
        "Saturated layer",
        f"Of a hidden layer of sigmoid, tanh, hard tanh or softsign units more than {bounds.SATURATED:.0%} of the values lie "
        f"where the slope is below {bounds.FLAT:.0%} of the steepest; or, before the network has learned, their mean is within "
        f"{bounds.AT_END:.0%} of the range from one end and their standard deviation below {bounds.ALL_AT_END:.0%} of it; at three "
        "measurements in a row.",
        "In the flat parts of the activation the slope is nearly 0, so that little gradient passes. Weights or inputs that "
        "are too large drive the units there, and they come back slowly.",
        Severity.WARNING,
        ("Glorot & Bengio 2010, section 3.1 and figures 2 and 3", "LeCun, Bottou, Orr & Mueller 1998"),
        _saturated_words,
        saturated_changes,
        shows=Statistic.SATURATED,
    ),
    Rule(
        "dead-units",
        "Dead units",
        f"Of a hidden layer of ReLU-like units (those without a slope at the lower end) more than {bounds.DEAD:.0%} are off "
        "for all examples of the batch, at three measurements in a row. Not judged in batches below "
        f"{bounds.LEAST_BATCH_FOR_DEAD} examples, nor where all first weights were equal.",
        "A unit that is off for all examples gets no gradient and cannot come back by itself. A step that was too large, or "
        "biases that are too low, switch units off for good.",
        Severity.SERIOUS,
        ("Maas, Hannun & Ng 2013", "Lu, Shin, Su & Karniadakis 2020 (Dying ReLU and initialization)"),
        _dead_words,
        _dead_changes,
        shows=Statistic.DEAD,
    ),
    Rule(
        "symmetric-initialization",
        "Symmetric initialization",
        "All first weights of a hidden layer of two units or more are equal: their standard deviation is below "
        f"{bounds.SYMMETRIC:g} of their root mean square at step 1.",
        "Units that begin alike get the same gradient and stay alike, so that a layer is worth no more than one unit. Only "
        "random first weights, or dropout, tell them apart.",
        Severity.SERIOUS,
        ("Goodfellow, Bengio & Courville 2016, section 8.4", "Rumelhart, Hinton & Williams 1986"),
        lambda case: f"All first weights of {case.where} are equal, so their units begin alike and learn alike.",
        symmetric_changes,
        mild=Severity.WARNING,
        opens_after=1,
        shows=Statistic.WEIGHT_STD,
    ),
)

LOOKS = {"saturated-layer": look_saturated, "dead-units": look_dead, "symmetric-initialization": look_symmetric}
