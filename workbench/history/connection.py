"""Opening the file: which files are histories, who may write, and how transactions are made.

Loads nothing but the standard library, unless the file has to be made or upgraded.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workbench.history.counted import CountedConnection, first_bytes
from workbench.history.disks import file_identity as file_identity
from workbench.history.disks import network_filesystem as network_filesystem
from workbench.history.errors import HistoryError, explain

APPLICATION_ID = 0x54574B42  # "TWKB", in the file's header
SCHEMA_VERSION = 7  # how many migrations this version knows; kept in `PRAGMA user_version`
BUSY_SECONDS = 30.0

_SQLITE_HEADER = b"SQLite format 3\x00"


def default_path() -> Path:
    """The history that is used unless another is named: `WORKBENCH_DB`, or `sessions/history.db` in the working directory."""
    return Path(os.environ.get("WORKBENCH_DB") or Path("sessions") / "history.db")


def open_reader(path: Path) -> sqlite3.Connection | None:
    """A connection that can only read, or None where nothing has been recorded yet.

    A history made by an older version is upgraded first.

    Raises:
        HistoryError: the file is not a history, is newer than this version, or cannot be read.
    """
    check_file(path)
    if not path.exists():
        return None
    try:
        connection = _connect_to_read(path)
        try:
            version = _version(connection, path)
            if version == SCHEMA_VERSION:
                return connection
        except BaseException:
            connection.close()
            raise
        connection.close()
        if version is None:
            return None
        _upgrade(path)
        return _connect_to_read(path)
    except sqlite3.Error as error:
        raise explain(error, path) from error


def open_writer(path: Path) -> sqlite3.Connection:
    """The connection that writes; one per process. Makes the file and its folder, or upgrades it, where needed.

    It is in autocommit mode: changes are made inside `transaction`.

    Raises:
        HistoryError: the file is not a history, is newer than this version, or cannot be written.
    """
    check_writable(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HistoryError(f"the folder of the history {path} cannot be made: {error.strerror}") from error
    try:
        # From the root, for SQLite takes a name such as `:memory:` for something else than a file.
        connection = sqlite3.connect(path.absolute(), timeout=BUSY_SECONDS, isolation_level=None, factory=CountedConnection)
        connection.count(path)
        try:
            version = _version(connection, path)
            _set_journal(connection, path)
            connection.execute("PRAGMA synchronous = NORMAL")
            if version != SCHEMA_VERSION:
                from workbench.history.schema import migrate

                with transaction(connection, path):
                    _version(connection, path)  # another process may have upgraded it, even past this version
                    migrate(connection)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise explain(error, path) from error
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """All changes made inside are kept together, or none of them.

    It takes the right to write at its beginning: a transaction that begins by reading could not wait for another writer.

    Raises:
        HistoryError: the disk is full, read-only or otherwise in the way; nothing was changed.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # SQLite ends it by itself where the disk failed
                with suppress(sqlite3.Error):  # the first error is the one to tell of
                    connection.execute("ROLLBACK")
            raise
    except sqlite3.Error as error:
        raise explain(error, path) from error


def check_file(path: Path) -> None:
    """See from the outside that the file, if there is one, can be a history.

    Raises:
        HistoryError: it is a folder, another kind of file, or may not be read.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            hint = f"name a file in it, such as {path / 'history.db'}"
            raise HistoryError(f"{path} is a folder, not a history; {hint}", exit_code=2)
        if not stat.S_ISREG(mode):
            raise HistoryError(f"{path} is not a history: it is not an ordinary file", exit_code=2)
        header = first_bytes(path)
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise HistoryError(f"{path} cannot be a history: a part of its path is a file, not a folder", exit_code=2) from error
    except OSError as error:
        raise HistoryError(f"the history {path} cannot be read: {error.strerror}") from error
    if header and not header.startswith(_SQLITE_HEADER):
        message = f"{path} is not a history: it is not an SQLite database. Name another file with --db"
        raise HistoryError(message, exit_code=2)
    if header:
        application, version = (int.from_bytes(header[at : at + 4], "big", signed=True) for at in (68, 60))
        if application != 0:  # as long as it is 0, what makes it a history may still be in the journal beside it
            _check_ours(application, version, path)


def check_writable(path: Path) -> None:
    """See from the outside that a history can be written here, without writing anything.

    Raises:
        HistoryError: as `check_file`, or the file or its folder is read-only.
    """
    check_file(path)
    if path.exists() and not os.access(path, os.W_OK):
        raise HistoryError(f"the history {path} is read-only; make it writable or name another file with --db")
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir():
        raise HistoryError(f"{path} cannot be a history: {folder} is a file, not a folder", exit_code=2)
    if not os.access(folder, os.W_OK | os.X_OK):  # SQLite keeps its journal beside the file
        raise HistoryError(f"the folder {folder} of the history {path.name} is read-only; name another file with --db")


def _upgrade(path: Path) -> None:
    try:
        open_writer(path).close()
    except HistoryError as error:
        message = f"the history {path} was written by an older version and has to be upgraded first, but: {error}"
        raise HistoryError(message, exit_code=error.exit_code) from error


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """Read-only, so that a reader never writes into the file, not even to tidy up."""
    uri = path.absolute().as_uri()
    connection = sqlite3.connect(
        f"{uri}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None, factory=CountedConnection
    )
    connection.count(path)
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        if os.access(path.parent, os.W_OK) or path.with_name(path.name + "-wal").exists():
            raise
        # On a read-only disk SQLite cannot make the shared memory beside the file. Nobody can be writing there either.
        return sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True, isolation_level=None)
    return connection


def _version(connection: sqlite3.Connection, path: Path) -> int | None:
    """The schema version of the history; None for a file in which nothing has been made yet.

    Raises:
        HistoryError: the file belongs to another program, or to a newer version of this one.
    """
    # In this order: another process may be making the tables just now, and it makes them and the numbers at one stroke.
    empty = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if empty and application == 0:
        return None
    _check_ours(application, version, path)
    return version


def _check_ours(application: int, version: int, path: Path) -> None:
    if application != APPLICATION_ID:
        message = f"{path} is not a history: it is the database of another program. Name another file with --db"
        raise HistoryError(message, exit_code=2)
    if version > SCHEMA_VERSION:
        message = (
            f"the history {path} was written by a newer version of the workbench (schema {version}; this one knows "
            f"{SCHEMA_VERSION}); update the workbench or name another file with --db"
        )
        raise HistoryError(message, exit_code=2)


def _set_journal(connection: sqlite3.Connection, path: Path) -> None:
    """Write-ahead logging, where readers and the writer do not wait for each other; not over a network, where it would fail.

    Changing over needs the file alone for a moment, and SQLite does not wait for that by itself.
    """
    wanted = "delete" if network_filesystem(path) else "wal"
    deadline = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != wanted:
        try:
            connection.execute(f"PRAGMA journal_mode = {wanted}")
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return  # a file system without shared memory keeps its own mode, which is safe as well
