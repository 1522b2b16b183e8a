"""The parser: from tokens to a tree, by recursive descent. Whether what is named exists is checked later, in `checking`.

claim     := part ("or" part)*              part := negated ("and" negated)*
negated   := "not" negated | "for" "every" AXIS ("," AXIS)* ":" claim | "(" claim ")" | fact | sentence
fact      := "diverges" [selectors] | "finds" ["no"] RULE ["in" selectors]
sentence  := term (("<" | "<=" | ">" | ">=") term)+ ["at" "p" NUMBER "by" TEST]
           | term "within" constant "of" term | term "between" term "and" term
           | term ("rises" | "falls") "over" (AXIS | "layers") | term "is" "flat" "over" (AXIS | "layers") "within" constant
           | quantity ("falls" "below" | "rises" "above") term ["before" moment]
           | quantity "stays" ("below" | "above") term ["until" moment]

Terms are read by `terms.TermParser`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from workbench.claims.errors import ClaimError
from workbench.claims.term_tree import OPERATORS, Operator, Quantity, Term
from workbench.claims.terms import TermParser
from workbench.claims.tokens import TokenKind
from workbench.claims.tree import (
    TESTS,
    And,
    Between,
    Clause,
    Comparison,
    Crossing,
    Direction,
    Diverges,
    Finds,
    ForEvery,
    Not,
    Or,
    Sentence,
    Significance,
    Staying,
    Trend,
    Within,
)

Part = TypeVar("Part")


def parse_clause(check: str) -> Clause:
    """The tree of a check. Raises ClaimError where it is not written as checks are."""
    parser = Parser(check)
    try:
        clause = parser.claim()
    except RecursionError:
        raise ClaimError("this is nested too deeply", check, 0) from None
    parser.end()
    return clause


class Parser(TermParser):
    """Reads clauses."""

    def claim(self) -> Clause:
        """All that stands in brackets, or in the whole text."""
        at = self.token.at
        parts = self._joined("or", self._part)
        return parts[0] if len(parts) == 1 else Or(parts, at=at)

    def _part(self) -> Clause:
        at = self.token.at
        parts = self._joined("and", self._negated)
        return parts[0] if len(parts) == 1 else And(parts, at=at)

    def _joined(self, word: str, part: Callable[[], Part]) -> tuple[Part, ...]:
        parts = [part()]
        while self.take(word):
            parts.append(part())
        return tuple(parts)

    def _negated(self) -> Clause:
        at = self.token.at
        if self.take("not"):
            return Not(self._negated(), at=at)
        if self.take("for"):
            self.expect("every")
            axes = [self.name("an axis")]
            while self.take(","):
                axes.append(self.name("an axis"))
            self.expect(":")
            return ForEvery(tuple(axes), self.claim(), at=at)
        if self.sees("diverges"):
            self.next()
            return Diverges(self.selectors(), at=at)
        if self.take("finds"):
            none = self.take("no")
            rule = self.name("a rule of `workbench explain`")
            return Finds(rule, self.selectors() if self.take("in") else (), none, at=at)
        return self._bracketed() if self.sees("(") else self._sentence()

    def _bracketed(self) -> Clause:
        """What begins with a bracket: a sentence whose first term does, or a claim in brackets."""
        start = self.place
        try:
            return self._sentence()
        except ClaimError as error:
            of_sentence = error
        self.place = start
        self.expect("(")
        try:
            clause = self.claim()
            self.expect(")")
        except ClaimError as error:
            raise max(of_sentence, error, key=lambda each: each.column) from None
        return clause

    # --- sentences --------------------------------------------------------------------

    def _sentence(self) -> Sentence:
        at = self.token.at
        term = self.term()
        if self.token.text in OPERATORS:
            return self._comparison(term, at)
        if self.take("within"):
            tolerance = self.constant()
            self.expect("of")
            return Within(term, tolerance, self.term(), at=at)
        if self.take("between"):
            low = self.term()
            self.expect("and")
            return Between(term, low, self.term(), at=at)
        for word, against in (("falls", "below"), ("rises", "above")):
            if self.take(word):
                if self.take(against):
                    return self._crossing(term, below=against == "below", at=at)
                return self._trend(term, "falls" if word == "falls" else "rises", at)
        if self.take("is"):
            self.expect("flat")
            return self._trend(term, "is flat", at)
        if self.take("stays"):
            return self._staying(term, at)
        raise self.unexpected("a comparison such as <, or within, between, rises, falls, is flat, stays")

    def _comparison(self, first: Term, at: int) -> Comparison:
        terms: list[Term] = [first]
        operators: list[Operator] = []
        while (sign := next((each for each in OPERATORS if self.sees(each)), None)) is not None:
            if operators and operators[0][0] != sign[0]:
                raise ClaimError(f"a chain goes in one direction: {operators[0]} and then {sign}", self.check, self.token.at)
            self.next()
            operators.append(sign)
            terms.append(self.term())
        return Comparison(tuple(terms), tuple(operators), self._significance(), at=at)

    def _significance(self) -> Significance | None:
        at = self.token.at
        if not self.take("at"):
            return None
        self.expect("p")
        p_at, p = self.token.at, self.number("a number such as 0.005")
        if not 0 < p < 1:
            raise ClaimError("p is a probability between 0 and 1", self.check, p_at)
        self.expect("by")
        for test in TESTS:
            if self.take(test):
                return Significance(p, test, at=at)
        raise self.unexpected(f"a test: {', '.join(TESTS)}")

    def _trend(self, term: Term, direction: Direction, at: int) -> Trend:
        self.expect("over")
        layers = self.sees("layers") and self.token.kind is TokenKind.WORD
        axis = self.name("an axis, or layers")
        tolerance = None
        if direction == "is flat":
            self.expect("within")
            tolerance = self.constant()
        return Trend(term, direction, "" if layers else axis, tolerance, at=at)

    def _crossing(self, term: Term, *, below: bool, at: int) -> Crossing:
        bound = self.term()
        return Crossing(self._coursing(term), below, bound, self.moment() if self.take("before") else None, at=at)

    def _staying(self, term: Term, at: int) -> Staying:
        below = self.take("below")
        if not below and not self.take("above"):
            raise self.unexpected("below or above")
        bound = self.term()
        return Staying(self._coursing(term), below, bound, self.moment() if self.take("until") else None, at=at)

    def _coursing(self, term: Term) -> Quantity:
        if isinstance(term, Quantity):
            return term
        raise ClaimError("only a quantity has a course, such as validation_cost(relu)", self.check, term.at)
