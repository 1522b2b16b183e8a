"""Pausing, stepping and stopping a training from another thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from engine.events import EpochEnded, Event, Finished, Frame, Outcome, Started
from engine.experiment import Experiment
from engine.training.clock import Stopwatch
from engine.training.control import Answer, Control
from engine.training.loop import train
from engine.vocabulary import Status
from tests.engine.conftest import experiment


class Driver:
    """Runs a training in a thread and hands over its events one by one."""

    def __init__(self, e: Experiment, control: Control) -> None:
        self.events: list[Event] = []
        self._arrived = threading.Condition()
        self._done = False
        self.thread = threading.Thread(target=self._run, args=(e, control))
        self.thread.start()

    def _run(self, e: Experiment, control: Control) -> None:
        for event in train([e], control=control):
            with self._arrived:
                self.events.append(event)
                self._arrived.notify_all()
        with self._arrived:
            self._done = True
            self._arrived.notify_all()

    def last_step(self) -> int:
        return max([int(e.steps[-1]) for e in self.events if isinstance(e, Frame)], default=0)

    def wait_for_step(self, step: int) -> None:
        with self._arrived:
            assert self._arrived.wait_for(lambda: self._done or self.last_step() >= step, timeout=60)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that no event tells of."""
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline
            with self._arrived:
                self._arrived.wait(0.01)


def test_pause_single_steps_an_epoch_and_stop() -> None:
    control = Control(paused=True)
    driver = Driver(experiment(steps=None, epochs=1000), control)
    for step in (1, 2):
        control.step()
        driver.wait_for_step(step)
        driver.wait_until(lambda: control.waiting)
        assert driver.last_step() == step
    control.epoch()
    driver.wait_until(lambda: control.waiting and driver.last_step() == 8)  # 120 examples in batches of 16
    assert [e.epoch for e in driver.events if isinstance(e, EpochEnded)] == [1]
    control.epoch()
    driver.wait_until(lambda: control.waiting and driver.last_step() == 16)
    assert [e.epoch for e in driver.events if isinstance(e, EpochEnded)] == [1, 2]
    control.stop()
    driver.thread.join(60)
    last = driver.events[-1]
    assert isinstance(last, Finished)
    assert last.outcomes[0].status is Status.STOPPED
    assert last.outcomes[0].step == 16
    assert last.outcomes[0].test is not None


def test_an_epoch_asked_for_is_measured_no_more_often_than_usual() -> None:
    control = Control(paused=True)
    driver = Driver(experiment(steps=None, epochs=1, monitor__every=1000), control)
    control.epoch()
    driver.thread.join(60)
    measured = [int(step) for e in driver.events if isinstance(e, Frame) for step in e.layer_steps]
    assert measured == [1, 2, 4, 8]


def test_pauses_do_not_count_as_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.perf_counter", lambda: now)
    watch = Stopwatch()
    now += 5
    watch.hold()
    assert watch.seconds == 5
    now += 30
    assert watch.seconds == 5
    watch.go()
    now += 2
    assert watch.seconds == 7


def test_every_step_made_by_hand_is_measured() -> None:
    control = Control(paused=True)
    driver = Driver(experiment(steps=3, monitor__every=1000), control)
    for step in (1, 2, 3):
        control.step()
        driver.wait_for_step(step)
    driver.thread.join(60)
    frames = [e for e in driver.events if isinstance(e, Frame)]
    assert [frame.layer_steps.tolist() for frame in frames] == [[1], [2], [3]]


def test_an_interruption_is_told_from_a_stop() -> None:
    control = Control()
    events: Iterator[Event] = train([experiment(steps=None, epochs=10**6)], control=control)
    assert isinstance(next(events), Started)
    control.stop(interrupted=True)
    *_, last = events
    assert isinstance(last, Finished)
    assert last.outcomes[0].status is Status.INTERRUPTED


def test_an_interrupted_training_is_not_scored_and_a_stopped_one_is() -> None:
    def outcome(*, interrupted: bool) -> Outcome:
        control = Control()
        events = train([experiment(steps=None, epochs=10**6)], control=control)
        next(events)
        control.stop(interrupted=interrupted)
        *_, last = events
        assert isinstance(last, Finished)
        return last.outcomes[0]

    assert outcome(interrupted=True).test is None
    assert outcome(interrupted=False).test is not None


@pytest.mark.parametrize("first", [True, False])
def test_the_first_stop_counts_and_cannot_be_taken_back(first: bool) -> None:
    control = Control()
    control.stop(interrupted=first)
    control.stop(interrupted=not first)
    control.resume()
    assert control.stopped
    assert control.interrupted is first
    assert control.before_step() is Answer.STOP


def test_a_stop_after_the_last_step_leaves_the_run_done() -> None:
    control = Control()
    events = train([experiment(steps=8)], control=control)
    for event in events:
        if isinstance(event, EpochEnded):
            control.stop(interrupted=True)
        if isinstance(event, Finished):
            assert event.outcomes[0].status is Status.DONE
            assert event.outcomes[0].test is not None
