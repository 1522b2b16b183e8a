from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.insight.latch import Latch

SIGNS = st.lists(st.sampled_from("bg-"), min_size=1, max_size=60)  # beyond the bound, within the laxer one, between them


def plain(signs, opens_after, closes_after):
    """The same, one measurement after the other: whether it is on, and since which step."""
    bad = good = begun = 0
    on, told = False, []
    for step, sign in enumerate(signs, 1):
        begun = begun if sign == "b" and bad else step
        bad = bad + 1 if sign == "b" else 0
        good = good + 1 if sign == "g" else 0
        if bad >= opens_after:
            on = True
        elif good >= closes_after:
            on = False
        told.append((on, begun if bad else None))
    return told


def latched(signs, cuts, opens_after, closes_after):
    latch, told = Latch(opens_after, closes_after, (1, 1)), []
    edges = sorted({0, len(signs), *(cut % len(signs) for cut in cuts)})
    for first, last in pairwise(edges):
        part = np.array(signs[first:last])[:, None, None]
        result = latch.take(np.arange(first + 1, last + 1), part == "b", part == "g")
        for place in range(last - first):
            on = bool(result.on[place, 0, 0]) if result is not None else False
            is_bad = part[place, 0, 0] == "b"
            told.append((on, int(result.since[place, 0, 0]) if is_bad and result is not None else None))
    return told


@given(SIGNS, st.lists(st.integers(0, 100), max_size=8), st.integers(1, 4), st.integers(1, 4))
def test_a_series_in_parts_is_latched_as_one_by_one(signs, cuts, opens_after, closes_after):
    expected = plain(signs, opens_after, closes_after)
    found = latched(signs, cuts, opens_after, closes_after)
    assert [on for on, _ in found] == [on for on, _ in expected]
    for (on, since), (_, begun) in zip(found, expected, strict=True):
        if on and since is not None:
            assert since == begun


def test_noise_around_the_bound_does_not_make_it_flicker():
    noise = np.random.default_rng(0).normal(1.0, 0.2, (2000, 1, 1))  # the bound is 1, the laxer one 0.5
    latch = Latch(3, 3, (1, 1))
    result = latch.take(np.arange(2000), noise > 1, noise < 0.5)
    assert result is not None
    assert np.count_nonzero(np.diff(result.on[:, 0, 0])) == 1


def test_what_is_not_a_number_neither_opens_nor_closes():
    values = np.array([2.0, 2, 2, np.nan, np.nan, np.nan, np.nan])[:, None, None]
    latch = Latch(3, 3, (1, 1))
    result = latch.take(np.arange(7), values > 1, values < 0.5)
    assert result is not None
    assert result.on[:, 0, 0].tolist() == [False, False, True, True, True, True, True]
