"""Hysteresis: what is on only after several measurements beyond a bound, and off only after several within a laxer one.

Axes of the arrays: T measurements, P members, L layers (1 for the whole network).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Steps = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Latched:
    """How a latch stood after each of some measurements."""

    before: Flags  # [P, L] whether it was on before them
    on: Flags  # [T, P, L]
    since: Steps  # [T, P, L] where it is on and was not before: the step of the first of the measurements that turned it on


class Latch:
    """One latch for each member and layer. However a series is cut into parts, the result is the same.

    Args:
        opens_after: measurements in a row beyond the bound that turn it on.
        closes_after: measurements in a row within the laxer bound that turn it off.
        shape: (P, L).
    """

    def __init__(self, opens_after: int, closes_after: int, shape: tuple[int, int]) -> None:
        self._opens_after, self._closes_after = opens_after, closes_after
        self._bad = np.zeros(shape, np.int64)  # measurements in a row until now
        self._good = np.zeros(shape, np.int64)
        self._begun = np.zeros(shape, np.int64)  # the step of the first of the bad ones
        self._on = np.zeros(shape, np.bool_)

    @property
    def on(self) -> Flags:
        """Whether it is on now, [P, L]."""
        return self._on

    def take(self, steps: Steps, bad: Flags, good: Flags) -> Latched | None:
        """Take in measurements: their steps [T], which are beyond the bound and which within the laxer one, [T, P, L].

        Returns:
            None where it was and stays off.
        """
        if not (bad.any() or self._on.any()):
            self._bad[:] = 0
            self._good[:] = 0
            return None
        before = self._on
        count = np.arange(1, len(steps) + 1)[:, None, None]
        bad_runs, begun = self._runs(bad, self._bad, count, steps)
        good_runs, _ = self._runs(good, self._good, count, steps)
        opened = np.maximum.accumulate(np.where(bad_runs >= self._opens_after, count, 0), axis=0)
        closed = np.maximum.accumulate(np.where(good_runs >= self._closes_after, count, 0), axis=0)
        on = np.where(opened == closed, before, opened > closed)  # equal only where there was neither
        self._bad, self._good, self._begun, self._on = bad_runs[-1], good_runs[-1], begun[-1], on[-1]
        return Latched(before, on, begun)

    def _runs(self, flags: Flags, carried: Steps, count: Steps, steps: Steps) -> tuple[Steps, Steps]:
        """How many in a row up to each, and the step at which they began."""
        last_not = np.maximum.accumulate(np.where(flags, 0, count), axis=0)
        runs = np.where(flags, count - last_not + np.where(last_not == 0, carried, 0), 0)
        carries = (last_not == 0) & (carried > 0)
        begun = np.where(carries, self._begun, steps[np.minimum(last_not, len(steps) - 1)])
        return runs, begun
