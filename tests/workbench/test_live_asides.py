"""What a live run knows beside its steps and epochs."""

import dataclasses
import tracemalloc

import numpy as np
import pytest

from engine.events import Distributions, EpochEnded, Frame, PretrainingEpoch, Reconstructed
from engine.vocabulary import PERCENTILES, QUANTITIES, Quantity, Status
from tests.workbench.scripted import SECONDS_PER_STEP, scripted_events, scripted_frame
from tests.workbench.scripted_details import (
    scripted_checkpoint,
    scripted_combined,
    scripted_distributions,
    scripted_examined,
    scripted_intervention,
    scripted_pretraining,
)
from workbench.asides import HISTOGRAMS, LATEST, POINTS
from workbench.live import LiveRun


def applied(events):
    live = LiveRun()
    for event in events:
        live.apply(event)
    return live


def test_before_anything_was_told_there_is_nothing():
    view = applied([next(scripted_events())]).view()
    assert (view.interventions, view.checkpoints, view.pretraining) == ((), (), ())
    assert (view.distributions, view.examined, view.reconstruction, view.resumed, view.ended) == (None,) * 5
    assert len(view.distribution_steps) == len(view.combined.epochs) == 0
    assert view.percentile_series(Quantity.ACTIVATION, 98).shape == (0, 0)
    assert view.reason == ""


def test_pre_training_is_a_series_for_each_layer():
    events = list(scripted_events(members=2, layers=4, everything=True))
    view = applied(events).view(1)
    assert [(each.layer, each.name, each.total) for each in view.pretraining] == [
        (0, "hidden 1", 2),
        (1, "hidden 2", 2),
        (2, "hidden 3", 2),
    ]
    told = [event for event in events if isinstance(event, PretrainingEpoch) and event.layer == 2]
    last = view.pretraining[2]
    np.testing.assert_array_equal(last.epochs, [1, 2])
    np.testing.assert_array_equal(last.error, [event.error[1] for event in told])
    assert last.seconds == told[-1].seconds


def test_the_latest_reconstruction_is_that_of_the_member():
    started = next(scripted_events(members=2))
    told = [event for event in scripted_pretraining(started) if isinstance(event, Reconstructed)]
    view = applied([started, *told]).view(1)
    assert (view.reconstruction.name, view.reconstruction.image_shape) == ("hidden 3", (8, 8))
    np.testing.assert_array_equal(view.reconstruction.inputs, told[-1].inputs)
    np.testing.assert_array_equal(view.reconstruction.outputs, told[-1].outputs[1])


def test_the_latest_changes_and_checkpoints_are_kept_in_their_order():
    live = applied([next(scripted_events(members=2))])
    for step in range(2 * LATEST):
        live.apply(scripted_intervention(step))
        live.apply(scripted_checkpoint(step, 0, "there", 2))
    live.apply(dataclasses.replace(scripted_checkpoint(7, 0, "there", 2, "best"), members=(1,)))
    view = live.view(0)
    assert [event.step for event in view.interventions] == list(range(LATEST, 2 * LATEST))
    assert [event.step for event in view.checkpoints] == list(range(LATEST + 1, 2 * LATEST))
    assert [event.kind for event in live.view(1).checkpoints][-2:] == ["last", "best"]


