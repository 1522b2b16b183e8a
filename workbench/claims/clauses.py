"""Clauses, judged by runs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from workbench.claims.courses import crossing, staying
from workbench.claims.errors import Undecided
from workbench.claims.quantities import MEASURES, part_of
from workbench.claims.records import Number, Unit
from workbench.claims.rulings import Ruling, all_of, any_of
from workbench.claims.scope import Names
from workbench.claims.statistics import Tested, proportions, tested
from workbench.claims.term_tree import Quantity, Reduced, Selector, Term, Until, is_constant, number_text
from workbench.claims.tree import (
    And,
    Between,
    Clause,
    Comparison,
    Crossing,
    Diverges,
    Finds,
    ForEvery,
    Not,
    Or,
    Significance,
    Staying,
    Trend,
    Within,
)
from workbench.claims.trends import trend
from workbench.claims.values import COMPARE, Values
from workbench.claims.wording import number_words, told_apart


def rule(clause: Clause, bound: Names, values: Values) -> Ruling:
    """What a clause comes to, under the variations of the axes that are gone over.

    Raises:
        Undecided: runs or measurements are missing, or a number is none.
    """
    match clause:
        case And(parts):
            return all_of([rule(part, bound, values) for part in parts])
        case Or(parts):
            return _first_that_holds(parts, bound, values)
        case Not(of):
            contrary = rule(of, bound, values).contrary
            several = isinstance(of, And | Or | ForEvery | Not)
            return replace(contrary, words=f"contrary of: {contrary.words}") if several else contrary
        case ForEvery(axes, of):
            names = [[(axis, name) for name in values.space.axis(axis).names] for axis in axes]
            return all_of([rule(of, {**bound, **dict(more)}, values) for more in itertools.product(*names)])
        case Diverges(selectors):
            return _diverges(selectors, bound, values)
        case Finds():
            return _finds(clause, bound, values)
        case Crossing():
            return crossing(clause, bound, values)
        case Staying():
            return staying(clause, bound, values)
        case _:
            return _of_terms(clause, bound, values)


def _of_terms(clause: Comparison | Within | Between | Trend, bound: Names, values: Values) -> Ruling:
    match clause:
        case Comparison():
            return _comparison(clause, bound, values)
        case Within():
            return _within(clause, bound, values)
        case Between():
            return _between(clause, bound, values)
        case Trend():
            return trend(clause, bound, values)


def _first_that_holds(parts: Sequence[Clause], bound: Names, values: Values) -> Ruling:
    """Those behind one that holds are not looked at, so that `diverges(a) or test_error(a) > 50` can be judged."""
    rulings: list[Ruling] = []
    for part in parts:
        rulings.append(rule(part, bound, values))
        if rulings[-1].holds:
            break
    return any_of(rulings)


# --- of whole groups ----------------------------------------------------------------------


def _diverges(selectors: Sequence[Selector], bound: Names, values: Values) -> Ruling:
    group, chosen = values.group(selectors, bound)
    return _in_each([run.diverged for run in values.trained(group)], "diverged", _called(group.label, chosen))


def _finds(clause: Finds, bound: Names, values: Values) -> Ruling:
    group, chosen = values.group(clause.selectors, bound)
    found = [clause.rule in run.findings() for run in values.trained(group)]
    ruling = _in_each(found, f"had {clause.rule}", _called(group.label, chosen))
    return ruling.contrary if clause.none else ruling


def _in_each(flags: Sequence[bool], what: str, group: str) -> Ruling:
    count = sum(flags)
    of = f" of {group}" if group else ""
    number = Number(f"runs{of} that {what}", tuple(map(float, flags)), Unit.NUMBER)
    return Ruling(count == len(flags), count == 0, f"{count} of {len(flags)} runs{of} {what}", (number,))


def _called(label: str, chosen: Sequence[str]) -> str:
    return label + (f" [{', '.join(chosen)}]" if chosen else "")


# --- of terms ---------------------------------------------------------------------------


def _numbers(terms: Sequence[Term], bound: Names, values: Values) -> tuple[Number, ...]:
    """The terms of a sentence, in one unit as far as percent signs go."""
    unit = Unit.PERCENT if any(values.unit(term) is Unit.PERCENT for term in terms) else None
    return tuple(values.number(term, bound, unit=unit) for term in terms)


def _measured(terms: Sequence[Term], numbers: Sequence[Number]) -> tuple[Number, ...]:
    return tuple(number for term, number in zip(terms, numbers, strict=True) if not is_constant(term))


def _told(terms: Sequence[Term], numbers: Sequence[Number]) -> list[str]:
    """Each term with its value; a number that is written down as it is."""
    digits = told_apart(*_measured(terms, numbers))
    return [
        str(term) if is_constant(term) else f"{number.text}{_equals(term)} {number_words(number, digits)}"
        for term, number in zip(terms, numbers, strict=True)
    ]


def _equals(term: Term) -> str:
    """A sign between a term and its value where they could be read as one."""
    named = isinstance(term, Quantity) and (term.moment is None or term.moment.kind in ("start", "end", "best"))
    return "" if named or isinstance(term, Reduced | Until) else " ="


def _comparison(clause: Comparison, bound: Names, values: Values) -> Ruling:
    numbers = _numbers(clause.terms, bound, values)
    told = _told(clause.terms, numbers)
    words, holds = told[0], True
    for place, sign in enumerate(clause.operators):
        left, right = numbers[place].mean, numbers[place + 1].mean
        if "=" in sign and np.isinf(left) and left == right:
            raise Undecided(f"{clause.terms[place]} and {clause.terms[place + 1]} are both infinite, which is no {sign}")
        borne_out = bool(COMPARE[sign](left, right))
        words += f" {sign} {told[place + 1]}" if borne_out else f", not {sign} {told[place + 1]}"
        holds = holds and borne_out
    if clause.test is not None:
        test = _test(clause, clause.test, numbers, bound, values)
        significant = test.p < clause.test.p
        words += f" ({test.words}; {'below' if significant else 'not below'} {number_text(clause.test.p)})"
        holds = holds and significant
    return Ruling.of(holds, words, *_measured(clause.terms, numbers))


def _test(clause: Comparison, test: Significance, numbers: Sequence[Number], bound: Names, values: Values) -> Tested:
    order = (0, 1) if clause.operators[0] == "<" else (1, 0)
    if test.by != "proportions":
        less, greater = (numbers[place].values for place in order)
        return tested(test.by, less, greater)
    (less_share, of), (greater_share, of_greater) = (
        _proportion(clause.terms[place], numbers[place], bound, values) for place in order
    )
    return proportions(less_share, of, greater_share, of_greater)


def _proportion(term: Term, number: Number, bound: Names, values: Values) -> tuple[float, int]:
    """The mean share over the seeds, and of how many examples: those of one seed, for all seeds answer the same ones."""
    assert isinstance(term, Quantity), "seen to by the checker"
    group, _ = values.group(term.selectors, bound)
    examples = min(run.examples(part_of(term.name)) for run in values.trained(group))
    return number.mean / (100 if MEASURES[term.name].unit is Unit.PERCENT else 1), examples


def _within(clause: Within, bound: Names, values: Values) -> Ruling:
    numbers = _numbers((clause.term, clause.of), bound, values)
    told = _told((clause.term, clause.of), numbers)
    near, of = numbers[0].mean, numbers[1].mean
    if not (np.isfinite(near) and np.isfinite(of)):
        raise Undecided(f"{clause} compares with what is infinite: {told[0]} and {told[1]}")
    tolerance = clause.tolerance.value / 100 * abs(of) if clause.tolerance.percent else clause.tolerance.value
    holds = abs(near - of) <= tolerance * (1 + 1e-12)
    words = f"{told[0]}{'' if holds else ', not'} within {clause.tolerance} of {told[1]}"
    return Ruling.of(holds, words, *_measured((clause.term, clause.of), numbers))


def _between(clause: Between, bound: Names, values: Values) -> Ruling:
    terms = (clause.term, clause.low, clause.high)
    numbers = _numbers(terms, bound, values)
    told = _told(terms, numbers)
    holds = numbers[1].mean <= numbers[0].mean <= numbers[2].mean
    words = f"{told[0]}{'' if holds else ', not'} between {told[1]} and {told[2]}"
    return Ruling.of(holds, words, *_measured(terms, numbers))
