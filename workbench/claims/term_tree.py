"""Terms of a check as trees: what has a value for each seed. `str` of a node is text that is read as the same node.

Every node knows the place in the text where it began (`at`), which does not make two nodes different.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from workbench.claims.tokens import name_text

Operator = Literal["<", "<=", ">", ">="]
MomentKind = Literal["start", "end", "best", "epoch", "step", "%"]
Reduction = Literal["mean", "min", "max", "ratio"]
Counted = Literal["steps", "epochs"]

OPERATORS: tuple[Operator, ...] = ("<=", ">=", "<", ">")
REDUCTIONS: tuple[Reduction, ...] = ("mean", "min", "max", "ratio")
COUNTED: tuple[Counted, ...] = ("steps", "epochs")


def place() -> int:
    """The field that says where in the text a node began."""
    return field(default=0, compare=False, repr=False, kw_only=True)


# --- what a quantity is of ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Selector:
    """The variation of an axis."""

    name: str
    axis: str = ""
    """Empty where the name alone tells."""
    at: int = place()

    def __str__(self) -> str:
        return f"{name_text(self.axis)}={name_text(self.name)}" if self.axis else name_text(self.name)


@dataclass(frozen=True, slots=True)
class Layers:
    """A layer, or some of the hidden ones, which count from 1 at the input."""

    first: int | Literal["last", "output", "all"]
    last: int | Literal["last"] | None = None
    """Where there are several: the last of them."""
    at: int = place()

    @property
    def several(self) -> bool:
        """Whether these are several layers."""
        return self.last is not None or self.first == "all"

    def __str__(self) -> str:
        return f"layer={self.first}" if self.last is None else f"layer={self.first}..{self.last}"


@dataclass(frozen=True, slots=True)
class Moment:
    """When in the course of a training."""

    kind: MomentKind
    number: float = 0
    """Of an epoch or step, or the percentage of the steps."""
    at: int = place()

    def __str__(self) -> str:
        if self.kind in ("epoch", "step"):
            return f"{self.kind} {self.number:.0f}"
        return f"{number_text(self.number)} %" if self.kind == "%" else self.kind


# --- terms: what has a value for each seed ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Constant:
    """A number that is written down."""

    value: float
    percent: bool = False
    at: int = place()

    def __str__(self) -> str:
        return number_text(self.value) + " %" * self.percent


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something measured, of the runs of one group."""

    name: str
    selectors: tuple[Selector, ...] = ()
    layers: Layers | None = None
    moment: Moment | None = None
    """None: the end."""
    at: int = place()

    def __str__(self) -> str:
        inside = [*map(str, self.selectors), *([str(self.layers)] if self.layers else [])]
        of = f"({', '.join(inside)})" if inside else ""
        return self.name + of + (f" at {self.moment}" if self.moment else "")


@dataclass(frozen=True, slots=True)
class Reduced:
    """One number of several layers."""

    how: Reduction
    """`ratio` is the last over the first."""
    of: Term
    at: int = place()

    def __str__(self) -> str:
        return f"{self.how}({self.of})"


@dataclass(frozen=True, slots=True)
class Until:
    """How long it took until a quantity was first below or above a number; infinite where it never was."""

    counted: Counted
    of: Quantity
    operator: Operator
    bound: Term
    at: int = place()

    def __str__(self) -> str:
        return f"{self.counted}_until({self.of} {self.operator} {self.bound})"


@dataclass(frozen=True, slots=True)
class Negative:
    """A term with the other sign."""

    of: Term
    at: int = place()

    def __str__(self) -> str:
        return f"-({self.of})" if isinstance(self.of, Arithmetic) else f"-{self.of}"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two terms, seed by seed."""

    operator: Literal["+", "-", "*", "/"]
    left: Term
    right: Term
    at: int = place()

    def __str__(self) -> str:
        left = f"({self.left})" if _rank(self.left) < _rank(self) else str(self.left)
        right = f"({self.right})" if _rank(self.right) <= _rank(self) else str(self.right)
        return f"{left} {self.operator} {right}"


Term = Constant | Quantity | Reduced | Until | Negative | Arithmetic


def _rank(term: Term) -> int:
    if not isinstance(term, Arithmetic):
        return 3
    return 1 if term.operator in "+-" else 2


def number_text(value: float) -> str:
    """A number that is written down, with all its digits."""
    return repr(float(value)).removesuffix(".0")


def quantities_of(term: Term) -> Iterator[Quantity]:
    """All quantities in a term, in their order."""
    match term:
        case Quantity():
            yield term
        case Negative(of) | Reduced(_, of):
            yield from quantities_of(of)
        case Until(_, of, _, bound):
            yield of
            yield from quantities_of(bound)
        case Arithmetic(_, left, right):
            yield from quantities_of(left)
            yield from quantities_of(right)


def is_constant(term: Term) -> bool:
    """Whether a term speaks of no run."""
    return next(quantities_of(term), None) is None
