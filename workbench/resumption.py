"""From where a stored training can go on: the checkpoints that its run has in the history and on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.events import Intervened
from engine.experiment import Experiment
from engine.vocabulary import Status
from workbench.history import History, HistoryError
from workbench.history.detail_records import CheckpointRow, InterventionRow
from workbench.history.records import RunRecord

WHOLE = ("last", "epoch")
"""Kinds of checkpoints from which a training goes on as if it had never been interrupted. The best epoch is one member's."""
UNFINISHED = (Status.INTERRUPTED, Status.STOPPED, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Resumption:
    """A stored training that can go on: all the runs that were trained together."""

    run_ids: tuple[int, ...]  # in the order of the members
    experiments: tuple[Experiment, ...]
    path: Path  # of the checkpoint's JSON file
    step: int
    epoch: int
    interventions: tuple[Intervened, ...]  # all that were made; the training makes those again that the checkpoint does not hold


@dataclass(frozen=True, slots=True)
class BranchPoint:
    """A checkpoint from which a new run can begin."""

    run_id: int
    path: Path  # of the checkpoint's JSON file
    member: int  # place of the run in it
    step: int
    epoch: int


def checkpoint_folder(db: Path, first_run: int) -> Path:
    """Where the checkpoints of a population lie whose first run has this id."""
    return db.absolute().parent / f"{db.stem}.checkpoints" / f"run-{first_run}"


def resumption(history: History, ref: str | int) -> Resumption:
    """The latest checkpoint from which a training can go on, of those that are still there.

    Args:
        history: That holds it.
        ref: A run of it, as `History.run` takes it; those that were trained with it go on, too.

    Raises:
        HistoryError: there is no such run, it is over or goes on just now, or it has no checkpoint; exit code 2.
    """
    run = history.run(ref)
    members = history.population(run)
    _check_unfinished(run, members)
    latest = _latest(run, [row for row in history.checkpoints(run.id) if row.kind in WHOLE])
    made = (_made(history, member.id) for member in members)
    return Resumption(
        run_ids=tuple(member.id for member in members),
        experiments=tuple(member.experiment for member in members),
        path=latest.path,
        step=latest.step,
        epoch=latest.epoch,
        interventions=max(made, key=len),  # none of them is kept of a member that had ended
    )


def branch_point(history: History, ref: str | int, at: int | None = None) -> BranchPoint:
    """A checkpoint of a run from which a new one can begin.

    Args:
        history: That holds the run.
        ref: The run, as `History.run` takes it.
        at: The checkpoint's step; the latest one if not given.

    Raises:
        HistoryError: there is no such run, or no such checkpoint; exit code 2.
    """
    run = history.run(ref)
    rows = history.checkpoints(run.id)
    if at is not None:
        steps = sorted({row.step for row in rows if _is_there(row)})
        rows = tuple(row for row in rows if row.step == at)
        if not rows:
            known = f"those that are there: {', '.join(map(str, steps))}" if steps else "it has none"
            raise HistoryError(f"run {run.id} has no checkpoint of step {at}; {known}", exit_code=2)
    found = _latest(run, rows)
    return BranchPoint(run.id, found.path, found.member, found.step, found.epoch)


def interventions(rows: Sequence[InterventionRow]) -> tuple[Intervened, ...]:
    """Changes of settings as the engine makes them again."""
    from workbench.history.replay_details import told_interventions

    return tuple(told_interventions(rows))


def _check_unfinished(run: RunRecord, members: Sequence[RunRecord]) -> None:
    for member in members:
        if member.status == Status.RUNNING:
            where = f"process {member.pid} on {member.host}"
            raise HistoryError(f"run {member.id} is still being trained by {where}; stop it first", exit_code=2)
        if member.deleted is not None:
            raise HistoryError(f"run {member.id} is deleted; `workbench restore {member.id}` brings it back", exit_code=2)
    if not any(member.status in UNFINISHED for member in members):
        instead = f"`workbench run --branch {run.id}` begins a new run from its checkpoint"
        raise HistoryError(f"run {run.id} is {run.status}, so that nothing is left to be trained; {instead}", exit_code=2)


def _latest(run: RunRecord, rows: Sequence[CheckpointRow]) -> CheckpointRow:
    """The latest of the checkpoints whose files are there; of one step the one that is told last."""
    if not rows:
        why = "it ended before one was written, or checkpoint.every is never"
        raise HistoryError(f"run {run.id} has no checkpoint to go on from: {why}", exit_code=2)
    there = [row for row in rows if _is_there(row)]
    if not there:
        raise HistoryError(f"the checkpoints of run {run.id} are no longer in {rows[-1].path.parent}", exit_code=2)
    return max(reversed(there), key=lambda row: row.step)


def _is_there(row: CheckpointRow) -> bool:
    return row.path.is_file() and row.path.with_suffix(".safetensors").is_file()


def _made(history: History, run_id: int) -> tuple[Intervened, ...]:
    """The changes of a run, with those that were to be made again when it was broken off anew."""
    return interventions([*history.interventions(run_id), *history.interventions(run_id, pending=True)])
