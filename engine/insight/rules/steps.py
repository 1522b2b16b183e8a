"""Rules on the size of the steps and on whether the cost falls."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.insight import thresholds as bounds
from engine.insight.finding import Severity
from engine.insight.latch import Flags
from engine.insight.rules import changes
from engine.insight.rules.causes import CAUSE, cause_of, changes_of
from engine.insight.rules.going import Going
from engine.insight.rules.measured import LayerMeasurements
from engine.insight.rules.rule import COST, GRADIENT_RATIO, Case, Change, Figure, Floats, Look, Rule, number, of_network, share
from engine.vocabulary import Statistic

UPDATE = Statistic.UPDATE_RATIO.value
FIRST = "training cost over its first value or that of guessing"
NOISE = "spread of the batches' costs over the cost of guessing"
MIDDLE = "update ratio of the median layer"
TOO_HIGH, TOO_LOW = "learning-rate-too-high", "learning-rate-too-low"
FASTEST = "update ratio of the fastest layer"


def look_updates(measured: LayerMeasurements) -> Look:
    """Update ratios of all layers with weights."""
    update = measured.update
    after = (measured.steps >= bounds.SETTLING_STEPS)[:, None, None]
    is_large = after & (update > bounds.LARGE_UPDATE) & measured.untaught
    high_cost = measured.level > bounds.NOT_CONVERGED
    is_small = after & (update < bounds.SMALL_UPDATE) & high_cost & ~measured.blocked.any(-1, keepdims=True)
    calm = (update < bounds.NO_LONGER_LARGE) & ((update > bounds.NO_LONGER_SMALL) | ~high_cost)
    figures = [Figure(UPDATE, bounds.LARGE_UPDATE, update, bounds.SMALL_UPDATE)]
    if is_small.any():
        figures.append(Figure(CAUSE, np.nan, cause_of(measured)))
    return Look(is_large | is_small, calm | ~measured.untaught, tuple(figures))


def look_too_high(going: Going) -> Look:
    """A cost that blows up, or stays up while the weights are thrown about."""
    blocks = going.blocks
    assert blocks.first is not None
    middle = blocks.middle
    level = np.where(blocks.subject.dropout < bounds.HEAVY_DROPOUT, blocks.level.rows, going.without_dropout)
    sure = level
    if blocks.subject.batch <= bounds.NOISY_BATCH:
        sure = level - 2 * blocks.noise.rows / np.sqrt(blocks.batches.rows[:, None])
    start = np.fmax(blocks.first, 1.0)
    restless = (middle > bounds.RESTLESS_UPDATE) & (going.level > bounds.RESTLESS_COST) & (going.ends >= bounds.SETTLING_STEPS)
    restless &= (going.level > bounds.FALLING * going.at_half) & (blocks.noise.rows > bounds.RESTLESS_NOISE)
    if blocks.penalty is not None:
        restless &= ~(blocks.penalty > bounds.HEAVY_PENALTY)  # it shrinks the weights, and so makes the updates look large
    lasting = restless.copy()
    lasting[1:] &= restless[:-1]
    lasting[2:] &= restless[:-2]
    lasting[:2] = False
    bad = (sure > bounds.BLOWN_UP * start) | lasting
    good = (going.level < bounds.NO_LONGER_BLOWN_UP) & ~restless
    return of_network(bad, good, Figure(FIRST, bounds.BLOWN_UP, level / start), Figure(MIDDLE, bounds.RESTLESS_UPDATE, middle))


def look_too_low(going: Going) -> Look:
    """A cost that is still high while all weights hardly move, though there is a gradient."""
    fastest, slope = going.blocks.fastest, going.blocks.slope
    assert going.blocks.first is not None
    is_there = slope > bounds.SLOW_SLOPE
    judged = going.from_share(bounds.SLOW_FROM, bounds.NOT_LEARNING_STEPS) & (going.blocks.first < bounds.BAD_START)
    judged &= going.level < bounds.RISEN * np.fmax(going.blocks.first, 1.0)
    bad = judged & is_there & (going.level > bounds.SLOW_COST) & _is_slow(going, fastest)
    good = (going.level < bounds.NO_LONGER_SLOW_COST) | ((fastest > 3 * bounds.SLOW_UPDATE) & ~bad)
    laxer = bounds.FALLING_SLOWLY, bounds.CREEPING_UPDATE
    figures = Figure(FASTEST, bounds.SLOW_UPDATE, fastest, laxer=laxer), Figure(COST, bounds.SLOW_COST, going.level)
    return of_network(bad, good, *figures, _passed(going))


def _passed(going: Going) -> Figure:
    """What of the gradient gets down, for the remedies."""
    return Figure(GRADIENT_RATIO, np.nan, going.blocks.passed)


def _is_slow(going: Going, fastest: Floats) -> Flags:
    """[B, P] whether the weights hardly move, or the cost falls by small steps at a pace at which it is still high at the end."""
    fall = going.at_half - going.level
    at_the_end = going.level - fall * (going.total - going.ends) / (going.ends / 2)
    creeps = (fall > 0) & (going.level > bounds.CREEPING_COST) & (at_the_end > 1) & (fastest < bounds.CREEPING_UPDATE)
    learns = (going.level < 1) & (going.level < bounds.FALLING * going.at_half)
    falls = learns & (at_the_end > bounds.SLOW_COST) & (fastest < bounds.FALLING_SLOWLY)
    is_slow: Flags = (fastest < bounds.SLOW_UPDATE) | creeps | falls
    return is_slow


def unless(was_too_high: Flags, look: Look) -> Look:
    """What is seen of a rate that is too low, [B, P, 1], but for members whose rate was found to be too high before."""
    return Look(look.bad & ~was_too_high, look.good | was_too_high, look.figures)


def look_not_learning(going: Going) -> Look:
    """A cost that stays where guessing is."""
    judged = going.long_enough
    wrong = going.epochs.wrong_before(going.blocks.ends.rows)
    is_falling = going.level < bounds.FALLING * going.at_half
    bad = judged & (going.level > bounds.NOT_LEARNING) & ~(wrong < bounds.WRONG) & ~is_falling
    good = (going.level < bounds.NO_LONGER_NOT_LEARNING) | (wrong < bounds.NO_LONGER_WRONG)
    return of_network(bad, good, Figure(COST, bounds.NOT_LEARNING, going.level), _passed(going))


def look_noisy(going: Going) -> Look:
    """Costs of small batches around their trend."""
    noise = going.blocks.noise.rows
    bad = (noise > bounds.NOISY) & (going.blocks.subject.batch <= bounds.NOISY_BATCH)
    return of_network(bad, noise < bounds.NO_LONGER_NOISY, Figure(NOISE, bounds.NOISY, noise))


def _update_words(case: Case) -> str:
    if case.largest(UPDATE) > bounds.LARGE_UPDATE:
        return f"A step changes the weights of {case.where} by up to {share(case.largest(UPDATE))} of their size; 0.1 % is usual."
    return (
        f"A step changes the weights of {case.where} by as little as {number(case.least(UPDATE))} of their size; 0.001 is usual."
    )


def _update_changes(case: Case) -> Iterator[Change]:
    if case.largest(UPDATE) > bounds.LARGE_UPDATE:
        yield from changes.lower_rate(case)
        yield from changes.initializer(case)
    elif CAUSE in case.figures and case.largest(CAUSE) >= 1:
        yield from changes_of(case)
    else:
        yield changes.rate(case, 10)
        yield from changes.adam(case)
        yield changes.rate(case, 100)


def _too_high_words(case: Case) -> str:
    times, update = case.largest(FIRST), case.largest(MIDDLE) if MIDDLE in case.figures else 0.0
    if times == np.inf:
        return "The training cost has grown beyond all numbers."
    if times > bounds.BLOWN_UP:
        return f"The training cost is {number(times)} times what it was at first, or what guessing costs."
    if update > bounds.RESTLESS_UPDATE:
        return f"Each step changes the weights by {share(update)} of their size, and the cost does not settle."
    return "The training cost blew up and has not come down since."


def _too_high_changes(case: Case) -> Iterator[Change]:
    yield from changes.lower_rates(case)
    yield "A warm-up of 100 steps", {"schedule": "warm_up(steps=100)"}


def _too_low_changes(case: Case) -> Iterator[Change]:
    if changes.vanishes(case):
        yield from changes.against_vanishing(case)
        return
    yield from changes.higher_rates(case)
    if case.experiment.optimizer.kind not in changes.ADAPTIVE:
        yield from changes.adam(case)


def _not_learning_changes(case: Case) -> Iterator[Change]:
    experiment = case.experiment
    if experiment.l1 > 0 or experiment.l2 > 0:
        yield "No L1 and no L2", {"l1": "0", "l2": "0"}
    if experiment.data.scaling == "none":
        yield changes.standardize(case)
    if not experiment.model.blocks and experiment.model.depth == 0:
        yield "Two hidden layers of 64", {"model.depth": "2", "model.width": "64"}
    if changes.vanishes(case):
        yield from changes.against_vanishing(case)
        return
    yield from changes.usual_rate(case)
    yield from changes.relu(case)
    yield from changes.adam(case)
    yield changes.batch_norm(case)


def _noisy_changes(case: Case) -> Iterator[Change]:
    for size in (16, 64):
        if size > case.subject.batch:
            yield f"Batches of {size}", {"batch_size": str(size)}
    yield changes.rate(case, 0.3)
    yield "A learning rate that falls to 0 (cosine)", {"schedule": "cosine"}


RULES = (
    Rule(
        "learning-rate-too-high",
        "Learning rate too high",
        f"The mean training cost of a block of steps is above {bounds.BLOWN_UP:g} times its first value and the chance level "
        "(the cost of always giving the same best answer), or in three blocks in a row the median layer's update ratio is "
        f"above {bounds.RESTLESS_UPDATE:g} while the cost is above {bounds.RESTLESS_COST:g} of the chance level, not falling "
        "and noisy (not judged under heavy L1 or L2), or the run diverges though its first cost was in order. It closes "
        f"where the cost is below {bounds.NO_LONGER_BLOWN_UP:g} of the chance level.",
        "Steps that are too long jump over the valley that they should go down into. The cost rises, jumps about, or ends "
        "where all units are dead.",
        Severity.SERIOUS,
        ("Bengio 2012 (Practical recommendations), section 3.1.1", "LeCun, Bottou, Orr & Mueller 1998"),
        _too_high_words,
        _too_high_changes,
        mild=Severity.WARNING,
        opens_after=1,
        closes_after=3,
    ),
    Rule(
        "learning-rate-too-low",
        "Learning rate too low",
        f"After {bounds.SLOW_FROM:.0%} of the training the cost is above {bounds.SLOW_COST:g} of the chance level, and the "
        f"fastest layer's update ratio is below {bounds.SLOW_UPDATE:g} though its gradient is not, in two blocks in a row; "
        f"or, where the cost falls, below {bounds.CREEPING_UPDATE:g} if at its pace it would still be above the chance level at "
        f"the end, below {bounds.FALLING_SLOWLY:g} if it is below that level, but would still be above {bounds.SLOW_COST:g} of it. Not judged where the rate was found to be too high before.",
        "Each step changes the weights so little that the training ends long before it has got anywhere. About a thousandth "
        "of their size in each step is usual.",
        Severity.WARNING,
        ("Bengio 2012 (Practical recommendations), section 3.1.1", "Bottou 2012 (Stochastic gradient descent tricks)"),
        lambda case: (
            f"No layer's weights change by more than {number(case.largest(FASTEST))} of their size in a step, and the cost "
            f"is still {share(case.largest(COST))} of that of guessing."
        ),
        _too_low_changes,
        opens_after=2,
        closes_after=2,
    ),
    Rule(
        "update-ratio-out-of-range",
        "Update ratio out of range",
        f"The size of the change that a step makes to a layer's weights is above {bounds.LARGE_UPDATE:g} of their size, or "
        f"below {bounds.SMALL_UPDATE:g} while the cost is above {bounds.NOT_CONVERGED:g} of the chance level, at three "
        f"measurements in a row from step {bounds.SETTLING_STEPS} on.",
        "Steps of about a thousandth of the weights' size are usual. Much larger ones forget what was learned, much smaller "
        "ones learn nothing in the time that there is.",
        Severity.WARNING,
        (
            "Bengio's rule of thumb, as in CS231n notes, 'Ratio of weights:updates'",
            "Karpathy 2019 (A recipe for training neural networks)",
        ),
        _update_words,
        _update_changes,
        settles=True,
        shows=Statistic.UPDATE_RATIO,
    ),
    Rule(
        "not-learning",
        "Not learning",
        f"After {bounds.NOT_LEARNING_FROM:.0%} of the training (and {bounds.NOT_LEARNING_STEPS} steps), or {bounds.LONG_STEPS:,} "
        f"steps and {bounds.LONG_EPOCHS} epochs where that is sooner, or where it ends after {bounds.STOPPED_STEPS} steps and "
        f"{bounds.STOPPED_EPOCHS} epochs, the training cost is above {bounds.NOT_LEARNING:g} of the chance level (the cost of always giving the same best answer; where it is not "
        f"known, the first cost), and so is the share of wrong answers above {bounds.WRONG:g} of that of guessing, and the "
        f"cost is above {bounds.FALLING:g} of what it was at half of the steps, in two blocks in a row.",
        "The network answers no better than one that does not look at its inputs. Other findings tell why, if one of them "
        "is there.",
        Severity.SERIOUS,
        ("Karpathy 2019 (A recipe for training neural networks)", "Goodfellow, Bengio & Courville 2016, section 11.5"),
        lambda case: f"The training cost is {share(case.largest(COST))} of that of guessing after {case.step:,} steps.",
        _not_learning_changes,
        opens_after=2,
        closes_after=2,
    ),
    Rule(
        "noisy-batches",
        "Noisy batches",
        f"The standard deviation of the batches' costs around their trend is above {bounds.NOISY:g} of the chance level in "
        f"three blocks in a row, with batches of {bounds.NOISY_BATCH} examples or fewer.",
        "The gradient of a few examples is a poor guess of that of all, so that steps go this way and that. Larger batches "
        "or shorter steps average it out.",
        Severity.NOTE,
        ("Bottou 2012 (Stochastic gradient descent tricks)", "McCandlish, Kaplan & Amodei 2018"),
        lambda case: (
            f"The costs of batches of {case.subject.batch} spread by {share(case.largest(NOISE))} of what guessing costs."
        ),
        _noisy_changes,
    ),
)

LAYER_LOOKS = {"update-ratio-out-of-range": look_updates}
LOOKS = {
    TOO_HIGH: look_too_high,  # before the other, which depends on it
    TOO_LOW: look_too_low,
    "not-learning": look_not_learning,
    "noisy-batches": look_noisy,
}
