"""Rules on what becomes of the signal on its way from the input to the last hidden layer, and of the weights that carry it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.insight import thresholds as bounds
from engine.insight.finding import Severity
from engine.insight.rules import changes
from engine.insight.rules.measured import LayerMeasurements
from engine.insight.rules.rule import Case, Change, Figure, Look, Rule, number
from engine.vocabulary import Statistic

DYING = "spread of the values over the largest before"
EXPLODED = "spread of the values over that of the inputs"
GAIN = "size of the weights that enter a unit"
GAIN_OF_FIRST = "the same over its first value"


def look_dying(measured: LayerMeasurements) -> Look:
    """The spread of each hidden layer's values against the largest before it."""
    spread = np.where(measured.subject.hidden, measured.of(Statistic.ACTIVATION_STD), np.nan)
    before = np.full_like(spread, _inputs(measured))
    before[..., 1:] = np.fmax(before[..., 1:], np.fmax.accumulate(spread, axis=-1)[..., :-1])
    ratio = spread / np.where(before > 0, before, np.nan)
    judged = measured.untaught & ~measured.blocked
    return Look(
        (ratio < bounds.SIGNAL_DIES) & judged,
        (ratio > bounds.NO_LONGER_DYING) | ~measured.untaught,
        (Figure(DYING, bounds.SIGNAL_DIES, ratio),),
    )


def look_exploding(measured: LayerMeasurements) -> Look:
    """The spread of each hidden layer's values against that of the inputs."""
    spread = np.where(measured.subject.hidden, measured.of(Statistic.ACTIVATION_STD), np.nan)
    ratio = spread / (_inputs(measured) or np.nan)
    return Look(
        (ratio > bounds.SIGNAL_EXPLODES) & measured.untaught,
        (ratio < bounds.NO_LONGER_EXPLODED) | ~measured.untaught,
        (Figure(EXPLODED, bounds.SIGNAL_EXPLODES, ratio),),
    )


def look_collapsed(measured: LayerMeasurements) -> Look:
    """The weights that enter a hidden unit, where L1, L2 or weight decay pull at them."""
    subject = measured.subject
    pulled = np.array(
        [
            [_is_pulled(experiment.l1, experiment.l2, _decay(experiment.optimizer.parameters))]
            for experiment in subject.experiments
        ]
    )
    root = np.sqrt(np.maximum(subject.units, 1))
    gain = np.where(subject.hidden & pulled, measured.of(Statistic.WEIGHT_NORM) / root, np.nan)
    first = measured.at_first(Statistic.WEIGHT_NORM) / root
    of_first = gain / np.where(first > 0, first, np.nan)
    return Look(
        (gain < bounds.COLLAPSED) & (of_first < bounds.COLLAPSED_OF_FIRST),
        gain > bounds.NO_LONGER_COLLAPSED,
        (Figure(GAIN, bounds.COLLAPSED, gain), Figure(GAIN_OF_FIRST, bounds.COLLAPSED_OF_FIRST, of_first)),
    )


def _is_pulled(l1: float, l2: float, decay: float) -> bool:
    return l1 > 0 or l2 > 0 or decay > 0.01  # AdamW's usual decay alone makes no weights collapse


def _decay(parameters: object) -> float:
    return float(parameters.get("weight_decay", 0.0)) if hasattr(parameters, "get") else 0.0


def _inputs(measured: LayerMeasurements) -> float:
    """The spread of the inputs; 1 where it was not told: they are standardized unless somebody does not want it."""
    std = measured.subject.data.input_std
    return 1.0 if std is None or not std > 0 else std


def signal_changes(case: Case) -> Iterator[Change]:
    """What keeps the spread from layer to layer."""
    yield from changes.initializer(case)
    yield "Orthogonal initialization scaled to the data (LSUV)", {"model.init": "lsuv"}
    yield changes.batch_norm(case)
    yield from changes.relu(case)
    yield from changes.shallower(case)


def _collapsed_changes(case: Case) -> Iterator[Change]:
    for factor in (0.1, 0.01, 0.0):
        settings = {
            path: f"{getattr(case.experiment, path) * factor:.6g}" for path in ("l1", "l2") if getattr(case.experiment, path) > 0
        }
        if settings:
            names = " and ".join(path.upper() for path in settings)
            yield f"{names} {f'{factor:g} of what it is' if factor else 'off'}", settings
    if case.experiment.optimizer.kind == "adamw":
        yield "The usual weight decay", {"optimizer": "adamw"}


RULES = (
    Rule(
        "signal-dies",
        "Signal dies on its way up",
        f"The standard deviation of a hidden layer's values over batch and units is below {bounds.SIGNAL_DIES:g} of the "
        "largest before it, the inputs among them, at two measurements in a row. Not judged where the cost is below "
        f"{bounds.LEARNED:.0%} of the chance level.",
        "Weights that are too small shrink the signal from layer to layer until all examples look the same to the last one. "
        "What cannot be told apart cannot be learned from.",
        Severity.SERIOUS,
        ("Glorot & Bengio 2010, section 4.2", "He et al. 2015", "Schoenholz et al. 2017"),
        lambda case: f"The values of {case.layers[-1]} spread {number(case.least(DYING))} as far as those before it.",
        signal_changes,
        opens_after=2,
        settles=True,
        shows=Statistic.ACTIVATION_STD,
    ),
    Rule(
        "signal-explodes",
        "Signal explodes on its way up",
        f"The standard deviation of a hidden layer's values is above {bounds.SIGNAL_EXPLODES:g} times that of the inputs, at "
        f"two measurements in a row. Not judged where the cost is below {bounds.LEARNED:.0%} of the chance level.",
        "Weights that are too large blow the signal up from layer to layer, and the gradient with it. The first answers are "
        "then extreme, and the first steps are spent on making them small.",
        Severity.WARNING,
        ("He et al. 2015", "Mishkin & Matas 2016 (LSUV)"),
        lambda case: f"The values of {case.where} spread up to {number(case.largest(EXPLODED))} times as far as the inputs.",
        signal_changes,
        opens_after=2,
        settles=True,
        shows=Statistic.ACTIVATION_STD,
    ),
    Rule(
        "weights-collapse",
        "Weights collapse to zero",
        "Under L1, L2 or weight decay the root of the summed squares of the weights that enter a hidden unit is below "
        f"{bounds.COLLAPSED:g} on average (about 1 in a healthy layer) and below {bounds.COLLAPSED_OF_FIRST:g} of its first "
        "value, at two measurements in a row.",
        "The penalty pulls harder at the weights than the data do, so that a whole layer goes to zero. Nothing then passes "
        "it, neither signal nor gradient.",
        Severity.SERIOUS,
        ("Goodfellow, Bengio & Courville 2016, section 7.1", "Hastie, Tibshirani & Friedman 2009, section 3.4"),
        lambda case: (
            f"The penalty has shrunk the weights of {case.where} to as little as {number(case.least(GAIN_OF_FIRST))} of "
            "their first size."
        ),
        _collapsed_changes,
        opens_after=2,
        shows=Statistic.WEIGHT_NORM,
    ),
)

LOOKS = {"signal-dies": look_dying, "signal-explodes": look_exploding, "weights-collapse": look_collapsed}
