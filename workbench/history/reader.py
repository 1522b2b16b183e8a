"""An open history, from which rows are read. Loads nothing but the standard library."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from workbench.history.connection import open_reader
from workbench.history.errors import explain
from workbench.history.marker import storable


class Reader:
    """A connection that only reads, opened when there is something to read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = open_reader(path)

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """Open the history at `path`.

        Raises:
            HistoryError: it is not a history, is newer than this version, or cannot be read.
        """
        return cls(Path(path))

    def close(self) -> None:
        """Let go of the file. May be called twice."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Within it all that is read is of one moment: what others record, change or delete meanwhile is not seen.

        For what belongs together but is read by several queries. Without write-ahead logging, as over a network, whoever records would
        have to wait for its end; there each query is of its own moment.

        Raises:
            HistoryError: the file cannot be read.
        """
        if not self._begin():
            yield
            return
        try:
            yield
        finally:
            with suppress(sqlite3.Error):  # it was closed within
                if self._connection is not None:
                    self._connection.execute("ROLLBACK")

    def _begin(self) -> bool:
        """Begin a snapshot; whether there is anything to read, and none was begun before."""
        try:
            connection = self._opened()
            if connection is None or connection.in_transaction:
                return False
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                return False
            connection.execute("BEGIN")
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
        return True

    def _opened(self) -> sqlite3.Connection | None:
        if self._connection is None:
            self._connection = open_reader(self.path)
        return self._connection

    def _after(self, table: str, columns: Sequence[str], run_id: int, rowid: int) -> Iterator[tuple[Any, ...]]:
        """A run's rows behind one that was seen before, in their order: one walk along the index."""
        query = f"SELECT rowid, {', '.join(columns)}, nonfinite FROM {table} WHERE run = ? AND rowid > ? ORDER BY rowid"  # noqa: S608
        return self._rows(query, (run_id, rowid))

    def _rows(self, query: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._found(query, values)
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def _all_rows(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The same as a list, which is faster for thousands of them."""
        try:
            return list(self._found(query, values))
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def _found(self, query: str, values: Sequence[Any]) -> Iterable[tuple[Any, ...]]:
        connection = self._opened()
        if connection is None or not all(map(storable, values)):
            return ()  # what cannot be stored is in no row
        return connection.execute(query, values)
