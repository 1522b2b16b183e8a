"""How often a training is drawn: less often where the screen has much else to do, or where a picture is dear."""

from __future__ import annotations

import time
from collections.abc import Callable

SHORTEST, LONGEST = 0.2, 1.0
"""Seconds between two pictures."""
SHARE = 0.015
"""Of the time, what the interface's thread may have worked since the last picture when it draws the next one.

While it works, a training in the same process stands still more often than not. Keys are work too: while somebody types, they go first.
"""


class Pace:
    """Says when the next picture is due."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, worked: Callable[[], float] = time.thread_time) -> None:
        """Count from now on.

        Args:
            clock: Seconds that have passed.
            worked: Seconds for which the calling thread has worked.
        """
        self._clock, self._worked = clock, worked
        self._last = clock(), worked()

    def due(self) -> bool:
        """Whether it is time for a picture; if so, the time until the next one begins."""
        now, worked = self._clock(), self._worked()
        passed = now - self._last[0]
        rested = worked - self._last[1] <= SHARE * passed
        if passed < SHORTEST or not (rested or passed >= LONGEST):
            return False
        self._last = now, worked
        return True


STILL = 0.5
"""Seconds without anything new that are worth a word."""


class Stillness:
    """Says whether something has been the same for a while."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds that have passed."""
        self._clock = clock
        self._since: tuple[object, float] = (None, 0.0)

    def lasts(self, what: object) -> bool:
        """Whether it was the same at all looks for so long."""
        now = self._clock()
        if what != self._since[0]:
            self._since = what, now
        return now - self._since[1] >= STILL
