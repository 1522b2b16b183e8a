"""The runner: what it records, what it says, and how it ends. The training is scripted; history and live run are real."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from engine.errors import ConfigurationError, DataError, DeviceError
from engine.events import EpochEnded, Event, Failed, Finished, Frame, Outcome, Started
from engine.experiment import Experiment
from engine.training.control import Control
from engine.vocabulary import Status
from tests.workbench.scripted import scripted_events, scripted_experiments
from workbench.history import History, HistoryError
from workbench.history.connection import open_writer
from workbench.runner import Preparation, Runner, one_line

PATIENCE = 60.0
"""Seconds after which a thread that should have ended is taken for one that hangs."""


class Script:
    """A source that tells scripted events and does as its control says, one frame taking the place of a step."""

    def __init__(self, *, breaks_at: int | None = None, error: BaseException | None = None, **script: object) -> None:
        self.script, self.breaks_at, self.error = script, breaks_at, error
        self.populations: list[tuple[Experiment, ...]] = []
        self.threads: list[threading.Thread] = []

    def __call__(
        self, experiments: Sequence[Experiment], *, control: Control | None = None, progress=None, **more: object
    ) -> Iterator[Event]:
        assert control is not None
        assert progress is not None
        self.populations.append(tuple(experiments))
        self.threads.append(threading.current_thread())
        progress("reading", 1, 2)
        step = 0
        for number, event in enumerate(scripted_events(experiments=experiments, **self.script)):
            if number == self.breaks_at and self.error is not None:
                raise self.error
            if isinstance(event, Frame):
                if not control.before_step():
                    status = Status.INTERRUPTED if control.interrupted else Status.STOPPED
                    yield Finished(tuple(Outcome(status, step) for _ in experiments), 0.1, 0.0)
                    return
                step = int(event.steps[-1])
            yield event
            if isinstance(event, EpochEnded):
                control.after_epoch()


def run_to_the_end(runner: Runner) -> Runner:
    runner.start()
    assert runner.join(PATIENCE)
    return runner


def rows(db: Path, query: str) -> list[tuple]:
    with sqlite3.connect(db) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def db(tmp_path) -> Path:
    return tmp_path / "history.db"


def test_a_run_is_recorded_applied_to_live_and_told_in_order(db):
    told: list[Event] = []
    runner = run_to_the_end(
        Runner(
            scripted_experiments(steps=100),
            db=db,
            name="first",
            tags=("a",),
            note="n",
            source=Script(steps=100),
            on_event=told.append,
        )
    )
    assert runner.error is None
    assert [type(event) for event in told[:1] + told[-1:]] == [Started, Finished]
    assert runner.run_ids == (1,)
    assert [outcome.status for outcome in runner.outcomes] == [Status.DONE]
    assert runner.live.view().step == 100
    assert runner.live.view().status == "done"
    with History.open(db) as history:
        run = history.run(1)
        assert (run.name, run.tags, run.note, run.status, run.step) == ("first", ("a",), "n", "done", 100)
        assert len(list(history.steps(1))) == 100


def test_training_happens_in_a_thread_of_its_own_that_the_program_waits_for(db):
    script = Script(steps=20)
    run_to_the_end(Runner(scripted_experiments(), db=db, source=script))
    assert script.threads[0] is not threading.current_thread()
    assert not script.threads[0].daemon


def test_without_a_history_nothing_is_recorded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runner = run_to_the_end(Runner(scripted_experiments(), db=None, source=Script(steps=20)))
    assert runner.error is None
    assert runner.run_ids == ()
    assert len(runner.outcomes) == 1
    assert list(tmp_path.iterdir()) == []


def test_members_of_a_population_are_runs_of_their_own(db):
    runner = run_to_the_end(Runner(scripted_experiments(members=3), db=db, parent=None, source=Script(steps=20)))
    assert runner.run_ids == (1, 2, 3)
    assert rows(db, "select seed from runs order by id") == [(0,), (1,), (2,)]


def test_experiments_of_different_shapes_are_trained_one_population_after_another(db):
    narrow, wide = Experiment.parse({"model": {"width": 4}}), Experiment.parse({"model": {"width": 8}})
    script = Script(steps=20)
    runner = Runner((narrow, wide, narrow.with_settings({"seed": 1})), db=db, source=script)
    first = runner.live
    run_to_the_end(runner)
    assert script.populations == [(narrow, narrow.with_settings({"seed": 1})), (wide,)]
    assert runner.run_ids == (1, 2, 3)
    assert len(runner.outcomes) == 3
    assert first.view().members == 2
    assert runner.live is not first
    assert runner.live.view().experiment == wide


def test_a_diverged_member_does_not_end_the_others(db):
    script = Script(steps=100, diverges_at=30, diverging=(1,))
    runner = run_to_the_end(Runner(scripted_experiments(members=3), db=db, source=script))
    assert [outcome.status for outcome in runner.outcomes] == [Status.DONE, Status.DIVERGED, Status.DONE]
    assert rows(db, "select status, diverged_step from runs order by id") == [("done", None), ("diverged", 30), ("done", None)]


@pytest.mark.parametrize(
    "error",
    [ConfigurationError.at("model.width", "too wide"), DataError("no such file"), DeviceError("no CUDA"), ZeroDivisionError("x")],
    ids=lambda error: type(error).__name__,
)
def test_an_error_before_the_first_step_leaves_nothing_in_the_history(db, error):
    told: list[Event] = []
    script = Script(breaks_at=0, error=error)
    runner = run_to_the_end(Runner(scripted_experiments(), db=db, source=script, on_event=told.append))
    assert runner.error is error
    assert told == []
    assert runner.run_ids == ()
    assert not db.exists()
    view = runner.live.view()
    assert (view.status, view.message) == ("failed", one_line(error))


def test_an_unexpected_error_later_is_recorded_in_one_line(db):
    told: list[Event] = []
    error = ValueError("something\nwent wrong")
    runner = run_to_the_end(Runner(scripted_experiments(), db=db, source=Script(breaks_at=5, error=error), on_event=told.append))
    assert runner.error is error
    assert told[-1] == Failed("ValueError: something went wrong")
    assert rows(db, "select status, message from runs") == [("failed", "ValueError: something went wrong")]
    assert rows(db, "select count(*) > 0 from steps") == [(1,)]
    assert runner.live.view().message == "ValueError: something went wrong"


@pytest.mark.parametrize("error", [KeyboardInterrupt("x"), SystemExit(3)], ids=lambda error: type(error).__name__)
def test_what_ends_a_program_is_recorded_as_an_error_when_training_raises_it(db, error):
    runner = run_to_the_end(Runner(scripted_experiments(), db=db, source=Script(breaks_at=5, error=error)))
    assert runner.error is error
    assert rows(db, "select status, message from runs") == [("failed", one_line(error))]


def test_a_history_that_cannot_be_used_ends_the_run_before_anything_is_prepared(tmp_path):
    script = Script()
    runner = run_to_the_end(Runner(scripted_experiments(), db=tmp_path, source=script))
    assert isinstance(runner.error, HistoryError)
    assert runner.error.exit_code == 2
    assert script.populations == []


def test_a_disk_that_becomes_full_ends_the_run_and_what_was_recorded_stays(db, monkeypatch):
    connections: list[sqlite3.Connection] = []

    def remember(path: Path) -> sqlite3.Connection:
        connections.append(open_writer(path))
        return connections[-1]

    def fill_disk(event: Event) -> None:
        """Allow the file no more pages than it has, which SQLite answers as it answers a full disk."""
        if isinstance(event, EpochEnded) and event.epoch == 1:
            pages = connections[0].execute("PRAGMA page_count").fetchone()[0]
            connections[0].execute(f"PRAGMA max_page_count = {pages}")

    monkeypatch.setattr("workbench.history.recorder.open_writer", remember)
    runner = run_to_the_end(Runner(scripted_experiments(steps=20_000), db=db, source=Script(steps=20_000), on_event=fill_disk))
    assert isinstance(runner.error, HistoryError)
    assert runner.error.exit_code == 1
    assert "full" in str(runner.error)
    assert rows(db, "pragma integrity_check") == [("ok",)]
    assert rows(db, "select count(*) >= 25 from steps") == [(1,)]
    assert runner.live.view().status == "failed"


class Gate:
    """Lets the test wait until the training thread has told a certain event, and holds it there."""

    def __init__(self, until) -> None:
        self.reached, self.open, self.until = threading.Event(), threading.Event(), until

    def __call__(self, event: Event) -> None:
        if not self.reached.is_set() and self.until(event):
            self.reached.set()
            assert self.open.wait(PATIENCE)


@pytest.mark.parametrize(("interrupted", "status"), [(False, "stopped"), (True, "interrupted")])
def test_stop_ends_the_run_before_its_next_step_and_says_how(db, interrupted, status):
    gate = Gate(lambda event: isinstance(event, Frame))
    runner = Runner(scripted_experiments(), db=db, source=Script(steps=200), on_event=gate)
    runner.start()
    assert gate.reached.wait(PATIENCE)
    assert not runner.finished
    runner.stop(interrupted=interrupted)
    assert runner.stopping
    gate.open.set()
    assert runner.join(PATIENCE)
    assert [str(outcome.status) for outcome in runner.outcomes] == [status]
    assert rows(db, "select status, step from runs") == [(status, 20)]


def test_stop_leaves_out_the_populations_that_have_not_begun(db):
    gate = Gate(lambda event: isinstance(event, Frame))
    experiments = (Experiment.parse({"model": {"width": 4}}), Experiment.parse({"model": {"width": 8}}))
    runner = Runner(experiments, db=db, source=Script(), on_event=gate)
    runner.start()
    assert gate.reached.wait(PATIENCE)
    runner.stop()
    gate.open.set()
    assert runner.join(PATIENCE)
    assert len(runner.outcomes) == 1
    assert rows(db, "select count(*) from runs") == [(1,)]


def test_stop_during_the_preparation_ends_it_and_records_nothing(db):
    runners: list[Runner] = []
    seen = []

    def endless(experiments, *, control=None, progress=None, **more) -> Iterator[Event]:
        for amount in itertools.count():
            progress("downloading", amount, None)
            seen.append(runners[0].preparation)
            if amount == 3:
                runners[0].stop()
            yield from ()

    runners.append(Runner(scripted_experiments(), db=db, source=endless))
    runner = run_to_the_end(runners[0])
    assert runner.error is None
    assert runner.outcomes == ()
    assert seen == [Preparation("downloading", amount, None) for amount in range(4)]
    assert not db.exists()


def test_pause_step_epoch_and_resume_reach_the_training(db):
    gate = Gate(lambda event: isinstance(event, Frame))
    steps = []
    paused_at = threading.Semaphore(0)

    class Stepwise(Script):
        def __call__(self, experiments, *, control=None, progress=None, **more):
            before_step = control.before_step

            def told() -> bool:
                if control.paused:
                    steps.append(runner.live.view().step)
                    paused_at.release()
                return before_step()

            control.before_step = told
            yield from super().__call__(experiments, control=control, progress=progress)

    runner = Runner(scripted_experiments(), db=None, source=Stepwise(steps=100, per_frame=5, steps_per_epoch=25), on_event=gate)
    runner.start()
    assert gate.reached.wait(PATIENCE)
    runner.pause()
    assert runner.paused
    gate.open.set()
    assert paused_at.acquire(timeout=PATIENCE)
    runner.step()
    assert paused_at.acquire(timeout=PATIENCE)
    runner.epoch()
    assert paused_at.acquire(timeout=PATIENCE)
    runner.resume()
    assert runner.join(PATIENCE)
    assert steps == [5, 10, 25]
    assert runner.live.view().step == 100


def test_a_runner_is_not_finished_before_it_was_started():
    runner = Runner(scripted_experiments(), db=None, source=Script())
    assert not runner.finished


def test_there_must_be_something_to_run():
    with pytest.raises(ValueError, match="at least one experiment"):
        Runner((), db=None)


def test_each_run_has_the_name_that_was_given_for_its_experiment_whatever_is_trained_first(tmp_path):
    shallow, deep = scripted_experiments(2, layers=3, steps=20), scripted_experiments(1, layers=4, steps=20)
    experiments, names = (shallow[0], *deep, shallow[1]), ("one", "two", "three")
    path = tmp_path / "h.db"
    run_to_the_end(Runner(experiments, db=path, names=names, source=Script(steps=20)))
    with History.open(path) as history:
        assert [(run.name, run.depth, run.seed) for run in reversed(history.runs())] == [
            ("one", 2, 0),
            ("three", 2, 1),
            ("two", 3, 0),
        ]
    with pytest.raises(ValueError, match="as many names"):
        Runner(experiments, db=path, names=("one",))
