"""All members of a population beside each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.vocabulary import Status
from workbench.track import Array, joined

Floats = NDArray[np.float64]

GOING, ENDED = "go on", "ended early"
"""How a member stands that has not diverged, before the end of the training."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The series of all P members at one moment, shared with the run as it goes on and never changed.

    S recorded steps, E epochs, as in `RunView`. Where a member has ended or diverged, its numbers are not finite from then on.
    """

    member: int  # the one that the view is of
    steps: NDArray[np.int64]  # [S]
    epoch_steps: NDArray[np.int64]  # [E]
    pieces: Mapping[str, tuple[Array, Array]]  # by name of a series of `RunView`
    ended: frozenset[int]  # those that learn no more
    standing_at_end: tuple[str, ...] | None  # P: how each of them stood, once the training was over

    def series(self, name: str) -> Floats:
        """One series of all members: [S, P] of what is recorded by step, [E, P] of the scores."""
        return joined(self.pieces[name])

    @property
    def standing(self) -> Counter[str]:
        """How many members stand how: `GOING`, `ENDED` or a value of `engine.vocabulary.Status`.

        While the training goes on, those whose cost is no longer finite have diverged.
        """
        if self.standing_at_end is not None:
            return Counter(self.standing_at_end)
        rows, latest = self.pieces["loss"]
        now = latest if len(latest) else rows[-1:]
        lost: NDArray[np.bool_] = ~np.all(np.isfinite(now), axis=0)
        lost[list(self.ended)] = False
        counts = {ENDED: len(self.ended), str(Status.DIVERGED): int(lost.sum())}
        return Counter({GOING: lost.size - sum(counts.values()), **counts})


@dataclass(frozen=True, slots=True)
class Spread:
    """How members lie about each other at N places; not-a-number where none of them has a number."""

    at: NDArray[np.intp]  # [N] rows of the series from which the quartiles are
    low: Floats  # the least, up to the next place
    quartile: Floats  # a quarter of the members lies below
    median: Floats
    upper: Floats  # a quarter lies above
    high: Floats  # the greatest, up to the next place


def spread(values: Floats, most: int = 1024) -> Spread:
    """The spread over the members of [N, P] values that need not be finite; of more than `most` rows of every 2nd, 3rd, … one.

    Quartiles lie between two members in proportion (Hyndman & Fan 1996, definition 7), of those that have a number.
    """
    finite = np.where(np.isfinite(values), values, np.nan)
    stride = max(1, -(-len(values) // most))
    at = np.arange(0, len(values), stride)
    ordered = np.sort(finite[at], axis=1)  # what is not a number comes last
    counts = np.sum(np.isfinite(ordered), axis=1)
    quartile, median, upper = (_quantile(ordered, counts, share) for share in (0.25, 0.5, 0.75))
    if len(at):
        low = np.fmin.reduceat(np.fmin.reduce(finite, axis=1), at)
        high = np.fmax.reduceat(np.fmax.reduce(finite, axis=1), at)
    else:
        low = high = np.empty(0)
    return Spread(at, low, quartile, median, upper, high)


def _quantile(ordered: Floats, counts: NDArray[np.int64], share: float) -> Floats:
    """One quantile of the first `counts` of each row: [N]."""
    place = np.maximum(counts - 1, 0) * share
    below = place.astype(np.intp)
    above = np.minimum(below + 1, np.maximum(counts - 1, 0))
    low, high = (np.take_along_axis(ordered, index[:, None], axis=1)[:, 0] for index in (below, above))
    return low + (place - below) * (high - low)
