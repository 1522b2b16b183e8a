"""It is known up to which step a training was looked at for what goes wrong."""

from __future__ import annotations

from engine.events import Event, FindingRaised, Finished, Frame, Started
from engine.insight.diagnosis import Diagnosis
from engine.vocabulary import Status
from tests.workbench.findings import Told
from tests.workbench.scripted import scripted_events, scripted_experiments
from workbench.diagnosing import Diagnosing
from workbench.live import LiveRun
from workbench.runner import Runner
from workbench.telling import Telling


class Clock:
    """Seconds that go by when they are told to: each look takes one."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.5
        return self.now


def test_what_is_kept_for_later_has_not_been_judged() -> None:
    clock, live = Clock(), LiveRun()
    telling = Telling(live, Diagnosing(lambda: Diagnosis(clock)), None, None)
    judged = []
    for event in scripted_events(steps=200, per_frame=20, steps_per_epoch=20):
        if not isinstance(event, Started | Frame | Finished):
            continue
        telling.show(event, telling.keep(event))
        judged.append((live.view().step, live.view().judged))
        if live.view().step == 100:
            clock.now += 1000.0  # time enough for another look
    up_to_20 = [(step, 20) for step in range(20, 101, 20)]
    up_to_120 = [(step, 120) for step in range(120, 201, 20)]
    assert judged == [(0, None), *up_to_20, *up_to_120, (200, 200)]


def test_a_view_is_another_when_it_has_been_judged() -> None:
    live = LiveRun()
    for event in scripted_events(steps=40):
        live.apply(event)
    before = live.view()
    assert before.judged is None
    live.judge()
    after = live.view()
    assert after.judged == int(after.layer_steps[-1])
    assert after.version > before.version
    live.judge()
    assert live.view() is after


def test_before_anything_was_measured_there_is_nothing_to_judge() -> None:
    live = LiveRun()
    live.apply(next(scripted_events(steps=40)))
    live.judge()
    assert live.view().judged is None


class Breaks(Told):
    """Fails after step 45."""

    def apply(self, event: Event) -> tuple[FindingRaised, ...]:
        if isinstance(event, Frame) and event.steps[-1] > 45:
            raise ZeroDivisionError("one by nothing")
        return super().apply(event)


def trained(make: type[Told]) -> Runner:
    def source(experiments, **more):
        yield from scripted_events(steps=110, per_frame=20, experiments=experiments)

    runner = Runner(scripted_experiments(steps=110), db=None, source=source, diagnosis=make)
    runner.start()
    runner.join()
    assert [outcome.status for outcome in runner.outcomes] == [Status.DONE]
    return runner


def test_a_run_that_has_ended_was_judged_to_its_end_unless_its_diagnosis_broke_off() -> None:
    whole = trained(Told).live.view()
    assert whole.judged == int(whole.layer_steps[-1])
    assert trained(Breaks).live.view().judged == 45
