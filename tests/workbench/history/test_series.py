"""Single series of a run: the same numbers as its rows, and few of them from long runs."""

import numpy as np
import pytest

from engine.vocabulary import STATISTICS, Statistic
from tests.workbench.scripted import scripted_events
from workbench.history import Recorder
from workbench.history.series import SeriesHistory


def record(db, **script):
    with Recorder(db) as recorder:
        for event in scripted_events(**script):
            recorder.record(event)
        return recorder.run_ids


@pytest.fixture
def db(tmp_path):
    return tmp_path / "history.db"


def test_steps_are_those_that_were_recorded(db):
    (run,) = record(db, steps=60)
    with SeriesHistory.open(db) as history:
        series, rows = history.step_series(history.run(run)), list(history.steps(run))
    assert series.step.tolist() == [row.step for row in rows]
    assert series.loss.tolist() == [row.loss for row in rows]
    assert series.seconds.tolist() == [row.seconds for row in rows]
    assert series.lr.tolist() == [row.lr for row in rows]


@pytest.mark.parametrize("every", [1, 7])
def test_of_a_long_run_few_steps_are_read_and_the_last_one_always(db, every):
    _, second = record(db, steps=995, members=2, every=every)
    with SeriesHistory.open(db) as history:
        series = history.step_series(history.run(second), most=100)
        losses = {row.step: row.loss for row in history.steps(second)}
    assert 90 <= series.step.size <= 101
    assert series.step[-1] == 995
    assert (np.diff(series.step) > 0).all()
    assert series.loss.tolist() == [losses[int(step)] for step in series.step]


def test_scores_are_those_of_the_epochs_and_absent_ones_are_not_there(db):
    (run,) = record(db, steps=100)
    with SeriesHistory.open(db) as history:
        scores = history.score_series(run)
        rows = [row for row in history.epochs(run) if row.part == "validation" and not row.final]
    series = scores["validation", "accuracy"]
    assert series.epoch.tolist() == [1, 2, 3, 4]
    assert series.step.tolist() == [25, 50, 75, 100]
    assert series.value.tolist() == [row.accuracy for row in rows]
    assert ("validation", "r2") not in scores


def test_what_diverged_is_not_a_number_rather_than_absent(db):
    (run,) = record(db, steps=100, diverges_at=60)
    with SeriesHistory.open(db) as history:
        series = history.step_series(history.run(run))
        layers = history.layer_series(run, Statistic.WEIGHT_GRADIENT_NORM)
    assert np.isfinite(series.loss[:-1]).all()
    assert np.isnan(series.loss[-1])
    assert np.isnan(layers.values[-1, -1])
    assert np.isfinite(layers.values[0]).all()


def test_a_statistic_of_the_layers_is_that_of_the_rows(db):
    _, second = record(db, steps=60, members=2)
    with SeriesHistory.open(db) as history:
        series = history.layer_series(second, Statistic.GRADIENT_STD)
        rows = list(history.layer_stats(second))
    assert series.names == ("hidden 1", "hidden 2", "hidden 3", "output")
    assert series.values.shape == (4, series.step.size)
    column = STATISTICS.index(Statistic.GRADIENT_STD)
    for row in rows:
        assert series.values[row.layer, series.step.tolist().index(row.step)] == row.values[column]


def test_a_run_without_records_has_empty_series(db):
    with Recorder(db) as recorder:
        recorder.record(next(iter(scripted_events())))
        with SeriesHistory.open(db) as history:
            assert history.step_series(history.run(1)).loss.size == 0
            assert history.score_series(1) == {}
            assert history.layer_series(1, Statistic.GRADIENT_STD).values.shape == (4, 0)
