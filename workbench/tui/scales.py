"""Scales on which a number is moved in steps that a person would take."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Scale:
    """Notches from the lowest to the highest, evenly far apart on the screen."""

    notches: tuple[float, ...]

    def stepped(self, number: float, by: int) -> float:
        """The notch so many steps above a number, or below it; at the end of the scale the last one, never back towards it."""
        low, high = bisect_left(self.notches, number), bisect_right(self.notches, number)
        place = (high - 1 if by > 0 else low) + by
        if not 0 <= place < len(self.notches):
            end = self.notches[-1 if by > 0 else 0]
            return max(number, end) if by > 0 else min(number, end)
        return self.notches[place]

    def share(self, number: float) -> float:
        """Where a number lies, from 0 (lowest) to 1 (highest); between two notches by how far it is from either."""
        if number <= self.notches[0]:
            return 0.0
        for place, (low, high) in enumerate(pairwise(self.notches)):
            if number <= high:
                return (place + (number - low) / (high - low)) / (len(self.notches) - 1)
        return 1.0

    def at(self, share: float) -> float:
        """The notch nearest to a place."""
        last = len(self.notches) - 1
        return self.notches[min(max(round(share * last), 0), last)]


def one_two_five(lowest: int, highest: int) -> tuple[float, ...]:
    """1, 2 and 5 times each power of ten between two exponents, with the highest power."""
    return (*(float(f"{digit}e{power}") for power in range(lowest, highest) for digit in (1, 2, 5)), float(f"1e{highest}"))


RATE = Scale(one_two_five(-7, 2))
"""Learning rates."""

SCALES: Mapping[str, Scale] = {
    "lr": RATE,
    "model.dropout": Scale(tuple(place / 20 for place in range(20))),
    "l1": Scale((0.0, *one_two_five(-7, 1))),
    "l2": Scale((0.0, *one_two_five(-7, 1))),
    "batch_size": Scale(tuple(float(2**power) for power in range(13))),
}
"""On what the settings lie that can be changed while a training goes on."""
