"""Recording events, and looking at what was recorded."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from engine.events import Event
from tests.workbench.scripted import scripted_events
from workbench.history import Recorder
from workbench.live import LiveRun, RunView


def record(path: Path, events: Iterable[Event], *, diagnosed: bool = False, **options: Any) -> tuple[int, ...]:
    """Record events, as of a training that was diagnosed to its end or not; the ids of the runs that they are of."""
    with Recorder(path, **options) as recorder:
        for event in events:
            recorder.record(event, diagnosed=diagnosed)
        return recorder.run_ids


def rows(path: Path, query: str, *values: object) -> list[Any]:
    """What SQL finds in a history."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query, values).fetchall()


def erase(path: Path, run_id: int, *, row_alone: bool = False) -> None:
    """Delete a run for good by a connection of its own, as somebody does with another program: all that is of it, or its row alone."""
    with closing(sqlite3.connect(path, timeout=30)) as connection, connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in () if row_alone else tables:
            if "run" in {column[1] for column in connection.execute(f"PRAGMA table_info({table})")}:
                connection.execute(f"DELETE FROM {table} WHERE run = ?", (run_id,))
        connection.execute("DELETE FROM runs WHERE id = ?", (run_id,))


def view_of(events: Iterable[Event], member: int = 0) -> RunView:
    """What is known of a member after some events."""
    live = LiveRun()
    for event in events:
        live.apply(event)
    return live.view(member)


def everything(tmp_path: Path, **script: Any) -> list[Event]:
    """The events of a training with details of every kind."""
    folder = str(tmp_path / "h.checkpoints" / "run-1")
    return list(scripted_events(steps=110, steps_per_epoch=20, everything=True, plane=True, folder=folder, **script))
