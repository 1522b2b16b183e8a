"""Recording goes on in runs that are there already."""

import dataclasses
import math
import os
import signal
import sqlite3
from contextlib import closing

import pytest

from engine.events import Change, Checkpointed, EpochEnded, Finished, Frame, Intervened, Resumed
from engine.vocabulary import Status
from tests.workbench.history.processes import python, same
from tests.workbench.history.recorded import record, rows, view_of
from tests.workbench.scripted import scripted_events, scripted_experiments
from workbench.history import History, HistoryError, Recorder, mark_interrupted
from workbench.history.provenance import host, process_started
from workbench.history.records import Origin

TABLES = ("steps", "layer_stats", "epochs", "histograms", "layer_probes", "ensembles", "interventions", "confusion", "pictures")


def script(tmp_path, **more):
    folder = str(tmp_path / "h.checkpoints" / "run-1")
    return {"steps": 110, "steps_per_epoch": 20, "everything": True, "folder": folder, **more}


def broken_off(path, events, after):
    """Record the events up to a step, as by a process that is then gone."""
    recorder = Recorder(path)
    for event in events:
        if isinstance(event, Frame) and event.steps[0] > after:
            break
        recorder.record(event)
    run_ids = recorder.run_ids
    recorder.close()
    return run_ids


def contents(path, table):
    columns = [row[1] for row in rows(path, f"PRAGMA table_info({table})")]
    return rows(path, f"SELECT {', '.join(columns)} FROM {table} ORDER BY run, rowid")


@pytest.mark.parametrize("more", [{}, {"members": 3, "ends": {0: 1}}, {"members": 2, "diverges_at": 15}], ids=str)
@pytest.mark.parametrize("killed_at", [60, 75, 100])
def test_a_run_that_went_on_holds_what_the_uninterrupted_one_does(tmp_path, killed_at, more):
    whole, path = tmp_path / "whole.db", tmp_path / "h.db"
    record(whole, scripted_events(**script(tmp_path, **more)))
    run_ids = broken_off(path, scripted_events(**script(tmp_path, **more)), killed_at)
    record(path, scripted_events(**script(tmp_path, **more, begins=60)), resume=run_ids)
    for table in TABLES:
        assert contents(path, table) == contents(whole, table), table
    with History.open(path) as here, History.open(whole) as there:
        for run_id in run_ids:
            one, other = here.run(run_id), there.run(run_id)
            for name in ("status", "step", "epoch", "loss", "train_cost", "test_cost", "best_validation_cost", "reason"):
                assert getattr(one, name) == getattr(other, name), name
            assert same(view_of(here.events(run_id)).loss, view_of(there.events(run_id)).loss)
            assert [(row.step, row.epoch) for row in here.resumptions(run_id)] == [(60, 3)]
            told = [event for event in here.events(run_id) if isinstance(event, Resumed)]
            assert told == [Resumed(60, 3, 0.12)]


def test_a_run_that_goes_on_is_one_of_this_process_from_its_start_and_forgets_only_when_it_resumes(tmp_path):
    path = tmp_path / "h.db"
    events = list(scripted_events(**script(tmp_path)))
    run_ids = broken_off(path, events, 95)
    started, resumed, *rest = scripted_events(**script(tmp_path, begins=60))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET pid = 1, process_started = 'long ago', host = 'elsewhere', name = 'mine'")
    with History.open(path) as history, Recorder(path, resume=run_ids) as recorder:
        recorder.record(started)
        run = history.run(1)
        assert recorder.run_ids == run_ids
        assert (run.status, run.ended, run.message, run.name) == ("running", None, None, "mine")
        assert (run.pid, run.host, run.process_started) == (os.getpid(), host(), process_started())
        assert rows(path, "SELECT max(step) FROM steps") == [(100,)]
        recorder.record(resumed)
        run = history.run(1)
        assert (run.step, run.epoch, run.seconds) == (60, 3, 0.12)
        assert rows(path, "SELECT max(step) FROM steps") == [(60,)]
        true = next(event for event in events if isinstance(event, EpochEnded) and event.epoch == 3)
        assert (run.train_cost, run.validation_cost) == (true.train[0].cost, true.validation[0].cost)
        assert run.best_validation_cost == true.validation[0].cost
        assert run.combined_validation_cost == true.combined.mean.cost
        assert (run.test_cost, run.ended, run.checkpoint_step) == (None, None, 60)
        assert history.distribution_steps(1) == (0, 20, 40, 60)
        assert {row.step for row in history.histograms(1)} == {0, 20, 40, 60}
        recorder.record(rest[0])
        assert history.run(1).step == rest[0].steps[-1]
    assert len(rows(path, "SELECT id FROM runs")) == 1


