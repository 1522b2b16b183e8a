"""Curves made smooth, so that their course is seen through their noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WEIGHTS = (0.0, 0.6, 0.9, 0.97, 0.99)
"""Those that one goes through on the screen; 0 is the curve as it is."""

FEW = 200
"""A curve of epochs with at most so many points is left as it is: its values count one by one."""

_BLOCK = 64
"""Values that are summed up at once; the weight to this power must not be too small for a float."""


def smoothed(values: Sequence[float] | NDArray[np.generic], weight: float) -> NDArray[np.float64]:
    """The exponential moving average s_t = weight s_(t-1) + (1 - weight) v_t over 1 - weight^t, which begins at the first value.

    Without the division it would begin at zero (Kingma & Ba 2015, section 3). Values that are not finite are left as they are
    and change no later one.

    Args:
        values: [N].
        weight: From 0, which changes nothing, to below 1.
    """
    result = np.array(values, np.float64).ravel()
    if not 0 < weight < 1:
        return result
    finite = np.isfinite(result)
    sums = _weighted_sums(result[finite], weight)
    with np.errstate(over="ignore"):
        result[finite] = sums * (1 - weight) / -np.expm1(np.log(weight) * np.arange(1, sums.size + 1))
    return result


def is_smoothed(points: int, weight: float, *, by_epoch: bool) -> bool:
    """Whether a curve is made smooth: one of steps always, one of epochs where it has many points."""
    return 0 < weight < 1 and (not by_epoch or points > FEW)


def smoothing_words(weight: float, *, smoothed: bool) -> str:
    """What is said of smoothing behind the title of curves."""
    if not weight:
        return ""
    return f", smoothed {weight:g}" if smoothed else ", too few points to smooth"


def _weighted_sums(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """S_t = weight S_(t-1) + v_t of [N] values, a block at a time: within a block as a sum of v_j weight^(t-j)."""
    block = max(1, min(_BLOCK, int(np.log(1e-150) / np.log(weight))))
    powers = weight ** np.arange(block)
    count = -(-values.size // block)
    rows = np.zeros((count, block))
    rows.ravel()[: values.size] = values
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.cumsum(rows / powers, axis=1) * powers
        carried = np.zeros(count)
        for row in range(1, count):
            carried[row] = sums[row - 1, -1] + carried[row - 1] * weight * powers[-1]
        sums += carried[:, None] * (powers * weight)
    flat: NDArray[np.float64] = sums.ravel()[: values.size]
    return flat
