"""A check as a tree: clauses, which are borne out or not. `str` of a node is text that is read as the same node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.claims.term_tree import Constant, Moment, Operator, Quantity, Selector, Term, number_text, place
from workbench.claims.tokens import name_text

Direction = Literal["rises", "falls", "is flat"]
TestName = Literal["welch", "mann_whitney", "paired", "proportions"]

TESTS: tuple[TestName, ...] = ("welch", "mann_whitney", "paired", "proportions")


@dataclass(frozen=True, slots=True)
class Significance:
    """A test that a difference is not chance."""

    p: float
    by: TestName
    at: int = place()

    def __str__(self) -> str:
        return f"at p {number_text(self.p)} by {self.by}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Terms in an order: `a < b`, `a < b < c`."""

    terms: tuple[Term, ...]
    operators: tuple[Operator, ...]
    """One less than terms, all in one direction."""
    test: Significance | None = None
    at: int = place()

    def __str__(self) -> str:
        rest = "".join(f" {sign} {term}" for sign, term in zip(self.operators, self.terms[1:], strict=True))
        return f"{self.terms[0]}{rest}" + (f" {self.test}" if self.test else "")


@dataclass(frozen=True, slots=True)
class Within:
    """A term near another one."""

    term: Term
    tolerance: Constant
    """With a percent sign: of the other one's size."""
    of: Term
    at: int = place()

    def __str__(self) -> str:
        return f"{self.term} within {self.tolerance} of {self.of}"


@dataclass(frozen=True, slots=True)
class Between:
    """A term between two others, these included."""

    term: Term
    low: Term
    high: Term
    at: int = place()

    def __str__(self) -> str:
        return f"{self.term} between {self.low} and {self.high}"


@dataclass(frozen=True, slots=True)
class Trend:
    """How a term goes from one variation of an axis to the next, or from layer to layer."""

    term: Term
    direction: Direction
    axis: str
    """Empty: over the layers."""
    tolerance: Constant | None = None
    """Of what is flat."""
    at: int = place()

    def __str__(self) -> str:
        over = f"{self.term} {self.direction} over {name_text(self.axis) if self.axis else 'layers'}"
        return over + (f" within {self.tolerance}" if self.tolerance else "")


@dataclass(frozen=True, slots=True)
class Crossing:
    """A quantity that comes below or above a number in the course of every run."""

    of: Quantity
    below: bool
    bound: Term
    before: Moment | None = None
    at: int = place()

    def __str__(self) -> str:
        words = "falls below" if self.below else "rises above"
        return f"{self.of} {words} {self.bound}" + (f" before {self.before}" if self.before else "")


@dataclass(frozen=True, slots=True)
class Staying:
    """A quantity that is below or above a number all the while."""

    of: Quantity
    below: bool
    bound: Term
    until: Moment | None = None
    at: int = place()

    def __str__(self) -> str:
        words = "stays below" if self.below else "stays above"
        return f"{self.of} {words} {self.bound}" + (f" until {self.until}" if self.until else "")


@dataclass(frozen=True, slots=True)
class Diverges:
    """All runs of a group end with a cost that is not finite."""

    selectors: tuple[Selector, ...] = ()
    at: int = place()

    def __str__(self) -> str:
        return "diverges" + _bracketed(self.selectors)


@dataclass(frozen=True, slots=True)
class Finds:
    """A rule finds something in all runs of a group, or in none of them."""

    rule: str
    selectors: tuple[Selector, ...] = ()
    none: bool = False
    at: int = place()

    def __str__(self) -> str:
        inside = f" in {_bracketed(self.selectors)}" if self.selectors else ""
        return f"finds {'no ' * self.none}{self.rule}{inside}"


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary."""

    of: Clause
    at: int = place()

    def __str__(self) -> str:
        return f"not {_inner(self.of)}"


@dataclass(frozen=True, slots=True)
class And:
    """All of several."""

    parts: tuple[Clause, ...]
    at: int = place()

    def __str__(self) -> str:
        return " and ".join(f"({each})" if isinstance(each, And | Or | ForEvery) else str(each) for each in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """One of several at least."""

    parts: tuple[Clause, ...]
    at: int = place()

    def __str__(self) -> str:
        return " or ".join(f"({each})" if isinstance(each, Or | ForEvery) else str(each) for each in self.parts)


@dataclass(frozen=True, slots=True)
class ForEvery:
    """A clause for each variation of some axes."""

    axes: tuple[str, ...]
    of: Clause
    at: int = place()

    def __str__(self) -> str:
        return f"for every {', '.join(map(name_text, self.axes))}: {self.of}"


Sentence = Comparison | Within | Between | Trend | Crossing | Staying
Clause = Sentence | Diverges | Finds | Not | And | Or | ForEvery


def _bracketed(selectors: tuple[Selector, ...]) -> str:
    return f"({', '.join(map(str, selectors))})" if selectors else ""


def _inner(clause: Clause) -> str:
    return f"({clause})" if isinstance(clause, And | Or | ForEvery) else str(clause)
