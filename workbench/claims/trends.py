"""What rises, falls or is flat over the variations of an axis, or over layers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from workbench.claims.errors import Undecided
from workbench.claims.records import Number
from workbench.claims.rulings import Ruling
from workbench.claims.scope import Names, ordered
from workbench.claims.term_tree import Constant
from workbench.claims.tree import Direction, Trend
from workbench.claims.values import Values
from workbench.claims.wording import number_words, plain, told_apart

MANY = 8
"""Of more values than these only the first and the last are told."""


def trend(clause: Trend, bound: Names, values: Values) -> Ruling:
    """Whether the means over seeds go in the claimed direction, each step of the way."""
    places, numbers = _over_axis(clause, bound, values) if clause.axis else _over_layers(clause, bound, values)
    means = [number.mean for number in numbers]
    words = f"{clause.term} over {clause.axis or 'layers'}: {_listed(places, numbers)}"
    if not all(map(math.isfinite, means)):
        raise Undecided(f"{words}: what is infinite neither rises nor falls")
    if clause.direction == "is flat":
        assert clause.tolerance is not None, "seen to by the parser"
        return _flat(clause.tolerance, means, words, numbers)
    wrong = _first_wrong(means, clause.direction)
    if wrong is None:
        return Ruling.of(True, f"{words}: {clause.direction}", *numbers)
    return Ruling.of(
        False, f"{words}: does not {clause.direction.rstrip('s')} from {places[wrong]} to {places[wrong + 1]}", *numbers
    )


def _over_axis(clause: Trend, bound: Names, values: Values) -> tuple[list[str], list[Number]]:
    axis = values.space.axis(clause.axis)
    names = ordered(axis)
    if len(names) < 2:
        raise Undecided(f"the scale {values.space.scale} has one variation of {clause.axis}, over which nothing can go")
    return list(names), [values.number(clause.term, {**bound, clause.axis: name}) for name in names]


def _over_layers(clause: Trend, bound: Names, values: Values) -> tuple[list[str], list[Number]]:
    value = values.value(clause.term, bound)
    count = value.values.shape[1]
    if count < 2:
        raise Undecided(f"{clause.term} has one layer, over which nothing can go")
    filled = values.filled(clause.term, bound, value.chosen)
    notes = f", {filled}" if filled else ""
    columns = [tuple(value.values[:, place].tolist()) for place in range(count)]
    numbers = [
        Number(f"{clause.term} [{place} of {count}{notes}]", column, value.unit) for place, column in enumerate(columns, 1)
    ]
    return [str(place) for place in range(1, count + 1)], numbers


def _flat(tolerance: Constant, means: Sequence[float], words: str, numbers: Sequence[Number]) -> Ruling:
    """Whether all means lie so near to their mean."""
    middle = sum(means) / len(means)
    allowed = tolerance.value / 100 * abs(middle) if tolerance.percent else tolerance.value
    far = max(means, key=lambda mean: abs(mean - middle))
    holds = abs(far - middle) <= allowed * (1 + 1e-12)
    if holds:
        return Ruling.of(True, f"{words}: flat within {tolerance}", *numbers)
    return Ruling.of(
        False, f"{words}: not flat within {tolerance}, as {plain(far)} is too far from the mean {plain(middle)}", *numbers
    )


def _first_wrong(means: Sequence[float], direction: Direction) -> int | None:
    """The place before the first step that does not go in a direction."""
    for place, (before, after) in enumerate(itertools.pairwise(means)):
        if not (after > before if direction == "rises" else after < before):
            return place
    return None


def _listed(places: Sequence[str], numbers: Sequence[Number]) -> str:
    digits = told_apart(*numbers)
    told = [f"{number_words(number, digits)} ({place})" for place, number in zip(places, numbers, strict=True)]
    return ", ".join(told if len(told) <= MANY else [*told[:3], "…", *told[-3:]])
