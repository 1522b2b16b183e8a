"""Files that are no histories, and names that mean something to SQLite."""

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.workbench.history.processes import output, python
from tests.workbench.scripted import scripted_events
from workbench.history import History, HistoryError, Recorder, default_path, mark_interrupted
from workbench.history.connection import check_writable, network_filesystem, open_reader
from workbench.history.edit import tag


def record(path, steps=20):
    with Recorder(path) as recorder:
        for event in scripted_events(steps=steps):
            recorder.record(event)


def folder(tmp_path):
    path = tmp_path / "folder.db"
    path.mkdir()
    return path


def text(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("these are my notes\n", encoding="utf-8")
    return path


def below_a_file(tmp_path):
    return text(tmp_path) / "h.db"


def of_another_program(tmp_path):
    path = tmp_path / "music.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    return path


def newer(tmp_path):
    path = tmp_path / "newer.db"
    record(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version = 999")
    return path


def not_a_file(tmp_path):
    path = tmp_path / "pipe.db"
    os.mkfifo(path)
    return path


WRONG = [
    (folder, "is a folder, not a history"),
    (text, "not an SQLite database"),
    (below_a_file, "a part of its path is a file"),
    (of_another_program, "the database of another program"),
    (newer, "written by a newer version"),
    (not_a_file, "not an ordinary file"),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[make.__name__ for make, _ in WRONG])
@pytest.mark.parametrize("use", [History.open, Recorder, mark_interrupted, lambda path: tag(path, 1, ["a"])])
def test_a_wrong_file_is_refused_and_left_as_it_is(tmp_path, make, message, use):
    path = make(tmp_path)
    before = path.read_bytes() if path.is_file() else None
    names = sorted(tmp_path.iterdir())
    with pytest.raises(HistoryError, match=message) as caught:
        use(path)
    assert caught.value.exit_code == 2
    assert "--db" in str(caught.value) or path.name in str(caught.value)
    assert sorted(tmp_path.iterdir()) == names
    assert before is None or path.read_bytes() == before


def test_an_empty_file_becomes_a_history(tmp_path):
    path = tmp_path / "h.db"
    path.touch()
    with History.open(path) as history:
        assert history.runs() == []
        record(path)
        assert len(history.runs()) == 1


def test_a_damaged_history_is_told_as_such(tmp_path):
    path = tmp_path / "h.db"
    record(path, steps=2000)
    with path.open("r+b") as file:
        for page in range(4, path.stat().st_size // 4096):  # the beginning stays: it is still a history from outside
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
    with pytest.raises(HistoryError, match="damaged") as caught, History.open(path) as history:
        list(history.steps(1))
    assert caught.value.exit_code == 1


def test_the_default_is_the_variable_or_the_folder_of_sessions(monkeypatch):
    monkeypatch.setenv("WORKBENCH_DB", "/somewhere/h.db")
    assert default_path() == Path("/somewhere/h.db")
    monkeypatch.setenv("WORKBENCH_DB", "")
    assert default_path() == Path("sessions/history.db")
    monkeypatch.delenv("WORKBENCH_DB")
    assert default_path() == Path("sessions/history.db")


def test_odd_names_of_files_work(tmp_path):
    path = tmp_path / "a folder" / "what?mode=rw&x=#100%.db"
    record(path)
    with History.open(path) as history:
        assert len(history.runs()) == 1


@pytest.mark.parametrize("name", [":memory:", "file:h.db", "file::memory:?cache=shared"])
def test_names_that_mean_something_to_sqlite_are_files_like_others(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    record(Path(name))
    assert (tmp_path / name).is_file()
    with History.open(name) as history:
        assert history.run(1).status == "done"


def test_readers_cannot_write(tmp_path):
    record(tmp_path / "h.db")
    with closing(open_reader(tmp_path / "h.db")) as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM runs")


def test_the_file_is_in_write_ahead_mode_and_says_whose_it_is(tmp_path):
    record(tmp_path / "h.db")
    with closing(sqlite3.connect(tmp_path / "h.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA application_id").fetchone() == (int.from_bytes(b"TWKB", "big"),)


def test_over_a_network_the_file_is_not_in_write_ahead_mode(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.history.connection.network_filesystem", lambda path: "nfs4")
    record(tmp_path / "h.db")
    assert not (tmp_path / "h.db-wal").exists()
    with closing(sqlite3.connect(tmp_path / "h.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    with History.open(tmp_path / "h.db") as history:
        assert history.run(1).status == "done"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists the kinds of its mounts this way")
@pytest.mark.parametrize(
    ("path", "kind"),
    [("/h.db", None), ("/data/h.db", "nfs4"), ("/data/local/h.db", None), ("/data set/h.db", "cifs"), ("/database/h.db", None)],
)
def test_the_deepest_mount_above_the_file_tells_its_kind(tmp_path, monkeypatch, path, kind):
    mounts = (
        "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "2 1 0:5 / /data rw,relatime shared:7 - nfs4 server:/data rw\n"
        "3 2 8:2 / /data/local rw - xfs /dev/sdb1 rw\n"
        "4 1 0:6 / /data\\040set rw - cifs //server/set rw\n"
    )
    monkeypatch.setattr(Path, "read_text", lambda self, encoding: mounts)
    assert network_filesystem(Path(path)) == kind


def test_a_path_that_is_fine_is_not_touched_by_looking(tmp_path):
    check_writable(tmp_path / "a" / "b" / "h.db")
    assert list(tmp_path.iterdir()) == []


USE_AND_LEAVE = """
import sys
from pathlib import Path
from workbench.history.connection import open_reader, open_writer
for open_one in (open_writer, open_reader):
    open_one(Path(sys.argv[1])).close()
"""


@pytest.mark.parametrize("made_here", [True, False])
def test_what_is_recorded_outlives_another_process_that_leaves_the_history(tmp_path, made_here):
    """Looking into a file takes a process's locks on it away; another one would then remove the journal that it writes into."""
    path = tmp_path / "h.db"
    if not made_here:
        output(python(USE_AND_LEAVE, path))
    with History.open(path) as history, Recorder(path) as recorder:
        first, *others = scripted_events(steps=20)
        recorder.record(first)
        assert len(history.runs()) == 1
        check_writable(path)  # as another recorder or reader does at its beginning
        output(python(USE_AND_LEAVE, path))
        for event in others:
            recorder.record(event)
    with History.open(path) as history:
        assert [run.status for run in history.runs()] == ["done"]
