"""Clauses about the whole course of a quantity, in every run of a group."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.claims.errors import Undecided
from workbench.claims.moments import step_of
from workbench.claims.quantities import DEFINED_WHEN_DIVERGED
from workbench.claims.records import Course, Number, Trained, Unit
from workbench.claims.rulings import Ruling
from workbench.claims.scope import Names
from workbench.claims.term_tree import Moment, Quantity, Term
from workbench.claims.tree import Crossing, Staying
from workbench.claims.values import Values
from workbench.claims.wording import number_words, plain


def crossing(clause: Crossing, bound: Names, values: Values) -> Ruling:
    """Whether it was below, or above, at some measurement before a moment."""
    group, found, limits = _looked_at(clause.of, clause.bound, bound, values)
    steps = []
    for (run, course), limit in zip(found, limits, strict=True):
        seen = course.steps < _until(clause.before, run, np.inf)
        _has_been_seen(seen, clause.of, clause.before, run)
        reached = np.flatnonzero(_beyond(course, limit, below=clause.below) & seen)
        if not reached.size and (np.isnan(course.values[seen]).any() or _is_lost(clause.of, clause.before, run)):
            raise Undecided(f"{clause.of} is not a number at a step of seed {run.seed}, and never {_side(clause.below)} before")
        steps.append(float(course.steps[reached[0]]) if reached.size else np.inf)
    count = int(np.isfinite(steps).sum())
    far = Number(f"{clause.of} {_side(clause.below)} {clause.bound}: first step", tuple(steps), Unit.COUNT)
    when = f" before {clause.before}" if clause.before else ""
    words = f"{_told(clause.of, group)} was {_side(clause.below)} {clause.bound}{when} in {count} of {len(steps)} runs"
    words += f", first at step {_range(steps)}" if count else f"; {_extreme(found, below=clause.below)}"
    return Ruling(count == len(steps), count == 0, words, (far,))


def staying(clause: Staying, bound: Names, values: Values) -> Ruling:
    """Whether it was below, or above, at every measurement up to a moment and with it."""
    group, found, limits = _looked_at(clause.of, clause.bound, bound, values)
    stayed, extremes = [], []
    for (run, course), limit in zip(found, limits, strict=True):
        seen = course.steps <= _until(clause.until, run, np.inf)
        inside = _beyond(course, limit, below=clause.below)
        lost = np.isnan(course.values)
        _has_been_seen(seen, clause.of, clause.until, run)
        left = bool((seen & ~inside & ~lost).any())
        if not left and ((seen & lost).any() or _is_lost(clause.of, clause.until, run)):
            raise Undecided(f"{clause.of} is not a number at a step of seed {run.seed}")
        stayed.append(not left)
        kept = course.values[seen & ~lost]
        extremes.append(float(kept.max() if clause.below else kept.min()))
    far = Number(f"{clause.of} {'largest' if clause.below else 'smallest'}", tuple(extremes), values.unit(clause.of))
    until = f" until {clause.until}" if clause.until else ""
    count = sum(stayed)
    words = f"{_told(clause.of, group)} stayed {_side(clause.below)} {clause.bound}{until} in {count} of {len(stayed)} runs"
    return Ruling(count == len(stayed), count == 0, f"{words}; its {far.text.rpartition(' ')[2]} is {number_words(far)}", (far,))


Followed = tuple[Trained, Course]
Flags = NDArray[np.bool_]


def _looked_at(of: Quantity, limit: Term, bound: Names, values: Values) -> tuple[str, Sequence[Followed], list[float]]:
    """What the group is called, the course of each of its runs, and the bound of each."""
    group, chosen = values.group(of.selectors, bound)
    found = [(run, _one(values.course(of, run, group))) for run in values.trained(group)]
    limits = values.value(limit, bound, values.unit(of)).values[:, 0]
    return values.filled(of, bound, chosen), found, np.broadcast_to(limits, len(found)).tolist()


def _one(course: Course) -> Course:
    """Of a layer: its values alone, [M]."""
    return Course(course.steps, course.values.reshape(len(course.steps), -1)[:, 0])


def _has_been_seen(seen: Flags, of: Quantity, moment: Moment | None, run: Trained) -> None:
    if not seen.any():
        raise Undecided(f"{of} was not recorded before {moment} of the run of seed {run.seed}")


def _is_lost(of: Quantity, moment: Moment | None, run: Trained) -> bool:
    """Whether a run diverged within what is looked at, so that there is no such number from there on, recorded or not."""
    return run.diverged and of.name not in DEFINED_WHEN_DIVERGED and _until(moment, run, np.inf) >= run.last_step


def _until(moment: Moment | None, run: Trained, otherwise: float) -> float:
    return otherwise if moment is None else step_of(moment, run)


def _beyond(course: Course, limit: float, *, below: bool) -> Flags:
    return np.asarray(course.values < limit if below else course.values > limit)


def _side(below: bool) -> str:
    return "below" if below else "above"


def _told(of: Quantity, filled: str) -> str:
    return f"{of} [{filled}]" if filled else str(of)


def _range(steps: Sequence[float]) -> str:
    there = [step for step in steps if np.isfinite(step)]
    low, high = min(there), max(there)
    return plain(low) if low == high else f"{plain(low)} to {plain(high)}"


def _extreme(found: Sequence[Followed], *, below: bool) -> str:
    """How far it came, over all runs."""
    pick: Callable[[Sequence[float]], float] = min if below else max
    values = [float((np.nanmin if below else np.nanmax)(course.values)) for _, course in found]
    return f"its {'least' if below else 'greatest'} is {plain(pick(values))}"
