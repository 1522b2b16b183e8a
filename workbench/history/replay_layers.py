"""The recorded statistics of the layers as arrays, a few thousand rows at a time: a long run has a hundred thousand of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.vocabulary import STATISTICS
from workbench.history.marker import restored

MEASUREMENTS = 256
"""So many are read at once."""


class Measurements:
    """Measurements in the order of their steps, taken in parts. L layers, K statistics."""

    def __init__(self, rows: Iterator[tuple[Any, ...]], layers: int) -> None:
        """Get ready; `rows` are those of `History.layer_numbers`."""
        self._rows, self._layers = rows, layers
        self._steps = np.empty(0, np.int64)
        self._values = np.empty((0, 1, layers, len(STATISTICS)), np.float32)

    def take(self, until: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The next ones up to and with a step: their steps [M], and [M, 1, L, K]."""
        while (len(self._steps) == 0 or self._steps[-1] <= until) and self._read():
            pass
        count = int(np.searchsorted(self._steps, until, side="right"))
        steps, values = self._steps[:count], self._values[:count]
        self._steps, self._values = self._steps[count:], self._values[count:]
        return steps, values

    def _read(self) -> bool:
        """Read on; whether there was more. What was not measured, and what was not-a-number, becomes not-a-number."""
        rows = list(islice(self._rows, MEASUREMENTS * self._layers))
        if not rows:
            return False
        numbers = np.array([row[2:-1] for row in rows], np.float64)
        for place, row in enumerate(rows):
            if row[-1] is not None:
                numbers[place] = np.array(restored(STATISTICS, row[2:-1], row[-1]), np.float64)
        steps = np.array([row[1] for row in rows[:: self._layers]], np.int64)
        values = numbers.astype(np.float32).reshape(len(steps), 1, self._layers, len(STATISTICS))
        self._steps = np.concatenate([self._steps, steps])
        self._values = np.concatenate([self._values, values])
        return True
