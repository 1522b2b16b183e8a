"""Measuring in turns, so that whatever else the machine does hits all contenders alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping

Contender = Callable[[], float]
"""Does its work once and returns seconds per step."""


def in_turns(contenders: Mapping[str, Contender], rounds: int) -> dict[str, float]:
    """Run all contenders one after the other, `rounds` times after a first one that does not count; return medians."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, work in contenders.items():
            seconds = work()
            if number:
                taken[name].append(seconds)
    return {name: statistics.median(times) for name, times in taken.items()}
