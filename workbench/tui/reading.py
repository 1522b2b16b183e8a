"""Reading and changing the history: called in worker threads, each call with a connection of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbench.history import History, RunRecord, mark_interrupted
from workbench.live import LiveRun, RunView
from workbench.resumption import Resumption, resumption
from workbench.tui.messages import StoredCurves

PAGE = 200
"""Runs shown at once."""


def read_page(db: Path, text: str, offset: int) -> tuple[tuple[RunRecord, ...], bool]:
    """A page of the runs that match, newest first, and whether there are more. No history yet is an empty one.

    Raises:
        HistoryError: the file cannot be read.
    """
    with History.open(db) as history:
        runs = history.runs(text, limit=PAGE + 1, offset=offset)
    return tuple(runs[:PAGE]), len(runs) > PAGE


def read_run(db: Path, run_id: int) -> RunView:
    """A stored run as the live view shows it.

    Raises:
        HistoryError: the file cannot be read, or there is no such run.
    """
    with History.open(db) as history:
        return _replayed(history, run_id)


def read_resumption(db: Path, run_id: int) -> Resumption:
    """The latest checkpoint from which a run, and those that were trained with it, can go on.

    Raises:
        HistoryError: the file cannot be read, or the run is over, goes on just now, or has no checkpoint.
    """
    mark_interrupted(db)  # its process may have been killed
    with History.open(db) as history:
        return resumption(history, run_id)


def read_curves(db: Path, run_ids: Sequence[int]) -> tuple[StoredCurves, ...]:
    """The runs that are compared, in the order in which they were marked.

    Raises:
        HistoryError: the file cannot be read, or a run is not there.
    """
    if not run_ids:
        return ()
    with History.open(db) as history:
        return tuple(StoredCurves(history.run(run_id), _replayed(history, run_id)) for run_id in run_ids)


def _replayed(history: History, run_id: int) -> RunView:
    live = LiveRun()
    for event in history.events(run_id):
        live.apply(event)
    return live.view()
