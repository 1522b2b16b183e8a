"""Recording goes on in runs that are there already. All of it inside a transaction of the recorder."""

from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.events import Resumed, Started
from engine.experiment import Experiment
from engine.vocabulary import Status
from workbench.history.clock import now
from workbench.history.columns import COMBINED_NUMBERS, SCORE_NUMBERS
from workbench.history.errors import HistoryError
from workbench.history.marker import restored
from workbench.history.member import Member
from workbench.history.provenance import git_commit, host, process_started, versions_json

_BEYOND = (
    "DELETE FROM steps WHERE run = :run AND step > :step",
    "DELETE FROM layer_stats WHERE run = :run AND step > :step",
    "DELETE FROM epochs WHERE run = :run AND (final OR epoch > :epoch)",
    "DELETE FROM ensembles WHERE run = :run AND (final OR epoch > :epoch)",
    "DELETE FROM histograms WHERE run = :run AND step > :step",
    "DELETE FROM layer_probes WHERE run = :run AND step > :step",
    "DELETE FROM resumptions WHERE run = :run AND step > :step",
    "DELETE FROM confusion WHERE run = :run",
    "DELETE FROM pictures WHERE run = :run AND (kind = 'worst' OR kind = 'mistake' AND step > :step)",
    "DELETE FROM mistaken WHERE run = :run AND step > :step",
    "DELETE FROM regions WHERE run = :run AND step > :step",
    "DELETE FROM findings WHERE run = :run AND opened > :step",
    "UPDATE findings SET updated = min(updated, :step), closed = CASE WHEN closed <= :step THEN closed END WHERE run = :run",
    "UPDATE interventions SET pending = 1 WHERE run = :run AND number > :interventions",
    "DELETE FROM checkpoints WHERE run = :run AND step > :step",
    "UPDATE runs SET ended_step = NULL, ended_epoch = NULL, reason = NULL WHERE id = :run AND (ended_step IS NULL OR ended_step > :step)",
    "UPDATE runs SET measuring = NULL, restored_step = NULL, diverged_step = NULL, diverged_layer = NULL, diverged_quantity = NULL "
    "WHERE id = :run",
)
"""What a run forgets that goes on from an earlier step. Changes of settings that were made after it will be made again."""


def take_up(connection: sqlite3.Connection, path: Path, run_ids: Sequence[int], started: Started) -> tuple[Member, ...]:
    """Mark stored runs as trained by this process; return what is known of them.

    Raises:
        HistoryError: they are other runs than those that were started, or another process trains them.
    """
    if len(run_ids) != len(started.experiments):
        count = len(started.experiments)
        raise HistoryError(f"{count} networks are trained, but {len(run_ids)} runs are to go on", exit_code=2)
    for run_id, experiment in zip(run_ids, started.experiments, strict=True):
        query = "SELECT experiment_json, status, host, pid FROM runs WHERE id = ?"
        found = connection.execute(query, (run_id,)).fetchone()
        if found is None:
            raise HistoryError(f"no run {run_id} in {path}", exit_code=2)
        if found[1] == Status.RUNNING:
            raise HistoryError(f"run {run_id} is being trained by process {found[3]} on {found[2]}", exit_code=2)
        if Experiment.from_json(found[0]) != experiment:
            raise HistoryError(f"run {run_id} is of another experiment than the checkpoint", exit_code=2)
    mark = """
        UPDATE runs SET status = 'running', ended = NULL, message = NULL, diagnosed = NULL, updated = ?, device = ?, threads = ?,
        versions_json = ?, git_commit = ?, host = ?, pid = ?, process_started = ? WHERE id = ?
    """
    where = (now(), started.device, started.threads, versions_json(), git_commit(), host(), os.getpid(), process_started())
    connection.executemany(mark, [(*where, run_id) for run_id in run_ids])
    return tuple(_member(connection, run_id, None) for run_id in run_ids)


