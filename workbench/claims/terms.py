"""The part of the parser that reads terms.

term     := product (("+" | "-") product)*      product := factor (("*" | "/") factor)*
factor   := "-" factor | constant | "(" term ")" | ("mean" | "min" | "max" | "ratio") "(" term ")"
          | ("steps_until" | "epochs_until") "(" quantity ("<" | "<=" | ">" | ">=") term ")" | quantity
quantity := NAME ["(" [inside ("," inside)*] ")"] ["at" moment]
inside   := [AXIS "="] VARIATION | "layer" "=" (NUMBER | "last" | "output" | "all" | from ".." to)
moment   := "start" | "end" | "best" | "epoch" NUMBER | "step" NUMBER | NUMBER "%"
constant := NUMBER ["%"]
"""

from __future__ import annotations

import math
from typing import Literal

from workbench.claims.errors import ClaimError
from workbench.claims.term_tree import (
    COUNTED,
    OPERATORS,
    REDUCTIONS,
    Arithmetic,
    Constant,
    Counted,
    Layers,
    Moment,
    Negative,
    Quantity,
    Reduced,
    Selector,
    Term,
    Until,
)
from workbench.claims.tokens import Token, TokenKind, tokens

_NAMES = (TokenKind.WORD, TokenKind.QUOTED, TokenKind.NUMBER)


def parse_term(text: str) -> Term:
    """The tree of a term that stands alone. Raises ClaimError where it is not written as terms are."""
    parser = TermParser(text)
    try:
        term = parser.term()
    except RecursionError:
        raise ClaimError("this is nested too deeply", text, 0) from None
    parser.end()
    return term


