"""Trained networks by the runs that trained them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from workbench.history import History, HistoryError
from workbench.history.detail_records import CheckpointRow
from workbench.history.records import RunRecord
from workbench.resumption import WHOLE, BranchPoint, latest

if TYPE_CHECKING:
    from engine.loading import TrainedNetwork

Kind = Literal["last", "best"]


def load_network(run: str | int, db: Path | str | None = None, *, kind: Kind = "last") -> TrainedNetwork:
    """The network of a stored run, as a module of PyTorch on the CPU (see `engine.loading.TrainedNetwork`).

    Args:
        run: its id, its name, or `latest`.
        db: the history; None: WORKBENCH_DB, or else ./sessions/history.db.
        kind: with its last weights, or those of its best epoch.

    Raises:
        HistoryError: there is no such run, or no checkpoint of it.
        CheckpointError: the checkpoint is damaged, or the run diverged.
    """
    from engine.loading import load_network as load
    from workbench.history.connection import default_path

    with History.open(default_path() if db is None else db) as history:
        found = checkpoint_of(history, history.run(run), kind)
    return load(found.path, found.member)


def checkpoint_of(history: History, run: RunRecord, kind: Kind = "last") -> BranchPoint:
    """Where the weights of a run lie: its latest checkpoint of a kind that is still on disk.

    Raises:
        HistoryError: there is none; exit code 2. The message says how to get one.
    """
    kinds = ("best",) if kind == "best" else WHOLE
    rows = [row for row in history.checkpoints(run.id) if row.kind in kinds]
    found = latest(rows)
    if found is None:
        raise HistoryError(_why_none(run, kind, rows), exit_code=2)
    point = BranchPoint(run.id, found.path, found.member, found.step, found.epoch)
    check_is_of(point, run)
    return point


def check_is_of(point: BranchPoint, run: RunRecord) -> None:
    """See that the file is the run's own: another may have been put in its place.

    Raises:
        CheckpointError: it is of another experiment, or damaged.
    """
    from engine.errors import CheckpointError
    from engine.training.manifest import read_manifest

    experiments = read_manifest(point.path).experiments
    if point.member >= len(experiments) or experiments[point.member] != run.experiment:
        raise CheckpointError(f"{point.path} is a checkpoint of another experiment than run {run.id}'s; put its own back")


def _why_none(run: RunRecord, kind: Kind, rows: list[CheckpointRow]) -> str:
    again = f"`workbench run --like {run.id}"
    if rows:
        return f"the weights of run {run.id} are no longer in {rows[-1].path.parent}; {again}` trains it again"
    if kind == "best":
        return f"run {run.id} kept no best epoch; {again} --set checkpoint.best=true` trains it again and keeps it"
    if run.experiment.checkpoint.every == "never":
        return f"run {run.id} kept no weights, as checkpoint.every is never; {again} --set checkpoint.every=auto` keeps them"
    return f"run {run.id} has no checkpoint: it ended before one was written; {again}` trains it again"
