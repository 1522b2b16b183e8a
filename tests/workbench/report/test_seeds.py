"""Several runs as one line."""

import numpy as np

from workbench.report.seeds import MOST_POINTS, curve_of, filled, thinned

NAN, INF = np.nan, np.inf


def test_a_line_is_the_mean_of_the_runs_that_go_so_far():
    curve = curve_of("", np.arange(3.0), np.array([[1.0, 2.0, 3.0], [3.0, 4.0, NAN]]))
    assert curve.mean.tolist() == [2, 3, 3]
    assert (curve.low.tolist(), curve.high.tolist(), curve.runs) == ([1, 2, 3], [3, 4, 3], 2)


def test_a_run_that_is_lost_makes_the_mean_infinite():
    curve = curve_of("", np.arange(2.0), np.array([[1.0, INF], [3.0, 4.0]]))
    assert curve.mean.tolist() == [2, INF]


def test_where_there_is_nothing_there_is_no_number():
    curve = curve_of("", np.arange(2.0), np.array([[1.0, NAN]]))
    assert np.isnan([curve.mean[1], curve.low[1], curve.high[1]]).all()


def test_places_at_which_only_others_were_measured_are_filled():
    x = np.array([0.0, 1.0, 4.0, 5.0])
    np.testing.assert_array_equal(filled(np.array([0.0, NAN, 8.0, NAN]), x), [0, 2, 8, NAN])


def test_long_lines_are_means_of_stretches():
    x = np.arange(4.0 * MOST_POINTS)
    places, values = thinned(x, np.stack([x, 2 * x]))
    assert places.size == MOST_POINTS
    np.testing.assert_allclose(places, x.reshape(-1, 4).mean(1))
    np.testing.assert_allclose(values, [places, 2 * places])
    assert curve_of("", x, np.stack([x, 2 * x])).mean.size == MOST_POINTS