def test_distributions_are_those_of_the_member_and_keep_their_history():
    started = next(scripted_events(members=3))
    told = [scripted_distributions(started, step, step // 25) for step in (0, 25, 50)]
    view = applied([started, *told]).view(2)
    assert (view.first_distributions.step, view.distributions.step, view.distributions.epoch) == (0, 50, 2)
    np.testing.assert_array_equal(view.distribution_steps, [0, 25, 50])
    for name in ("percentiles", "moments", "edges", "counts", "jacobian", "activation_ratio", "gradient_ratio"):
        np.testing.assert_array_equal(getattr(view.distributions, name), getattr(told[-1], name)[2])
    for units, of_all in zip(view.distributions.saturated, told[-1].saturated, strict=True):
        np.testing.assert_array_equal(units, of_all[2])
    for quantity in QUANTITIES:
        place = QUANTITIES.index(quantity)
        expected = [event.percentiles[2, :, place, PERCENTILES.index(98)] for event in told]
        np.testing.assert_array_equal(view.percentile_series(quantity, 98), np.transpose(expected))
        deviations = [event.moments[2, :, place, 1] for event in told]
        np.testing.assert_allclose(view.deviation_series(quantity), np.transpose(deviations), rtol=1e-6)


def test_many_distributions_are_bounded_and_looking_at_a_run_does_not_copy_them():
    started = next(scripted_events(members=1, layers=30))
    live = applied([started])
    told = scripted_distributions(started, 0, 0)
    for step in range(3 * POINTS + 1):
        live.apply(dataclasses.replace(told, step=step))
    tracemalloc.start()
    try:
        view = live.view()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    series = view.percentile_series(Quantity.GRADIENT, 50)
    assert POINTS // 4 < series.shape[1] == len(view.distribution_steps) <= POINTS
    assert (view.distribution_steps[0], view.distribution_steps[-1]) == (0, 3 * POINTS)
    assert most < sum(piece.nbytes for piece in view.spread) / 10
    with pytest.raises(ValueError, match="read-only"):
        view.spread[0][...] = 0


def test_the_scores_of_an_ensemble_are_a_series_and_those_of_its_end_apart():
    events = list(scripted_events(members=2, steps=100, everything=True))
    ends = [event for event in events if isinstance(event, EpochEnded)]
    combined = applied(events).view(1).combined
    np.testing.assert_array_equal(combined.epochs, [1, 2, 3, 4])
    np.testing.assert_array_equal(combined.steps, [25, 50, 75, 100])
    np.testing.assert_array_equal(combined.accuracy, [end.combined.mean.accuracy for end in ends])
    np.testing.assert_array_equal(combined.vote_accuracy, [end.combined.vote.accuracy for end in ends])
    assert np.isnan(combined.r2).all()
    assert (combined.validation, combined.test) == (scripted_combined(0.5), scripted_combined(0.5))


def test_an_ensemble_of_numbers_has_no_votes():
    started, *rest = scripted_events(steps=25, everything=True)
    end = next(event for event in rest if isinstance(event, EpochEnded))
    without = dataclasses.replace(end, combined=dataclasses.replace(end.combined, vote=None))
    assert np.isnan(applied([started, without]).view().combined.vote_accuracy).all()


def test_what_was_mistaken_for_what_is_that_of_the_member():
    started = next(scripted_events(members=2))
    told = scripted_examined(started)
    view = applied([started, told]).view(1)
    assert (view.examined.part, view.examined.worst) == ("test", told.worst[1])
    np.testing.assert_array_equal(view.examined.confusion, told.confusion[1])


# --- a member that ends early ------------------------------------------------------


def test_the_series_of_a_member_that_ended_stop_there_and_the_others_go_on():
    events = list(scripted_events(steps=9000, members=3, layers=2, steps_per_epoch=1000, ends={1: 2}, everything=True))
    live = applied(events)
    ended, other = live.view(1), live.view(2)
    assert (ended.step, ended.epoch, ended.reason, ended.status) == (2000, 2, "early stopping", "done")
    assert ended.outcome.restored_step == 1000
    for steps in (ended.steps, ended.layer_steps, ended.epoch_steps, ended.distribution_steps):
        assert steps[-1] == 2000
    assert ended.distributions.step == 2000
    assert ended.interventions == ()
    assert len(other.interventions) == 1
    assert (other.steps[-1], other.step, other.reason) == (9000, 9000, "")
    np.testing.assert_array_equal(ended.loss, scripted_frame(ended.steps, members=3, layers=2).loss[:, 1])
    np.testing.assert_array_equal(ended.latest, ended.layer_stats[-1])
    assert len(ended.combined.epochs) == 9


def test_a_member_that_has_ended_is_running_until_the_others_have_and_says_why_it_ended():
    events = list(scripted_events(steps=100, members=2, ends={0: 2}))
    live = applied(events[:-1])
    assert (live.view(0).status, live.view(0).step, live.view(0).reason) == ("running", 50, "early stopping")
    assert live.view(0).seconds_left == live.view(1).seconds_left
    assert (live.view(1).step, live.view(1).reason) == (100, "")


def test_what_was_kept_of_a_member_that_ended_does_not_keep_what_came_of_the_others():
    events = list(scripted_events(steps=60, members=50, layers=2, measured_every=1, ends=dict.fromkeys(range(49), 1)))
    view = applied(events).view(3)
    owned = view.measured[0]
    assert owned.base is None
    with pytest.raises(ValueError, match="read-only"):
        owned[...] = 0


# --- going on ------------------------------------------------------------------------


def test_a_training_that_goes_on_counts_its_speed_from_there():
    events = list(scripted_events(steps=200, begins=100))
    live = applied(events[:2])
    view = live.view()
    assert (view.step, view.epoch, view.seconds, view.resumed) == (100, 4, 100 * SECONDS_PER_STEP, events[1])
    assert view.steps_per_second is None
    frame = next(event for event in events if isinstance(event, Frame))
    live.apply(dataclasses.replace(frame, seconds=np.full(20, 0.2 + 20 * 0.01)))
    assert live.view().steps_per_second == pytest.approx(1 / 0.01)
    assert live.view().steps[0] == 101
    whole = applied(events).view()
    assert (whole.step, whole.status) == (200, Status.DONE)
    assert whole.steps_per_second == pytest.approx(1 / SECONDS_PER_STEP)


def test_views_stay_as_they_were_while_more_is_told():
    live = LiveRun()
    seen = []
    for event in scripted_events(steps=200, members=2, everything=True, ends={0: 3}):
        live.apply(event)
        view = live.view()
        seen.append((view, view.distribution_steps.copy(), [each.error.copy() for each in view.pretraining]))
        if isinstance(event, Distributions):
            assert view.distributions.step == event.step or view.ended is not None
    for view, steps, errors in seen:
        np.testing.assert_array_equal(view.distribution_steps, steps)
        for kept, now in zip(errors, view.pretraining, strict=True):
            np.testing.assert_array_equal(kept, now.error)


def test_a_few_histograms_over_the_whole_run_are_kept():
    live = LiveRun()
    for event in scripted_events(steps=25 * 60, everything=True):
        live.apply(event)
    taken = live.view().taken
    assert len(taken) == HISTOGRAMS
    steps = [each.step for each in taken]
    assert (steps[0], steps[-1]) == (0, 25 * 60)
    assert max(np.diff(steps)) <= 8 * min(np.diff(steps))
