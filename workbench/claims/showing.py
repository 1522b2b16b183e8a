"""What tables and pictures of a recipe show: quantities of one group, of those of its runs that are there.

The terms are those of `parse_quantity`. All raise Undecided where something was not measured or is no number, and its kind Missing
where there are no runs yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.claims.errors import Missing
from workbench.claims.records import Number, Runs, Trained
from workbench.claims.scope import Space
from workbench.claims.term_tree import Quantity, Term
from workbench.claims.values import Values
from workbench.recipes.records import Axis, Group, Variation

if TYPE_CHECKING:
    from workbench.claims.records import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The course of a quantity in the S runs of a group, at the M steps at which it was taken in any of them."""

    steps: Floats  # [M]
    epochs: Floats  # [M]
    values: Floats  # [S, M]; not-a-number where a run has none


def number_of(quantity: Term, group: Group, runs: Runs) -> Number:
    """A term of a group, with its unit and as text."""
    return _values(group, runs).number(quantity, dict(group.names), shown=str(quantity))


def value_of(quantity: Term, group: Group, runs: Runs) -> Floats:
    """The values of a term, one for each run: [S]."""
    return _values(group, runs).of_group(quantity, group).values[:, 0]


def over_layers(quantity: Term, group: Group, runs: Runs) -> Floats:
    """The values of a term of several layers: [S, L]."""
    return _values(group, runs).of_group(quantity, group).values


def series_of(quantity: Quantity, group: Group, runs: Runs) -> Series:
    """The course of a quantity."""
    there = _There(runs).of(group)
    if not there:
        raise Missing(f"no runs of {group.label}" if group.label else "no runs")
    values = _values(group, runs)
    courses = [values.course(quantity, run, group) for run in there]
    steps = np.unique(np.concatenate([course.steps for course in courses]))
    table = np.full((len(courses), len(steps)), np.nan)
    for row, course in zip(table, courses, strict=True):
        row[np.searchsorted(steps, course.steps)] = course.values.reshape(len(course.steps), -1)[:, 0]
    return Series(steps, steps / there[0].steps_per_epoch, table)


class _There:
    """Runs without those that are still to be trained."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def of(self, group: Group) -> Sequence[Trained]:
        return [run for run in self._runs.of(group) if run is not None]


def _values(group: Group, runs: Runs) -> Values:
    """What works out terms of this one group."""
    axes = tuple(Axis(axis, (Variation(name, {}),)) for axis, name in group.names)
    return Values(Space(axes, axes, "", ""), [group], _There(runs), None)
