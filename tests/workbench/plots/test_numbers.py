"""Numbers as short text."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.plots import format_duration, format_number, format_share


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (3, "3"),
        (0.0123, "0.0123"),
        (1.2345, "1.23"),
        (12.0, "12"),
        (1234.5, "1234"),
        (99999, "99999"),
        (100000, "1.0e+05"),
        (1.2e-7, "1.2e-07"),
        (-0.5, "-0.5"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (None, "–"),
        (np.float32(0.5), "0.5"),
    ],
)
def test_numbers_have_three_digits(value, text):
    assert format_number(value) == text


@given(st.floats(-1e300, 1e300) | st.sampled_from([math.nan, math.inf, -math.inf]))
def test_any_number_is_short_and_close(value):
    text = format_number(value)
    assert len(text) <= 9
    if math.isfinite(value):
        assert float(text) == pytest.approx(value, rel=0.06, abs=1e-300)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0%"),
        (0.0004, "0%"),
        (0.034, "3.4%"),
        (0.0996, "10%"),
        (0.973, "97%"),
        (1.0, "100%"),
        (math.nan, "nan"),
        (None, "–"),
    ],
)
def test_shares_are_percentages(value, text):
    assert format_share(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.42, "0.4 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1:00"),
        (187, "3:07"),
        (7387, "2:03:07"),
        (273600, "3 d 4 h"),
        (math.inf, "inf"),
        (None, "–"),
    ],
)
def test_durations_take_the_largest_unit(seconds, text):
    assert format_duration(seconds) == text
