"""Connections that are counted as long as they are open, so that nobody opens and closes their file beside them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path
from threading import Lock

from workbench.history.disks import file_identity


class CountedConnection(sqlite3.Connection):
    """One that is counted as long as it is open, for `first_bytes`."""

    _file: tuple[int, int] | None = None

    def count(self, path: Path) -> None:
        """Say which file it has open."""
        with _counting:
            self._file = file_identity(path)
            if self._file is not None:
                _in_use[self._file] += 1

    def close(self) -> None:
        super().close()
        with _counting:
            if self._file is not None:
                _in_use[self._file] -= 1
            self._file = None


_counting = Lock()
_in_use: Counter[tuple[int, int]] = Counter()
"""How many connections of this process have a file open."""


def first_bytes(path: Path) -> bytes:
    """The first bytes of a file; none where this process has it open already, so that SQLite has looked into it.

    To close a file takes all locks away that the process holds on it, those of SQLite's connections too. Another process would
    then take itself for the last user of the history, and remove the journal into which this one goes on writing.
    """
    with _counting:
        if _in_use[file_identity(path) or (0, 0)]:
            return b""
        with path.open("rb") as file:
            return file.read(100)
