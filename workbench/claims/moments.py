"""What a quantity was at one moment of a run's course."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from workbench.claims.errors import Undecided
from workbench.claims.records import Course, Trained
from workbench.claims.term_tree import Moment

if TYPE_CHECKING:
    from workbench.claims.records import Floats

NEAR = 0.05
"""A measurement stands for a moment that is at most this share of the run away; for the start only one of step 0 or 1."""
NEAR_THE_END = 0.5
"""The last measurement stands for the end, which is not always measured, if it is of the second half."""
AROUND = 0.01
"""The loss of a moment is the mean of what was recorded at most this share of the run away."""


def step_of(moment: Moment, run: Trained) -> float:
    """The step that a moment is in a run.

    Raises:
        Undecided: the run ended before it, or has no best epoch.
    """
    match moment.kind:
        case "start":
            return 0.0
        case "end":
            return float(run.last_step)
        case "best":
            return _best(run)
        case "%":
            return run.last_step * moment.number / 100
        case "epoch":
            step = moment.number * run.steps_per_epoch
        case "step":
            step = moment.number
    if step > run.last_step:
        raise Undecided(f"the run of seed {run.seed} ended at step {run.last_step:,}, before {moment}")
    return float(step)


def measured_at(course: Course, moment: Moment, run: Trained, name: str) -> Floats:
    """A quantity at the measurement nearest to a moment: one number, or one of each layer.

    Raises:
        Undecided: there is none near enough.
    """
    if course.steps.size == 0:
        raise Undecided(f"{name} was not recorded of the run of seed {run.seed}")
    step = step_of(moment, run)
    nearest = int(np.argmin(np.abs(course.steps - step)))
    away = abs(float(course.steps[nearest]) - step)
    allowed = {"start": 0.0, "end": NEAR_THE_END}.get(moment.kind, NEAR)
    if away > max(allowed * run.last_step, 1):
        near = f"the nearest measurement is of step {course.steps[nearest]:,.0f}"
        raise Undecided(f"{name} was not recorded near {moment} of the run of seed {run.seed}; {near}")
    return np.asarray(course.values[nearest])


def loss_at(course: Course, moment: Moment, run: Trained) -> float:
    """The loss around a moment: batches differ, so it is a mean; at the start it is that of the first batches alone.

    After the step at which a run diverged it is infinite.
    """
    losses = course.values
    if losses.size == 0:
        raise Undecided(f"loss was not recorded of the run of seed {run.seed}")
    if moment.kind == "start":
        return float(losses[0])
    try:
        step = step_of(moment, run)
    except Undecided:
        if run.diverged and moment.kind != "best":
            return math.inf
        raise
    if run.diverged and step >= run.last_step:
        return math.inf
    away = np.abs(course.steps - step)
    return float(losses[away <= max(AROUND * run.last_step, away.min())].mean())


def infinite_where_lost(course: Course, run: Trained) -> Course:
    """A loss with infinity for what is no longer a number, also where a run diverged and that was not recorded."""
    steps, values = course.steps, np.where(np.isnan(course.values), np.inf, course.values)
    if run.diverged and np.isfinite(values[-1]):
        steps, values = np.append(steps, max(run.last_step, steps[-1])), np.append(values, np.inf)
    return Course(steps, values)


def _best(run: Trained) -> float:
    """The step of the epoch with the least validation cost."""
    course = run.course("validation_cost")
    if course is None or not np.isfinite(course.values).any():
        raise Undecided(f"the run of seed {run.seed} has no validation cost, so no best epoch")
    return float(course.steps[int(np.nanargmin(course.values))])
