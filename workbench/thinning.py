"""Which of the things that go on coming are kept: the same ones by who watches a run and by who records it."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

REGIONS = 12
"""So many regions of a run are kept."""


def dispensable(steps: Sequence[int], most: int) -> int | None:
    """The place of the one that is missed least: whose neighbours lie closest together; None if there are not too many.

    Distances are those of the square roots of the steps: early ones are kept closer together, for much happens then. The first and
    the last are always kept; of several the earliest goes.

    Args:
        steps: at which they were taken, growing.
        most: at least 3 are to be kept.
    """
    if len(steps) <= most:
        return None
    return min(range(1, len(steps) - 1), key=lambda place: sqrt(steps[place + 1]) - sqrt(steps[place - 1]))
