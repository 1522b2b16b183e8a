"""Whether what a check speaks of exists: quantities, groups, axes, layers, moments. No runs are needed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from engine.catalog import unknown_name
from workbench.claims.scope import Names, Unnamed
from workbench.claims.term_checking import Place, TermChecker
from workbench.claims.term_tree import Constant, Moment, Quantity, Term, is_constant, quantities_of
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
    Sentence,
    Staying,
    Trend,
    Within,
)


class Checker(TermChecker):
    """Checks clauses. Raises ClaimError at the first thing that is wrong."""

    def clause(self, clause: Clause, bound: Names) -> None:
        """A clause, under the variations of the axes that are gone over."""
        match clause:
            case And(parts) | Or(parts):
                for part in parts:
                    self.clause(part, bound)
            case Not(of):
                self.clause(of, bound)
            case ForEvery(axes, of):
                for more in self._over(axes, bound, clause.at):
                    self.clause(of, {**bound, **more})
            case Diverges(selectors):
                self._names(selectors, bound, clause.at)
            case Finds(rule, selectors):
                self._rule(rule, clause.at)
                self._names(selectors, bound, clause.at)
            case _:
                self._sentence(clause, bound)

    def _sentence(self, clause: Sentence, bound: Names) -> None:
        match clause:
            case Comparison():
                self._comparison(clause, bound)
            case Within(term, tolerance, of):
                self._terms((term, of), bound, clause.at)
                self._positive(tolerance)
            case Between(term, low, high):
                self._terms((term, low, high), bound, clause.at)
            case Trend():
                self._trend(clause, bound)
            case Crossing(of, _, limit, moment) | Staying(of, _, limit, moment):
                self._course(of, limit, moment, bound)

    def _over(self, axes: Sequence[str], bound: Names, at: int) -> Iterable[Names]:
        for name in axes:
            if name in bound or axes.count(name) > 1:
                raise self.wrong(f"{name} is gone over twice", at)
        try:
            variations = [[(name, each) for each in self._space.axis(name).names] for name in axes]
        except Unnamed as error:
            raise self.wrong(str(error), at) from None
        return map(dict, itertools.product(*variations))

    def _rule(self, rule: str, at: int) -> None:
        from workbench.explanations import pages

        if rule not in pages():
            raise self.wrong(unknown_name("rule", rule, pages()), at)

    def _terms(self, terms: Sequence[Term], bound: Names, at: int) -> None:
        """Terms that are held against each other: one number for each seed, and of runs at least once."""
        if all(map(is_constant, terms)):
            raise self.wrong("this speaks of no run; name a quantity, such as test_error", at)
        for term in terms:
            self.term(term, Place(bound))

    def _comparison(self, clause: Comparison, bound: Names) -> None:
        self._terms(clause.terms, bound, clause.at)
        test = clause.test
        if test is None:
            return
        if len(clause.terms) > 2 or clause.operators[0] not in ("<", ">"):
            raise self.wrong("a test goes with one < or > between two terms", test.at)
        if any(map(is_constant, clause.terms)):
            raise self.wrong("a test holds the runs of two groups against each other, not a number", test.at)
        if test.by == "proportions":
            for term in clause.terms:
                if not (isinstance(term, Quantity) and term.name.endswith(("error", "accuracy"))):
                    raise self.wrong("proportions tests errors or accuracies, such as test_error(relu)", term.at)

    def _trend(self, clause: Trend, bound: Names) -> None:
        if clause.tolerance is not None:
            self._positive(clause.tolerance)
        if not clause.axis:
            if not self.term(clause.term, Place(bound, layered=True)):
                raise self.wrong("over layers goes a quantity of layers, without layer=N", clause.at)
            return
        variations = list(self._over((clause.axis,), bound, clause.at))
        if len(variations) < 2:
            raise self.wrong(
                f"the scale {self._scale.name} has one variation of {clause.axis}; give the claim scales with more", clause.at
            )
        if not any(self._follows(each, clause.axis) for each in quantities_of(clause.term)):
            raise self.wrong(f"nothing here follows {clause.axis}; leave it out of the brackets", clause.at)
        for more in variations:
            self.term(clause.term, Place({**bound, **more}))

    def _follows(self, quantity: Quantity, axis: str) -> bool:
        try:
            return axis not in self._space.named(quantity.selectors)
        except Unnamed:
            return True  # which is told of when the term is looked at

    def _course(self, of: Quantity, limit: Term, moment: Moment | None, bound: Names) -> None:
        if of.moment is not None:
            raise self.wrong(f"the whole course of {of.name} is looked at; leave `at {of.moment}` out", of.moment.at)
        self._coursing(of)
        self.term(of, Place(bound))
        self.term(limit, Place(bound))
        if moment is not None:
            self._moment(moment, self._names(of.selectors, bound, of.at))

    def _positive(self, tolerance: Constant) -> None:
        if tolerance.value <= 0:
            raise self.wrong("a tolerance is above 0", tolerance.at)
