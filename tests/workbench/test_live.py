"""What is known of a run while its events come in."""

import dataclasses
import math
import threading
import tracemalloc

import numpy as np
import pytest

from engine.events import EpochEnded, Failed, Frame
from engine.vocabulary import STATISTICS, Statistic, Status
from tests.workbench.scripted import SECONDS_PER_STEP, scripted_events, scripted_frame, scripted_started
from tests.workbench.scripted import scripted_experiments as experiments
from workbench.live import POINTS, PREPARING, LiveRun


def applied(events):
    live = LiveRun()
    for event in events:
        live.apply(event)
    return live


def test_before_the_start_the_view_is_empty():
    view = LiveRun().view()
    assert (view.status, view.experiment, view.layers, view.members) == (PREPARING, None, (), 0)
    assert view.steps.shape == view.loss.shape == view.epoch_steps.shape == (0,)
    assert view.layer_stats.shape == (0, 0, len(STATISTICS))
    assert view.latest.shape == (0, len(STATISTICS))
    assert view.steps_per_second is None
    assert view.seconds_left is None


def test_the_start_tells_what_is_trained():
    started = next(scripted_events(steps=100, members=2, layers=3))
    view = applied([started]).view(1)
    assert (view.status, view.experiment, view.layers) == ("running", started.experiments[1], started.layers)
    assert (view.data, view.device, view.threads) == (started.data, "cpu", 1)
    assert (view.total_steps, view.step, view.epoch, view.members) == (100, 0, 0, 2)
    assert view.layer_stats.shape == (0, 3, len(STATISTICS))
    assert np.isnan(view.latest).all()


def test_a_view_holds_all_that_its_member_recorded():
    events = list(scripted_events(steps=100, members=3))
    frames = [event for event in events if isinstance(event, Frame)]
    ends = [event for event in events if isinstance(event, EpochEnded)]
    live = applied(events)
    for member in range(3):
        view = live.view(member)
        np.testing.assert_array_equal(view.steps, np.arange(1, 101))
        for name in ("loss", "l1", "l2", "lr"):
            expected = np.concatenate([getattr(frame, name)[:, member] for frame in frames])
            np.testing.assert_array_equal(getattr(view, name), expected)
        np.testing.assert_array_equal(view.layer_steps, np.concatenate([frame.layer_steps for frame in frames]))
        np.testing.assert_array_equal(view.layer_stats, np.concatenate([frame.layers[:, member] for frame in frames]))
        np.testing.assert_array_equal(view.latest, frames[-1].layers[-1, member])
        np.testing.assert_array_equal(view.epoch_steps, [event.step for event in ends])
        np.testing.assert_array_equal(view.validation_cost, [event.validation[member].cost for event in ends])
        np.testing.assert_array_equal(view.train_accuracy, [event.train[member].accuracy for event in ends])
        assert np.isnan(view.train_r2).all()
        assert view.outcome == events[-1].outcomes[member]
        assert (view.status, view.step, view.seconds_left) == ("done", 100, None)
        assert view.measuring == events[-1].measuring


def test_a_series_is_one_statistic_with_a_row_for_each_layer():
    view = applied(scripted_events(steps=40, layers=3)).view()
    series = view.series(Statistic.GRADIENT_STD)
    assert series.shape == (3, len(view.layer_steps))
    index = STATISTICS.index(Statistic.GRADIENT_STD)
    np.testing.assert_array_equal(series[1], view.layer_stats[:, 1, index])


def test_not_finite_numbers_are_kept():
    view = applied(scripted_events(steps=60, members=2, diverges_at=30)).view(0)
    assert view.loss[29] == math.inf
    assert np.isnan(view.loss[30:]).all()
    assert (view.status, view.step, view.outcome.divergence.layer) == ("diverged", 30, "output")
    assert applied(scripted_events(steps=60, members=2, diverges_at=30)).view(1).status == "done"


def test_frames_without_measured_layers_leave_the_latest_as_it_is():
    live = applied(list(scripted_events(steps=20, per_frame=20))[:2])
    before = live.view()
    live.apply(scripted_frame([21, 22], members=1, layers=4))
    after = live.view()
    assert (after.step, len(after.steps)) == (22, len(before.steps) + 2)
    np.testing.assert_array_equal(after.latest, before.latest)
    np.testing.assert_array_equal(after.layer_steps, before.layer_steps)


def test_a_failure_keeps_what_was_known_and_says_why():
    live = applied(list(scripted_events(steps=50))[:3])
    live.apply(Failed("out of memory"))
    view = live.view()
    assert (view.status, view.message, view.seconds_left) == ("failed", "out of memory", None)
    assert len(view.steps) > 0


def test_a_failure_may_come_before_the_start():
    assert applied([Failed("no such file")]).view().status == "failed"


@pytest.mark.parametrize(("early", "late", "each"), [(0.1, 0.001, 300), (0.1, 0.06, 100)])
def test_the_speed_is_that_of_late_and_the_time_left_follows_from_it(early, late, each):
    """Lately is the last 256 records, or the last five seconds if they have fewer."""
    started, *_ = scripted_events(steps=1000)
    live = applied([started])
    time = 0.0
    for step in range(1, 2 * each + 1):
        time += early if step <= each else late
        frame = scripted_frame([step], members=1, layers=4)
        live.apply(dataclasses.replace(frame, seconds=np.array([time])))
    view = live.view()
    assert view.steps_per_second == pytest.approx(1 / late)
    assert view.seconds_left == pytest.approx((1000 - 2 * each) * late)


