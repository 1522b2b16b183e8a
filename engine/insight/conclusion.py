"""What the end of a training says about what was found on the way."""

from __future__ import annotations

import math

import numpy as np

from engine.events import Finished, Outcome
from engine.insight import thresholds as bounds
from engine.insight.course import Blocks, guessing_wrong
from engine.insight.finding import Evidence
from engine.insight.ledger import Ledger
from engine.insight.rules import RULES, facts, signal
from engine.insight.rules.measured import LayerMeasurements
from engine.insight.rules.rule import COST, GRADIENT_RATIO, Case
from engine.insight.rules.steps import FIRST
from engine.insight.subject import Subject
from engine.vocabulary import Status

FITS = ("overfitting", "stop-earlier")
"""Gone where the weights of the best epoch were put back."""

GONE_BELOW = {
    "not-learning": bounds.NO_LONGER_NOT_LEARNING,
    "learning-rate-too-low": bounds.NO_LONGER_SLOW_COST,
    "learning-rate-too-high": bounds.LEARNED,
    "underfitting": bounds.NO_LONGER_UNDERFITTING * bounds.UNDERFITTING,
    **{key: bounds.LEARNED for key, rule in RULES.items() if rule.settles},
}
"""Final training cost, as a share of the chance level, below which a finding is closed at the end."""


def conclude(
    subject: Subject, blocks: Blocks, ledger: Ledger, finished: Finished, at_first: LayerMeasurements | None = None
) -> None:
    """Close what has come right in the end, and name what a divergence shows; `at_first`: of the layers, the first measurement."""
    for member, outcome in enumerate(finished.outcomes):
        if outcome.divergence is not None:
            _diverged(subject, blocks, ledger, member, outcome)
            if at_first is not None:
                _exploded(subject, ledger, member, at_first)
        elif outcome.train is not None:
            level = outcome.train.cost / float(blocks.reference[member])
            if _has_not_learned(subject, blocks, member, outcome):
                _not_learned(subject, blocks, ledger, member, outcome.step, level)
            for key, bound in GONE_BELOW.items():
                if level < bound:
                    ledger.close(key, member, outcome.step)
        if outcome.restored_step is not None:
            for key in FITS:
                ledger.close(key, member, outcome.step)


def _has_not_learned(subject: Subject, blocks: Blocks, member: int, outcome: Outcome) -> bool:
    """Whether it ends, early or not, no better than guessing though it went on for a while, and is not on its way down."""
    assert outcome.train is not None
    long = max(bounds.STOPPED_STEPS, bounds.STOPPED_EPOCHS * subject.started.steps_per_epoch)
    if outcome.step < long or outcome.train.cost <= bounds.NOT_LEARNING * float(blocks.reference[member]):
        return False
    accuracy = outcome.train.accuracy
    if accuracy is not None and 1 - accuracy < bounds.WRONG * guessing_wrong(subject):
        return False
    half = float(blocks.level_at(np.array([outcome.step // 2]))[0, member, 0])
    return not outcome.train.cost < bounds.FALLING * half * float(blocks.reference[member])


def _not_learned(subject: Subject, blocks: Blocks, ledger: Ledger, member: int, step: int, level: float) -> None:
    figures = {COST: (level,)}
    if len(blocks.passed):
        figures[GRADIENT_RATIO] = (float(blocks.passed[-1, member]),)
    case = Case(subject, member, step, level, figures=figures)
    ledger.state(RULES["not-learning"], case, (Evidence(COST, level, bounds.NOT_LEARNING, step),))


def _diverged(subject: Subject, blocks: Blocks, ledger: Ledger, member: int, outcome: Outcome) -> None:
    """Say where it began; the learning rate is to blame unless the first cost was out of all bounds."""
    assert outcome.divergence is not None
    case, evidence = facts.case_of_divergence(subject, member, outcome.divergence)
    ledger.state(RULES["not-finite"], case, evidence)
    first = math.nan if blocks.first is None else float(blocks.first[member])
    if outcome.status is Status.DIVERGED and first < bounds.SIGNAL_EXPLODES and outcome.divergence.step > 1:
        step = outcome.step
        rule = RULES["learning-rate-too-high"]
        figures = {FIRST: (math.inf,)}
        ledger.state(
            rule, Case(subject, member, step, math.inf, figures=figures), (Evidence(FIRST, math.inf, bounds.BLOWN_UP, step),)
        )


def _exploded(subject: Subject, ledger: Ledger, member: int, at_first: LayerMeasurements) -> None:
    """Name a signal that exploded at the first measurement: a run that diverges at once has no second one."""
    look = signal.look_exploding(at_first)
    layers = np.flatnonzero(look.bad[0, member]).tolist()
    if not layers:
        return
    names, (figure,) = tuple(subject.layers[layer].name for layer in layers), look.figures
    values, step = tuple(float(figure.values[0, member, layer]) for layer in layers), int(at_first.steps[0])
    evidence = [Evidence(figure.quantity, value, figure.bound, step, name) for name, value in zip(names, values, strict=True)]
    ledger.state(RULES["signal-explodes"], Case(subject, member, step, math.inf, names, {figure.quantity: values}), evidence)
