"""Disks that stand in the way: read-only, full, locked."""

import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections import deque
from contextlib import closing
from pathlib import Path

import pytest

from engine.events import Frame
from tests.workbench.history.processes import output, python
from tests.workbench.history.recorded import record, rows
from tests.workbench.scripted import scripted_events
from tests.workbench.scripted_details import scripted_distributions
from workbench.history import History, HistoryError, Recorder, mark_interrupted

# --- read-only ------------------------------------------------------------------

AS_ANOTHER_USER = """
import os, sys
from pathlib import Path
from tests.workbench.scripted import scripted_events
from workbench.history import History, HistoryError, Recorder, mark_interrupted
from workbench.history.schema import migrate
list(scripted_events(steps=5))
if os.geteuid() == 0:  # nothing is read-only for the superuser
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
path = Path(sys.argv[1])
try:
    Recorder(path)
except HistoryError as error:
    print(error.exit_code, error)
try:
    with History.open(path) as history:
        print([run.id for run in history.runs()], mark_interrupted(path))
except HistoryError as error:
    print(error.exit_code, error)
"""


@pytest.fixture
def open_folder():
    """A folder that other users may look into, which those of pytest are not."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    for inner in (path, *path.iterdir()):
        inner.chmod(0o755)
    shutil.rmtree(path)


def test_a_read_only_history_can_be_read_but_not_recorded_in(open_folder):
    path = open_folder / "h.db"
    record(path, scripted_events(steps=20))
    path.chmod(0o444)
    open_folder.chmod(0o555)
    refused, listed = output(python(AS_ANOTHER_USER, path)).splitlines()
    assert refused.startswith("1 ")
    assert "is read-only" in refused
    assert listed == "[1] ()"


def test_a_history_in_a_read_only_folder_cannot_be_recorded_in(open_folder):
    path = open_folder / "h.db"
    record(path, scripted_events(steps=20))
    path.chmod(0o666)
    open_folder.chmod(0o555)
    refused, listed = output(python(AS_ANOTHER_USER, path)).splitlines()
    assert refused.startswith("1 the folder")
    assert "is read-only" in refused
    assert listed == "[1] ()"


def test_a_history_that_may_not_be_read_says_so(open_folder):
    path = open_folder / "h.db"
    record(path, scripted_events(steps=20))
    path.chmod(0o000)
    refused, unread = output(python(AS_ANOTHER_USER, path)).splitlines()
    for line in (refused, unread):
        assert line.startswith("1 ")
        assert "cannot be read: Permission denied" in line


# --- full -----------------------------------------------------------------------

RECORD_UNTIL_IT_FAILS = """
import sys
from tests.workbench.scripted import scripted_events
from workbench.history import HistoryError, Recorder
recorder = Recorder(sys.argv[1])
if sys.argv[2] != "none":
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
last = 0
try:
    for event in scripted_events(steps=200_000):
        recorder.record(event)
        if type(event).__name__ == "Frame":
            last = event.steps[-1]
except HistoryError as error:
    print(last, error.exit_code, error)
recorder.close()
"""


def check_what_was_recorded(path, last):
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with History.open(path) as history:
        frames = [event for event in history.events(1) if isinstance(event, Frame)]
        assert frames[-1].steps[-1] == last > 0
        mark_interrupted(path)
        assert history.run(1).status in ("interrupted", "running")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
def test_when_the_disk_takes_no_more_what_was_recorded_stays_readable(tmp_path):
    path = tmp_path / "h.db"
    last, exit_code, *message = output(python(RECORD_UNTIL_IT_FAILS, path, 400_000)).split()
    assert exit_code == "1"
    assert "the disk of the history" in " ".join(message)
    check_what_was_recorded(path, int(last))
    record(path, scripted_events(steps=20))  # and once there is room again, it goes on
    with History.open(path) as history:
        assert history.run(2).status == "done"


def test_a_disk_that_is_really_full_ends_recording_with_a_message(tmp_path):
    mounted = tmp_path / "small"
    mounted.mkdir()
    mount = shutil.which("mount")
    small = [mount or "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(mounted)]
    if mount is None or subprocess.run(small, capture_output=True, check=False).returncode != 0:
        pytest.skip("no right to mount a small disk")
    try:
        last, exit_code, *message = output(python(RECORD_UNTIL_IT_FAILS, mounted / "h.db", "none")).split()
        assert exit_code == "1"
        assert "is full; what was recorded before stays readable" in " ".join(message)
        check_what_was_recorded(mounted / "h.db", int(last))
    finally:
        subprocess.run(["umount", str(mounted)], check=True)


def test_after_a_failed_write_everything_later_is_refused_and_the_run_has_no_hole(tmp_path):
    path = tmp_path / "h.db"
    recorder = Recorder(path)
    events = iter(scripted_events(steps=20_000))
    for _ in range(4):
        recorder.record(next(events))
    pages = recorder._connection.execute("PRAGMA page_count").fetchone()[0]
    recorder._connection.execute(f"PRAGMA max_page_count = {pages + 3}")
    with pytest.raises(HistoryError, match="is full") as caught:
        deque(map(recorder.record, events))
    assert caught.value.exit_code == 1
    recorder._connection.execute("PRAGMA max_page_count = 1000000")
    with pytest.raises(HistoryError, match="is full"):
        recorder.record(next(events))
    recorder.close()
    with History.open(path) as history:
        steps = [row.step for row in history.steps(1)]
        assert steps == list(range(1, len(steps) + 1))
        assert history.run(1).step == steps[-1]
        assert history.run(1).status == "interrupted"
        assert "is full" in history.run(1).message


# --- details ----------------------------------------------------------------------


def test_a_detail_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "h.db"
    started, *_ = scripted_events(steps=5, members=40)
    recorder = Recorder(path)
    recorder.record(started)
    recorder.record(scripted_distributions(started, 0, 0))
    kept = rows(path, "SELECT count(*) FROM histograms")
    pages = recorder._connection.execute("PRAGMA page_count").fetchone()[0]
    recorder._connection.execute(f"PRAGMA max_page_count = {pages + 3}")
    with pytest.raises(HistoryError, match="is full") as caught:
        recorder.record(scripted_distributions(started, 5, 1))
    assert caught.value.exit_code == 1
    recorder.close()
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert rows(path, "SELECT count(*) FROM histograms") == kept
    assert rows(path, "SELECT DISTINCT step FROM layer_probes") == [(0,)]


def test_a_history_that_is_locked_for_a_moment_is_waited_for(tmp_path):
    path = tmp_path / "h.db"
    started, *_ = scripted_events(steps=5)
    with Recorder(path) as recorder:
        recorder.record(started)
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        asked = threading.Event()
        recorder._connection.set_trace_callback(lambda statement: asked.set())
        releasing = threading.Thread(target=lambda: asked.wait() and other.execute("COMMIT"))
        releasing.start()
        recorder.record(scripted_distributions(started, 0, 0))
        releasing.join()
        other.close()
    with History.open(path) as history:
        assert history.distribution_steps(1) == (0,)
