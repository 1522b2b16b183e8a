"""Which lines of a run, or of several, a chart shows."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np

from engine.vocabulary import Status
from workbench.live import RunView
from workbench.plots import Line


class Metric(Enum):
    """What a chart's y axis can be."""

    LOSS = "loss"
    VALIDATION_COST = "validation cost"
    SCORE = "score"  # accuracy, or R² for a regression

    @property
    def title(self) -> str:
        """The metric in words."""
        return "accuracy or R²" if self is Metric.SCORE else self.value


def is_regression(view: RunView) -> bool:
    """Whether numbers are predicted rather than classes."""
    return view.data is not None and view.data.task == "regression"


def run_curves(view: RunView, *, score: bool) -> tuple[str, list[Line]]:
    """Title and lines for one run: training and validation, of the cost or (`score`) of accuracy or R²."""
    if not score:
        return "cost", [
            Line("training", view.steps, view.loss),
            _unless_absent("validation", view, view.validation_cost),
        ]
    if is_regression(view):
        title, train, validation = "R²", view.train_r2, view.validation_r2
    else:
        title, train, validation = "accuracy", view.train_accuracy, view.validation_accuracy
    return title, [_unless_absent("training", view, train), _unless_absent("validation", view, validation)]


def compared_curve(label: str, view: RunView, metric: Metric) -> Line:
    """One run's line among several."""
    if metric is Metric.LOSS:
        return Line(label, view.steps, view.loss)
    if metric is Metric.VALIDATION_COST:
        return _unless_absent(label, view, view.validation_cost)
    values = view.validation_r2 if is_regression(view) else view.validation_accuracy
    return _unless_absent(label, view, values)


def _unless_absent(
    label: str, view: RunView, values: Sequence[float] | np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> Line:
    """The line of an epoch's scores; without points where nothing was scored, for absent is not diverged."""
    numbers = np.asarray(values, np.float64)
    if np.isfinite(numbers).any() or view.status == Status.DIVERGED:
        return Line(label, view.epoch_steps, numbers)
    return Line(label, (), ())
