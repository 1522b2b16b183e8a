"""A finding: a named diagnosis with its evidence and its remedies. Plain data, no torch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

WHOLE_NETWORK = ""
"""The layer of evidence that is not of one layer."""


class Severity(StrEnum):
    """How bad it is."""

    NOTE = "note"  # worth knowing; training works
    WARNING = "warning"  # training is worse than it could be
    SERIOUS = "serious"  # training fails or will fail

    @property
    def rank(self) -> int:
        """Its place among all, from 0 for the most serious."""
        return len(Severity) - 1 - list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One number that a finding rests on, with the bound that it is beyond."""

    quantity: str  # a `Statistic`, or a figure such as "validation_cost"
    value: float
    bound: float
    step: int  # at which it was measured
    layer: str = WHOLE_NETWORK


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change of the experiment that should make a finding go away."""

    title: str  # such as "ReLU with He initialization"
    changes: tuple[tuple[str, str], ...]  # settings by path, as text that `Experiment.with_settings` takes


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one member, since when, on which grounds, and what can be done about it.

    A finding is opened once, updated while it lasts and closed at most once. If the same trouble comes back later, that is a new one:
    findings of a run are told apart by rule, member and the step at which they were opened.
    """

    rule: str  # the key of a rule, such as "vanishing-gradient"
    severity: Severity
    opened: int  # the step of the first measurement that shows it
    updated: int  # the step of the latest measurement that shows it
    words: str  # one sentence with the numbers
    layers: tuple[str, ...] = ()  # where it is, from the input to the output; none: the whole network
    evidence: tuple[Evidence, ...] = ()
    remedies: tuple[Remedy, ...] = ()  # the best first
    closed: int | None = None  # the step at which it was gone
    member: int = 0
