"""Which lines of a run are drawn, over what axis, and how they are read."""

import dataclasses

import numpy as np
import pytest

from engine.events import Frame, Resumed, Started
from tests.workbench.scripted import SECONDS_PER_STEP, scripted_events
from workbench.curve_axes import Axis, Unit, nearest, read_at
from workbench.curves import Curves, Members, Shown, choices, run_curves
from workbench.live import LiveRun
from workbench.plots import Line
from workbench.plots.smoothing import FEW


def viewed(member=0, *, task=None, penalty=0.0, **script):
    live = LiveRun()
    for event in scripted_events(**script):
        if isinstance(event, Started) and task is not None:
            event = dataclasses.replace(event, data=dataclasses.replace(event.data, task=task))
        if isinstance(event, Frame):
            event = dataclasses.replace(event, l2=np.full_like(event.l2, penalty))
        live.apply(event)
    return live.view(member)


def labels(curves, *, faint=False):
    return [line.label for line in curves.lines if line.faint == faint]


# --- lines --------------------------------------------------------------------------


def test_cost_accuracy_and_learning_rate_are_there_for_every_run():
    view = viewed(steps=100)
    assert choices(view) == choices(None) == (Shown.COST, Shown.SCORE, Shown.RATE)
    cost = run_curves(view, Shown.COST)
    assert labels(cost) == ["training", "validation"]
    np.testing.assert_array_equal(cost.lines[0].y, view.loss)
    score = run_curves(view, Shown.SCORE)
    assert (score.title, score.share, score.logarithmic) == ("accuracy", True, False)
    rate = run_curves(view, Shown.RATE)
    np.testing.assert_array_equal(rate.lines[0].y, view.lr)


def test_a_regression_has_errors_and_a_penalized_run_penalties():
    view = viewed(task="regression", penalty=0.5)
    assert choices(view) == (Shown.COST, Shown.SCORE, Shown.ERROR, Shown.RATE, Shown.PENALTY)
    assert run_curves(view, Shown.SCORE).title == "R²"
    assert not run_curves(view, Shown.SCORE).share
    assert labels(run_curves(view, Shown.PENALTY)) == ["L2"]


def test_a_smoothed_line_has_the_measured_one_behind_it_in_its_hue():
    curves = run_curves(viewed(steps=100), Shown.COST).smoothed(0.9)
    assert labels(curves) == ["training", "validation"]
    assert labels(curves, faint=True) == ["training"]
    smooth, raw, *_ = curves.lines
    assert smooth.hue == raw.hue == 0
    assert smooth.measured is raw.y  # where the signs stand
    assert np.var(np.diff(smooth.y)) < np.var(np.diff(raw.y))


def test_a_line_with_fewer_points_is_smoothed_over_as_many_steps():
    x = np.arange(1, 1001)
    curves = Curves("cost", (Line("dense", x, 1.0 * x), Line("sparse", x[9::10], 1.0 * x[9::10]))).smoothed(0.9)
    dense, sparse = (line for line in curves.lines if not line.faint)
    assert dense.y[-1] == pytest.approx(1000 - 9)
    assert sparse.y[-1] == pytest.approx(1000 - 10 * 0.9**10 / (1 - 0.9**10))


def test_a_short_curve_of_epochs_is_left_as_it_is():
    view = viewed(steps=100, steps_per_epoch=10)
    validation = run_curves(view, Shown.COST).smoothed(0.9).lines[-1]
    np.testing.assert_array_equal(validation.y, view.validation_cost)
    score = run_curves(view, Shown.SCORE)
    assert score.smoothed(0.9) is score
    x = np.arange(1, 2 * FEW)
    noisy = np.random.default_rng(0).random(x.size)
    many = Curves("cost", (Line("validation", x, noisy, by_epoch=True),)).smoothed(0.9)
    assert np.var(many.lines[0].y) < np.var(noisy)


# --- populations ---------------------------------------------------------------------


def test_of_a_population_the_median_and_what_lies_about_it_are_drawn():
    view = viewed(2, steps=100, members=5)
    curves = run_curves(view, Shown.COST, Members.BAND)
    assert curves.title == "cost, median of 5"
    assert labels(curves) == ["training", "validation", "member 3", "its validation"]
    losses = view.crowd.series("loss")
    np.testing.assert_allclose(curves.lines[0].y, np.median(losses, axis=1))
    np.testing.assert_array_equal(curves.lines[2].y, losses[:, 2])
    extremes, quartiles = curves.bands[:2]
    np.testing.assert_array_equal(extremes.high, losses.max(axis=1))
    assert (extremes.shaded, quartiles.shaded) == (False, True)
    assert len(curves.bands) == 4
    assert len({line.hue for line in curves.lines}) == 4
    assert labels(run_curves(view, Shown.COST, Members.BAND, singled=False)) == ["training", "validation"]


