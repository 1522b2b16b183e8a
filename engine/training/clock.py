"""A stopwatch that can stand still."""

from __future__ import annotations

import time


class Stopwatch:
    """Seconds since it was made, less those between `hold` and `go`.

    Args:
        seconds: what it begins with.
    """

    def __init__(self, seconds: float = 0.0) -> None:
        self._started = time.perf_counter() - seconds
        self._held_since: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds that it has run."""
        return (self._held_since or time.perf_counter()) - self._started

    def hold(self) -> None:
        """Stand still."""
        self._held_since = time.perf_counter()

    def go(self) -> None:
        """Run on."""
        if self._held_since is not None:
            self._started += time.perf_counter() - self._held_since
            self._held_since = None
