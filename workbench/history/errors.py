"""What can go wrong with a history, as the user is told of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path


class HistoryError(Exception):
    """The history cannot be read or written. The message names the file and what to do.

    Attributes:
        exit_code: 2 when the file is not a history that this version can use, or when a run asked for is not in it; 1 when
            the machine stands in the way: read-only, full, busy, damaged.
    """

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def explain(error: sqlite3.Error, path: Path) -> HistoryError:
    """Say what an error of SQLite means for the user of the history at `path`."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF  # the lower byte is the kind, the rest its circumstances
    messages = {
        sqlite3.SQLITE_NOTADB: (f"{path} is not a history: it is not an SQLite database. Name another file with --db", 2),
        sqlite3.SQLITE_READONLY: (f"the history {path} is read-only; make it writable or name another file with --db", 1),
        sqlite3.SQLITE_FULL: (f"the disk of the history {path} is full; what was recorded before stays readable", 1),
        sqlite3.SQLITE_IOERR: (f"the disk of the history {path} does not take or give the data ({error})", 1),
        sqlite3.SQLITE_CANTOPEN: (f"the history {path} cannot be opened; check the rights to the file and to its folder", 1),
        sqlite3.SQLITE_BUSY: (f"the history {path} was kept locked by another program for too long; try again", 1),
        sqlite3.SQLITE_CORRUPT: (f"the history {path} is damaged ({error}); move it away or restore a copy", 1),
    }
    if primary in messages:
        message, exit_code = messages[primary]
        return HistoryError(message, exit_code=exit_code)
    return HistoryError(f"the history {path} cannot be used: {error}")
