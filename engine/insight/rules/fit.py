"""Rules on what the network fits: the training examples too well, or not well enough, or one class alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.insight import thresholds as bounds
from engine.insight.course import Blocks, Epochs
from engine.insight.finding import Severity
from engine.insight.rules import changes
from engine.insight.rules.rule import COST, Case, Change, Figure, Floats, Look, Rule, number, of_network, share
from engine.insight.subject import SQUASHING

RISE = "rise of the validation cost from its minimum"
SINCE = "epochs since the best"
BEST = "best epoch"
BEST_COST, LATEST_COST = "best validation cost", "latest validation cost"
ONE_CLASS = "share of the answers that name one class"
MISSED = "classes that are never answered"


@dataclass(frozen=True, eq=False)
class Scored:
    """The scores after all epochs, as shares of the chance level. Axes: E epochs, P members."""

    blocks: Blocks
    epochs: Epochs

    @property
    def best(self) -> Floats:
        """[E, P] the lowest validation cost until then."""
        best: Floats = np.fmin.accumulate(self.epochs.validation.rows, axis=0)
        return best

    @property
    def best_place(self) -> NDArray[np.int64]:
        """[E, P] the position of the epoch that had it."""
        validation, places = self.epochs.validation.rows, np.arange(len(self.epochs.steps))[:, None]
        return np.maximum.accumulate(np.where(validation <= self.best, places, 0), axis=0)

    @property
    def rise(self) -> Floats:
        """[E, P] by how much the validation cost is above its minimum."""
        return self.epochs.validation.rows - self.best

    @property
    def still_learns(self) -> NDArray[np.bool_]:
        """[E, P] whether the training cost is below what it was at the best epoch, and not far above its own minimum."""
        train = self.epochs.train.rows
        lower: NDArray[np.bool_] = train < np.take_along_axis(train, self.best_place, axis=0)
        near = train <= bounds.NEAR_BEST * np.fmin.accumulate(train, axis=0) + bounds.STOP_EARLIER_MARGIN
        return lower & near

    @property
    def margin(self) -> float:
        """What a rise must exceed: a few validation examples tell little."""
        examples = max(self.blocks.subject.data.validation, 1)
        return max(bounds.OVERFITTING_MARGIN, bounds.MARGIN_OF_ONE / float(np.sqrt(examples)))


def look_overfitting(scored: Scored) -> Look:
    """A validation cost that rises while the training cost falls."""
    gap = scored.epochs.train.rows / scored.epochs.validation.rows
    bound = np.where(gap < bounds.BY_HEART, bounds.OVERFITTING_BY_HEART, bounds.OVERFITTING)
    margin = np.where(gap < bounds.WHOLLY_BY_HEART, scored.margin * bounds.MARGIN_BY_HEART, scored.margin)
    bad = (scored.rise > np.maximum(bound * scored.best, margin)) & scored.still_learns
    good = scored.rise < np.maximum(bounds.NO_LONGER_OVERFITTING * scored.best, margin / 3)
    return of_network(bad, good, Figure(RISE, bounds.OVERFITTING, scored.rise / scored.best), *_costs(scored))


def _costs(scored: Scored) -> tuple[Figure, Figure]:
    """The best validation cost and the latest, in the unit of the cost."""
    unit = scored.blocks.reference
    return Figure(BEST_COST, np.nan, scored.best * unit), Figure(LATEST_COST, np.nan, scored.epochs.validation.rows * unit)


def look_stop_earlier(scored: Scored) -> Look:
    """A best epoch that was long ago."""
    numbers = scored.epochs.numbers.rows
    best = numbers[scored.best_place]
    since = numbers[:, None] - best
    is_late = (since >= bounds.STOP_EARLIER_EPOCHS) & (since >= bounds.STOP_EARLIER * numbers[:, None])
    rise = np.maximum(bounds.STOP_EARLIER_RISE * scored.best, bounds.STOP_EARLIER_MARGIN)
    bad = is_late & (scored.rise > np.maximum(rise, scored.margin / 2)) & scored.still_learns
    return of_network(bad, since == 0, Figure(SINCE, bounds.STOP_EARLIER_EPOCHS, since), Figure(BEST, np.nan, best))


def look_underfitting(scored: Scored) -> Look:
    """A training cost that stays high under heavy penalties or dropout."""
    subject, train = scored.blocks.subject, scored.epochs.train.rows
    penalty = scored.blocks.penalty if scored.blocks.penalty is not None else np.zeros(subject.members)
    bound = np.where(subject.dropout >= bounds.HEAVY_DROPOUT, bounds.UNDERFITTING_DROPOUT, np.inf)
    bound = np.where(penalty > bounds.HEAVY_PENALTY, bounds.UNDERFITTING, bound)
    late = scored.epochs.steps.rows[:, None] >= bounds.UNDERFITTING_FROM * subject.started.total_steps
    bad = late & (train > bound)
    return of_network(bad, train < bounds.NO_LONGER_UNDERFITTING * bound, Figure(COST, bounds.UNDERFITTING, train))


def look_collapse(confusion: NDArray[np.int64], step: int, total: int) -> Look:
    """Answers `[P, C, C]` that leave classes out; the first measurements of a training do not count."""
    truth, answers = confusion.sum(2), confusion.sum(1)
    asked = np.maximum(truth.sum(1), 1)
    one, most = answers.max(1) / asked, truth.max(1) / asked
    missed = ((truth >= bounds.LEAST_OF_A_CLASS) & (answers == 0)).sum(1)
    bad = (
        ((missed > 0) | ((one > bounds.ONE_CLASS) & (one > most + bounds.ONE_CLASS_MARGIN)))
        & (answers.sum(1) > 0)
        & (step >= min(bounds.COLLAPSE_FROM * total, bounds.COLLAPSE_STEPS))
    )
    good = ~bad & (answers.sum(1) > 0)
    figures = (Figure(ONE_CLASS, bounds.ONE_CLASS, one[None]), Figure(MISSED, 0.0, missed[None].astype(np.float64)))
    return of_network(bad[None], good[None], *figures)


def _overfitting_changes(case: Case) -> Iterator[Change]:
    experiment = case.experiment
    yield "Early stopping after 5 epochs without improvement", {"stop.patience": "5"}
    if experiment.model.dropout < 0.3:
        yield "Dropout of 0.5", {"model.dropout": "0.5"}
    yield from _stronger_l2(case)
    if not experiment.model.blocks and experiment.model.width >= 16 and not experiment.model.widths:
        yield f"Layers of {experiment.model.width // 4} units", {"model.width": str(experiment.model.width // 4)}


def _stronger_l2(case: Case) -> Iterator[Change]:
    l2 = max(10 * case.experiment.l2, 1e-3)
    yield f"L2 of {l2:g}", {"l2": f"{l2:.6g}"}


def _stop_changes(case: Case) -> Iterator[Change]:
    yield "Early stopping after 5 epochs without improvement", {"stop.patience": "5"}
    if BEST in case.figures and case.figures[BEST][0] >= 1:
        yield f"{case.figures[BEST][0]:.0f} epochs", {"epochs": f"{case.figures[BEST][0]:.0f}"}


def _underfitting_changes(case: Case) -> Iterator[Change]:
    experiment = case.experiment
    penalties = [path for path in ("l1", "l2") if getattr(experiment, path) > 0]
    names = " and ".join(path.upper() for path in penalties)
    for factor in (0.1, 0.01):
        if penalties:
            settings = {path: f"{getattr(experiment, path) * factor:.6g}" for path in penalties}
            yield f"{names} {factor:g} of what it is", settings
    if experiment.model.dropout > 0:
        dropout = f"{max(experiment.model.dropout / 4, 0.05):.1g}"
        yield f"Dropout of {dropout}", {"model.dropout": dropout}
    if penalties:
        yield f"No {names}", dict.fromkeys(penalties, "0")
    if not penalties and not experiment.model.blocks and not experiment.model.widths:
        yield f"Layers of {experiment.model.width * 4} units", {"model.width": str(experiment.model.width * 4)}


def _collapse_changes(case: Case) -> Iterator[Change]:
    if case.experiment.data.scaling == "none":
        yield changes.standardize(case)
    yield from changes.usual_rate(case)
    if case.experiment.model.activation.kind in SQUASHING:
        yield from changes.relu(case)
    yield from changes.initializer(case)
    yield changes.batch_norm(case)


def _collapse_words(case: Case) -> str:
    classes, missed = len(case.subject.data.classes), case.largest(MISSED)
    if missed == 0:
        return f"{share(case.largest(ONE_CLASS))} of the answers name one class."
    return (
        f"{missed:.0f} of {classes} classes are never answered; {share(case.largest(ONE_CLASS))} of the answers name one class."
    )


RULES = (
    Rule(
        "overfitting",
        "Overfitting",
        f"After four epochs in a row the validation cost is more than {bounds.OVERFITTING:.0%} above its minimum "
        f"({bounds.OVERFITTING_BY_HEART:.0%} where the training cost is below {bounds.BY_HEART:g} of it), and more than "
        f"{bounds.OVERFITTING_MARGIN:g} of the chance level ({bounds.MARGIN_OF_ONE:g} over the root of the number of "
        f"validation examples, where that is more; {bounds.MARGIN_BY_HEART:.0%} of it where the training cost is below "
        f"{bounds.WHOLLY_BY_HEART:g} of the validation cost), while the training cost is below what it was then and at most "
        f"{bounds.NEAR_BEST:g} times its own minimum.",
        "The network goes on learning what is only true of its training examples. On others it gets worse, at least in how "
        "sure it is of wrong answers.",
        Severity.WARNING,
        ("Goodfellow, Bengio & Courville 2016, section 5.2", "Prechelt 1998 (Early stopping - but when?)"),
        lambda case: (
            f"The validation cost has risen from {number(case.least(BEST_COST))} to {number(case.largest(LATEST_COST))} "
            "while the training cost fell."
        ),
        _overfitting_changes,
        mild=Severity.WARNING,
        opens_after=4,
    ),
    Rule(
        "stop-earlier",
        "Could have stopped earlier",
        f"After three epochs in a row the best validation cost is {bounds.STOP_EARLIER_EPOCHS} epochs and "
        f"{bounds.STOP_EARLIER:.0%} of all epochs ago, and the cost is {bounds.STOP_EARLIER_RISE:.0%} above it while the "
        "training cost is below what it was then.",
        "The epochs since the best one have made the network worse on new examples. Early stopping would have ended there "
        "and kept the weights of that epoch.",
        Severity.NOTE,
        ("Prechelt 1998 (Early stopping - but when?)", "Bengio 2012 (Practical recommendations), section 3.1.2"),
        lambda case: (
            f"The best validation cost was that of epoch {case.largest(BEST):.0f}, {case.largest(SINCE):.0f} epochs ago."
        ),
        _stop_changes,
        closes_after=1,
    ),
    Rule(
        "underfitting",
        "Underfitting by regularization",
        f"From {bounds.UNDERFITTING_FROM:.0%} of the training on the training cost, taken without dropout, is above "
        f"{bounds.UNDERFITTING:g} of the chance level after two epochs in a row where L1 and L2 began above "
        f"{bounds.HEAVY_PENALTY:g} of the chance level, or above {bounds.UNDERFITTING_DROPOUT:g} where dropout is "
        f"{bounds.HEAVY_DROPOUT:g} or more.",
        "The penalties or the dropout leave the network too little freedom even for the training examples. It answers "
        "nearly as one that does not look at them.",
        Severity.SERIOUS,
        ("Goodfellow, Bengio & Courville 2016, section 7.1", "Srivastava et al. 2014 (Dropout), section 7.3"),
        lambda case: (
            f"The training cost is still {share(case.largest(COST))} of that of guessing under the regularization there is."
        ),
        _underfitting_changes,
        opens_after=2,
        closes_after=2,
    ),
    Rule(
        "class-collapse",
        "Some classes are never answered",
        f"On the validation or test part a class with {bounds.LEAST_OF_A_CLASS} examples or more is never answered, or more "
        f"than {bounds.ONE_CLASS:.0%} of the answers name one class that is not that frequent; seen twice in a row, or at "
        f"the end, and not in the first {bounds.COLLAPSE_FROM:.0%} of the training, of which {bounds.COLLAPSE_STEPS} steps at "
        "most count.",
        "The network leaves classes out altogether. That is what it does when it has not learned, when a class is rare, or "
        "when its units have died.",
        Severity.WARNING,
        ("Japkowicz & Stephen 2002 (The class imbalance problem)", "Buda, Maki & Mazurowski 2018"),
        _collapse_words,
        _collapse_changes,
        mild=Severity.WARNING,
        opens_after=2,
        closes_after=1,
    ),
)

LOOKS = {"overfitting": look_overfitting, "stop-earlier": look_stop_earlier, "underfitting": look_underfitting}
