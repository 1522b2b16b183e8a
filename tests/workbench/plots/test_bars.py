"""Bars on a logarithmic scale."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.plots import log_bar
from workbench.plots.bars import DECADES


def eighths(bar):
    return sum(8 if glyph == "█" else "▏▎▍▌▋▊▉".index(glyph) + 1 for glyph in bar.strip())


def test_the_largest_is_full_and_each_power_of_ten_takes_as_much_away():
    lengths = [eighths(log_bar(10.0**-power, 1.0, 10)) for power in range(int(DECADES))]
    assert lengths == [round(80 * (1 - power / DECADES)) for power in range(int(DECADES))]


def test_what_is_tiny_still_shows_and_what_is_no_size_is_marked():
    assert log_bar(1e-30, 1.0, 4) == "▏   "
    assert log_bar(0.0, 1.0, 4) == "·   "
    assert log_bar(float("nan"), 1.0, 4) == "×   "


@given(st.floats(), st.floats(), st.integers(0, 20))
def test_any_value_fits_its_width(value, largest, width):
    assert len(log_bar(value, largest, width)) == width


@pytest.mark.parametrize("width", [4, 8])
def test_larger_is_never_shorter(width):
    values = [10.0 ** (-power / 4) for power in range(40, -1, -1)]
    lengths = [eighths(log_bar(value, 1.0, width)) for value in values]
    assert lengths == sorted(lengths)
