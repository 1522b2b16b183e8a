"""Not finite numbers in words and back."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.history.processes import same
from workbench.history.marker import finite, marker, restored

NAMES = ("cost", "accuracy", "r2", "mae")


@given(st.lists(st.one_of(st.none(), st.floats()), min_size=4, max_size=4))
def test_a_row_comes_back_from_its_finite_numbers_and_its_marker(values):
    stored = [finite(value) for value in values]
    assert all(value is None or math.isfinite(value) for value in stored)
    assert same(restored(NAMES, stored, marker(NAMES, values)), tuple(values))


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1.0, None, 0.0, -2.0], None),
        ([math.nan, 1.0, math.inf, math.nan], "nan:cost,mae inf:r2"),
        ([math.nan] * 4, "nan"),
        ([-math.inf] * 4, "-inf"),
        ([math.nan, None, None, None], "nan:cost"),
    ],
)
def test_the_marker_can_be_read_by_a_person(values, text):
    assert marker(NAMES, values) == text
