"""Heat maps as text, cell by cell."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import workbench.tui
from workbench.plots.heat import AROUND, DIVERGING_SIGNS, RAMP, SIGNS, STYLES, heat_map, heat_text


def lines(rows):
    return ["".join(text for text, _ in row) for row in rows]


def cells(rows, margin):
    """What stands in the cells: the lines between legend and axis."""
    return [line[margin + 1 :] for line in lines(rows)[1:-2]]


def drawn(values, *, width=24, height=None, x=None, names=None, **more):
    values = np.array(values, np.float64)
    names = names if names is not None else [f"l{number}" for number in range(len(values))]
    x = np.arange(values.shape[1], dtype=np.float64) if x is None else np.array(x, np.float64)
    return heat_map(values, names, x, width, height or len(values) + 3, **more).rows


def test_each_cell_has_the_sign_of_its_level():
    rows = drawn([[*range(9), *range(8, -1, -1)]], width=21)
    assert cells(rows, 2) == [SIGNS + SIGNS[::-1]]
    assert [style for _, style in rows[1][1:]] == [f"heat--{level}" for level in (*range(8), 8, *range(7, -1, -1))]
    assert len(set(SIGNS)) == len(set(DIVERGING_SIGNS)) == 9


def test_with_log_levels_go_by_powers_of_ten():
    rows = drawn([[10.0**power for power in range(9)]] * 2, width=20, x=range(9), log=True)
    assert cells(rows, 2)[0] == "".join(sign * 2 for sign in SIGNS)[:-1]  # half-way between two, the earlier one
    assert lines(rows)[0].startswith("1 ·:-=+*#%@ 1.0e+08 log"[:19])


def test_what_is_no_number_has_a_sign_of_its_own_and_the_legend_says_which():
    rows = drawn([[np.nan, 0.0, 1.0, 1000.0, np.inf, -1.0] * 3], width=70, x=range(18), log=True)
    row = cells(rows, 2)[0]
    assert set(row) == {" ", "0", "·", "@", "×"}
    assert row.startswith(" ")
    assert "0 zero" in lines(rows)[0]
    assert "× not finite" in lines(rows)[0]
    assert "not finite" not in lines(drawn([[0.0, 1.0]], width=70))[0]


def test_around_zero_the_middle_is_neutral_and_both_sides_have_signs_and_colours_of_their_own():
    rows = drawn([[-4, -3, -2, -1, 0, 1, 2, 3, 4, -4, 0, 4, 0, 4, 0, 0, 0]], width=20, diverging=True)
    assert cells(rows, 2) == [DIVERGING_SIGNS + "≡·#·#···"]
    assert rows[1][1] == ("≡", "heat--around-0")
    assert lines(drawn([[-1.0, 3.0]], width=60, diverging=True))[0].startswith("-3 ≡=-,·'+*# 3")
    ratio = drawn([[0.1, 1.0, 10.0]], width=16, x=[0, 1, 2], log=True, diverging=True)
    assert cells(ratio, 2)[0][0] == "≡"
    assert cells(ratio, 2)[0][6] == "·"
    assert cells(ratio, 2)[0][-1] == "#"


def test_the_axis_is_that_of_a_chart_and_cells_show_the_nearest_measurement():
    rows = drawn([[1.0, 2.0, 3.0]], x=[0, 10, 100], width=24)
    row = cells(rows, 2)[0]
    assert row == "·" * 2 + "+" * 10 + "@" * 9  # 0 to 5, to 55, to 100
    assert "┬" in lines(rows)[-2]
    assert lines(rows)[-1].split() == ["0", "50", "step"]


def test_many_columns_share_cells_by_the_mean_of_logarithms_or_the_farthest_from_zero():
    log = np.full(1000, 1e-4)
    log[500:] = 1e-2
    log[::2] *= 100  # the mean of the logs is in the middle of both
    rows = drawn([log, np.full(1000, 1e-3), np.full(1000, 1e-5), np.full(1000, 1.0)], width=42, log=True)
    first, same = cells(rows, 2)[:2]
    assert first[:18] == same[:18]
    spike = np.zeros(1000)
    spike[537] = -7.0
    spiked = cells(drawn([spike], width=42), 2)[0]
    assert spiked.count("·") == 1
    assert spiked[20] == "·"
    assert spiked.count("@") == 38


def test_rows_are_higher_where_there_is_room_and_share_lines_where_there_is_not():
    assert lines(drawn([[1.0, 2.0], [3.0, 4.0]], height=10))[1:7] == [
        "  │" + "-" * 11 + "+" * 10,
        "l0│" + "-" * 11 + "+" * 10,
        "  │" + "-" * 11 + "+" * 10,
        "  │" + "#" * 11 + "@" * 10,
        "l1│" + "#" * 11 + "@" * 10,
        "  │" + "#" * 11 + "@" * 10,
    ]
    values = [[10.0**row, 10.0**row] for row in range(7)]
    many = drawn(values, names=["conv", *(f"hidden {row}" for row in range(1, 6)), "output"], height=6, width=60, log=True)
    assert [line.split("│")[0].strip() for line in lines(many)[1:4]] == ["conv +1", "hidden 2–3", "hidden 4 +2"]


def test_labels_are_shortened():
    assert lines(drawn([[1.0, 2.0]], names=["2.1.3 average_pool"], width=40))[1].startswith("2.1.3 ave…│")


def test_the_chosen_row_and_the_marks_have_a_sign():
    rows = drawn([[1.0, 2.0]] * 3, x=[0, 100], width=60, marks=[50.0, 500.0], mark="changed", chosen=1)
    assert [line[2] for line in lines(rows)[1:4]] == ["│", "▐", "│"]
    assert rows[2][0][1] == "heat--chosen"
    assert lines(rows)[-2].count("▲") == 1
    assert lines(rows)[-2].index("▲") == 3 + 28
    assert "▲ changed" in lines(rows)[0]


def test_a_point_of_the_map_leads_to_its_values():
    values = np.arange(12.0).reshape(2, 6) + 1
    heat = heat_map(values, ["a", "b"], np.arange(6.0), 20, 9, title="t")
    assert heat.at(1, 1) is None
    assert heat.at(5, 0) is None
    assert heat.at(5, 7) is None
    assert heat_map(values, ["a", "b"], np.arange(6.0), 20, 2).at(5, 1) is None
    cell = heat.at(2, 6)
    assert (cell.rows, cell.columns, cell.value) == (range(1, 2), range(1), 7.0)
    last = heat.at(19, 1)
    assert (last.rows, last.columns, last.value) == (range(1), range(5, 6), 6.0)


def test_noise_does_not_fill_the_scale():
    noise = 5.0 + 1e-6 * np.sin(np.arange(200.0))
    assert set(cells(drawn([noise]), 2)[0]) == {"+"}
    assert len(set(cells(drawn([noise], log=True), 2)[0])) == 1


def test_a_scale_can_reach_farther_than_the_values():
    half = drawn([[0.5, 0.5]], width=60, ends=(0.0, 1.0), hint="n next")
    assert set(cells(half, 2)[0]) == {"+"}
    assert lines(half)[0].startswith("0 ·:-=+*#%@ 1  n next")
    assert set(cells(drawn([[0.5, 2.0]], width=60, ends=(0.0, 1.0)), 2)[0]) == {"-", "@"}


def test_nothing_measured_is_said_in_words():
    rows = drawn(np.empty((3, 0)), width=40, height=10, title="gradient std")
    assert "not measured yet" in "\n".join(lines(rows))
    assert lines(rows)[0].startswith("gradient std")


def test_the_command_line_gets_the_same_text():
    rows = drawn([[1.0, 2.0, np.inf]])
    text = heat_text(rows)
    assert text.plain == "\n".join(lines(rows))
    assert {style for row in rows for _, style in row} <= STYLES | {""}


def lightness(colour):
    """L* of CIELAB for a colour as `#rrggbb`."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    luminance = float(np.dot(linear, (0.2126, 0.7152, 0.0722)))
    return 116 * luminance ** (1 / 3) - 16


