"""A training that is looked at: what is found is recorded, shown and told, and a diagnosis that fails ends no training."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from engine.events import EpochEnded, Event, FindingRaised, Finished, Frame, Started
from engine.experiment import Experiment
from engine.insight.finding import Finding, Severity
from engine.insight.pace import SHARE, Pace
from engine.pictures import Examined, Mistaken
from engine.vocabulary import Status
from tests.workbench.findings import DEAD, Told, finding
from tests.workbench.history.recorded import record
from tests.workbench.keeping import Keeping
from tests.workbench.scripted import scripted_events, scripted_experiments
from workbench import diagnosing, recalling
from workbench.diagnosing import Diagnosing, diagnosed, of_member
from workbench.findings import brief, listed, places, sign, span, with_finding, worst_first
from workbench.history import History, HistoryError
from workbench.history.findings import replace_findings
from workbench.resumption import resumption
from workbench.runner import Preparation, Runner

PATIENCE = 60.0
GONE = replace(DEAD, closed=60)


@pytest.fixture
def db(tmp_path) -> Path:
    return tmp_path / "history.db"


def run(experiments: Sequence[Experiment], db: Path | None, *, resume: bool = False, **options: object) -> Runner:
    """Train to the end, from the latest checkpoint of run 1 if that is to go on."""
    going_on = None
    if resume:
        with History.open(db) as history:
            going_on = resumption(history, 1)
        experiments = going_on.experiments
    runner = Runner(experiments, db=db, resume=going_on, **{"source": Keeping(), "diagnosis": Told, **options})
    runner.start()
    assert runner.join(PATIENCE)
    return runner


def keys(findings) -> list[tuple[str, int, int, int | None]]:
    return [(each.rule, each.opened, each.updated, each.closed) for each in findings]


LASTING = ("vanishing-gradient", 20, 60, None)
DEAD_AND_GONE = ("dead-units", 40, 40, 60)


def test_what_is_found_is_recorded_shown_and_told_behind_what_showed_it(db):
    told: list[Event] = []
    runner = run(scripted_experiments(steps=110), db, on_event=told.append)
    assert runner.error is None
    assert runner.diagnosis_problem == ""
    assert keys(runner.live.view().findings) == [LASTING, DEAD_AND_GONE]
    with History.open(db) as history:
        assert keys(history.findings(1)) == [LASTING, DEAD_AND_GONE]
    places_of = [number for number, event in enumerate(told) if isinstance(event, FindingRaised)]
    assert len(places_of) == 5
    before = told[places_of[0] - 1]
    assert isinstance(before, Frame)
    assert before.steps[-1] == 20


def test_each_population_is_looked_at_by_itself(db):
    made: list[Told] = []

    def make() -> Told:
        made.append(Told())
        return made[-1]

    experiments = (*scripted_experiments(2, steps=110), *scripted_experiments(layers=3, steps=110))
    runner = run(experiments, db, diagnosis=make)
    assert runner.error is None
    assert [len(each.findings(1)) for each in made] == [2, 0]
    with History.open(db) as history:
        assert [keys(history.findings(run_id)) for run_id in (1, 2, 3)] == [[LASTING, DEAD_AND_GONE]] * 3
    assert keys(runner.live.view().findings) == [LASTING, DEAD_AND_GONE]


class Breaks(Told):
    """Fails at step 60."""

    def apply(self, event: Event) -> tuple[FindingRaised, ...]:
        if isinstance(event, Frame) and event.steps[-1] == 60:
            raise ZeroDivisionError("one by nothing")
        return super().apply(event)


def test_a_diagnosis_that_fails_is_given_up_and_the_training_goes_on(db):
    runner = run(scripted_experiments(steps=110), db, diagnosis=Breaks)
    assert runner.error is None
    assert [outcome.status for outcome in runner.outcomes] == [Status.DONE]
    assert runner.diagnosis_problem == "ZeroDivisionError: one by nothing"
    with History.open(db) as history:
        assert keys(history.findings(1)) == [("vanishing-gradient", 20, 40, None), ("dead-units", 40, 40, None)]
        assert history.run(1).status == "done"


def test_a_diagnosis_that_cannot_be_made_is_none():
    def unknown() -> Told:
        raise ImportError("no such module")

    looking = Diagnosing(unknown)
    assert [looking.apply(event) for event in scripted_events(steps=20)][-1] == ()
    assert str(looking.problem) == "no such module"


def test_a_training_that_goes_on_is_looked_at_from_where_it_was_left(db):
    assert run(scripted_experiments(steps=110), db, source=Keeping(breaks_at=40)).error is not None
    made: list[Told] = []

    def make() -> Told:
        made.append(Told())
        return made[-1]

    told: list[Event] = []
    runner = run((), db, resume=True, diagnosis=make, on_event=told.append)
    assert runner.error is None
    steps = [int(step) for event in made[-1].seen if isinstance(event, Frame) for step in event.steps]
    assert steps == list(range(1, 111))
    with History.open(db) as history:
        assert keys(history.findings(1)) == [LASTING, DEAD_AND_GONE]
    assert keys(runner.live.view().findings) == [LASTING, DEAD_AND_GONE]
    news = [event.finding.updated for event in told if isinstance(event, FindingRaised)]
    assert news == [60, 40]  # what was told before is not told again


def test_members_that_go_on_together_are_looked_at_from_where_they_were_left(db):
    assert run(scripted_experiments(2, steps=110), db, source=Keeping(breaks_at=40)).error is not None
    made: list[Told] = []

    def make() -> Told:
        made.append(Told())
        return made[-1]

    runner = run((), db, resume=True, diagnosis=make)
    assert runner.error is None
    with History.open(db) as history:
        assert [keys(history.findings(run_id)) for run_id in (1, 2)] == [[LASTING, DEAD_AND_GONE]] * 2
        losses = [[row.loss for row in history.steps(run_id)] for run_id in (1, 2)]
    assert [keys(runner.live.view(member).findings) for member in (0, 1)] == [[LASTING, DEAD_AND_GONE]] * 2
    seen = [[loss for event in each.seen if isinstance(event, Frame) for loss in event.loss[:, 0].tolist()] for each in made[-2:]]
    assert seen == losses


def test_of_very_many_members_what_was_found_stays(db, monkeypatch):
    monkeypatch.setattr(recalling, "MOST_APART", 1)
    assert run(scripted_experiments(2, steps=110), db, source=Keeping(breaks_at=40)).error is not None

    class Silent(Told):
        script: Mapping[int, tuple[Finding, ...]] = MappingProxyType({})

    runner = run((), db, resume=True, diagnosis=Silent)
    assert runner.error is None
    expected = [("vanishing-gradient", 20, 40, None), ("dead-units", 40, 40, None)]
    with History.open(db) as history:
        assert [keys(history.findings(run_id)) for run_id in (1, 2)] == [expected] * 2
    assert [sorted(keys(runner.live.view(member).findings)) for member in (0, 1)] == [sorted(expected)] * 2


class Again(Told):
    """Sees late what had been seen before, and that it is gone; then that it comes back."""

    script: Mapping[int, tuple[Finding, ...]] = MappingProxyType(
        {60: (finding(55),), 80: (finding(55, closed=80),), 100: (finding(95),)}
    )


def test_of_very_many_members_what_was_open_goes_on_until_it_is_gone(db, monkeypatch):
    monkeypatch.setattr(recalling, "MOST_APART", 1)
    assert run(scripted_experiments(2, steps=110), db, source=Keeping(breaks_at=40)).error is not None
    runner = run((), db, resume=True, diagnosis=Again)
    assert runner.error is None
    dead, back, gone = ("dead-units", 40, 40, None), ("vanishing-gradient", 95, 95, None), ("vanishing-gradient", 20, 55, 80)
    with History.open(db) as history:
        assert [keys(worst_first(history.findings(run_id))) for run_id in (1, 2)] == [[dead, back, gone]] * 2
    assert [keys(runner.live.view(member).findings) for member in (0, 1)] == [[dead, back, gone]] * 2


class Forgetful(Told):
    """Finds less than it once did."""

    script: Mapping[int, tuple[Finding, ...]] = MappingProxyType({20: (finding(20),)})


def test_what_is_not_found_again_when_a_training_goes_on_is_not_kept(db):
    assert run(scripted_experiments(2, steps=110), db, source=Keeping(breaks_at=40)).error is not None
    runner = run((), db, resume=True, diagnosis=Forgetful)
    assert runner.error is None
    expected = [("vanishing-gradient", 20, 20, None)]
    with History.open(db) as history:
        assert [keys(history.findings(run_id)) for run_id in (1, 2)] == [expected] * 2
    assert [keys(runner.live.view(member).findings) for member in (0, 1)] == [expected] * 2


@pytest.mark.parametrize("most", [0, 64])
def test_what_was_found_before_and_cannot_be_read_does_not_end_the_training(db, monkeypatch, most):
    monkeypatch.setattr(recalling, "MOST_APART", most)
    assert run(scripted_experiments(steps=110), db, source=Keeping(breaks_at=40)).error is not None
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("UPDATE findings SET severity = 'awful'")
    runner = run((), db, resume=True)
    assert runner.error is None
    assert "'awful' is not a valid Severity" in runner.diagnosis_problem
    with closing(sqlite3.connect(db)) as connection:
        assert connection.execute("SELECT status FROM runs").fetchall() == [("done",)]


def test_a_history_that_cannot_be_opened_again_does_not_end_the_training(db, monkeypatch):
    assert run(scripted_experiments(steps=110), db, source=Keeping(breaks_at=40)).error is not None
    opened = History.open

    def locked(path: Path) -> History:
        if threading.current_thread().name == "training":
            raise HistoryError("the history is locked")
        return opened(path)

    monkeypatch.setattr(History, "open", locked)
    runner = run((), db, resume=True)
    assert runner.error is None
    assert runner.diagnosis_problem == "the history is locked"


def test_looking_through_what_was_recorded_is_announced_and_ends_with_the_training(db):
    assert run(scripted_experiments(3, steps=110), db, source=Keeping(breaks_at=40)).error is not None
    with History.open(db) as history:
        going_on = resumption(history, 1)
    seen: list[Preparation | None] = []

    class Watched(Told):
        def apply(self, event: Event) -> tuple[FindingRaised, ...]:
            if isinstance(event, Started):
                seen.append(runner.preparation)
            if len(seen) == 3:
                runner.stop()
            return super().apply(event)

    runner = Runner(going_on.experiments, db=db, resume=going_on, source=Keeping(), diagnosis=Watched)
    runner.start()
    assert runner.join(PATIENCE)
    told = [(each.what, each.done, each.total) for each in seen if each is not None]
    assert told == [("looking through what was recorded", 0, 3), ("looking through what was recorded", 1, 3)]
    assert runner.preparation is None
    with History.open(db) as history:  # they were not looked through to the end: what there was stays
        assert [len(history.findings(run_id)) for run_id in (1, 2, 3)] == [2, 2, 2]


# --- whether a run was looked through to its end --------------------------------------


def was_diagnosed(db: Path) -> list[bool]:
    with History.open(db) as history:
        return [history.run(run_id).diagnosed for run_id in sorted(history.listing().ids)]


def test_a_run_is_diagnosed_when_it_was_looked_through_to_its_end_and_not_before(db):
    seen: list[bool] = []

    def look(event: Event) -> None:
        if isinstance(event, EpochEnded):
            seen.extend(was_diagnosed(db))

    assert run(scripted_experiments(steps=110), db, on_event=look).error is None
    assert seen
    assert not any(seen)
    assert was_diagnosed(db) == [True]


def test_a_run_whose_diagnosis_broke_off_is_not_diagnosed_until_that_is_made_up_for(db):
    run(scripted_experiments(steps=110), db, diagnosis=Breaks)
    assert was_diagnosed(db) == [False]
    replace_findings(db, 1, [])
    assert was_diagnosed(db) == [True]


def test_a_training_that_failed_was_looked_through_up_to_there_and_when_it_goes_on_that_counts_no_more(db):
    assert run(scripted_experiments(steps=110), db, source=Keeping(breaks_at=40)).error is not None
    assert was_diagnosed(db) == [True]
    run((), db, resume=True, diagnosis=Breaks)
    assert was_diagnosed(db) == [False]


def test_a_run_that_goes_on_is_diagnosed_if_its_beginning_was_looked_at_too(db, monkeypatch):
    assert run(scripted_experiments(steps=110), db, source=Keeping(breaks_at=40)).error is not None
    run((), db, resume=True)
    assert was_diagnosed(db) == [True]
    monkeypatch.setattr(recalling, "MOST_APART", 0)  # what was found before is taken for granted
    assert run(scripted_experiments(steps=110), db, source=Keeping(breaks_at=40)).error is not None
    with History.open(db) as history:
        going_on = resumption(history, 2)
    runner = Runner(going_on.experiments, db=db, resume=going_on, source=Keeping(), diagnosis=Told)
    runner.start()
    assert runner.join(PATIENCE)
    assert was_diagnosed(db) == [True, False]


def test_members_that_are_looked_at_one_by_one_share_their_time():
    now = 0.0

    class Slow(Told):
        looks: list[int] = []  # noqa: RUF012  of all members

        def take(self, events: Sequence[Event]) -> tuple[FindingRaised, ...]:
            nonlocal now
            now += 0.01
            self.looks.append(len(events))
            return super().take(events)

    looking = Diagnosing(Slow, Pace(lambda: now))
    start, *events = scripted_events(members=4, steps=400, steps_per_epoch=100, per_frame=1)
    assert looking.catch_up([[of_member(start, member)] for member in range(4)], 4) == ((),) * 4
    frames = [event for event in events if isinstance(event, Frame)]
    raised: list[FindingRaised] = []
    for event in frames:
        now += 3.0  # a step
        raised += looking.apply(event)
    looks = len(Slow.looks)
    assert 0.003 < looks * 0.01 / now <= SHARE
    assert looks % 4 == 0  # all members, or none
    raised += looking.apply(next(event for event in events if isinstance(event, Finished)))
    assert [each.finding.closed for each in raised if each.finding.rule == "dead-units"].count(60) == 4


def test_a_problem_with_the_first_population_is_not_forgotten(db):
    made: list[Told] = []

    def make() -> Told:
        made.append(Told() if made else Breaks())
        return made[-1]

    experiments = (*scripted_experiments(steps=110), *scripted_experiments(layers=3, steps=110))
    runner = run(experiments, db, diagnosis=make)
    assert [type(each) for each in made] == [Breaks, Told]
    assert runner.diagnosis_problem == "ZeroDivisionError: one by nothing"


def test_what_is_said_of_one_member_is_what_its_stored_run_tells(db):
    script = {"members": 2, "steps": 100, "steps_per_epoch": 20, "everything": True}
    record(db, scripted_events(**script))
    with History.open(db) as history:
        stored = list(history.events(2))
    own = [of_member(event, 1) for event in scripted_events(**script)]
    for kind in (Started, EpochEnded, Examined, Finished):
        ours, theirs = ([event for event in events if isinstance(event, kind)] for events in (own, stored))
        assert len(ours) == len(theirs)
        for mine, other in zip(ours, theirs, strict=True):
            names = ("experiments", "train", "validation", "confusion", "outcomes")
            assert [repr(getattr(mine, name, None)) for name in names] == [repr(getattr(other, name, None)) for name in names]
    latest = [event for event in own if isinstance(event, Mistaken)][-1]
    assert latest.confusion.tolist() == next(event for event in stored if isinstance(event, Mistaken)).confusion.tolist()


def test_a_population_is_diagnosed_as_its_members_are_alone():
    script = {
        "members": 2,
        "layers": 10,
        "steps": 400,
        "measured_every": 1,
        "diverges_at": 200,
        "diverging": [1],
        "everything": True,
    }
    whole = diagnosing.new_diagnosis()
    for event in scripted_events(**script):
        whole.apply(event)
    for member in (0, 1):
        own = (of_member(event, member) for event in scripted_events(**script))
        found = [replace(each, member=0) for each in worst_first(whole.findings(member))]
        assert found
        assert repr(found) == repr([*diagnosed(own)])


def test_a_stored_run_is_diagnosed_as_it_was_while_it_was_trained(db):
    run(scripted_experiments(steps=110), db)
    with History.open(db) as history:
        events = list(history.events(1))
    assert any(isinstance(event, FindingRaised) for event in events)
    seen: list[Told] = []

    def make() -> Told:
        seen.append(Told())
        return seen[-1]

    assert keys(diagnosed(events, make)) == [LASTING, DEAD_AND_GONE]
    assert not any(isinstance(event, FindingRaised) for event in seen[0].seen)
    assert isinstance(seen[0].seen[-1], Finished)


def test_the_worst_come_first_and_what_is_gone_last():
    note = finding(1, rule="a-note", severity=Severity.NOTE)
    early, late = finding(20), finding(50)
    other = replace(DEAD, rule="overfitting")
    assert worst_first([GONE, note, late, other, early]) == (early, late, other, note, GONE)
    assert with_finding((DEAD, note), GONE) == (note, GONE)
    assert [sign(each) for each in (late, DEAD, note, GONE)] == ["▲", "△", "○", "✓"]
    assert (span(late), span(GONE)) == ("since step 50", "from step 40 to 60")


def test_in_few_characters():
    assert brief((), None) == ""
    assert brief(("dead-units", "overfitting"), "warning", named=False) == "△ 2"
    assert brief(("dead-units",), "warning") == "△ dead-units"
    assert brief(*listed("serious vanishing-gradient\nwarning dead-units\nnote noisy-batches")) == "▲ vanishing-gradient +2"
    assert listed("") == ((), None)
    assert places(("hidden 1", "output")) == "hidden 1, output"
    assert places([f"hidden {number}" for number in range(1, 9)]) == "8 layers, hidden 1 to hidden 8"
