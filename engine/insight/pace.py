"""How often to look at a training, so that it takes no more than a small share of the time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SHARE = 0.004
"""Of the time that looking may take: events are kept until so much time has gone by that it takes no more."""


class Pace:
    """Says when there is time for another look, by how long the last one took.

    Args:
        clock: seconds; by which it is told how much time has gone by.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._next = -math.inf

    @property
    def is_due(self) -> bool:
        """Whether enough time has gone by since the last look."""
        return self._clock() >= self._next

    @contextmanager
    def looking(self) -> Iterator[None]:
        """What is done within is one look."""
        begin = self._clock()
        yield
        end = self._clock()
        self._next = end + (end - begin) / SHARE
