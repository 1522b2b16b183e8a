"""The moving average, against its recursion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.plots.smoothing import FEW, WEIGHTS, next_weight, smoothed, smoothed_beside


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


def test_a_curve_with_fewer_points_is_smoothed_over_as_many_steps_and_a_short_one_of_epochs_is_left():
    values = np.arange(300.0)
    np.testing.assert_array_equal(smoothed_beside(values, 0.9, 300, by_epoch=False), smoothed(values, 0.9))
    np.testing.assert_array_equal(smoothed_beside(values, 0.9, 900, by_epoch=True), smoothed(values, 0.9**3))
    assert smoothed_beside(values[:FEW], 0.9, 900, by_epoch=True) is None
    assert smoothed_beside(values, 0.0, 900, by_epoch=False) is None


def test_one_goes_through_the_weights_up_to_their_ends_from_any_weight():
    assert [next_weight(weight, 1) for weight in WEIGHTS] == [*WEIGHTS[1:], WEIGHTS[-1]]
    assert [next_weight(weight, -1) for weight in WEIGHTS] == [WEIGHTS[0], *WEIGHTS[:-1]]
    assert (next_weight(0.7, 1), next_weight(0.7, -1)) == (0.9, 0.6)
