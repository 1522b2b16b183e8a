"""A series in one line."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.plots import sparkline
from workbench.plots.spark import sparklines


def test_lowest_and_highest_value_take_the_lowest_and_highest_block():
    assert sparkline(range(8), 8) == "▁▂▃▄▅▆▇█"


def test_a_short_series_is_followed_by_blanks():
    assert sparkline([0, 1], 4) == "▁█  "
    assert sparkline([], 3) == "   "


def test_a_level_series_is_a_level_line():
    assert set(sparkline([5.0] * 20, 10)) == {"▄"}
    assert set(sparkline([5.0, 5.0 + 1e-15], 2)) == {"▄"}


def test_a_small_spread_is_drawn_small():
    assert set(sparkline([100.0, 101.0, 100.5], 3)) <= set("▄▅")
    assert set(sparkline([1.0, 1.1, 1.05], 3, log=True)) <= set("▃▄▅")
    assert sparkline([100.0, 120.0], 2) == "▁█"
    assert sparkline([1.0, 4.0], 2, log=True) == "▁█"


def test_a_spike_stays_when_many_values_share_a_column():
    values = np.zeros(1000)
    values[537] = 1.0
    assert sparkline(values, 10) == "▁▁▁▁▁█▁▁▁▁"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_marked(bad):
    assert sparkline([0, bad, 1], 3) == "▁×█"
    values = np.linspace(0, 1, 100)
    values[55] = bad
    assert sparkline(values, 10)[5] == "×"


def test_nothing_finite_is_all_marks():
    assert sparkline([np.nan, np.inf], 2) == "××"


def test_logarithmic_heights_follow_the_exponent():
    assert sparkline(10.0 ** np.arange(-7, 1), 8, log=True) == "▁▂▃▄▅▆▇█"


def test_what_has_no_logarithm_is_marked():
    assert sparkline([1e-3, 0.0, -1.0, 1.0], 4, log=True) == "▁··█"


def test_huge_values_do_not_overflow():
    assert sparkline([-1.7e308, 0.0, 1.7e308], 3) == "▁▅█"


@given(st.lists(st.floats(width=32), max_size=200), st.integers(0, 60), st.booleans())
def test_any_series_fits_its_width(values, width, log):
    with np.errstate(all="raise"):
        assert len(sparkline(values, width, log=log)) == width


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("width", [0, 3, 10, 60])
def test_several_lines_at_once_are_the_lines_one_by_one(width, log):
    values = np.linspace(-1, 5, 80).reshape(20, 4).T.copy(order="F")  # a view of a run has them in this order
    values[1, 3], values[2, :], values[3, :] = np.inf, 0.0, np.nan
    assert sparklines(values, width, log=log) == [sparkline(row, width, log=log) for row in values]
    assert sparklines(np.empty((2, 0)), width) == [" " * width] * 2
