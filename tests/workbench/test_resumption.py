"""Trainings that go on from a checkpoint, begin from one, or are repeated. The training is scripted, checkpoints are empty files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.events import Change, Checkpointed, EpochEnded, Event, Intervened, Resumed, Started
from engine.experiment import Experiment
from engine.vocabulary import Status
from tests.workbench.history.processes import same
from tests.workbench.keeping import SCRIPT, Keeping, written
from tests.workbench.scripted import scripted_events, scripted_experiments
from workbench.history import History, HistoryError, Recorder
from workbench.history.records import Origin
from workbench.resumption import branch_point, checkpoint_folder, interventions, resumption
from workbench.runner import Runner


def run_to_the_end(*words: object, **more: object) -> Runner:
    runner = Runner(*words, **more)
    runner.start()
    assert runner.join(60)
    return runner


def broken_off(db: Path, *, members: int = 1, at: int = 70, **more: object) -> tuple[Experiment, ...]:
    """Train until the source breaks off, with checkpoints after 20, 40, … steps."""
    experiments = scripted_experiments(members, steps=110)
    assert run_to_the_end(experiments, db=db, source=Keeping(breaks_at=at, **more)).error is not None
    return experiments


def rows(db: Path, query: str) -> list[tuple]:
    with sqlite3.connect(db) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def found(db: Path, ref: str | int = "latest"):
    with History.open(db) as history:
        return resumption(history, ref)


# --- going on -----------------------------------------------------------------


@pytest.mark.parametrize("members", [1, 3])
def test_a_training_goes_on_from_its_latest_checkpoint_and_ends_as_if_never_broken_off(db, tmp_path, members):
    experiments = broken_off(db, members=members)
    again = found(db, 1)
    assert (again.run_ids, again.experiments, again.step, again.epoch) == (tuple(range(1, members + 1)), experiments, 80, 4)
    assert again.path == tmp_path / "history.checkpoints" / "run-1" / "last-80.json"
    source = Keeping()
    told: list[Event] = []
    runner = run_to_the_end(again.experiments, db=db, resume=again, source=source, on_event=told.append)
    assert runner.error is None
    assert runner.run_ids == again.run_ids
    assert source.asked[0]["resume"] == again.path
    assert source.asked[0]["checkpoints"]() == tmp_path / "history.checkpoints" / "run-1"
    assert [type(event) for event in told[:2]] == [Started, Resumed]
    assert runner.live.view().resumed == told[1]
    run_to_the_end(experiments, db=tmp_path / "whole.db", source=Keeping())
    query = "SELECT run, step, loss FROM steps ORDER BY run, rowid"
    assert rows(db, query) == rows(tmp_path / "whole.db", query)
    assert rows(db, "SELECT status, step FROM runs") == [("done", 110)] * members


def test_any_run_of_a_population_stands_for_all(db):
    broken_off(db, members=3)
    assert found(db, 2) == found(db, 1) == found(db, 3)


def test_an_older_checkpoint_is_taken_where_the_latest_is_gone(db):
    broken_off(db)
    found(db).path.unlink()
    assert found(db).step == 60
    found(db).path.with_suffix(".safetensors").unlink()
    assert found(db).step == 40


def test_where_all_checkpoints_are_gone_this_is_said(db):
    broken_off(db)
    for path in checkpoint_folder(db, 1).iterdir():
        path.unlink()
    with pytest.raises(HistoryError, match=r"the checkpoints of run 1 are no longer in .*history\.checkpoints/run-1") as caught:
        found(db)
    assert caught.value.exit_code == 2


def test_a_run_without_checkpoints_says_why_it_cannot_go_on(db):
    broken_off(db, at=10)
    with sqlite3.connect(db) as connection:
        connection.execute("DELETE FROM checkpoints")
    with pytest.raises(HistoryError, match="run 1 has no checkpoint to go on from: it ended before one was written"):
        found(db)


def test_a_run_that_ended_in_its_pretraining_says_so_and_how_to_begin_again(db):
    (experiment,) = scripted_experiments(steps=110)
    for settings in (
        {"pretraining": "dbn", "model.activation": "sigmoid"},
        {"pretraining": "denoising", "checkpoint.every": "never"},
    ):
        with Recorder(db) as recorder:  # it ends with the first event
            recorder.record(next(scripted_events(experiments=[experiment.with_settings(settings)], **SCRIPT)))
    with pytest.raises(HistoryError, match=r"it ended in its pre-training, .*; `workbench run --like 1` begins again"):
        found(db, 1)
    with pytest.raises(HistoryError, match=r"checkpoint\.every is never; `workbench run --like 2` begins again"):
        found(db, 2)


def test_the_best_epoch_of_one_member_is_no_state_to_go_on_from(db):
    broken_off(db)
    with Recorder(db) as recorder:
        started, frame, *_ = scripted_events(**SCRIPT)
        recorder.record(started)
        recorder.record(frame)
        best = written(checkpoint_folder(db, 2), Checkpointed(20, 1, "best", "best-20.json", (0,)))
        recorder.record(best)
    with pytest.raises(HistoryError, match="no checkpoint to go on from"):
        found(db, 2)
    with History.open(db) as history:
        assert branch_point(history, 2).path == Path(best.path)


def test_a_run_that_is_over_does_not_go_on(db):
    run_to_the_end(scripted_experiments(steps=110), db=db, source=Keeping())
    with pytest.raises(HistoryError, match="run 1 is done, so that nothing is left to be trained; `workbench run --branch 1`"):
        found(db)


def test_members_that_are_over_go_on_with_those_that_are_not(db):
    broken_off(db, members=2)
    with sqlite3.connect(db) as connection:
        connection.execute("UPDATE runs SET status = 'diverged' WHERE id = 1")
    assert found(db, 1).run_ids == (1, 2)


def test_a_run_that_goes_on_elsewhere_is_left_alone(db):
    with Recorder(db) as recorder:
        recorder.record(next(scripted_events()))
        with pytest.raises(HistoryError, match="run 1 is still being trained by process"):
            found(db)


def test_a_deleted_run_is_restored_first(db):
    broken_off(db)
    with sqlite3.connect(db) as connection:
        connection.execute("UPDATE runs SET deleted = 'now'")
    with pytest.raises(HistoryError, match="`workbench restore 1`"):
        found(db, 1)


def test_two_that_go_on_with_one_run_at_once_do_not_both_get_it(db):
    broken_off(db)
    again = found(db)
    with Recorder(db, resume=again.run_ids) as first:
        first.record(next(scripted_events(experiments=again.experiments, **SCRIPT)))
        runner = run_to_the_end(again.experiments, db=db, resume=again, source=Keeping())
        assert isinstance(runner.error, HistoryError)
        assert "is being trained by process" in str(runner.error)
        assert rows(db, "SELECT status FROM runs") == [("running",)]


def test_an_error_before_the_start_leaves_the_stored_run_as_it_was(db):
    broken_off(db)
    before = rows(db, "SELECT * FROM runs")

    def damaged(experiments, **more) -> Iterator[Event]:
        raise ValueError("the checkpoint is damaged")
        yield

    again = found(db)
    assert str(run_to_the_end(again.experiments, db=db, resume=again, source=damaged).error) == "the checkpoint is damaged"
    assert rows(db, "SELECT * FROM runs") == before


def test_all_changes_are_handed_over_for_those_after_the_checkpoint_to_be_made_again(db):
    early, late, later = made = [Intervened(step, (Change("lr", 0.0, step / 100),)) for step in (20, 80, 100)]
    experiments = scripted_experiments(2, steps=110)
    source = Keeping(breaks_at=100, made=made, ends={0: 2})
    assert run_to_the_end(experiments, db=db, source=source).error is not None
    for _ in range(2):  # those of steps 100 and 80
        found(db).path.unlink()
    again = found(db)
    assert (again.step, again.interventions) == (60, (early, late, later))
    interrupted = Keeping(breaks_at=80, ends={0: 2})
    assert run_to_the_end(again.experiments, db=db, resume=again, source=interrupted).error is not None
    assert interrupted.asked[0]["interventions"] == (early, late, later)
    with History.open(db) as history:
        assert [row.step for row in history.interventions(2)] == [20, 80]
        assert [row.step for row in history.interventions(2, pending=True)] == [100]
    twice = found(db)
    assert (twice.step, twice.interventions) == (80, (early, late, later))
    assert run_to_the_end(twice.experiments, db=db, resume=twice, source=Keeping(ends={0: 2})).error is None
    with History.open(db) as history:
        assert [row.step for row in history.interventions(2)] == [20, 80, 100]
        assert history.interventions(2, pending=True) == ()


# --- branches and repetitions --------------------------------------------------------


def test_a_branch_is_a_run_of_its_own_that_begins_at_the_checkpoint(db, tmp_path):
    broken_off(db, members=2)
    with History.open(db) as history:
        point = branch_point(history, 2, at=40)
        assert (point.run_id, point.member, point.step, point.epoch) == (2, 1, 40, 2)
    changed = scripted_experiments(2, steps=110)[1].with_settings({"lr": 0.5})
    source = Keeping()
    runner = run_to_the_end([changed], db=db, branch=point, parent=2, origin=Origin.BRANCH, source=source)
    assert runner.error is None
    asked = source.asked[0]["branch"]
    assert (asked.path, asked.member) == (point.path, 1)
    assert source.asked[0]["checkpoints"]() == tmp_path / "history.checkpoints" / "run-3"
    assert rows(db, "SELECT parent, origin, (SELECT min(step) FROM steps WHERE run = 3) FROM runs WHERE id = 3") == [
        (2, "branch", 41)
    ]


def test_a_checkpoint_that_is_not_there_is_answered_with_those_that_are(db):
    broken_off(db)
    with History.open(db) as history:
        with pytest.raises(HistoryError, match="run 1 has no checkpoint of step 41; those that are there: 20, 40, 60, 80"):
            branch_point(history, 1, at=41)
        assert branch_point(history, 1).step == 80


def test_changes_of_a_run_are_made_again_when_it_is_repeated(db):
    made = [Intervened(20, (Change("lr", 0.1, 0.2), Change("l1", 0.0, 0.5))), Intervened(40, (Change("lr", 0.2, 0.3),))]
    experiments = scripted_experiments(steps=110)
    run_to_the_end(experiments, db=db, source=Keeping(made=made))
    with History.open(db) as history:
        again = interventions(history.interventions(1))
    assert again == tuple(made)
    source = Keeping()
    run_to_the_end(experiments, db=db, source=source, interventions=again, origin=Origin.REPLAY, parent=1)
    assert source.asked[0]["interventions"] == again
    with History.open(db) as history:
        assert same(history.interventions(1), history.interventions(2))


def test_without_a_history_no_checkpoints_are_written():
    source = Keeping()
    assert run_to_the_end(scripted_experiments(steps=110), db=None, source=source).error is None
    assert source.asked == [
        {
            "experiments": scripted_experiments(steps=110),
            "checkpoints": None,
            "resume": None,
            "branch": None,
            "interventions": (),
        }
    ]


def test_what_goes_on_has_its_own_experiments_and_a_branch_is_one(db):
    broken_off(db)
    again = found(db)
    with pytest.raises(ValueError, match="has its own experiments"):
        Runner(scripted_experiments(2, steps=110), db=db, resume=again)
    with History.open(db) as history, pytest.raises(ValueError, match="one experiment"):
        Runner(scripted_experiments(2, steps=110), db=db, branch=branch_point(history, 1))


def test_the_folder_of_checkpoints_is_named_after_the_history(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert checkpoint_folder(Path("mine.db"), 7) == tmp_path / "mine.checkpoints" / "run-7"


def test_statuses_that_can_go_on_are_those_of_a_training_that_was_broken_off(db):
    broken_off(db)
    for status in Status:
        with sqlite3.connect(db) as connection:
            connection.execute("UPDATE runs SET status = ?", (status.value,))
        if status in (Status.INTERRUPTED, Status.STOPPED, Status.FAILED):
            assert found(db).step == 80
        else:
            with pytest.raises(HistoryError):
                found(db)


# --- with the engine ---------------------------------------------------------------------

SMALL = {
    "model": {"depth": 1, "width": 8, "dropout": 0.2},
    "epochs": 5,
    "device": "cpu",
    "threads": 1,
    "checkpoint": {"every": 1},
}


class Meddling:
    """Changes settings after the second epoch, and lets the light go out after another one."""

    def __init__(self, dark: int | None = None) -> None:
        self.dark = dark
        self.runner: Runner | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 2:
            assert self.runner is not None
            self.runner.change({"lr": 0.01, "l2": 0.001})
        if isinstance(event, EpochEnded) and event.epoch == self.dark:
            raise RuntimeError("the light went out")


def trained(db: Path, meddling: Meddling, **more: object) -> Runner:
    experiments = more["resume"].experiments if "resume" in more else [Experiment.parse(SMALL)]
    meddling.runner = Runner(experiments, db=db, on_event=meddling, **more)
    meddling.runner.start()
    assert meddling.runner.join(60)
    return meddling.runner


def numbers(db: Path, run: int) -> list[tuple]:
    return rows(db, f"SELECT step, loss, l2, lr FROM steps WHERE run = {run} ORDER BY rowid")


def test_changes_of_a_live_run_are_recorded_and_its_repetition_has_the_same_numbers(db):
    assert trained(db, Meddling()).error is None
    with History.open(db) as history:
        made = interventions(history.interventions(1))
    ((step, *_),) = [(each.step, each.changes) for each in made]
    assert [change.path for change in made[0].changes] == ["lr", "l2"]
    assert rows(db, f"SELECT DISTINCT lr FROM steps WHERE step > {step}") == [(0.01,)]
    runner = run_to_the_end([Experiment.parse(SMALL)], db=db, interventions=made, parent=1, origin=Origin.REPLAY)
    assert runner.error is None
    assert numbers(db, 2) == numbers(db, 1) != []


@pytest.mark.parametrize("dark", [3, 4])
def test_a_training_that_was_changed_and_broke_off_goes_on_with_the_same_numbers(db, tmp_path, dark):
    assert trained(tmp_path / "whole.db", Meddling()).error is None
    assert str(trained(db, Meddling(dark)).error) == "the light went out"
    with sqlite3.connect(db) as connection:
        connection.execute("DELETE FROM checkpoints WHERE epoch >= 2")  # the changes came after the one that is left
    again = found(db)
    assert again.epoch == 1
    runner = run_to_the_end(again.experiments, db=db, resume=again)
    assert runner.error is None
    assert numbers(db, 1) == numbers(tmp_path / "whole.db", 1) != []
    query = "SELECT status, step, test_cost, best_validation_cost FROM runs"
    assert rows(db, query) == rows(tmp_path / "whole.db", query)
    query = "SELECT step, path, after, pending FROM interventions"
    assert rows(db, query) == rows(tmp_path / "whole.db", query)


def test_a_change_that_cannot_be_made_is_refused_where_it_is_asked_for(db):
    refused: list[str] = []

    def meddle(event: Event) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 1:
            for settings in ({"model.width": 4.0}, {"lr": -1.0}):
                with pytest.raises(ValueError, match=next(iter(settings))) as caught:
                    runner.change(settings)
                refused.append(str(caught.value))

    runner = Runner([Experiment.parse({**SMALL, "epochs": 2})], db=db, on_event=meddle)
    runner.start()
    assert runner.join(60)
    assert runner.error is None
    assert len(refused) == 2
    assert rows(db, "SELECT count(*) FROM interventions") == [(0,)]
