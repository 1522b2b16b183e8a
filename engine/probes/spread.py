"""Percentiles and histograms of many numbers. Both are read off the numbers in order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import gcd
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.events import Floats
from engine.vocabulary import PERCENTILES

BINS = 40
"""Bins of a histogram, of equal width between the smallest and the largest value."""

MOST_VALUES = 2**16
"""Values that are put in order, of one member, layer and quantity. Of more, every so many-th is taken.

The 98th percentile of so many independent values is that of all of them within 0.06 percent points (one standard error).
"""

_SHARES = np.array(PERCENTILES) / 100
_HALF_AROUND = np.array([-0.5, 0.5])


def stride_of(values: int, row: int) -> int:
    """Every so many-th of `values` numbers is taken, so that at most `MOST_VALUES` are left.

    Args:
        values: how many there are.
        row: after so many the same unit comes again. The stride shares no divisor with it, so that no unit is left out for ever.
    """
    stride = -(-values // MOST_VALUES)
    while gcd(stride, row) > 1:
        stride += 1
    return stride


def in_order(sample: Tensor) -> NDArray[Any]:
    """`[P, n]` numbers, each member's from the smallest to the largest; not-a-number comes last. The sample is written over."""
    if sample.device.type != "cpu":
        return torch.sort(sample, -1).values.cpu().numpy()
    numbers: NDArray[Any] = sample.numpy()
    numbers.sort(-1)  # twenty times faster than torch.sort
    return numbers


@dataclass(frozen=True, slots=True)
class Spread:
    """How numbers are spread. Not-a-number, and no counts, where one of them is not finite."""

    percentiles: NDArray[np.float32]  # [P, K, T]
    edges: Floats  # [P, K, 2]
    counts: NDArray[np.int64]  # [P, K, H]


def spread(ordered: list[NDArray[Any]]) -> Spread:
    """Percentiles, between two values in proportion, and histograms, as `numpy.percentile` and `numpy.histogram` have them.

    A bin has its lower edge, the last one its upper edge as well. If all numbers are the same the histogram reaches from half
    below to half above them.

    Args:
        ordered: K of `[P, n]`, see `in_order`; each n is at least 1.
    """
    places = [_places(numbers.shape[1]) for numbers in ordered]
    picked = np.stack([numbers[:, at] for numbers, (at, _) in zip(ordered, places, strict=True)], 1).astype(np.float64)
    ends, low, high = picked[..., :2], picked[..., 2 : 2 + len(_SHARES)], picked[..., 2 + len(_SHARES) :]
    there = np.isfinite(ends).all(-1)
    with np.errstate(invalid="ignore", over="ignore"):
        percentiles = (low + (high - low) * np.stack([between for _, between in places])).astype(np.float32)
        edges = np.where(ends[..., :1] == ends[..., 1:], ends + _HALF_AROUND, ends)
        inner = np.linspace(edges[..., 0], edges[..., 1], BINS + 1, axis=-1)[..., 1:-1]
    bounds = np.zeros((*there.shape, BINS + 1), np.int64)
    for member, kind in np.argwhere(there).tolist():
        bounds[member, kind, 1:-1] = ordered[kind][member].searchsorted(inner[member, kind])
        bounds[member, kind, -1] = ordered[kind].shape[1]
    percentiles[~there] = np.nan
    edges[~there] = np.nan
    return Spread(percentiles, edges, np.diff(bounds, axis=-1))


@lru_cache(maxsize=256)
def _places(count: int) -> tuple[NDArray[np.int64], Floats]:
    """Where in `count` ordered numbers the first, the last and the neighbours of the percentiles stand; and how far between."""
    exact = _SHARES * (count - 1)
    below = exact.astype(np.int64)
    above = np.minimum(below + 1, count - 1)
    return np.concatenate([[0, count - 1], below, above]), exact - below
