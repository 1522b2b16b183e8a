"""From where a stored training can go on: the checkpoints that its run has in the history and on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.events import Intervened
from engine.experiment import Experiment
from engine.training.manifest import tensors_path
from engine.vocabulary import Status
from workbench.history import History, HistoryError
from workbench.history.detail_records import CheckpointRow, InterventionRow
from workbench.history.records import Origin, RunRecord

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
    found = _latest(run, [row for row in history.checkpoints(run.id) if row.kind in WHOLE])
    made = (_made(history, member.id) for member in members)
    return Resumption(
        run_ids=tuple(member.id for member in members),
        experiments=tuple(member.experiment for member in members),
        path=found.path,
        step=found.step,
        epoch=found.epoch,
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
        steps = sorted({row.step for row in rows if is_there(row)})
        rows = tuple(row for row in rows if row.step == at)
        if not rows:
            known = f"those that are there: {', '.join(map(str, steps))}" if steps else "it has none"
            raise HistoryError(f"run {run.id} has no checkpoint of step {at}; {known}", exit_code=2)
    found = _latest(run, rows)
    return BranchPoint(run.id, found.path, found.member, found.step, found.epoch)


def is_there(row: CheckpointRow) -> bool:
    """Whether both files of a checkpoint are on disk."""
    return row.path.is_file() and tensors_path(row.path).is_file()


def latest(rows: Sequence[CheckpointRow]) -> CheckpointRow | None:
    """The latest of the checkpoints whose files are there, of one step the one that was told last; None if there is none."""
    return max((row for row in reversed(rows) if is_there(row)), key=lambda row: row.step, default=None)


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
    """The latest of the checkpoints whose files are there.

    Raises:
        HistoryError: there is none; exit code 2.
    """
    if not rows:
        why = "it ended before one was written, or checkpoint.every is never"
        if _ended_in_pretraining(run):
            why = "it ended in its pre-training, which cannot go on from its middle"
        raise HistoryError(
            f"run {run.id} has no checkpoint to go on from: {why}; `workbench run --like {run.id}` begins again", exit_code=2
        )
    found = latest(rows)
    if found is None:
        raise HistoryError(f"the checkpoints of run {run.id} are no longer in {rows[-1].path.parent}", exit_code=2)
    return found


def _ended_in_pretraining(run: RunRecord) -> bool:
    """Of a run without checkpoints: whether it is because the first one is written after pre-training."""
    experiment = run.experiment
    if experiment.pretraining.kind == "none" or experiment.checkpoint.every == "never":
        return False
    return run.step == 0 and run.origin != Origin.BRANCH


def _made(history: History, run_id: int) -> tuple[Intervened, ...]:
    """The changes of a run, with those that were to be made again when it was broken off anew."""
    return interventions([*history.interventions(run_id), *history.interventions(run_id, pending=True)])
