"""The moving average, against its recursion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.plots.smoothing import WEIGHTS, smoothed


def recursion(values, weight):
    state, count, result = 0.0, 0, []
    for value in values:
        if np.isfinite(value):
            state, count = weight * state + (1 - weight) * value, count + 1
            value = state / (1 - weight**count)
        result.append(value)
    return result


@pytest.mark.parametrize("weight", [*WEIGHTS[1:], 0.01, 0.9999])
@given(st.lists(st.floats(-1e6, 1e6) | st.sampled_from([np.nan, np.inf]), max_size=300))
def test_it_is_the_recursion_without_its_beginning_at_zero(weight, values):
    np.testing.assert_allclose(smoothed(values, weight), recursion(values, weight), rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("weight", [0.0, 1.0, -1.0, np.nan])
def test_other_weights_change_nothing(weight):
    np.testing.assert_array_equal(smoothed([1.0, np.nan, 3.0], weight), [1.0, np.nan, 3.0])


def test_a_constant_stays_what_it_is_over_thousands_of_points():
    np.testing.assert_allclose(smoothed(np.full(5000, 2.5), 0.99), 2.5)


def test_huge_values_do_not_raise():
    with np.errstate(all="raise"):
        assert smoothed([1e308, -1e308, 1e308] * 100, 0.5).shape == (300,)