def test_or_a_line_for_each_or_the_chosen_one_alone():
    view = viewed(1, steps=100, members=5)
    every = run_curves(view, Shown.COST, Members.ALL)
    assert labels(every, faint=True) == ["training"] * 5 + ["validation"] * 5
    assert labels(every) == ["member 2", "its validation"]
    alone = run_curves(view, Shown.COST, Members.ONE)
    assert (labels(alone), alone.bands) == (["training", "validation"], ())
    np.testing.assert_array_equal(alone.lines[0].y, view.loss)


def test_of_many_members_and_points_not_all_are_drawn():
    view = viewed(steps=3000, members=100, layers=1, steps_per_epoch=3000)
    curves = run_curves(view, Shown.COST, Members.ALL)
    faint = [line for line in curves.lines if line.faint and line.label == "training"]
    assert len(faint) == 20
    assert curves.title == "cost, 20 of 100"
    assert max(len(line.x) for line in faint) <= 512


def test_a_diverged_member_leaves_the_median_of_the_others():
    view = viewed(steps=100, members=3, diverges_at=50, diverging=(1,))
    losses = view.crowd.series("loss")
    assert not np.isfinite(losses[-1, 1])
    median = run_curves(view, Shown.COST, Members.BAND).lines[0]
    assert median.y[-1] == pytest.approx(np.median(losses[-1, [0, 2]]))


# --- axes ---------------------------------------------------------------------------


@pytest.mark.parametrize("unit", list(Unit))
def test_places_on_an_axis_and_steps_belong_together(unit):
    view = viewed(steps=100, steps_per_epoch=25)
    axis = Axis.of(view, unit)
    expected = {Unit.STEPS: 50, Unit.EPOCHS: 2, Unit.SECONDS: 50 * SECONDS_PER_STEP}[unit]
    assert axis.place(50) == pytest.approx(expected)
    assert axis.step(expected) == pytest.approx(50)


def test_epochs_go_on_behind_the_last_one_that_ended():
    view = viewed(steps=60, steps_per_epoch=25)
    assert Axis.of(view, Unit.EPOCHS).place(60.0) == pytest.approx(2.4)


def test_a_run_that_went_on_has_its_epochs_and_seconds_from_before():
    started, *_ = scripted_events(steps=1000, steps_per_epoch=25)
    live = LiveRun()
    live.apply(started)
    live.apply(Resumed(step=500, epoch=10, seconds=7.0))
    view = live.view()
    assert Axis.of(view, Unit.EPOCHS).place(510.0) == pytest.approx(10.4)
    assert Axis.of(view, Unit.SECONDS).unit is Unit.STEPS  # nothing is known of it yet


def test_curves_are_carried_to_an_axis_with_bands_and_marks():
    view = viewed(steps=100, members=3, steps_per_epoch=25)
    curves = dataclasses.replace(run_curves(view, Shown.COST, Members.BAND), marks=(50.0,))
    carried = Axis.of(view, Unit.EPOCHS).carry(curves)
    assert (carried.x_label, carried.marks) == ("epoch", (2.0,))
    assert carried.lines[0].x[-1] == carried.bands[0].x[-1] == pytest.approx(4.0)
    assert Axis.of(view, Unit.STEPS).carry(curves) is curves


# --- reading ------------------------------------------------------------------------


def test_what_is_read_stands_in_the_legend():
    view = viewed(steps=100, steps_per_epoch=25)
    curves = read_at(run_curves(view, Shown.COST), view, 60)
    assert curves.title == "step 60, epoch 2.4, 0.1 s"
    assert labels(curves) == [f"training {view.loss[59]:.3g}", f"validation {view.validation_cost[1]:.3g}"]


def test_smoothed_and_measured_values_are_told():
    view = viewed(steps=100)
    plain = run_curves(view, Shown.COST)
    smooth = plain.smoothed(0.9)
    assert labels(read_at(smooth, view, 60))[0] == f"training {smooth.lines[0].y[59]:.3g} (raw {view.loss[59]:.3g})"


def test_of_a_population_it_is_said_that_medians_are_read():
    view = viewed(steps=100, members=3)
    assert read_at(run_curves(view, Shown.COST, Members.BAND), view, 60).title.startswith("medians at step 60, ")


def test_shares_are_told_in_percent():
    view = viewed(steps=100, steps_per_epoch=25)
    assert labels(read_at(run_curves(view, Shown.SCORE), view, 50))[0] == f"training {view.train_accuracy[1]:.1%}"


def test_values_that_are_not_finite_and_lines_without_points_can_be_read():
    view = viewed(steps=60)
    curves = Curves("cost", (Line("a", [1, 2], [np.nan, np.inf]), Line("b", (), ())))
    assert labels(read_at(curves, view, 1)) == ["a nan", "b"]


def test_the_nearest_point_is_read():
    places = [0, 10, 20]
    assert [nearest(places, place) for place in (-5, 4, 6, 14, 99)] == [0, 0, 1, 1, 2]
    assert nearest([], 3) is None
