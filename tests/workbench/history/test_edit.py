"""Changing what is kept beside the measurements."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta

import pytest

from tests.workbench.scripted import scripted_events
from workbench.history import History, HistoryError, Recorder, mark_interrupted
from workbench.history.clock import now
from workbench.history.edit import delete, note, rename, restore, tag
from workbench.history.provenance import process_alive, process_started


@pytest.fixture
def path(tmp_path):
    with Recorder(tmp_path / "h.db", name="first", tags=["old"]) as recorder:
        for event in scripted_events(steps=10, members=3):
            recorder.record(event)
    return tmp_path / "h.db"


def run(path, run_id=1):
    with History.open(path) as history:
        return history.run(run_id)


def ids(path, **options):
    with History.open(path) as history:
        return [run.id for run in history.runs(**options)]


def test_tags_are_given_and_taken(path):
    assert tag(path, 1, ["new", " old ", "new"]) == ("new", "old")
    assert tag(path, 1, ["z"], ["old", "never given"]) == ("new", "z")
    assert run(path).tags == ("new", "z")
    assert run(path, 2).tags == ("old",)


@pytest.mark.parametrize("text", ["", "  ", "two words", "a\nb"])
def test_a_tag_is_one_word(path, text):
    with pytest.raises(HistoryError, match="one word"):
        tag(path, 1, ["fine", text])
    assert run(path).tags == ("old",)


@pytest.mark.parametrize(
    "change", [note, rename, lambda *where: tag(*where[:2], [where[2]]), lambda *where: tag(*where[:2], [], [where[2]])]
)
def test_words_in_another_encoding_are_refused(path, change):
    with pytest.raises(HistoryError, match="is not text in the encoding of this system") as caught:
        change(path, 1, "caf\udce9")
    assert caught.value.exit_code == 2


def test_a_note_is_replaced_and_taken_away(path):
    note(path, 1, " looks good\nsecond line ")
    assert run(path).note == "looks good\nsecond line"
    note(path, 1, "")
    assert run(path).note == ""


def test_a_run_is_renamed(path):
    rename(path, 2, "second")
    assert (run(path, 1).name, run(path, 2).name) == ("first", "second")


def test_deleting_hides_and_restoring_brings_back(path):
    delete(path, [1, 3])
    assert (ids(path), ids(path, deleted=True)) == ([2], [3, 1])
    deleted = run(path, 1).deleted
    delete(path, [1])
    assert run(path, 1).deleted == deleted  # the first time counts
    restore(path, [1, 3])
    assert (ids(path), ids(path, deleted=True)) == ([3, 2, 1], [])


def test_deleted_runs_keep_their_measurements(path):
    with History.open(path) as history:
        before = list(history.steps(1))
        delete(path, [1])
        assert list(history.steps(1)) == before


def test_nothing_is_changed_when_one_of_the_runs_is_not_there(path):
    with pytest.raises(HistoryError, match="no run 9") as caught:
        delete(path, [1, 9])
    assert caught.value.exit_code == 2
    assert ids(path) == [3, 2, 1]


@pytest.mark.parametrize("change", [lambda p: tag(p, 1, ["a"]), lambda p: note(p, 1, "a"), lambda p: restore(p, [1])])
def test_a_history_that_is_not_there_is_not_made(tmp_path, change):
    with pytest.raises(HistoryError, match="no runs"):
        change(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


def test_a_running_run_is_changed_while_it_is_recorded_but_not_deleted(tmp_path):
    path = tmp_path / "h.db"
    with Recorder(path) as recorder:
        for event in scripted_events(steps=60):
            recorder.record(event)
            tag(path, 1, [type(event).__name__])
            if type(event).__name__ != "Finished":
                with pytest.raises(HistoryError, match="still running"):
                    delete(path, [1])
    assert run(path).tags == ("EpochEnded", "Finished", "Frame", "Started")
    assert run(path).status == "done"


# --- runs whose process is gone -------------------------------------------------


def leave_running(path, **columns):
    """Make run 1 look as if the process named in the columns had been recording it."""
    assignments = ", ".join(f"{name} = ?" for name in columns)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE runs SET status = 'running', ended = NULL, {assignments} WHERE id = 1", (*columns.values(),))


def gone_process():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_run_whose_process_is_gone_is_marked_and_ends_with_its_last_record(path):
    leave_running(path, pid=gone_process())
    assert mark_interrupted(path) == (1,)
    assert (run(path).status, run(path).ended) == ("interrupted", run(path).updated)
    assert "process" in run(path).message
    assert mark_interrupted(path) == ()


def test_a_run_of_a_living_process_is_left_alone(path):
    leave_running(path, pid=os.getpid())
    assert mark_interrupted(path) == ()
    assert run(path).status == "running"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells when a process began")
def test_a_later_process_with_the_same_pid_does_not_keep_a_run_alive(path):
    leave_running(path, pid=os.getpid(), process_started="another boot:1")
    assert mark_interrupted(path) == (1,)


def elsewhere():
    """What another container on this machine says of a process with the pid of this one."""
    boot, ticks, namespace = process_started().split(":")
    return f"{boot}:{ticks}:{int(namespace) + 1}"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has pid namespaces")
def test_a_run_of_another_container_with_the_same_name_is_left_alone_while_it_records(path):
    leave_running(path, pid=gone_process(), process_started=elsewhere(), updated=now())
    assert mark_interrupted(path) == ()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has pid namespaces")
def test_a_run_of_another_container_that_has_been_silent_for_long_is_marked(path):
    leave_running(path, pid=os.getpid(), process_started=elsewhere(), updated=now(ago=timedelta(hours=2)))
    assert mark_interrupted(path) == (1,)


def test_a_run_of_another_machine_is_left_alone(path):
    leave_running(path, pid=gone_process(), host="another machine")
    assert mark_interrupted(path) == ()


def test_marking_leaves_what_is_not_there_as_it_is(tmp_path):
    assert mark_interrupted(tmp_path / "none.db") == ()
    assert list(tmp_path.iterdir()) == []


def test_where_the_system_does_not_say_when_a_process_began_its_pid_decides():
    assert process_alive(os.getpid(), None)
    assert not process_alive(gone_process(), None)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells when a process began")
def test_a_process_is_told_from_others_by_its_beginning():
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        after = time.clock_gettime(time.CLOCK_BOOTTIME)
        boot, ticks, _ = process_started(process.pid).split(":")
        process.communicate(b"\n")
    tick = 1 / os.sysconf("SC_CLK_TCK")
    assert before - tick <= int(ticks) * tick <= after + tick
    assert process_started() == process_started(os.getpid())
    assert process_started().partition(":")[0] == boot
    assert process_started(process.pid) is None
