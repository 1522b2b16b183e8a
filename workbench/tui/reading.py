"""Reading and changing the history: called in worker threads, each call with a connection of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from engine.vocabulary import Statistic
from workbench.compare_curves import RunCurves, read_run_curves
from workbench.history import History, HistoryError, mark_interrupted
from workbench.history.series import LayerSeries, SeriesHistory
from workbench.live import LiveRun, RunView
from workbench.resumption import Resumption, resumption

PORTION_SECONDS = 0.25
"""Of many curves, those that were read are drawn so often."""


def read_run(db: Path, run_id: int) -> RunView:
    """A stored run as the live view shows it.

    Raises:
        HistoryError: the file cannot be read, or there is no such run.
    """
    with History.open(db) as history, history.snapshot():
        return _replayed(history, run_id)


def read_resumption(db: Path, run_id: int) -> Resumption:
    """The latest checkpoint from which a run, and those that were trained with it, can go on.

    Raises:
        HistoryError: the file cannot be read, or the run is over, goes on just now, or has no checkpoint.
    """
    mark_interrupted(db)  # its process may have been killed
    with History.open(db) as history, history.snapshot():
        return resumption(history, run_id)


def read_curves(db: Path, run_ids: Sequence[int], known: Mapping[int, RunCurves]) -> Iterator[tuple[RunCurves, ...]]:
    """The runs that are compared, in the order in which they were marked: again and again as more of them are read, at last all.

    Args:
        db: The history.
        run_ids: Those that are wanted.
        known: Those that were read before.

    Raises:
        HistoryError: the file cannot be read, or a run is not there; the others are handed out before.
    """
    runs: list[RunCurves] = []
    gone: HistoryError | None = None
    told = time.monotonic()
    with SeriesHistory.open(db) as history:
        for run_id in run_ids:
            try:
                runs.append(read_run_curves(history, run_id, known.get(run_id)))
            except HistoryError as error:
                if error.exit_code != 2:
                    raise
                gone = error
            if time.monotonic() - told > PORTION_SECONDS:
                yield tuple(runs)
                told = time.monotonic()
    yield tuple(runs)
    if gone is not None:
        raise gone


def read_layers(db: Path, run_ids: Sequence[int], statistic: Statistic) -> dict[int, LayerSeries]:
    """A statistic of the layers of some runs.

    Raises:
        HistoryError: the file cannot be read.
    """
    with SeriesHistory.open(db) as history, history.snapshot():
        return {run_id: history.layer_series(run_id, statistic) for run_id in run_ids}


def read_together(db: Path, run_id: int) -> tuple[int, ...]:
    """The runs that were trained together with a run, itself included.

    Raises:
        HistoryError: the file cannot be read, or there is no such run.
    """
    with History.open(db) as history, history.snapshot():
        return tuple(run.id for run in history.population(history.run(run_id)))


def _replayed(history: History, run_id: int) -> RunView:
    live = LiveRun()
    for event in history.events(run_id):
        live.apply(event)
    if history.run(run_id).diagnosed:
        live.judge()
    return live.view()