def go_back(connection: sqlite3.Connection, members: Sequence[Member], event: Resumed) -> tuple[Member, ...]:
    """Forget what was recorded beyond a step, and note that the training goes on from there."""
    for member in members:
        kept = "SELECT max(interventions) FROM checkpoints WHERE run = ? AND step = ?"
        (made,) = connection.execute(kept, (member.run_id, event.step)).fetchone()
        values = {"run": member.run_id, "step": event.step, "epoch": event.epoch, "interventions": made or 0}
        for statement in _BEYOND:
            connection.execute(statement, values)
        row = (member.run_id, event.step, event.epoch, event.seconds, now())
        connection.execute("INSERT INTO resumptions (run, step, epoch, seconds, at) VALUES (?, ?, ?, ?, ?)", row)
    return tuple(_member(connection, member.run_id, event) for member in members)


def _member(connection: sqlite3.Connection, run_id: int, event: Resumed | None) -> Member:
    """The figures of a run as they were at its last record; how far it came as `event` says, unless it ended before."""
    member = Member(run_id)
    latest = "SELECT step, seconds, loss, nonfinite FROM steps WHERE run = ? ORDER BY rowid DESC LIMIT 1"
    step, seconds, loss, marker = connection.execute(latest, (run_id,)).fetchone() or (0, 0.0, None, None)
    (member.numbers["loss"],) = restored(("loss",), (loss,), marker)
    counts = """
        SELECT ended_step, (SELECT max(epoch) FROM epochs WHERE run = :run AND NOT final),
        (SELECT min(cost) FROM epochs WHERE run = :run AND part = 'validation'),
        (SELECT max(number) FROM interventions WHERE run = :run AND NOT pending),
        (SELECT max(step) FROM checkpoints WHERE run = :run) FROM runs WHERE id = :run
    """
    found = connection.execute(counts, {"run": run_id}).fetchone()
    ended, epoch, member.best_validation_cost, interventions, member.checkpoint_step = found
    member.interventions = interventions or 0
    member.ended = ended is not None
    for part in ("train", "validation"):
        member.numbers |= _scores(connection, run_id, epoch, part)
    member.numbers |= _combined(connection, run_id)
    if member.numbers["loss"] is not None and not math.isfinite(member.numbers["loss"]):
        member.lose()
    if member.over or event is None:
        member.progress = {"epoch": epoch or 0, "step": step, "seconds": seconds}
    else:
        member.progress = {"epoch": event.epoch, "step": event.step, "seconds": event.seconds}
    return member


def _scores(connection: sqlite3.Connection, run_id: int, epoch: int | None, part: str) -> dict[str, Any]:
    """A run's scores after an epoch."""
    query = f"SELECT {', '.join(SCORE_NUMBERS)}, nonfinite FROM epochs WHERE run = ? AND epoch = ? AND part = ? AND NOT final"  # noqa: S608
    found = connection.execute(query, (run_id, epoch, part)).fetchone()
    if found is None:
        return {}
    *numbers, marker = found
    return {f"{part}_{name}": value for name, value in zip(SCORE_NUMBERS, restored(SCORE_NUMBERS, numbers, marker), strict=True)}


def _combined(connection: sqlite3.Connection, run_id: int) -> dict[str, Any]:
    """The latest scores of the ensemble that a run is a member of, after an epoch."""
    query = f"""
        SELECT method, {", ".join(SCORE_NUMBERS)}, nonfinite FROM ensembles
        WHERE run = (SELECT coalesce(population, id) FROM runs WHERE id = ?) AND NOT final ORDER BY rowid DESC LIMIT 2
    """  # noqa: S608
    found: dict[str, Any] = {}
    for method, *numbers, marker in reversed(connection.execute(query, (run_id,)).fetchall()):
        scores = dict(zip(SCORE_NUMBERS, restored(SCORE_NUMBERS, numbers, marker), strict=True))
        if method == "mean":
            found |= {f"combined_validation_{name}": value for name, value in scores.items()}
        else:
            found["combined_validation_vote_accuracy"] = scores["accuracy"]
    return {name: found[name] for name in COMBINED_NUMBERS if name in found}
