"""Parallel coordinates: where lines meet axes, what axes say, and that nothing makes them raise."""

import math

from hypothesis import example, given
from hypothesis import strategies as st

from workbench.plots.parallel import ParallelLine, figure_axis, parallel_rows, setting_axis


def percent(value):
    return f"{100 * value:.0f}%"


def texts(rows):
    return ["".join(text for text, _ in row) for row in rows]


def lines(count, strong=None):
    return [ParallelLine("●▲■◆○△□◇"[number % 8], "", number == strong) for number in range(count)]


def test_numbers_are_placed_by_their_size_and_by_their_logarithm_where_they_spread():
    assert setting_axis("depth", ["1", "2", "5"]).places == (0.0, 0.25, 1.0)
    places = setting_axis("lr", ["0.1", "0.001", "0.01"]).places
    assert [round(place, 6) for place in places] == [1.0, 0.0, 0.5]


def test_categories_are_evenly_spaced_the_first_on_top():
    axis = setting_axis("activation", ["relu", "tanh", "relu", "elu"])
    assert axis.places == (1.0, 0.5, 1.0, 0.0)
    assert axis.ticks == ((0.0, "elu"), (0.5, "tanh"), (1.0, "relu"))


def test_what_is_left_open_stands_below_everything():
    assert setting_axis("patience", [None, "3", "5"]).places[0] == 0.0
    assert min(setting_axis("patience", [None, "3", "5"]).places[1:]) > 0.0
    axis = figure_axis("accuracy", [0.5, None, math.nan, 1.0], percent)
    assert axis.places[1] == axis.places[2] == 0.0 < axis.places[0] < axis.places[3] == 1.0
    assert (0.0, "–") in axis.ticks


def test_one_value_or_none_at_all_has_a_place():
    assert 0 <= setting_axis("lr", ["0.1", "0.1"]).places[0] <= 1
    assert setting_axis("x", ["a", "a"]).places == (0.5, 0.5)
    assert figure_axis("accuracy", [None, None], percent).ticks == ((0.0, "–"),)


def test_each_run_is_a_line_from_its_settings_to_its_figure():
    axes = [setting_axis("activation", ["relu", "tanh"]), figure_axis("accuracy", [0.9, 0.1], percent)]
    rows = texts(parallel_rows(axes, lines(2), 40, 9, title="2 runs"))
    assert rows[0].startswith("2 runs")
    assert rows[1].split() == ["activation", "accuracy"]
    top, bottom = rows[2], rows[-1]
    assert top.startswith("├relu")
    assert "●├90%" in top
    assert bottom.startswith("├tanh")
    assert "▲├10%" in bottom
    assert all(row[0] in "│├" for row in rows[2:])
    assert not any(each in "●▲" for row in rows[3:-1] for each in row)
    crossed = texts(parallel_rows([axes[0], figure_axis("accuracy", [0.1, 0.9], percent)], lines(2), 40, 9))
    assert "▲├90%" in crossed[2]
    assert len(set(crossed[5][10:30])) > 1


def test_the_current_run_has_its_sign_at_every_axis_and_lies_on_top():
    axes = [setting_axis(name, ["a", "b", "a"]) for name in ("one", "two", "three")]
    axes.append(figure_axis("accuracy", [0.5, 0.5, 0.5], percent))
    rows = texts(parallel_rows(axes, lines(3, strong=0), 60, 11))
    assert sum(row.count("●") for row in rows) == 3
    assert sum(row.count("■") for row in rows) == 0
    dots = {text for row in parallel_rows(axes, lines(3, strong=1), 60, 11) for text, _ in row}
    assert any("⠿" in text or "⣿" in text for text in dots)


def test_axes_for_which_there_is_no_room_are_counted():
    axes = [*(setting_axis(f"setting {number}", ["1", "2"]) for number in range(9)), figure_axis("accuracy", [0.1, 0.2], percent)]
    rows = texts(parallel_rows(axes, lines(2), 60, 12, title="2 runs"))
    assert "4 more settings in a wider window" in rows[0]
    assert rows[1].rstrip().endswith("accuracy")
    assert "more" not in texts(parallel_rows(axes, lines(2), 160, 12))[0]


def test_equal_runs_are_said_to_be_equal():
    assert any("do not differ" in row for row in texts(parallel_rows([figure_axis("a", [1.0], percent)], lines(1), 60, 12)))


settings = st.none() | st.sampled_from(
    ["relu", "tanh", "a very long name of something", "0.1", "1e-9", "1000", "-3", "nan", "inf"]
)


@example(([], [-1.2e308]), 0, 0)
@given(
    st.integers(1, 12).flatmap(
        lambda runs: st.tuples(
            st.lists(st.lists(settings, min_size=runs, max_size=runs), max_size=6),
            st.lists(st.none() | st.floats(), min_size=runs, max_size=runs),
        )
    ),
    st.integers(0, 90),
    st.integers(0, 24),
)
def test_any_settings_make_a_picture_of_the_right_size(given_values, width, height):
    columns, figures = given_values
    axes = [setting_axis(f"setting {number}", column) for number, column in enumerate(columns)]
    axes.append(figure_axis("accuracy", figures, str))
    assert all(0 <= place <= 1 for axis in axes for place in axis.places)
    rows = parallel_rows(axes, lines(len(figures), strong=0), width, height, title="runs")
    assert len(rows) == height
    assert all(len(text) == width for text in texts(rows))