def test_levels_are_told_apart_by_their_lightness_alone():
    assert min(np.diff([lightness(colour) for colour in RAMP])) > 5
    away = [lightness(colour) for colour in AROUND]
    assert min(np.diff(away[4:])) > 5
    assert min(np.diff(away[4::-1])) > 5


def test_the_interface_has_a_rule_for_every_style():
    rules = (Path(workbench.tui.__file__).parent / "styles" / "layers.tcss").read_text()
    assert [name for name in STYLES if f"& > .{name} {{" not in rules] == []
    assert [colour for colour in (*RAMP, *AROUND) if colour not in rules] == []


@settings(max_examples=150, deadline=None)
@given(
    values=arrays.arrays(np.float64, st.tuples(st.integers(0, 9), st.integers(0, 40)), elements=st.floats(width=64)),
    width=st.integers(0, 90),
    height=st.integers(0, 14),
    log=st.booleans(),
    diverging=st.booleans(),
    data=st.data(),
)
def test_every_map_fits_exactly_whatever_the_values(values, width, height, log, diverging, data):
    x = data.draw(arrays.arrays(np.float64, values.shape[1], elements=st.floats(width=64)))
    x = x if data.draw(st.booleans()) else np.sort(x)
    rows = heat_map(values, ["name"] * len(values), x, width, height, log=log, diverging=diverging, marks=x[:3], mark="m").rows
    assert [len(line) for line in lines(rows)] == [width] * height


@pytest.mark.parametrize("log", [False, True])
def test_arguments_that_do_not_go_together_are_cut(log):
    assert len(heat_map(np.ones((3, 5)), ["a"], np.arange(2.0), 30, 8, log=log).rows) == 8
