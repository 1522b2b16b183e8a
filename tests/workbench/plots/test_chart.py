"""The line chart: what is seen, and that nothing makes it raise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.plots import Line, chart_rows, line_chart
from workbench.plots.axes import Scale, labels, round_values
from workbench.plots.chart import MARK
from workbench.plots.lines import MARKERS

DOTS = {chr(0x2800 + bits) for bits in range(1, 256)}


def plotted(lines, width=60, height=12, **settings):
    """The rows between legend and x axis, without the y axis."""
    rows = line_chart(lines, width, height, **settings).plain.split("\n")
    return [row[row.index(next(c for c in row if c in "│┤")) + 1 :] for row in rows[1:-2]]


def test_every_row_has_the_width_asked_for():
    text = line_chart([Line("a", range(100), np.sin(np.arange(100) / 9))], 70, 15, title="loss", x_label="step")
    rows = text.plain.split("\n")
    assert [len(row) for row in rows] == [70] * 15


def test_a_rising_line_goes_from_the_lower_left_to_the_upper_right():
    rows = plotted([Line("a", range(50), range(50))])
    assert rows[-1][0] in DOTS
    assert rows[0][-1] in DOTS
    assert rows[0][0] == " "
    assert rows[-1][-1] == " "


def test_every_column_of_a_curve_has_a_dot():
    rows = plotted([Line("a", [0, 30, 100], [0, 5, -3])])
    assert all(any(row[column] != " " for row in rows) for column in range(len(rows[0])))


def test_a_single_spike_among_many_points_is_seen():
    values = np.zeros(5000)
    values[2500] = 1.0
    rows = plotted([Line("a", range(5000), values)], width=40)
    assert rows[0].count(" ") == len(rows[0]) - 1
    assert abs(rows[0].index(rows[0].strip()) - len(rows[0]) / 2) <= 1


def test_steep_parts_have_no_holes():
    rows = plotted([Line("a", range(20), [0] * 10 + [1] * 10)])
    assert all(row.strip() for row in rows)


def test_lines_are_told_apart_without_colour():
    lines = [Line(f"run {number}", range(100), np.full(100, float(number))) for number in range(4)]
    text = line_chart(lines, 80, 16).plain
    for marker in MARKERS[1:4]:
        assert marker in text.split("\n")[0]
        assert text.count(marker) > 1
    assert "── run 0" in text


def test_signs_keep_their_lines_colour_where_lines_cross():
    lines = [Line(f"run {number}", range(50), range(50), colour) for number, colour in enumerate(("red", "green", "blue"))]
    pieces = [piece for row in chart_rows(lines, 70, 12)[1:-2] for piece in row[1:]]
    assert {style for text, style in pieces if MARKERS[1] in text} == {"green"}
    assert {style for text, style in pieces if MARKERS[2] in text} == {"blue"}


def test_a_line_that_stops_being_finite_ends_with_a_sign():
    values = np.exp(np.arange(40.0))
    values[30], values[31:] = np.inf, np.nan
    rows = plotted([Line("a", range(40), values)], log=True)
    assert "".join(rows).count("×") == 1
    column = next(row.index("×") for row in rows if "×" in row)
    assert column / len(rows[0]) == pytest.approx(30 / 39, abs=0.03)
    assert not any(row[column + 1 :].strip() for row in rows)
    assert "× not finite" in line_chart([Line("a", range(40), values)], 60, 12).plain


def test_a_gap_is_not_bridged():
    values = np.ones(100)
    values[40:60] = np.nan
    row = next(row for row in plotted([Line("a", range(100), values)]) if row.strip())
    assert row[len(row) // 2] == " "
    assert row[0] in DOTS
    assert row[-1] in DOTS


def test_without_finite_points_the_chart_says_so():
    assert "no finite values yet" in line_chart([Line("a", [1, 2], [np.nan, np.inf])], 60, 10).plain
    assert "no finite values yet" in line_chart([], 60, 10).plain


def test_a_logarithmic_chart_labels_powers_of_ten_and_leaves_out_the_rest():
    text = line_chart([Line("a", range(5), [1e-4, 1e-2, 0.0, -1.0, 1.0])], 60, 16, log=True).plain
    for label in ("1.0e-04", "0.01", "1"):
        assert f"{label}┤" in text
    assert "×" not in text


def test_positive_costs_are_seen_against_zero():
    assert "0┤" in line_chart([Line("a", range(10), np.linspace(0.2, 2.0, 10))], 60, 12).plain
    assert "0┤" not in line_chart([Line("a", range(10), np.linspace(0.90, 0.99, 10))], 60, 12).plain.replace("0.90┤", "")


def test_steps_are_labelled_with_whole_numbers():
    bottom = line_chart([Line("a", [1, 2, 3], [1, 2, 3])], 70, 10, x_label="step").plain.split("\n")[-1]
    assert bottom.split() == ["1", "2", "step"] or bottom.split() == ["1", "2", "3", "step"]


def test_each_piece_has_the_colour_of_its_line():
    rows = chart_rows([Line("a", range(9), range(9), "red"), Line("b", range(9), range(9, 0, -1), "blue")], 40, 10)
    styles = {style for row in rows[1:-2] for text, style in row[1:] if text.strip()}
    assert styles == {"red", "blue"}


@pytest.mark.parametrize(("width", "height"), [(0, 0), (1, 1), (5, 3), (15, 10), (40, 3), (16, 4)])
def test_tiny_charts_do_not_raise(width, height):
    rows = line_chart([Line("a", range(50), range(50))], width, height).plain.split("\n")
    assert len(rows) == max(height, 1)
    assert all(len(row) == width for row in rows) or height == 0


@given(
    st.lists(st.lists(st.floats(), max_size=40), max_size=4),
    st.integers(0, 90),
    st.integers(0, 30),
    st.booleans(),
)
def test_any_values_make_a_chart_of_the_right_size(series, width, height, log):
    lines = [Line(f"line {number}", range(len(values)), values) for number, values in enumerate(series)]
    rows = chart_rows(lines, width, height, log=log, title="loss", x_label="step")
    assert len(rows) == height
    assert all(sum(len(text) for text, _ in row) == width for row in rows)


def test_round_values_are_multiples_of_one_two_or_five():
    assert round_values(0, 1, 5) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert round_values(3, 97, 4) == pytest.approx([50])
    assert round_values(3, 97, 5) == pytest.approx([20, 40, 60, 80])
    assert round_values(1, 3, 9, least=1.0) == [1, 2, 3]


def test_labels_have_the_decimals_that_tell_them_apart():
    assert labels([0.0, 0.2, 0.4]) == ["0.0", "0.2", "0.4"]
    assert labels([0.0, 50.0, 100.0]) == ["0", "50", "100"]
    assert labels([0.91, 0.92]) == ["0.91", "0.92"]
    assert labels([0.0, 1e-8]) == ["0", "1.0e-08"]


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300), st.integers(1, 20))
def test_ticks_lie_on_the_scale(low, high, count):
    scale = Scale.around(min(low, high), max(low, high))
    for position, label in scale.ticks(count):
        assert -0.01 <= position <= 1.01
        assert label


@pytest.mark.parametrize("log", [False, True])
@given(low=st.floats(1e-6, 1e6), size=st.floats(1.0001, 1e9), height=st.integers(7, 30))
def test_two_labels_at_least_and_one_of_them_near_the_top(log, low, size, height):
    rows = line_chart([Line("a", [0, 1], [low, low * size])], 60, height, log=log).plain.split("\n")[1:-2]
    labelled = [number for number, row in enumerate(rows) if "┤" in row]
    assert len(labelled) >= 2
    assert labelled[0] <= 0.35 * (len(rows) - 1)


def test_shares_are_labelled_in_percent():
    text = line_chart([Line("a", [0, 1], [0.0, 1.0])], 60, 12, share=True).plain
    assert "100%┤" in text
    assert "0%┤" in text


def test_marks_stand_at_their_places_behind_the_lines():
    line = Line("a", range(101), [1.0] * 101)
    plain, marked = plotted([line]), plotted([line], marks=[0, 50, 100, 101, -1], mark="changed")
    columns = {column for row in marked for column, sign in enumerate(row) if sign == MARK}
    assert columns == {0, round((len(plain[0]) - 1) / 2), len(plain[0]) - 1}
    for before, after in zip(plain, marked, strict=True):
        assert all(sign == dot for sign, dot in zip(after, before, strict=True) if dot in DOTS)
    assert sum(row.count(MARK) for row in marked) == 3 * (len(marked) - 1)  # the line itself is not broken


def test_the_legend_says_what_marks_are_only_where_there_are_some():
    line = Line("a", range(5), range(5))
    assert line_chart([line], 60, 10, marks=[2], mark="changed").plain.split("\n")[0].rstrip().endswith(f"{MARK} changed")
    assert "changed" not in line_chart([line], 60, 10, mark="changed").plain


def test_marks_have_the_style_of_the_axes():
    rows = chart_rows([Line("a", range(5), range(5))], 60, 10, marks=[2], axis="axis")
    assert {style for row in rows for text, style in row if MARK in text} == {"axis"}