def test_after_the_end_the_speed_is_that_of_the_whole_run():
    view = applied(scripted_events(steps=100)).view()
    assert view.steps_per_second == pytest.approx(1 / SECONDS_PER_STEP)
    assert view.seconds_left is None


def test_one_record_is_enough_for_a_speed():
    started, *_ = scripted_events(steps=100)
    live = applied([started, scripted_frame([10], members=1, layers=4)])
    assert live.view().steps_per_second == pytest.approx(1 / SECONDS_PER_STEP)


def test_a_stopped_run_shows_its_status():
    assert applied(scripted_events(steps=20, status=Status.STOPPED)).view().status == "stopped"


def test_a_long_run_keeps_a_bounded_number_of_points_evenly_spread():
    steps = 30_000
    live = applied([scripted_started(experiments(1, 2, steps), steps=steps, steps_per_epoch=1, measured_every=1)])
    for begin in range(0, steps, 500):
        recorded = range(begin + 1, begin + 501)
        live.apply(scripted_frame(recorded, measured=recorded, members=1, layers=2))
    live.apply(scripted_frame([steps + 1], measured=[steps + 1], members=1, layers=2))
    view = live.view()
    for kept in (view.steps, view.layer_steps):
        assert POINTS // 4 < len(kept) <= POINTS
        assert (kept[0], kept[-1]) == (1, steps + 1)
        assert len(set(np.diff(kept[:-1]))) == 1
    np.testing.assert_array_equal(view.latest, scripted_frame([9], measured=[steps + 1], members=1, layers=2).layers[0, 0])
    expected = scripted_frame(view.steps, members=1, layers=2)
    np.testing.assert_array_equal(view.loss, expected.loss[:, 0])


def test_many_epochs_are_bounded_too():
    live = applied([next(scripted_events(steps=10))])
    score = next(event for event in scripted_events(steps=30) if isinstance(event, EpochEnded)).train
    for epoch in range(1, 10_001):
        live.apply(EpochEnded(epoch, epoch, 0.1 * epoch, score, score))
    view = live.view()
    assert len(view.epoch_steps) <= POINTS
    assert (view.epochs[0], view.epochs[-1], view.epoch) == (1, 10_000, 10_000)


def test_views_do_not_change_when_more_comes_and_cannot_be_written_to():
    live = LiveRun()
    seen = []
    for event in scripted_events(steps=9000, measured_every=1, layers=2, per_frame=100, steps_per_epoch=1000):
        live.apply(event)
        view = live.view()
        seen.append((view, view.steps.copy(), view.loss.copy(), view.layer_stats.copy(), view.latest.copy()))
    for view, *copies in seen:
        for kept, now in zip(copies, (view.steps, view.loss, view.layer_stats, view.latest), strict=True):
            np.testing.assert_array_equal(kept, now)
    for array in (view.steps, view.loss, view.layer_stats, view.latest, view.epochs):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_making_a_view_copies_no_measurements_but_the_latest():
    """The training waits meanwhile, and the progress bar asks for a few scalars only."""
    live = applied([next(scripted_events(layers=200))])
    for begin in range(0, 4 * POINTS + 10, 500):
        measured = range(begin + 1, min(begin + 500, 4 * POINTS + 10) + 1)
        live.apply(scripted_frame(measured, measured=measured, members=1, layers=200))
    tracemalloc.start()
    try:
        view = live.view()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert view.layer_steps[-1] - view.layer_steps[-2] != view.layer_steps[1] - view.layer_steps[0]  # the latest is apart
    assert most < view.layer_stats.nbytes / 10
    np.testing.assert_array_equal(view.layer_stats[-1], view.latest)
    np.testing.assert_array_equal(view.series(Statistic.DEAD), view.layer_stats[:, :, STATISTICS.index(Statistic.DEAD)].T)


def test_the_version_grows_with_each_event_and_the_view_is_made_once():
    live = LiveRun()
    versions = [live.view().version]
    for event in scripted_events(steps=50):
        live.apply(event)
        versions.append(live.view().version)
        assert live.view() is live.view()
    assert versions == sorted(set(versions))


def test_a_member_that_is_not_there_is_an_error():
    live = applied([next(scripted_events(members=2))])
    for member in (2, -1):
        with pytest.raises(IndexError, match="population of 2"):
            live.view(member)


def test_views_from_another_thread_are_whole_at_any_moment():
    live = LiveRun()
    done = threading.Event()

    def apply():
        for event in scripted_events(steps=6000, members=2, layers=2, per_frame=7, steps_per_epoch=100):
            live.apply(event)
        done.set()

    thread = threading.Thread(target=apply)
    thread.start()
    seen = 0
    while not done.is_set():
        view = live.view(seen % 2)
        assert len(view.steps) == len(view.loss) == len(view.l1)
        assert len(view.layer_steps) == len(view.layer_stats)
        assert len(view.epoch_steps) == len(view.validation_cost)
        if len(view.steps):
            assert view.step == view.steps[-1]
            assert view.loss[-1] == scripted_frame([view.step], members=2, layers=2).loss[0, seen % 2]
        seen += 1
    thread.join()
    assert seen > 0
    assert live.view().status == "done"