def test_a_stopped_run_that_goes_on_loses_the_scores_of_its_first_end(tmp_path):
    path = tmp_path / "h.db"
    run_ids = record(path, scripted_events(**script(tmp_path, steps=75, status=Status.STOPPED)))
    started, resumed, *_ = scripted_events(**script(tmp_path, begins=60))
    with History.open(path) as history, Recorder(path, resume=run_ids) as recorder:
        assert history.run(1).test_cost is not None
        with closing(sqlite3.connect(path)) as connection, connection:  # the same settings, but for where they end
            connection.execute("UPDATE runs SET experiment_json = ?", (started.experiments[0].to_json(),))
        recorder.record(started)
        recorder.record(resumed)
        run = history.run(1)
        assert (run.status, run.test_cost, run.measuring) == ("running", None, None)
        assert [row for row in history.epochs(1) if row.final] == []
        assert (history.confusion(1), history.worst(1)) == ((), ())
        assert [row.final for row in history.ensemble(1)] == [False] * 6


def test_a_member_that_ended_before_the_checkpoint_stays_ended_and_one_that_ended_after_it_learns_on(tmp_path):
    path = tmp_path / "h.db"
    more = {"members": 3, "ends": {0: 2, 1: 4}}
    run_ids = broken_off(path, scripted_events(**script(tmp_path, **more)), 100)
    started, resumed, *rest = scripted_events(**script(tmp_path, **more, begins=60))
    with History.open(path) as history, Recorder(path, resume=run_ids) as recorder:
        assert [history.run(run).ended_step for run in run_ids] == [40, 80, None]
        recorder.record(started)
        recorder.record(resumed)
        assert [(run.ended_step, run.reason, run.step) for run in map(history.run, run_ids)] == [
            (40, "early stopping", 40),
            (None, None, 60),
            (None, None, 60),
        ]
        for event in rest:
            recorder.record(event)
        assert [run.ended_step for run in map(history.run, run_ids)] == [40, 80, None]
    assert rows(path, "SELECT run, max(step) FROM steps GROUP BY run") == [(1, 40), (2, 80), (3, 110)]


def test_a_member_that_had_diverged_stays_lost(tmp_path):
    path = tmp_path / "h.db"
    more = {"members": 2, "diverges_at": 50}
    run_ids = broken_off(path, scripted_events(**script(tmp_path, **more)), 90)
    record(path, scripted_events(**script(tmp_path, **more, begins=60)), resume=run_ids)
    with History.open(path) as history:
        lost, other = map(history.run, run_ids)
        assert (lost.status, lost.step, lost.loss, lost.diverged_step) == ("diverged", 50, math.inf, 50)
        assert (other.status, other.step) == ("done", 110)
        assert [row.step for row in history.steps(lost.id)] == list(range(1, 51))


def test_a_loss_that_is_not_finite_after_the_checkpoint_is_forgotten(tmp_path):
    path = tmp_path / "h.db"
    run_ids = broken_off(path, scripted_events(**script(tmp_path, members=2, diverges_at=70)), 90)
    record(path, scripted_events(**script(tmp_path, members=2, begins=60)), resume=run_ids)
    assert rows(path, "SELECT status, step FROM runs") == [("done", 110)] * 2
    assert rows(path, "SELECT count(*) FROM steps WHERE nonfinite IS NOT NULL") == [(0,)]


# --- changes of settings ---------------------------------------------------------------


def changed(step, after):
    return Intervened(step, (Change("lr", 0.0, after),))


