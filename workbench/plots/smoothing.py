"""Curves made smooth, so that their course is seen through their noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WEIGHTS = (0.0, 0.6, 0.9, 0.97, 0.99)
"""Those that one goes through on the screen; 0 is the curve as it is."""

FEW = 200
"""A curve of epochs with at most so many points is left as it is: its values count one by one."""

_BLOCK = 64
"""Values that are summed up at once; the weight to this power must not be too small for a float."""


def smoothed(values: Sequence[float] | NDArray[np.generic], weight: float) -> Floats:
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


def smoothed_beside(values: Sequence[float] | NDArray[np.generic], weight: float, most: int, *, by_epoch: bool) -> Floats | None:
    """A curve of a run made smooth as far as the run's others are; None where it is left as it is.

    The weight is for the one with the most points. One with n times fewer gets it to the power of n, so that all are smoothed over
    as many steps, and none of them lags behind another.

    Args:
        values: [N].
        weight: From 0 to below 1.
        most: Points of the run's curve that has the most.
        by_epoch: Whether it has one point an epoch; while these are few, they are left as they are.
    """
    points = len(values)
    if not is_smoothed(points, weight, by_epoch=by_epoch):
        return None
    return smoothed(values, weight ** (max(most, points) / max(points, 1)))


def next_weight(weight: float, step: int) -> float:
    """The next higher or lower of `WEIGHTS`; the weight itself at their end."""
    further = [each for each in WEIGHTS if (each - weight) * step > 0]
    return min(further, key=lambda each: abs(each - weight), default=weight)


def smoothing_words(weight: float, *, smoothed: bool) -> str:
    """What is said of smoothing behind the title of curves."""
    if not weight:
        return ""
    return f", smoothed {weight:g}" if smoothed else ", too few points to smooth"


def _weighted_sums(values: Floats, weight: float) -> Floats:
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
    flat: Floats = sums.ravel()[: values.size]
    return flat
