"""Tests that one group's values lie below another's by more than chance. All are one-sided, as the claim says a direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.claims.errors import Undecided
from workbench.claims.tree import TestName

if TYPE_CHECKING:
    from workbench.claims.records import Floats

TITLES = {
    "welch": "Welch's t test",
    "mann_whitney": "Mann-Whitney U test",
    "paired": "paired t test",
    "proportions": "two-proportion z test",
}


@dataclass(frozen=True, slots=True)
class Tested:
    """What a test came to."""

    p: float
    words: str
    """Its name, p and the numbers of values."""


def tested(by: TestName, less: Sequence[float], greater: Sequence[float]) -> Tested:
    """The probability of such a difference, or a larger one in this direction, if there were none.

    Args:
        by: `welch` (t test with unequal variances), `mann_whitney` (of ranks), or `paired` (t test of the differences seed by seed).
        less: values that are claimed to be smaller.
        greater: those that are claimed to be greater.

    Raises:
        Undecided: there are fewer than two values on a side, or none of them differ.
    """
    from scipy import stats

    a, b = np.asarray(less, np.float64), np.asarray(greater, np.float64)
    if min(a.size, b.size) < 2:
        raise Undecided(f"{TITLES[by]} needs at least 2 seeds of each group; there are {a.size} and {b.size}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise Undecided(f"{TITLES[by]} needs finite numbers")
    _has_spread(by, a, b)
    match by:
        case "welch":
            p = stats.ttest_ind(a, b, equal_var=False, alternative="less").pvalue
        case "paired":
            p = stats.ttest_rel(a, b, alternative="less").pvalue
        case _:
            p = stats.mannwhitneyu(a, b, alternative="less").pvalue
    count = f"n = {a.size}" + (" pairs" if by == "paired" else f" and {b.size}")
    return Tested(float(p), _words(by, float(p), count))


def proportions(less: float, of: int, greater: float, of_greater: int) -> Tested:
    """The two-proportion z test with the pooled variance, one-sided.

    Args:
        less: the share that is claimed to be smaller.
        of: among so many examples, which are answered independently of each other; several runs on the same examples are one.
        greater: the share that is claimed to be greater.
        of_greater: among so many.

    z = (p2 - p1) / sqrt(p (1 - p) (1/n1 + 1/n2)), p being the share among all. Fleiss, Statistical Methods for Rates and Proportions.
    """
    from scipy import stats

    if min(of, of_greater) < 1:
        raise Undecided(f"{TITLES['proportions']} needs examples that were answered")
    pooled = (less * of + greater * of_greater) / (of + of_greater)
    spread = (pooled * (1 - pooled) * (1 / of + 1 / of_greater)) ** 0.5
    if spread == 0:
        raise Undecided(f"{TITLES['proportions']} finds no spread: all answers are alike")
    p = float(stats.norm.sf((greater - less) / spread))
    return Tested(p, _words("proportions", p, f"n = {of:,} and {of_greater:,} examples"))


def _has_spread(by: TestName, a: Floats, b: Floats) -> None:
    if by == "paired" and a.size != b.size:
        raise Undecided(f"{TITLES[by]} needs as many seeds of both groups; there are {a.size} and {b.size}")
    spread = np.ptp(a - b) if by == "paired" else max(np.ptp(a), np.ptp(b))
    if spread == 0 and by != "mann_whitney":
        raise Undecided(f"{TITLES[by]} finds no spread over the seeds")


def _words(by: str, p: float, count: str) -> str:
    return f"{TITLES[by]}, one-sided: {f'p = {p:.2g}' if p else 'p < 1e-300'}, {count}"
