"""Which steps are in sight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.tui.zoom import Zoom


def test_at_first_everything_is_in_sight():
    assert Zoom().window(1, 100) == (1, 100)


def test_a_window_at_the_end_goes_on_with_the_run():
    zoom = Zoom().scaled(0.5, 0, 100)
    assert zoom.window(0, 100) == (50, 100)
    assert zoom.window(0, 180) == (130, 180)


def test_a_window_about_a_step_keeps_it_where_it_was_and_stays():
    zoom = Zoom().scaled(0.5, 0, 100, 20)
    assert zoom.window(0, 100) == (10, 60)
    assert zoom.window(0, 500) == (10, 60)


def test_a_window_about_the_end_goes_on_too():
    assert Zoom().scaled(0.5, 0, 100, 100).window(0, 200) == (150, 200)


def test_wide_enough_it_is_everything_again():
    assert Zoom().scaled(0.5, 0, 100, 20).scaled(2, 0, 100, 20).whole
    assert Zoom().scaled(2, 0, 100).whole


def test_a_few_steps_are_always_in_sight():
    zoom = Zoom()
    for _ in range(50):
        zoom = zoom.scaled(0.5, 0, 1000, 500)
    low, high = zoom.window(0, 1000)
    assert high - low == pytest.approx(4)
    assert low <= 500 <= high


@pytest.mark.parametrize(("step", "window"), [(5, (5, 25)), (50, (50, 70)), (90, (70, 90)), (100, (80, 100))])
def test_a_step_is_brought_into_sight_by_the_shortest_way(step, window):
    assert Zoom(20, 70).showing(step, 0, 100).window(0, 100) == window


def test_brought_to_the_end_it_goes_on_with_the_run():
    assert Zoom(20, 70).showing(100, 0, 100).window(0, 150) == (130, 150)


@given(
    st.lists(st.tuples(st.sampled_from([0.5, 2.0]), st.none() | st.floats(0, 1000)), max_size=20),
    st.floats(0, 1000),
)
def test_a_window_lies_within_the_run_whatever_is_done(moves, length):
    zoom = Zoom()
    for factor, around in moves:
        zoom = zoom.scaled(factor, 0, length, around)
        low, high = zoom.window(0, length)
        assert -1e-6 <= low <= high <= length + 1e-6
