"""Heat maps and cost surfaces of one group."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.errors import EngineError
from engine.insight.surface_records import Surface
from engine.vocabulary import Statistic
from workbench.claims.records import Runs
from workbench.measures import MEASURES
from workbench.recipes.records import Group, Plan, Show
from workbench.report.asked import group_of, left_out, title_of, words_of
from workbench.report.records import HeatShown, NothingShown, Shown, SurfaceShown

MakeSurface = Callable[[Group], Surface]
"""Works out the surface of a group; see `workbench.report.surfaces`."""


def heat(show: Show, plan: Plan, runs: Runs) -> Shown:
    """A statistic of the layers over the steps of the first run of a group."""
    group = group_of(show, plan)
    if group is None:
        return left_out(show, plan)
    run = next((run for run in runs.of(group) if run is not None), None)
    course = run.layers(show.of) if run is not None else None
    if run is None or course is None or not course.steps.size:
        return NothingShown(title_of(show), "no runs yet" if run is None else f"{words_of(show.of)} was not recorded")
    measure = MEASURES[Statistic(show.of)]
    values = course.values.T
    lost = np.isnan(values)
    lost &= np.logical_or.accumulate(~lost, axis=1)  # what a layer does not have is not-a-number from the first
    names = tuple(f"hidden {number}" for number in range(1, len(values)))
    return HeatShown(
        title_of(show),
        measure.title,
        (*names, "output"),
        course.steps,
        np.where(lost, np.inf, values),
        log=show.log,
        share=measure.share,
        signed=measure.signed,
        note=f"The run of seed {run.seed}" + (f" of {group.label}" if group.label else ""),
    )


def surface(show: Show, plan: Plan, make: MakeSurface | None) -> Shown:
    """The cost over two weights, about the first weights of a group's first run."""
    group = group_of(show, plan)
    title = show.title or "Cost over two weights"
    if group is None:
        return left_out(show, plan)
    if make is None:
        return NothingShown(title, "`workbench report` and `workbench surface` draw it")
    try:
        made = make(group)
    except EngineError as error:
        return NothingShown(title, f"it cannot be worked out: {error}")
    about = f"About the first weights of seed {group.experiments[0].seed}" + (f" of {group.label}" if group.label else "")
    return SurfaceShown(title, made, f"{about}, mean over {made.examples:,} training examples")
