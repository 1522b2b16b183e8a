"""Windows, cursors, bands and faint lines of a chart: what is seen of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.plots import Band, Line, draw_chart, line_chart
from workbench.plots.canvas import CURSOR, SHADE
from workbench.plots.chart import Inks

SHADED = chr(0x2800 + SHADE)
INKS = Inks(axis="axis", pointer="pointer", lines=("first", "second"), faint=("faint first", "faint second"))


def inside(chart):
    """The characters between the axes."""
    return ["".join(text for text, _ in row)[chart.left :] for row in chart.rows[1:-2]]


def styled(chart, style):
    return "".join(text for row in chart.rows[1:-2] for text, of in row if of == style)


# --- windows ------------------------------------------------------------------------


def test_a_window_is_drawn_as_if_there_were_nothing_else():
    x = np.arange(1001.0)
    y = np.sin(x / 50) + 2
    part = slice(200, 401)
    cut = draw_chart([Line("a", x, y)], 70, 15, window=(200, 400))
    alone = draw_chart([Line("a", x[part], y[part])], 70, 15)
    assert cut.rows == alone.rows
    assert (cut.low, cut.high) == (200, 400)


def test_a_line_goes_on_to_the_edges_of_a_window_between_its_points():
    rows = inside(draw_chart([Line("a", [0, 100], [0.0, 100.0])], 60, 12, window=(40, 60)))
    assert rows[-1][0] != " "
    assert rows[0][-1] != " "


def test_what_is_not_finite_outside_a_window_is_not_drawn_into_it():
    x, y = np.arange(10.0), np.array([*range(5), np.nan, np.nan, np.inf, 8, 9], float)
    assert "no finite values yet" in line_chart([Line("a", x, y)], 60, 12, window=(5.2, 6.8)).plain


@given(
    st.lists(st.tuples(st.integers(0, 50), st.floats()), max_size=30),
    st.floats(-10, 60),
    st.floats(-10, 60),
    st.booleans(),
)
def test_any_window_makes_a_chart_of_the_right_size(points, begin, end, log):
    points = sorted(points, key=lambda point: point[0])
    x, y = [float(place) for place, _ in points], [value for _, value in points]
    band = Band("b", x, y, y[::-1])
    chart = draw_chart(
        [Line("a", x, y), Line("b", x, y, faint=True)], 50, 10, log=log, bands=[band], window=(begin, end), cursor=begin
    )
    assert [sum(len(text) for text, _ in row) for row in chart.rows] == [50] * 10


# --- the cursor ---------------------------------------------------------------------


def test_a_cursor_stands_at_its_place_and_breaks_no_line():
    line = Line("a", range(101), [1.0] * 101)
    plain, read = (inside(draw_chart([line], 60, 12, cursor=cursor)) for cursor in (None, 50.0))
    column = round((len(plain[0]) - 1) / 2)
    assert {at for row in read for at, sign in enumerate(row) if sign == CURSOR} == {column}
    assert [row[column] for row in read].count(CURSOR) == len(read) - 1
    assert "".join(read).replace(CURSOR, " ") == "".join(plain)


def test_a_cursor_out_of_sight_is_not_drawn():
    chart = draw_chart([Line("a", range(101), range(101))], 60, 12, window=(0, 50), cursor=80.0, inks=INKS)
    assert styled(chart, "pointer") == ""


@pytest.mark.parametrize("place", [0.0, 37.0, 100.0])
def test_columns_and_places_belong_together(place):
    chart = draw_chart([Line("a", range(101), range(101))], 60, 12, cursor=place, inks=INKS)
    column = next(row.index(CURSOR) for row in inside(chart) if CURSOR in row) + chart.left
    assert abs(chart.x_at(column) - place) <= chart.per_column / 2
    assert chart.x_at(-5) == 0
    assert chart.x_at(500) == 100


def test_without_an_axis_there_are_no_places():
    assert draw_chart([], 60, 12).x_at(30) is None
    assert draw_chart([Line("a", [1], [1])], 10, 2).x_at(3) is None


# --- what is behind the lines -------------------------------------------------------------


def test_a_band_shades_what_lies_between_and_nothing_else():
    x = range(101)
    band = Band("quartiles", x, [2.0] * 101, [4.0] * 101)
    rows = inside(draw_chart([Line("a", x, [6.0] * 101), Line("b", x, [0.0] * 101)], 60, 20, bands=[band], inks=INKS))
    shaded = [SHADED in row for row in rows]
    first, last = shaded.index(True), len(shaded) - 1 - shaded[::-1].index(True)
    assert all(shaded[first : last + 1])
    assert (first, last) == (pytest.approx(len(rows) / 3, abs=1.5), pytest.approx(2 * len(rows) / 3, abs=1.5))


def test_lines_stand_over_bands_and_faint_lines_and_take_their_cells():
    x = range(101)
    flat = [1.0] * 101
    band, faint = Band("band", x, [0.0] * 101, [2.0] * 101, hue=1), Line("a", x, flat, faint=True)
    chart = draw_chart([faint, Line("a", x, flat)], 60, 20, bands=[band], inks=INKS)
    alone = draw_chart([Line("low", x, [0.0] * 101), Line("high", x, [2.0] * 101), Line("a", x, flat)], 60, 20)
    assert styled(chart, "faint first") == ""
    assert set(styled(chart, "first")) <= {sign for row in inside(alone) for sign in row}
    assert SHADED in styled(chart, "faint second")


def test_faint_lines_have_no_signs_and_no_words():
    lines = [Line("hidden", range(50), range(50), faint=True), Line("seen", range(50), range(50, 0, -1))]
    text = line_chart(lines, 60, 12).plain
    assert "hidden" not in text
    assert "── seen" in text
    assert not set("●▲■") & set(text)


def test_bands_are_named_with_a_piece_of_them():
    bands = [Band("quartiles", [0, 1], [0, 0], [1, 1]), Band("", [0, 1], [0, 0], [1, 1], shaded=False)]
    head = line_chart([Line("a", [0, 1], [0, 1])], 60, 12, bands=bands).plain.split("\n")[0]
    assert head.split() == ["──", "a", SHADED * 2, "quartiles"]


def test_a_few_outliers_behind_the_lines_do_not_press_the_lines_flat():
    noise = np.r_[np.ones(990), np.full(5, 1e6), np.ones(5)]
    chart = draw_chart([Line("a", range(1000), noise, faint=True), Line("a", range(1000), np.linspace(0, 1, 1000))], 60, 12)
    assert "1.0┤" in "".join(text for row in chart.rows for text, _ in row)


def test_edges_that_are_dotted_may_leave_the_chart():
    band = Band("extremes", range(10), [0.0] * 10, [1e9] * 10, shaded=False)
    assert "1.0┤" in line_chart([Line("a", range(10), np.linspace(0.0, 1.0, 10))], 60, 12, bands=[band]).plain


def test_a_band_longer_than_the_lines_ends_with_them():
    line, ends = Line("a", range(5), [1, 2, 3, 2, 1]), ([0] * 9, [4] * 9)
    dotted = [Band("extremes", range(9), *ends, shaded=False)]
    rows = draw_chart([line], 60, 12, bands=dotted).rows
    assert len(rows) == 12
    assert "4" in "".join(text for text, _ in rows[-1])
    assert "5" not in "".join(text for text, _ in rows[-1])


def test_a_band_that_reaches_zero_is_drawn_on_a_logarithmic_axis():
    band = Band("band", range(10), [0.0] * 10, [1.0] * 10)
    chart = draw_chart([Line("a", range(10), np.logspace(-3, 0, 10))], 60, 12, log=True, bands=[band], inks=INKS)
    assert SHADED in styled(chart, "faint first")


def test_styles_go_by_hue():
    lines = [Line("a", [0, 1], [0, 1], hue=1), Line("b", [0, 1], [1, 0], colour="own")]
    chart = draw_chart(lines, 40, 10, inks=INKS)
    assert styled(chart, "second")
    assert styled(chart, "own")
    assert not styled(chart, "first")
