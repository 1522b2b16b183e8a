"""Small changes to recorded runs. Each function opens the file, makes its change in one transaction and lets go of it.

They may be called from any thread, also while runs are being recorded.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from workbench.history.clock import now
from workbench.history.connection import check_file, open_reader, open_writer, transaction
from workbench.history.errors import HistoryError, explain
from workbench.history.marker import storable
from workbench.history.provenance import host, process_alive

SILENT = timedelta(hours=1)
"""A run of a process that cannot be seen from here counts as gone when it has recorded nothing for so long."""


def tag(path: Path, run_id: int, add: Iterable[str] = (), remove: Iterable[str] = ()) -> tuple[str, ...]:
    """Give tags to a run and take tags from it; return those that it has now, sorted.

    Raises:
        HistoryError: there is no such run, a tag is empty or has blanks in it or cannot be stored, or the file cannot be written.
    """
    added = [checked_tag(text) for text in add]
    removed = [checked_text(text, "tag") for text in remove]
    with _writing(path, [run_id]) as connection:
        connection.executemany("INSERT OR IGNORE INTO tags (run, tag) VALUES (?, ?)", [(run_id, text) for text in added])
        connection.executemany("DELETE FROM tags WHERE run = ? AND tag = ?", [(run_id, text) for text in removed])
        rows = connection.execute("SELECT tag FROM tags WHERE run = ? ORDER BY tag", (run_id,)).fetchall()
    return tuple(row[0] for row in rows)


def note(path: Path, run_id: int, text: str) -> None:
    """Replace the note of a run; an empty one takes it away.

    Raises:
        HistoryError: there is no such run, the text cannot be stored, or the file cannot be written.
    """
    checked = checked_text(text, "note")
    with _writing(path, [run_id]) as connection:
        connection.execute("UPDATE runs SET note = ? WHERE id = ?", (checked, run_id))


def rename(path: Path, run_id: int, name: str) -> None:
    """Give a run another name; an empty one takes it away.

    Raises:
        HistoryError: there is no such run, the name cannot be stored, or the file cannot be written.
    """
    checked = checked_text(name, "name")
    with _writing(path, [run_id]) as connection:
        connection.execute("UPDATE runs SET name = ? WHERE id = ?", (checked, run_id))


def delete(path: Path, ids: Sequence[int]) -> None:
    """Take runs out of the lists. They are kept, and `restore` brings them back.

    Raises:
        HistoryError: one of them is not there or still running, or the file cannot be written; then none is deleted.
    """
    with _writing(path, ids) as connection:
        marks = ",".join("?" * len(ids))
        running = f"SELECT id FROM runs WHERE status = 'running' AND id IN ({marks})"  # noqa: S608
        for (run_id,) in connection.execute(running, list(ids)):
            raise HistoryError(f"run {run_id} is still running; stop it before it is deleted", exit_code=2)
        moment = now()
        connection.executemany(
            "UPDATE runs SET deleted = ? WHERE id = ? AND deleted IS NULL", [(moment, run_id) for run_id in ids]
        )


def restore(path: Path, ids: Sequence[int]) -> None:
    """Bring deleted runs back into the lists.

    Raises:
        HistoryError: one of them is not there, or the file cannot be written; then none is restored.
    """
    with _writing(path, ids) as connection:
        connection.executemany("UPDATE runs SET deleted = NULL WHERE id = ?", [(run_id,) for run_id in ids])


def archive(path: Path, ids: Sequence[int]) -> None:
    """Put runs away: lists show them only where a filter asks for archived runs. `unarchive` brings them back.

    Raises:
        HistoryError: one of them is not there, or the file cannot be written; then none is archived.
    """
    with _writing(path, ids) as connection:
        moment = now()
        connection.executemany(
            "UPDATE runs SET archived = ? WHERE id = ? AND archived IS NULL", [(moment, run_id) for run_id in ids]
        )


def unarchive(path: Path, ids: Sequence[int]) -> None:
    """Bring archived runs back into the lists.

    Raises:
        HistoryError: one of them is not there, or the file cannot be written; then none is brought back.
    """
    with _writing(path, ids) as connection:
        connection.executemany("UPDATE runs SET archived = NULL WHERE id = ?", [(run_id,) for run_id in ids])


def mark_interrupted(path: Path) -> tuple[int, ...]:
    """Mark the runs of this machine whose process is gone as interrupted, ended when they last recorded something.

    A process in another container cannot be seen; it counts as gone when its run has recorded nothing for an hour. Should it
    only have paused, the run's next record takes the mark away.

    For the start of the program. A history that cannot be written now is left as it is: whoever only reads must not be
    kept from it.

    Returns:
        The ids of the runs that were marked.

    Raises:
        HistoryError: the file is not a history, is newer than this version, or cannot be read.
    """
    left = _left_running(path)
    if not left:
        return ()
    message = "the process that trained it ended without saying so"
    query = "UPDATE runs SET status = 'interrupted', ended = updated, message = ? WHERE id = ? AND status = 'running'"
    try:
        with closing(open_writer(path)) as connection, transaction(connection, path):
            connection.executemany(query, [(message, run_id) for run_id in left])
    except HistoryError as error:
        if error.exit_code != 1:
            raise
        return ()
    return left


def checked_tag(text: str) -> str:
    """A tag as it is kept.

    Raises:
        HistoryError: it is empty or has blanks in it, so that it could not be searched for, or cannot be stored; exit code 2.
    """
    tag = checked_text(text, "tag")
    if not tag or len(tag.split()) > 1:
        raise HistoryError(f"a tag is one word without blanks, not {text!r}", exit_code=2)
    return tag


def checked_text(text: str, what: str) -> str:
    """A name, tag or note as it is kept.

    Raises:
        HistoryError: it holds bytes that were no text in the encoding of the system; exit code 2.
    """
    if not storable(text):
        raise HistoryError(f"the {what} {text!r} is not text in the encoding of this system; write it in UTF-8", exit_code=2)
    return text.strip()


def _left_running(path: Path) -> tuple[int, ...]:
    connection = open_reader(path)
    if connection is None:
        return ()
    query = "SELECT id, pid, process_started, updated FROM runs WHERE status = 'running' AND host = ?"
    try:
        with closing(connection):
            rows = connection.execute(query, (host(),)).fetchall()
    except sqlite3.Error as error:
        raise explain(error, path) from error
    silent = now(ago=SILENT)
    alive = {process: process_alive(*process) for process in {(pid, started) for _, pid, started, _ in rows}}
    left = []
    for run_id, pid, started, updated in rows:
        is_alive = alive[pid, started]
        if updated < silent if is_alive is None else not is_alive:
            left.append(run_id)
    return tuple(left)


@contextmanager
def _writing(path: Path, ids: Sequence[int]) -> Iterator[sqlite3.Connection]:
    """A transaction on a history that holds all of these runs."""
    check_file(path)
    if not path.exists():
        raise HistoryError(f"there are no runs in {path} yet", exit_code=2)
    with closing(open_writer(path)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")  # the recorder in this process does that, and it alone
        with transaction(connection, path):
            _all_there(connection, path, ids)
            yield connection


def _all_there(connection: sqlite3.Connection, path: Path, ids: Sequence[int]) -> None:
    for run_id in ids:
        if connection.execute("SELECT 1 FROM runs WHERE id = ?", (run_id,)).fetchone() is None:
            raise HistoryError(f"no run {run_id} in {path}", exit_code=2)
