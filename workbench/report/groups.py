"""The groups that are drawn: those that count, put into parts of so many lines as one picture bears."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from workbench.claims.errors import Missing, Undecided
from workbench.claims.records import Runs
from workbench.claims.values import Values
from workbench.plots.figure import COLOURS, DASHES
from workbench.recipes.records import Axis, Group, Plan

MOST_LINES = 8
"""In one picture."""

Names = tuple[tuple[str, str], ...]


def that_count(plan: Plan, runs: Runs) -> tuple[Group, ...]:
    """The groups of a plan; of an axis of which the best is taken, only the best for each combination of the others.

    Combinations of which it is not known yet are left out; all of their groups are there where it cannot be told at all.
    """
    choose = plan.recipe.choose
    if choose is None:
        return plan.groups
    values, found = Values.of_plan(plan, runs), list[Group]()
    for others, together in _but_for((choose.axis,), plan.groups).items():
        try:
            found.append(values.group((), dict(others))[0])
        except Missing:
            continue
        except Undecided:
            found += together
    return tuple(found)


def _but_for(axes: Collection[str], groups: Sequence[Group]) -> Mapping[Names, list[Group]]:
    """The groups that are the same but for some axes, by what they have in common."""
    found: dict[Names, list[Group]] = {}
    for group in groups:
        found.setdefault(tuple(pair for pair in group.names if pair[0] not in axes), []).append(group)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """What becomes one line."""

    title: str
    """Of the part that it is in."""
    label: str
    hue: int
    groups: tuple[Group, ...]
    """One; or those along the axis that the line goes over."""


def bundles(plan: Plan, groups: Sequence[Group], over: str = "") -> Iterator[Bundle]:
    """The lines of a picture, in the order of the groups: one for each, or for each combination of the axes besides `over`.

    Where there are more than `MOST_LINES`, the first axes make parts; the last axis is never parted. Within a part, lines of two axes
    get a colour for each variation of the longer one and dashes for each of the other.
    """
    chosen = plan.recipe.choose.axis if plan.recipe.choose else over
    axes = [axis for axis in plan.axes if axis.name not in (over, chosen) and len(axis.names) > 1]
    outer = _outer(axes)
    hues = _hues(axes[outer:])
    for together in _but_for((over, chosen) if over else (), groups).values():
        names = dict(together[0].names)
        title, label = (", ".join(axis.label(names[axis.name]) for axis in some) for some in (axes[:outer], axes[outer:]))
        if chosen != over:
            label = ", ".join(filter(None, (label, _label(plan, chosen, together))))
        hue = hues[tuple(names[axis.name] for axis in axes[outer:])]
        yield Bundle(title, label or "all seeds", hue, tuple(together))


def _outer(axes: Sequence[Axis]) -> int:
    """How many of the axes make parts."""
    sizes = [prod(len(axis.names) for axis in axes[cut:]) for cut in range(len(axes))]
    return next((cut for cut, size in enumerate(sizes) if size <= MOST_LINES), max(len(axes) - 1, 0))


def _label(plan: Plan, axis: str, groups: Sequence[Group]) -> str:
    """The variations that were chosen on an axis, such as `lr=0.1`."""
    found = next(each for each in plan.axes if each.name == axis)
    return " or ".join(dict.fromkeys(found.label(group.on(axis)) for group in groups))


def _hues(axes: Sequence[Axis]) -> Mapping[tuple[str, ...], int]:
    """The number that gives each combination its colour and dashes."""
    combinations = list(itertools.product(*(axis.names for axis in axes)))
    if len(axes) == 2:
        long, short = sorted(axes, key=lambda axis: -len(axis.names))
        if len(long.names) <= len(COLOURS) and len(short.names) <= len(DASHES):
            places = [[axis.names.index(names[axes.index(axis)]) for axis in (long, short)] for names in combinations]
            return {names: _number(*place) for names, place in zip(combinations, places, strict=True)}
    return {names: number for number, names in enumerate(combinations)}


def _number(colour: int, dash: int) -> int:
    """The number whose remainders these are: there is one, since colours and dashes have no divisor in common."""
    return next(
        number for number in range(len(COLOURS) * len(DASHES)) if number % len(COLOURS) == colour and number % len(DASHES) == dash
    )
