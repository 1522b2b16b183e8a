"""What a clause comes to, with its words, and how several are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.claims.records import Number

FEW = 4
"""Of more parts than these only some are told."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether a clause is borne out. Where runs of different seeds disagree it neither holds nor is refuted."""

    holds: bool
    refuted: bool
    words: str
    numbers: tuple[Number, ...] = ()

    @classmethod
    def of(cls, holds: bool, words: str, *numbers: Number) -> Ruling:
        """Of something that either holds or is refuted."""
        return cls(holds, not holds, words, numbers)

    @property
    def contrary(self) -> Ruling:
        """Of the contrary, which is told in the same words."""
        return Ruling(self.refuted, self.holds, self.words, self.numbers)


def all_of(rulings: Sequence[Ruling]) -> Ruling:
    """Of clauses that must all hold. Those that do not are told first."""
    failing = [each for each in rulings if not each.holds]
    numbers = tuple(number for each in rulings for number in each.numbers)
    if not failing:
        return Ruling(True, False, _some(rulings), numbers)
    words = f"fails: {_some(failing)}"
    if holding := [each for each in rulings if each.holds]:
        words += f"; holds: {_some(holding)}"
    return Ruling(False, any(each.refuted for each in rulings), words, numbers)


def any_of(rulings: Sequence[Ruling]) -> Ruling:
    """Of clauses of which one must hold. If one does, that one is told."""
    numbers = tuple(number for each in rulings for number in each.numbers)
    holding = next((each for each in rulings if each.holds), None)
    if holding is not None:
        return Ruling(True, False, holding.words, numbers)
    return Ruling(False, all(each.refuted for each in rulings), f"none holds: {_some(rulings)}", numbers)


def _some(rulings: Sequence[Ruling]) -> str:
    told = "; ".join(each.words for each in rulings[:FEW])
    return told + (f"; and {len(rulings) - FEW} more" if len(rulings) > FEW else "")