def checkpointed(step, tmp_path):
    return Checkpointed(step, step // 20, "last", str(tmp_path / f"last-{step}.json"), (0,))


def test_changes_made_after_the_checkpoint_wait_to_be_made_again(tmp_path):
    path = tmp_path / "h.db"
    started, *events = scripted_events(steps=110, steps_per_epoch=20, per_frame=20)
    first, second, third, *_ = (event for event in events if isinstance(event, Frame))
    before = [started, first, changed(20, 0.1), second, changed(40, 0.2), checkpointed(40, tmp_path), changed(40, 0.3)]
    with Recorder(path) as recorder:
        for event in [*before, third, changed(60, 0.4)]:
            recorder.record(event)
    with History.open(path) as history, Recorder(path, resume=(1,)) as recorder:
        recorder.record(started)
        recorder.record(Resumed(40, 2, 0.08))

        def made(pending):
            return [(row.step, row.after) for row in history.interventions(1, pending=pending)]

        assert (made(False), made(True)) == ([(20, 0.1), (40, 0.2)], [(40, 0.3), (60, 0.4)])
        recorder.record(changed(40, 0.3))
        assert (made(False), made(True)) == ([(20, 0.1), (40, 0.2), (40, 0.3)], [(60, 0.4)])
        recorder.record(changed(45, 0.35))  # somebody intervenes once more
        recorder.record(third)
        assert made(True) == [(60, 0.4)]
        recorder.record(changed(60, 0.4))
        assert (made(False), made(True)) == ([(20, 0.1), (40, 0.2), (40, 0.3), (45, 0.35), (60, 0.4)], [])
        assert [row.number for row in history.interventions(1)] == [1, 2, 3, 4, 5]


# --- refused ---------------------------------------------------------------------------


def test_a_run_that_is_being_trained_is_left_alone(tmp_path):
    path = tmp_path / "h.db"
    events = list(scripted_events(steps=50))
    with Recorder(path) as training, Recorder(path, resume=(1,)) as second:
        for event in events[:4]:
            training.record(event)
        with pytest.raises(HistoryError, match=f"run 1 is being trained by process {os.getpid()} on") as caught:
            second.record(events[0])
        assert caught.value.exit_code == 2
        for event in events[4:]:
            training.record(event)
    assert rows(path, "SELECT status, step FROM runs") == [("done", 50)]


@pytest.mark.parametrize(
    ("resume", "members", "words"),
    [((1, 2), 1, "1 networks are trained, but 2 runs"), ((7,), 1, "no run 7"), ((2,), 1, "another experiment")],
    ids=["other number", "not there", "other experiment"],
)
def test_other_runs_than_those_that_were_started_are_refused_and_left_as_they_are(tmp_path, resume, members, words):
    path = tmp_path / "h.db"
    record(path, scripted_events(steps=50, members=2, status=Status.STOPPED))
    before = rows(path, "SELECT * FROM runs")
    with Recorder(path, resume=resume) as recorder, pytest.raises(HistoryError, match=words):
        recorder.record(next(scripted_events(steps=50, experiments=scripted_experiments(members, steps=50))))
    assert rows(path, "SELECT * FROM runs") == before


# --- broken off --------------------------------------------------------------------------

GO_ON = """
import sys
from tests.workbench.scripted import scripted_events
from workbench.history import Recorder
events = scripted_events(steps=4000, members=2, layers=3, steps_per_epoch=100, per_frame=5, everything=True,
                         folder=sys.argv[2], begins=1000)
with Recorder(sys.argv[1], resume=(1, 2)) as recorder:
    for event in events:
        recorder.record(event)
        print("told", flush=True)
"""


@pytest.mark.parametrize("moment", [1, 2, 3, 40, 150])
def test_a_history_that_goes_on_is_whole_whenever_it_is_killed(tmp_path, moment):
    path, folder = tmp_path / "h.db", str(tmp_path / "h.checkpoints" / "run-1")
    words = {"steps": 4000, "members": 2, "layers": 3, "steps_per_epoch": 100, "per_frame": 5, "everything": True}
    events = list(scripted_events(**words, folder=folder))
    broken_off(path, events, 1500)
    process = python(GO_ON, path, folder)
    for _ in range(moment):
        assert process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert mark_interrupted(path) == (1, 2)
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    true = [loss for event in events if isinstance(event, Frame) for loss in event.loss[:, 1].tolist()]
    with History.open(path) as history:
        steps = list(history.steps(2))
        assert [row.step for row in steps] == list(range(1, len(steps) + 1))
        assert [row.loss for row in steps] == true[: len(steps)]
        assert len(steps) >= 1000
    record(path, scripted_events(**words, folder=folder, begins=1000), resume=(1, 2))
    assert rows(path, "SELECT count(*), status FROM steps JOIN runs ON runs.id = run GROUP BY run") == [(4000, "done")] * 2


def test_a_branch_begins_where_its_checkpoint_was(tmp_path):
    path = tmp_path / "h.db"
    record(path, scripted_events(**script(tmp_path)))
    record(path, scripted_events(**script(tmp_path, begins=60)), parent=1, origin=Origin.BRANCH)
    with History.open(path) as history:
        run = history.run(2)
        assert (run.parent, run.origin, run.status) == (1, "branch", "done")
        assert [row.step for row in history.steps(2)] == list(range(61, 111))
        started, resumed, *_, finished = history.events(2)
        assert resumed == Resumed(60, 3, 0.12)
        assert isinstance(finished, Finished)
        assert dataclasses.replace(started, experiments=()) == dataclasses.replace(next(history.events(1)), experiments=())
