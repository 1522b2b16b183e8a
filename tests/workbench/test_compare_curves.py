"""Curves of several runs: which numbers they are, and several as one band."""

import numpy as np
import pytest

from engine.experiment import Experiment
from tests.workbench.scripted import scripted_events
from workbench.compare_curves import BAND_POINTS, Alignment, Course, Metric, band, course, metrics_of, read_run_curves
from workbench.history import HistoryError, Recorder
from workbench.history.series import SeriesHistory


@pytest.fixture
def db(tmp_path):
    """Two runs: of 100 steps in epochs of 25, and of 60 steps in epochs of 20 that diverges at step 50."""
    path = tmp_path / "history.db"
    for script in ({"steps": 100}, {"steps": 60, "steps_per_epoch": 20, "diverges_at": 50}):
        with Recorder(path) as recorder:
            for event in scripted_events(experiments=(Experiment(),), **script):
                recorder.record(event)
    return path


@pytest.fixture
def runs(db):
    with SeriesHistory.open(db) as history:
        return [read_run_curves(history, run_id) for run_id in (1, 2)]


def test_curves_can_lie_over_steps_epochs_or_seconds(runs):
    first, second = ({each: course(run, Metric.LOSS, each).x for each in Alignment} for run in runs)
    assert first[Alignment.STEP][-1] == 100
    assert first[Alignment.EPOCH][-1] == 4
    assert first[Alignment.TIME][-1] == pytest.approx(0.2)
    assert second[Alignment.EPOCH].tolist() == pytest.approx((second[Alignment.STEP] / 20).tolist())
    scores = course(runs[0], Metric.SCORE, Alignment.EPOCH)
    assert scores.x.tolist() == [1, 2, 3, 4]
    assert course(runs[0], Metric.SCORE, Alignment.STEP).x.tolist() == [25, 50, 75, 100]


def test_each_metric_is_its_own_series(runs):
    run = runs[0]
    assert course(run, Metric.LOSS, Alignment.STEP).y is not None
    assert (course(run, Metric.LEARNING_RATE, Alignment.STEP).y == 0.001).all()
    train, validation = (course(run, metric, Alignment.STEP).y for metric in (Metric.TRAIN_COST, Metric.VALIDATION_COST))
    assert validation == pytest.approx(train + 0.05)
    accuracy = course(run, Metric.SCORE, Alignment.STEP).y
    assert accuracy == pytest.approx(1 - validation / 3)
    assert metrics_of(runs) == tuple(Metric)
    assert metrics_of([]) == (Metric.LOSS, Metric.LEARNING_RATE)


def test_the_loss_of_a_diverged_run_ends_with_what_is_not_finite(runs):
    loss = course(runs[1], Metric.LOSS, Alignment.STEP)
    assert loss.x[-1] == 50
    assert np.isnan(loss.y[-1])


def test_a_run_is_read_again_only_when_something_was_added(db, runs):
    with SeriesHistory.open(db) as history:
        again = read_run_curves(history, 1, known=runs[0])
        assert again.steps is runs[0].steps
        behind = read_run_curves(history, 1, known=read_run_curves(history, 2))
        assert behind.steps.step[-1] == 100
        with pytest.raises(HistoryError):
            read_run_curves(history, 99)


def test_a_band_is_median_lowest_and_highest_at_each_place():
    x = np.array([0.0, 1.0, 2.0])
    found = band([Course(x, np.array(y)) for y in ([1.0, 5.0, 3.0], [2.0, 4.0, 9.0], [7.0, 0.0, 6.0])])
    assert found.x.tolist() == [0, 1, 2]
    assert found.middle.tolist() == [2, 4, 6]
    assert found.low.tolist() == [1, 0, 3]
    assert found.high.tolist() == [7, 5, 9]


def test_a_band_is_of_those_curves_that_reach_a_place():
    short = Course(np.array([0.0, 2.0]), np.array([0.0, 4.0]))
    long = Course(np.array([0.0, 1.0, 4.0]), np.array([10.0, 10.0, 13.0]))
    found = band([short, long])
    assert found.x.tolist() == [0, 1, 2, 4]
    assert found.low.tolist() == [0, 2, 4, 13]  # the short one is straight between its points
    assert found.high.tolist() == [10, 10, 11, 13]


def test_a_band_leaves_out_what_is_not_finite_and_stays_small():
    x = np.arange(5000.0)
    found = band([Course(x, np.where(x > 100, np.inf, x)), Course(x, x + 2)])
    assert found.x.size <= BAND_POINTS
    assert np.isfinite(found.high).all()
    assert found.low[-1] == found.high[-1] == 5001
    assert band([]).x.size == band([Course(np.empty(0), np.empty(0))]).x.size == 0
    assert band([Course(x, x * np.nan)]).x.size == 0
