"""A comparison as it stands, and its pictures as text."""

from dataclasses import replace

import numpy as np
import pytest

from engine.experiment import Experiment
from tests.workbench.scripted import scripted_events
from workbench.compare_curves import Alignment, Metric, read_run_curves
from workbench.compare_pictures import Look, compare_figure, curve_lines, curve_rows, parallel_axes, parallel_picture
from workbench.compare_state import (
    Comparison,
    changes,
    compared,
    figure_named,
    id_ranges,
    ranked,
    setting_titles,
    together,
)
from workbench.curves import Curves
from workbench.history import Recorder
from workbench.history.series import ScoreSeries, SeriesHistory
from workbench.plots.lines import Line

SETTINGS = [
    [{"seed": 0}, {"seed": 1}],
    [{"model.activation": "tanh", "lr": 0.01, "seed": 5}],
    [{"seed": 2}],
]
"""Trained together, and alone: runs 1 and 2; 3; 4. All but 3 are one experiment."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    db = tmp_path_factory.mktemp("compare") / "history.db"
    for settings in SETTINGS:
        made = tuple(Experiment().with_settings({"steps": 60, "epochs": None, **each}) for each in settings)
        with Recorder(db, name=settings[0].get("model.activation", "")) as recorder:
            for event in scripted_events(steps=60, experiments=made):
                recorder.record(event)
    with SeriesHistory.open(db) as history:
        return [read_run_curves(history, run_id) for run_id in (1, 2, 3, 4)]


@pytest.fixture
def alone(runs):
    return Comparison(compared(runs, {run.record.id: number for number, run in enumerate(runs)}))


@pytest.fixture
def by_seed(runs):
    numbers = {run.record.id: number for number, run in enumerate(runs)}
    return Comparison(compared(runs, numbers, by_seed=True), by_seed=True)


def texts(rows):
    return ["".join(text for text, _ in row) for row in rows]


def test_each_run_or_each_experiment_is_an_entry(alone, by_seed):
    assert [entry.label for entry in alone.entries] == ["1", "2", "3 tanh", "4"]
    assert [(entry.label, entry.key) for entry in by_seed.entries] == [("1, 2, 4", 1), ("3 tanh", 3)]


def test_seeds_are_no_difference_between_experiments(alone, by_seed):
    assert [each.path for each in alone.differences] == ["model.activation", "lr", "seed"]
    assert [each.path for each in by_seed.differences] == ["model.activation", "lr"]
    assert setting_titles(alone.differences) == {"model.activation": "activation", "lr": "lr", "seed": "seed"}


def test_an_entry_tells_what_it_has_otherwise_than_the_baseline(alone):
    pinned = replace(alone, baseline=1)
    told = [changes(pinned, entry) for entry in pinned.entries]
    assert told == [(), ("seed 0 → 1",), ("activation relu → tanh", "lr 0.001 → 0.01", "seed 0 → 5"), ("seed 0 → 2",)]
    assert changes(alone, alone.entries[1]) == ()


def test_runs_that_were_trained_together_are_labelled(alone):
    assert together(replace(alone, entries=alone.entries[::-1])) == together(alone)  # however they were marked
    assert together(alone) == {1: "A member 1", 2: "A member 2"}


def test_hidden_entries_keep_their_place_but_are_not_drawn(alone):
    hidden = replace(alone, hidden=frozenset({2, 3}))
    assert [entry.key for entry in hidden.shown] == [1, 4]
    assert [line.sign for line in curve_lines(hidden, Look())] == ["●", "◆"]
    assert parallel_axes(hidden, hidden.figures[0])[0].places == parallel_axes(alone, alone.figures[0])[0].places
    assert "▲" not in "".join(texts(parallel_picture(hidden, "", 80, 20)))
    rows = texts(parallel_picture(replace(alone, hidden=frozenset({1, 2}), current=3), "", 80, 20))
    assert "├tanh⠿" in "".join(rows)
    assert "├relu⠿" not in "".join(rows)


def test_without_curves_it_is_said_why(alone):
    hidden = replace(alone, hidden=frozenset({1, 2, 3, 4}))
    for comparison, look, words in (
        (Comparison(), Look(), "no run is marked: space marks runs in the History"),
        (hidden, Look(), "all runs are hidden: space shows the current one again"),
        (alone, Look(Metric.TRAIN_SCORE), "no run in sight has a train accuracy"),
    ):
        runs = [replace(run, scores={}) for entry in comparison.entries for run in entry.runs]
        numbers = {run.record.id: number for number, run in enumerate(runs)}
        unscored = replace(comparison, entries=compared(runs, numbers))
        assert any(words in row for row in texts(curve_rows(unscored, look, 80, 16)))


def test_curves_tell_metric_alignment_and_smoothing(alone):
    rows = texts(curve_rows(replace(alone, current=3, baseline=1), Look(log=True, smoothing=0.9), 120, 16))
    assert rows[0].startswith("loss (log), smoothed 0.9  ─■━ 3 tanh  ─●─ 1 (baseline)  ─▲─ 2")
    assert rows[-1].endswith("step")
    rows = texts(curve_rows(alone, Look(Metric.SCORE, Alignment.TIME, log=True), 120, 16))
    assert rows[0].startswith("validation accuracy  ")
    assert rows[-1].endswith("seconds")
    assert any("%┤" in row for row in rows)


def test_smoothed_curves_have_the_raw_one_behind_them_and_groups_a_band(alone, by_seed):
    plain, smooth = (curve_lines(alone, Look(smoothing=weight))[0] for weight in (0.0, 0.9))
    assert plain.raw is None
    assert smooth.raw is not None
    assert smooth.raw.tolist() == plain.y.tolist()
    assert (smooth.y[5:] > plain.y[5:]).all()  # behind a falling curve
    group, single = curve_lines(by_seed, Look())
    assert group.low is not None
    assert group.high is not None
    assert (group.low < group.high).any()
    assert ((group.low <= group.y) & (group.y <= group.high)).all()
    assert single.low is None


def test_a_long_curve_of_epochs_is_smoothed_as_beside_the_run_s_loss(runs):
    steps = np.arange(900)
    noisy = np.where(np.arange(300) % 2, 1.0, 2.0)
    score = ScoreSeries(epoch=steps[2::3] // 3, step=steps[2::3], seconds=steps[2::3] / 1e3, value=noisy)
    loss = replace(runs[0].steps, step=steps, loss=np.ones(900), lr=np.ones(900), seconds=steps / 1e3)
    run = replace(runs[0], steps=loss, scores={("validation", "cost"): score})
    (line,) = curve_lines(Comparison(compared([run], {run.record.id: 0})), Look(Metric.VALIDATION_COST, smoothing=0.9))
    beside = Curves("cost", (Line("training", steps, loss.loss), Line("validation", score.step, noisy, by_epoch=True)))
    assert line.y.tolist() == beside.smoothed(0.9).lines[-2].y.tolist()


def test_short_curves_of_epochs_are_left_as_they_are(alone):
    look = Look(Metric.VALIDATION_COST, smoothing=0.9)
    plain, smooth = (curve_lines(alone, replace(look, smoothing=weight))[0] for weight in (0.0, 0.9))
    assert smooth.y.tolist() == plain.y.tolist()
    assert smooth.raw is None
    assert texts(curve_rows(alone, look, 120, 16))[0].startswith("validation cost, too few points to smooth  ")


def test_the_curves_as_a_figure(alone, by_seed):
    hidden = replace(alone, hidden=frozenset({2}), baseline=1)
    figure = compare_figure(hidden, Look(log=True, smoothing=0.9))
    assert (figure.title, figure.y_label, figure.x_label) == ("Runs 1, 3, 4", "loss (log), smoothed 0.9", "step")
    assert [line.label for line in figure.lines if not line.faint] == ["1 (baseline)", "3 tanh", "4"]
    assert [line.hue for line in figure.lines if line.faint] == [0, 2, 3]
    assert figure.log
    figure = compare_figure(by_seed, Look(Metric.SCORE, Alignment.EPOCH))
    assert [(band.label, band.hue) for band in figure.bands] == [("range of a group", 0)]
    assert (figure.share, figure.log) == (True, False)


def test_in_a_crowd_all_but_the_current_and_the_baseline_are_faint(runs):
    crowd = [replace(runs[3], record=replace(runs[3].record, id=number)) for number in range(1, 13)]
    entries = compared(crowd, {number: number - 1 for number in range(1, 13)})
    lines = curve_lines(Comparison(entries, current=5, baseline=7), Look())
    assert [line.style.rpartition("-")[2] for line in lines[:8]] == ["faint"] * 4 + ["strong", "faint", "0", "faint"]


def test_settings_lead_to_the_figure(alone):
    rows = texts(parallel_picture(replace(alone, current=3), "validation_cost", 90, 20))
    assert rows[0].startswith("settings and validation cost   ■ 3 tanh")
    assert rows[1].split() == ["activation", "lr", "seed", "validation", "cost", "↓"]
    assert figure_named("no such", alone).field == "test_accuracy"
    assert figure_named("test_mae", alone).field == "test_accuracy"  # which none of them has


def test_entries_are_ranked_by_a_figure_the_best_first(runs, alone):
    worse, better, absent, first = (
        replace(run, record=replace(run.record, test_cost=cost, test_accuracy=accuracy, test_r2=None))
        for run, cost, accuracy in zip(runs, (0.5, 0.1, None, 0.3), (0.5, 0.9, None, 0.95), strict=True)
    )
    entries = compared([worse, better, absent, first], {1: 0, 2: 1, 3: 2, 4: 3})
    assert [entry.key for entry in ranked(entries, "test_cost")] == [2, 4, 1, 3]
    assert [entry.key for entry in ranked(entries, "test_accuracy")] == [4, 2, 1, 3]
    assert [entry.key for entry in ranked(entries, "")] == [1, 2, 3, 4]


def test_numbers_of_runs_are_short():
    assert id_ranges([3]) == "3"
    assert id_ranges([5, 3, 4, 9, 10]) == "3–5, 9, 10"
