"""The tests of claims against their closed forms and exact counts."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from workbench.claims.errors import Undecided
from workbench.claims.statistics import proportions
from workbench.claims.statistics import tested as probability

A, B = (3.1, 2.9, 3.4, 3.0, 3.3), (3.6, 3.2, 3.9, 3.5)


def test_welch_is_the_t_distribution_with_the_degrees_of_welch_and_satterthwaite():
    a, b = np.array(A), np.array(B)
    va, vb = a.var(ddof=1) / a.size, b.var(ddof=1) / b.size
    t = (a.mean() - b.mean()) / math.sqrt(va + vb)
    degrees = (va + vb) ** 2 / (va**2 / (a.size - 1) + vb**2 / (b.size - 1))
    assert probability("welch", A, B).p == pytest.approx(stats.t.cdf(t, degrees))
    assert probability("welch", B, A).p == pytest.approx(1 - probability("welch", A, B).p)


def test_paired_is_the_t_distribution_of_the_differences():
    a, b = np.array(A[:4]), np.array(B)
    difference = a - b
    t = difference.mean() / (difference.std(ddof=1) / 2)
    found = probability("paired", A[:4], B)
    assert found.p == pytest.approx(stats.t.cdf(t, 3))
    assert found.words.endswith("n = 4 pairs")


def test_mann_whitney_counts_the_orders_that_are_as_extreme():
    a, b = (1.0, 2.0, 4.0), (3.0, 5.0, 6.0)
    own = sum(x < y for x in a for y in b)
    ways = [sum(x < y for x in chosen for y in set(a + b) - set(chosen)) for chosen in itertools.combinations(sorted(a + b), 3)]
    assert probability("mann_whitney", a, b).p == pytest.approx(sum(way >= own for way in ways) / len(ways))


def test_proportions_are_the_normal_distribution_with_the_pooled_variance():
    pooled = (0.03 * 10_000 + 0.034 * 5_000) / 15_000
    z = (0.034 - 0.03) / math.sqrt(pooled * (1 - pooled) * (1 / 10_000 + 1 / 5_000))
    found = proportions(0.03, 10_000, 0.034, 5_000)
    assert found.p == pytest.approx(0.5 * math.erfc(z / math.sqrt(2)))
    assert found.words.endswith("n = 10,000 and 5,000 examples")


def test_proportions_agree_with_chi_squared():
    wrong, right = np.array([30, 60]), np.array([970, 940])
    squared = stats.chi2_contingency(np.stack([wrong, right]), correction=False).pvalue
    assert 2 * proportions(0.03, 1000, 0.06, 1000).p == pytest.approx(squared)


@pytest.mark.parametrize("by", ["welch", "paired", "mann_whitney"])
@pytest.mark.parametrize(
    ("less", "greater"), [((1.0,), (2.0, 3.0)), ((1.0, 2.0), (3.0,)), ((), ()), ((1.0, math.inf), (2.0, 3.0))]
)
def test_too_few_or_infinite_values_are_no_test(by, less, greater):
    with pytest.raises(Undecided):
        probability(by, less, greater)


def test_pairs_need_partners():
    with pytest.raises(Undecided, match="as many seeds"):
        probability("paired", A, B)


def test_without_spread_there_is_no_test():
    for by in ("welch", "paired"):
        with pytest.raises(Undecided, match="no spread"):
            probability(by, (1.0, 1.0), (2.0, 2.0))
    with pytest.raises(Undecided, match="no spread"):
        probability("paired", (1.0, 2.0), (2.0, 3.0))
    with pytest.raises(Undecided, match="all answers are alike"):
        proportions(0.0, 100, 0.0, 100)
    with pytest.raises(Undecided, match="examples"):
        proportions(0.0, 0, 0.5, 100)
