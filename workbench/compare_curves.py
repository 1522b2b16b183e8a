"""Curves of runs that are held against each other: which figure, over what, how smooth, and several of them as one band."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from engine.errors import ConfigurationError
from engine.experiment import Experiment
from engine.insight.finding import Finding
from workbench.compare import flat_settings
from workbench.history.records import RunRecord
from workbench.history.series import ScoreSeries, SeriesHistory, StepSeries

Floats = NDArray[np.float64]

BAND_POINTS = 400
"""Places at which a band is worked out."""


class Metric(Enum):
    """What the y axis of the curves can be."""

    LOSS = "loss"
    VALIDATION_COST = "validation cost"
    SCORE = "validation accuracy or R²"
    TRAIN_COST = "train cost"
    TRAIN_SCORE = "train accuracy or R²"
    LEARNING_RATE = "learning rate"

    @property
    def key(self) -> str:
        """As it is written on the command line."""
        return self.name.lower()

    @property
    def is_score(self) -> bool:
        """Whether it is an accuracy or R²."""
        return self in (Metric.SCORE, Metric.TRAIN_SCORE)


class Alignment(Enum):
    """What the x axis of the curves can be."""

    STEP = "step"
    EPOCH = "epoch"
    TIME = "seconds"

    @property
    def key(self) -> str:
        """As it is written on the command line."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, eq=False)
class RunCurves:
    """A run with its curves."""

    record: RunRecord
    experiment: Experiment | None
    """None where this version cannot read its settings."""
    settings: Mapping[str, str]
    """As `flat_settings` gives them; none where they cannot be read."""
    steps: StepSeries
    scores: Mapping[tuple[str, str], ScoreSeries]
    findings: tuple[Finding, ...] = ()
    """What was found to be wrong with it, also what is gone."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A curve: y over x, both [N]; x does not fall, y is not-a-number where it was not finite."""

    x: Floats
    y: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Several curves as one: at each x [N] the median, lowest and highest of those that go so far."""

    x: Floats
    middle: Floats
    low: Floats
    high: Floats


def read_run_curves(history: SeriesHistory, run_id: int, known: RunCurves | None = None) -> RunCurves:
    """One run with its curves; what is `known` of it is not read again while nothing was added to it.

    Raises:
        HistoryError: there is no such run.
    """
    record, findings = history.run(run_id), history.findings(run_id)
    if known is not None and (known.record.step, known.record.status) == (record.step, record.status):
        return replace(known, record=record, findings=findings)
    try:
        experiment = record.experiment
    except ConfigurationError:
        experiment = None
    settings = flat_settings(experiment) if experiment is not None else {}
    return RunCurves(record, experiment, settings, history.step_series(record), history.score_series(run_id), findings)


def course(run: RunCurves, metric: Metric, alignment: Alignment) -> Course:
    """One figure of a run; without points where it was never taken."""
    steps_per_epoch = max(run.record.steps_per_epoch, 1)
    if metric in (Metric.LOSS, Metric.LEARNING_RATE):
        steps = run.steps
        across = (steps.step, steps.step / steps_per_epoch, steps.seconds)
        y = steps.loss if metric is Metric.LOSS else steps.lr
    else:
        score = run.scores.get(_place(run, metric))
        if score is None:
            return Course(np.empty(0), np.empty(0))
        across, y = (score.step, score.epoch, score.seconds), score.value
    x = across[list(Alignment).index(alignment)]
    known = np.isfinite(x)  # the seconds of old records are not
    return Course(x[known], y[known])


def _place(run: RunCurves, metric: Metric) -> tuple[str, str]:
    """The part of the data and the figure that a metric of the epochs is."""
    part = "train" if metric in (Metric.TRAIN_COST, Metric.TRAIN_SCORE) else "validation"
    if not metric.is_score:
        return part, "cost"
    return part, "r2" if is_regression(run.record) else "accuracy"


def is_regression(record: RunRecord) -> bool:
    """Whether numbers are predicted rather than classes."""
    return record.task == "regression"


def metrics_of(runs: Iterable[RunCurves]) -> tuple[Metric, ...]:
    """The metrics that any of the runs has, the loss at least."""
    there = {Metric.LOSS, Metric.LEARNING_RATE}
    for run in runs:
        there |= {metric for metric in Metric if metric not in there and _place(run, metric) in run.scores}
    return tuple(metric for metric in Metric if metric in there)


def band(courses: Sequence[Course]) -> Band:
    """Curves as their median, lowest and highest value, at common places between which each is taken to be straight."""
    there = [each for each in courses if each.x.size]
    if not there:
        return Band(*(np.empty(0),) * 4)
    every = np.unique(np.concatenate([each.x for each in there]))
    x = every if every.size <= BAND_POINTS else np.linspace(every[0], every[-1], BAND_POINTS)
    values = np.stack([_at(each, x) for each in there])
    kept = np.isfinite(values).any(axis=0)
    values = values[:, kept]
    low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    return Band(x[kept], np.nanmedian(values, axis=0), low, high)


def _at(given: Course, x: Floats) -> Floats:
    """A curve at other places: not-a-number outside of it, and where it was not finite."""
    y = np.interp(x, given.x, given.y, left=np.nan, right=np.nan)
    return np.where(np.isfinite(y), y, np.nan)
