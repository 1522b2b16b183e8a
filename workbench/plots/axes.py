"""Round numbers for the axes of a chart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from workbench.plots.numbers import format_number

TINY = 1e-300
"""Smaller distances cannot be divided into parts."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values from `low`..`high` (log10 of them, if `log`) to 0..1. `high` is above `low`."""

    low: float
    high: float
    log: bool = False
    whole: bool = False
    """Whether only whole numbers are labelled: steps and epochs have no halves."""
    share: bool = False
    """Whether labels are percentages."""

    @classmethod
    def around(cls, low: float, high: float, *, log: bool = False) -> Scale:
        """The scale that just holds two values, widened where they are equal; positive ones if `log`."""
        if log:
            low, high = math.log10(low), math.log10(high)
        if high - low <= max(1e-9 * max(abs(low), abs(high)), TINY):
            room = 0.5 * abs(high) if abs(high) > TINY and not log else 0.5
            low, high = low - room, high + room
        return cls(low, high, log)

    def ticks(self, count: int) -> list[tuple[float, str]]:
        """About `count` round positions (0 to 1), each with its label, from low to high."""
        values = self._decades(count) if self.log else round_values(self.low, self.high, count, least=1.0 if self.whole else 0.0)
        span = self.high - self.low
        if self.log:
            return [((value - self.low) / span, format_number(10.0**value)) for value in values]
        return [((value - self.low) / span, label) for value, label in zip(values, self._labels(values), strict=True)]

    def ends(self) -> list[tuple[float, str]]:
        """The two ends, each with its label, for a scale too short for round values."""
        ends = [self.low, self.high]
        texts = [format_number(10.0**end) for end in ends] if self.log else self._labels(ends)
        return list(zip((0.0, 1.0), texts, strict=True))

    def _labels(self, values: list[float]) -> list[str]:
        return [f"{text}%" for text in labels([100 * value for value in values])] if self.share else labels(values)

    def _decades(self, count: int) -> list[float]:
        """Whole powers of ten, or 1, 2 and 5 of each where there are few, or round values of the values themselves."""
        first, last = math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9)
        whole = last - first + 1
        if whole >= 3:
            stride = max(1, math.ceil(whole / max(count, 1)))
            return [float(power) for power in range(first, last + 1) if power % stride == 0]
        fine = [power + math.log10(digit) for power in range(first - 1, last + 1) for digit in (1, 2, 5)]
        inside = [value for value in fine if self.low - 1e-9 <= value <= self.high + 1e-9]
        if len(inside) >= 2:
            return inside
        return [math.log10(value) for value in round_values(10**self.low, 10**self.high, count) if value > 0]


def placed(ticks: Sequence[tuple[float, str]], scale: Scale) -> list[tuple[float, str]]:
    """Those of given ticks that lie on a linear scale, each at its place from 0 to 1."""
    span = scale.high - scale.low
    return [((value - scale.low) / span, label) for value, label in ticks if scale.low <= value <= scale.high]


def round_values(low: float, high: float, count: int, *, least: float = 0.0) -> list[float]:
    """About `count` multiples of 1, 2 or 5 times a power of ten, no closer than `least`, from `low` to `high` (above `low`)."""
    rough = max((high - low) / max(count, 1), least)
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    step = next((power * digit for digit in (1, 2, 5) if power * digit >= rough * 0.999), power * 10)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step + 0.0 for number in range(first, last + 1)]


def labels(values: list[float]) -> list[str]:
    """The values with as many decimals as tell them apart; a short power of ten for very large or small ones."""
    largest = max((abs(value) for value in values), default=0.0)
    if not 1e-3 <= largest < 1e6:
        return [format_number(value) for value in values]
    gap = min((b - a for a, b in pairwise(values)), default=largest or 1.0)
    decimals = max(0, -math.floor(math.log10(gap) + 1e-9)) if gap > 0 else 0
    return [f"{value:.{min(decimals, 6)}f}" for value in values]
