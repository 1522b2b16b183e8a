"""Rules on how the gradient gets from the output to the first layer, and what it does there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.insight import thresholds as bounds
from engine.insight.finding import Severity
from engine.insight.rules import changes
from engine.insight.rules.measured import LayerMeasurements
from engine.insight.rules.rule import GRADIENT_RATIO, Case, Change, Figure, Look, Rule, number
from engine.vocabulary import Statistic

_GLOROT = "Glorot & Bengio 2010, sections 3 and 4"
WEIGHT_GRADIENT_RATIO = "weight gradient over that of the last hidden layer"
EXPLODED = "gradient over that of the last hidden layer"
SPEED = "update ratio of the fastest hidden layer over this one's"


def look_vanishing(measured: LayerMeasurements) -> Look:
    """Gradients of hidden layers against those above them."""
    ratio = np.where(measured.subject.hidden, measured.gradient / measured.highest_above, np.nan)
    judged = measured.untaught & ~measured.blocked
    of_weights = measured.of(Statistic.WEIGHT_GRADIENT_STD)
    last = _last_hidden(measured)
    return Look(
        (ratio < bounds.VANISHING) & judged,
        (ratio > bounds.NO_LONGER_VANISHING) | ~measured.untaught,
        (
            Figure(GRADIENT_RATIO, bounds.VANISHING, ratio),
            Figure(WEIGHT_GRADIENT_RATIO, bounds.VANISHING, of_weights / of_weights[..., last : last + 1]),
        ),
    )


def look_exploding(measured: LayerMeasurements) -> Look:
    """Gradients of hidden layers against the last of them."""
    last = _last_hidden(measured)
    top = measured.gradient[..., last : last + 1]
    ratio = np.where(measured.subject.hidden & (top > 0), measured.gradient / top, np.nan)
    judged = measured.untaught & ~measured.blocked
    return Look(
        (ratio > bounds.EXPLODING) & judged,
        ((ratio < bounds.NO_LONGER_EXPLODING) & ~measured.blocked) | ~measured.untaught,
        (Figure(EXPLODED, bounds.EXPLODING, ratio),),
    )


def look_speeds(measured: LayerMeasurements) -> Look:
    """Update ratios of hidden layers against the fastest of them."""
    update = np.where(measured.subject.hidden & ~measured.blocked, measured.update, np.nan)
    fastest = np.fmax.reduce(update, axis=-1, keepdims=True)
    ratio = np.where(update > 0, fastest / update, np.nan)
    judged = measured.untaught & (measured.steps >= bounds.SETTLING_STEPS)[:, None, None]
    return Look(
        (ratio > bounds.SPEEDS) & judged,
        (ratio < bounds.NO_LONGER_SPEEDS) | ~judged,
        (Figure(SPEED, bounds.SPEEDS, ratio),),
    )


def _last_hidden(measured: LayerMeasurements) -> int:
    hidden = np.flatnonzero(measured.subject.hidden)
    return int(hidden[-1]) if len(hidden) else 0


def _weights_words(case: Case) -> str:
    """How far the gradient of the weights falls, as a half sentence."""
    weights = case.figures[WEIGHT_GRADIENT_RATIO][0]
    return f"that of its weights is {number(weights)} of the last hidden layer's"


def _vanishing_words(case: Case) -> str:
    ratio = case.least(GRADIENT_RATIO)
    return f"The gradient falls to {number(ratio)} of its size on its way down to {case.layers[0]}; {_weights_words(case)}."


def _exploding_changes(case: Case) -> Iterator[Change]:
    yield from changes.initializer(case)
    yield changes.batch_norm(case)
    yield from changes.lower_rate(case)
    yield from changes.shallower(case)


def _speeds_changes(case: Case) -> Iterator[Change]:
    if case.experiment.optimizer.kind not in changes.ADAPTIVE:
        yield from changes.adam(case)
    yield changes.batch_norm(case)
    yield from changes.initializer(case)
    yield from changes.relu(case)


RULES = (
    Rule(
        "vanishing-gradient",
        "Vanishing gradient",
        "The size of the back-propagated gradient at the pre-activations of a hidden layer (root of the summed squares of "
        f"one example's) is below {bounds.VANISHING:g} of the largest in a hidden layer above it, at three measurements in a "
        f"row. Not judged where the cost is below {bounds.LEARNED:.0%} of the chance level, and not below a layer whose "
        "units are nearly all dead.",
        "Each layer multiplies the gradient by its weights and by the slope of its activation; where that product is below "
        "1, lower layers get exponentially less of it. They then hardly learn, however long the training.",
        Severity.SERIOUS,
        (_GLOROT, "Hochreiter 1991", "Bengio, Simard & Frasconi 1994"),
        _vanishing_words,
        changes.against_vanishing,
        settles=True,
        shows=Statistic.GRADIENT_STD,
    ),
    Rule(
        "exploding-gradient",
        "Exploding gradient",
        f"The size of the back-propagated gradient at the pre-activations of a hidden layer is above {bounds.EXPLODING:g} "
        "times that of the last hidden layer, at two measurements in a row. Not judged where the cost is below "
        f"{bounds.LEARNED:.0%} of the chance level.",
        "Each layer multiplies the gradient by weights that are too large, so that it grows from layer to layer on its way "
        "down. Steps of one size are then far too long for the lower layers and right for the upper ones.",
        Severity.SERIOUS,
        (_GLOROT, "Bengio, Simard & Frasconi 1994", "Pascanu, Mikolov & Bengio 2013"),
        lambda case: (
            f"The gradient that reaches {case.layers[0]} is {number(case.largest(EXPLODED))} times that of the last hidden layer."
        ),
        _exploding_changes,
        opens_after=2,
        settles=True,
        shows=Statistic.GRADIENT_STD,
    ),
    Rule(
        "layers-learn-at-different-speeds",
        "Layers learn at different speeds",
        "The update ratio (size of the change that a step makes to a layer's weights over their size) of the fastest hidden "
        f"layer is above {bounds.SPEEDS:g} times that of the slowest, at three measurements in a row from step "
        f"{bounds.SETTLING_STEPS} on.",
        f"One learning rate serves all layers, but some of them move their weights {bounds.SPEEDS:g} times faster than "
        "others. The slow ones stay as they were drawn while the fast ones already fit to them.",
        Severity.WARNING,
        (_GLOROT, "You, Gitman & Ginsburg 2017 (LARS)", "Schoenholz et al. 2017"),
        lambda case: (
            f"The weights of {case.where} move up to {number(case.largest(SPEED))} times slower than the fastest hidden layer's."
        ),
        _speeds_changes,
        settles=True,
        shows=Statistic.UPDATE_RATIO,
    ),
)

LOOKS = {
    "vanishing-gradient": look_vanishing,
    "exploding-gradient": look_exploding,
    "layers-learn-at-different-speeds": look_speeds,
}
