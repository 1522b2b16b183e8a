"""Which lines of a run, or of several, a chart shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from engine.vocabulary import Status
from workbench.live import RunView
from workbench.plots import Line
from workbench.tui.words import is_pretraining


class Metric(Enum):
    """What a chart's y axis can be."""

    LOSS = "loss"
    VALIDATION_COST = "validation cost"
    SCORE = "score"  # accuracy, or R² for a regression

    @property
    def title(self) -> str:
        """The metric in words."""
        return "accuracy or R²" if self is Metric.SCORE else self.value


class Shown(Enum):
    """What the chart of one run shows."""

    COST = "cost"
    SCORE = "score"  # accuracy, or R² for a regression
    RECONSTRUCTION = "reconstruction"  # error of each layer in pre-training


@dataclass(frozen=True, slots=True)
class Curves:
    """The lines of a chart, and what its axes are."""

    title: str
    lines: tuple[Line, ...]
    x_label: str = "step"
    marks: tuple[float, ...] = ()
    """Steps at which settings were changed."""


def choices(view: RunView | None) -> tuple[Shown, ...]:
    """What there is to show of a run; None: of one that is about to begin."""
    return tuple(Shown) if view is not None and view.pretraining else (Shown.COST, Shown.SCORE)


def is_regression(view: RunView) -> bool:
    """Whether numbers are predicted rather than classes."""
    return view.data is not None and view.data.task == "regression"


def run_curves(view: RunView, shown: Shown) -> Curves:
    """The lines of one run: training and validation, and those of its ensemble; while it is pre-trained, its layers."""
    if shown is Shown.RECONSTRUCTION or is_pretraining(view):
        lines = tuple(Line(layer.name, layer.epochs, layer.error) for layer in view.pretraining)
        return Curves("reconstruction error", lines, "epoch")
    combined = view.combined
    if shown is Shown.COST:
        title, train = "cost", Line("training", view.steps, view.loss)
        validation, both = view.validation_cost, combined.cost
    elif is_regression(view):
        title, train, validation, both = "R²", _unless_absent("training", view, view.train_r2), view.validation_r2, combined.r2
    else:
        title, train = "accuracy", _unless_absent("training", view, view.train_accuracy)
        validation, both = view.validation_accuracy, combined.accuracy
    together = (Line("validation, together", combined.steps, both),) if combined.steps.size else ()
    lines = (train, _unless_absent("validation", view, validation), *together)
    return Curves(title, lines, marks=tuple(float(event.step) for event in view.interventions))


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
