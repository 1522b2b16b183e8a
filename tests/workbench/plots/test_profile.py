"""How statistics run through the layers, as text."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.plots.profile import GHOST, Profile, profile_rows, shown_layers
from workbench.plots.profile_styles import BAR, EXPECTED, STYLES

NAN = float("nan")


def lines(rows):
    return ["".join(text for text, _ in row) for row in rows]


def drawn(measured, expected, width=60, height=None, names=None, **more):
    names = names if names is not None else [f"hidden {number + 1}" for number in range(len(measured))]
    height = height if height is not None else len(names) + 3
    return profile_rows(names, [Profile("gradient std", np.array(measured), np.array(expected))], width, height, **more)


def filled(row):
    """Characters of the bar of one line, the ghost taken for one of them where it lies on it."""
    return sum(len(text.strip()) for text, style in row if style.startswith(BAR))


def place(row):
    """The column of the ghost."""
    return "".join(text for text, _ in row).index(GHOST)


def test_a_power_of_ten_is_always_as_long():
    rows = drawn([1e-5, 1e-4, 1e-3, 1e-2, 1e-1], [NAN] * 5, width=90)
    lengths = [filled(row) for row in rows[1:6]]
    steps = np.diff(lengths)
    assert set(steps.tolist()) <= {steps[0], steps[0] + 1, steps[0] - 1}
    assert steps.min() > 5


def test_the_ghost_stands_where_the_end_of_an_equal_bar_is():
    measured = [1e-5, 3e-4, 2e-2, 0.5]
    rows = drawn(measured, measured, width=90)
    bars = drawn(measured, [NAN] * 4, width=90)
    for row, bar in zip(rows[1:5], bars[1:5], strict=True):
        end = max(number for number, sign in enumerate(lines([bar])[0][:70]) if sign in "▏▎▍▌▋▊▉█")
        assert abs(place(row) - end) <= 1


def test_numbers_stand_behind_the_bars_and_what_is_not_there_is_a_dash():
    (_, first, second, third, *_) = lines(drawn([2.5e-7, NAN, 0.0], [0.25, NAN, 1.5], width=70))
    assert first.split()[-2:] == ["2.5e-07", "0.25"]
    assert second.split() == ["hidden", "2", "–", "–"]
    assert third.split()[-2:] == ["0", "1.5"]


def test_of_many_layers_the_first_and_the_last_are_drawn():
    assert shown_layers(4, 4) == [0, 1, 2, 3]
    assert shown_layers(30, 5) == [0, 7, 14, 22, 29]
    text = lines(drawn([0.1] * 30, [0.1] * 30, height=8))
    assert len(text) == 8
    assert "hidden 1 " in text[1]
    assert any("hidden 30" in line for line in text)


def test_without_a_ghost_there_is_no_room_for_one():
    rows = profile_rows(["hidden 1", "output"], [Profile("gradient std", np.array([0.1, 0.2]), heading="forecast")], 50, 6)
    assert lines(rows)[0].split() == ["gradient", "std", "forecast"]
    assert lines(rows)[1].split()[-1] == "0.1"
    assert GHOST not in "".join(lines(rows))


def test_where_there_is_room_bars_are_thick_with_a_gap_between_them():
    text = lines(drawn([1e-3, 1e-1], [NAN, NAN], height=9))
    assert ["█" in line for line in text[1:7]] == [True, True, False] * 2
    assert ["hidden" in line for line in text[1:7]] == [False, True, False] * 2


def test_the_chosen_layer_is_marked_by_a_sign():
    text = lines(drawn([0.1, 0.2], [0.1, 0.2], chosen=1))
    assert [line[0] for line in text[1:3]] == [" ", "▸"]


def test_two_stand_side_by_side_where_there_is_room():
    one, other = (Profile(title, np.array([0.1, 0.2]), np.array([0.3, 0.4])) for title in ("gradient std", "activation std"))
    names = ["hidden 1", "output"]
    assert "activation std" in lines(profile_rows(names, [one, other], 80, 10))[0]
    assert "activation std" not in lines(profile_rows(names, [one, other], 40, 10))[0]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.floats(), st.floats()), max_size=40),
    st.integers(0, 130),
    st.integers(0, 40),
)
def test_whatever_the_numbers_it_fills_its_place_and_no_more(values, width, height):
    measured, expected = ([pair[side] for pair in values] for side in (0, 1))
    rows = drawn(measured, expected, width, height)
    assert len(rows) == height
    assert {len(line) for line in lines(rows)} <= {width}
    assert {style for row in rows for _, style in row} <= STYLES | {""}


@pytest.mark.parametrize("height", [0, 1, 3])
def test_without_room_there_is_but_its_title(height):
    assert all(GHOST not in line for line in lines(drawn([0.1], [0.2], height=height)))


def test_a_legend_above_says_what_the_ghosts_are_where_there_is_a_line_for_it():
    plain = lines(drawn([0.1, 0.2], [0.3, 0.4], width=50, height=7))
    told = drawn([0.1, 0.2], [0.3, 0.4], width=50, height=8, legend="expected at step 1")
    assert lines(told)[0] == f"{GHOST} expected at step 1".ljust(50)
    assert told[0][0] == (GHOST, EXPECTED)
    assert lines(told)[1:] == plain
    assert lines(drawn([0.1, 0.2], [0.3, 0.4], width=12, height=8, legend="expected at step 1"))[0] == f"{GHOST} expected …"
    assert lines(drawn([0.1], [0.3], height=4, legend="expected")) == lines(drawn([0.1], [0.3], height=4))


def test_expected_and_measured_have_styles_of_their_own():
    row = drawn([0.5], [0.01])[1]
    assert {style for _, style in row} >= {EXPECTED, f"{BAR}-0"}


def test_what_is_left_out_is_marked_and_counted_and_the_chosen_layer_never_is():
    names = [f"hidden {number}" for number in range(1, 11)]
    rows = ["".join(text for text, _ in row) for row in profile_rows(names, [Profile("x", np.ones(10))], 60, 11, chosen=6)]
    shown = [row.split("  ")[0] for row in rows[1:-2]]
    assert len(shown) == 8
    assert "▸hidden 7" in shown
    assert shown[0] == " hidden 1"
    gaps = [after for before, after in pairwise(shown) if int(after.split()[1]) > int(before.split()[1]) + 1]
    assert gaps
    assert all(row[0] in "⋮▸" for row in gaps)
    assert rows[-1].startswith("⋮2 more")


def test_where_all_layers_have_room_nothing_is_said_to_be_left_out():
    rows = ["".join(text for text, _ in row) for row in profile_rows(["a", "b"], [Profile("x", np.ones(2))], 60, 12)]
    assert not any("⋮" in row for row in rows)