class TermParser:
    """Tokens with the place that was read up to, and the terms that they make."""

    def __init__(self, check: str) -> None:
        self.check = check
        self.place = 0
        self._tokens = tokens(check)

    # --- tokens -----------------------------------------------------------------------

    @property
    def token(self) -> Token:
        """The next one."""
        return self._tokens[self.place]

    def next(self) -> Token:
        """Take the next one, whatever it is."""
        found = self.token
        self.place = min(self.place + 1, len(self._tokens) - 1)
        return found

    def sees(self, text: str) -> bool:
        """Whether this word or sign comes next."""
        return self.token.text == text and self.token.kind in (TokenKind.WORD, TokenKind.SIGN)

    def take(self, text: str) -> bool:
        """Take a word or sign if it comes next; whether it did."""
        if not self.sees(text):
            return False
        self.next()
        return True

    def expect(self, text: str) -> None:
        """Take a word or sign, which must come next."""
        if not self.take(text):
            raise self.unexpected(repr(text))

    def end(self) -> None:
        """See that all was read."""
        if self.token.kind is not TokenKind.END:
            raise self.unexpected("nothing more")

    def unexpected(self, wanted: str) -> ClaimError:
        """What to raise where something else must stand."""
        return ClaimError(f"here must stand {wanted}, not {self.token.shown}", self.check, self.token.at)

    def number(self, what: str) -> float:
        """Take a number."""
        if self.token.kind is not TokenKind.NUMBER:
            raise self.unexpected(what)
        value = float(self.token.text)
        if math.isinf(value):
            raise ClaimError(f"{self.token.text} is too large for a number", self.check, self.token.at)
        self.next()
        return value

    def name(self, what: str) -> str:
        """Take a name."""
        if self.token.kind not in _NAMES:
            raise self.unexpected(what)
        return self.next().text

    # --- terms ------------------------------------------------------------------------

    def term(self) -> Term:
        """Sums and differences."""
        left = self._product()
        while self.sees("+") or self.sees("-"):
            at, plus = self.token.at, self.next().text == "+"
            left = Arithmetic("+" if plus else "-", left, self._product(), at=at)
        return left

    def _product(self) -> Term:
        left = self._factor()
        while self.sees("*") or self.sees("/"):
            at, times = self.token.at, self.next().text == "*"
            left = Arithmetic("*" if times else "/", left, self._factor(), at=at)
        return left

    def _factor(self) -> Term:
        at = self.token.at
        if self.take("-"):
            return Negative(self._factor(), at=at)
        if self.token.kind is TokenKind.NUMBER:
            return self.constant()
        if self.take("("):
            term = self.term()
            self.expect(")")
            return term
        for how in REDUCTIONS:
            if self.take(how):
                self.expect("(")
                term = self.term()
                self.expect(")")
                return Reduced(how, term, at=at)
        for counted in COUNTED:
            if self.take(f"{counted}_until"):
                return self._until(counted, at)
        return self._quantity()

    def constant(self) -> Constant:
        """A number that is written down."""
        at = self.token.at
        return Constant(self.number("a number"), self.take("%"), at=at)

    def _until(self, counted: Counted, at: int) -> Until:
        self.expect("(")
        of = self._quantity()
        for sign in OPERATORS:
            if self.take(sign):
                bound = self.term()
                self.expect(")")
                return Until(counted, of, sign, bound, at=at)
        raise self.unexpected("<, <=, > or >=")

    def _quantity(self) -> Quantity:
        at = self.token.at
        if self.token.kind is not TokenKind.WORD:
            raise self.unexpected("a quantity or a number")
        name = self.next().text
        selectors: list[Selector] = []
        layers: Layers | None = None
        if self.take("(") and not self.take(")"):
            while True:
                if self.sees("layer"):
                    if layers is not None:
                        raise ClaimError("layer is given twice", self.check, self.token.at)
                    layers = self._layers()
                else:
                    selectors.append(self._selector())
                if self.take(")"):
                    break
                self.expect(",")
        return Quantity(name, tuple(selectors), layers, self._moment_of_quantity(), at=at)

    def selectors(self) -> tuple[Selector, ...]:
        """The group of what is no quantity: nothing, or selectors in brackets."""
        found: list[Selector] = []
        if self.take("(") and not self.take(")"):
            found.append(self._selector())
            while self.take(","):
                found.append(self._selector())
            self.expect(")")
        return tuple(found)

    def _selector(self) -> Selector:
        at = self.token.at
        name = self._variation()
        return Selector(self._variation(), name, at=at) if self.take("=") else Selector(name, at=at)

    def _variation(self) -> str:
        minus = "-" if self.take("-") else ""
        if minus and self.token.kind is not TokenKind.NUMBER:
            raise self.unexpected("a number")
        return minus + self.name("a variation, such as relu or depth=10")

    def _layers(self) -> Layers:
        at = self.token.at
        self.expect("layer")
        self.expect("=")
        for word in ("all", "output"):
            if self.take(word):
                return Layers("all" if word == "all" else "output", at=at)
        first = self._layer()
        return Layers(first, self._layer() if self.take("..") else None, at=at)

    def _layer(self) -> int | Literal["last"]:
        return "last" if self.take("last") else self._whole("a hidden layer from 1 on, last, output or all")

    def _moment_of_quantity(self) -> Moment | None:
        after = self._tokens[min(self.place + 1, len(self._tokens) - 1)]
        if not self.sees("at") or (after.text == "p" and after.kind is TokenKind.WORD):  # `at p` begins a test
            return None
        self.next()
        return self.moment()

    def moment(self) -> Moment:
        """When in the course of a training."""
        at = self.token.at
        if self.take("start"):
            return Moment("start", at=at)
        if self.take("end"):
            return Moment("end", at=at)
        if self.take("best"):
            return Moment("best", at=at)
        if self.take("epoch"):
            return Moment("epoch", self._whole("a whole number"), at=at)
        if self.take("step"):
            return Moment("step", self._whole("a whole number"), at=at)
        share = self.number("start, end, best, epoch N, step N or N %")
        self.expect("%")
        return Moment("%", share, at=at)

    def _whole(self, what: str) -> int:
        at, value = self.token.at, self.number(what)
        if value != int(value) or value < 1:
            raise ClaimError(f"here must stand {what}", self.check, at)
        return int(value)
