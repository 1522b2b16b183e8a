"""Writing the events of a population as rows. All of it inside a transaction of the recorder."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sqlite_utils import Database

from engine.events import (
    Combined,
    EpochEnded,
    Event,
    Failed,
    FindingRaised,
    Finished,
    Frame,
    MemberEnded,
    Outcome,
    Resumed,
    Score,
    Started,
)
from engine.vocabulary import Status
from workbench.history.clock import now
from workbench.history.columns import SCORE_NUMBERS
from workbench.history.detail_rows import ENSEMBLES_INSERT, ensemble_rows
from workbench.history.detail_writer import note_removed, write_detail
from workbench.history.errors import HistoryError
from workbench.history.findings import write_finding
from workbench.history.marker import finite, marker
from workbench.history.member import Member
from workbench.history.resume import go_back, take_up
from workbench.history.rows import LAYER_STATS_INSERT, STEPS_INSERT, insert, layer_stat_rows, step_rows, while_finite
from workbench.history.runs import Labels, insert_runs

_EPOCHS_INSERT = insert("epochs", ("run", "epoch", "step", "part", "final", "seconds", *SCORE_NUMBERS, "nonfinite"))

_RUNNING = {"status": Status.RUNNING.value, "ended": None, "message": None}
"""Said again with every update: somebody who could not see this process may have marked the run as interrupted."""


class EventWriter:
    """Writes what one population tells, in the order in which it is told."""

    def __init__(self, path: Path, labels: Labels, resume: Sequence[int]) -> None:
        """Get ready.

        Args:
            path: The history.
            labels: What the runs are called.
            resume: Ids of stored runs that go on, in the order of the members.
        """
        self.members: tuple[Member, ...] = ()
        """What is known of the runs; those of the latest event once it is committed, by whoever commits it."""
        self._path, self._labels, self._resume = path, labels, tuple(resume)
        self._image_shape: tuple[int, ...] = ()
        self._weightless = np.zeros(0, np.bool_)

    def write(self, connection: sqlite3.Connection, event: Event, *, diagnosed: bool) -> tuple[Member, ...]:
        """Write an event; return what is known of the runs with it.

        Args:
            connection: In a transaction.
            event: What was told.
            diagnosed: With the end of a training: whether all of it was looked through for what goes wrong.

        Raises:
            HistoryError: one of the runs is not there any more, or cannot go on.
        """
        match event:
            case Started():
                return self._begin(connection, event)
            case Resumed():
                members = go_back(connection, self.members, event)
                note_removed(connection, members, self._folder)
                self._update(connection, [_RUNNING | member.columns() for member in members])
                return members
            case Frame():
                self._frame(connection, event)
            case EpochEnded():
                self._epoch_ended(connection, event)
            case MemberEnded():
                self._member_ended(connection, event)
            case Finished():
                self._finished(connection, event, diagnosed=diagnosed)
            case FindingRaised():
                write_finding(connection, self.members[event.finding.member].run_id, event.finding)
            case Failed():
                changes = {
                    "status": Status.FAILED.value,
                    "message": event.message,
                    "ended": now(),
                    "diagnosed": diagnosed or None,
                }
                self._update(connection, [changes for _ in self.members])
            case _:
                write_detail(connection, event, self.members, self._folder, self._image_shape)
                self._update(connection, [_RUNNING | member.columns() for member in self.members])
        return self.members

    def interrupt(self, connection: sqlite3.Connection, message: str) -> None:
        """Mark those of the runs that are still there as interrupted."""
        query = "UPDATE runs SET status = ?, message = ?, ended = ?, updated = ? WHERE id = ?"
        moment = now()
        interrupted = (Status.INTERRUPTED.value, message, moment, moment)
        connection.executemany(query, [(*interrupted, member.run_id) for member in self.members])

    def _begin(self, connection: sqlite3.Connection, event: Started) -> tuple[Member, ...]:
        assert not self.members, "a recorder records one population"
        self._image_shape = event.data.image_shape
        self._weightless = np.array([layer.weights == 0 for layer in event.layers], np.bool_)
        if self._resume:
            return take_up(connection, self._path, self._resume, event)
        database = Database(connection, execute_plugins=False, recursive_triggers=False)
        return tuple(map(Member, insert_runs(database, event, self._labels)))

    def _frame(self, connection: sqlite3.Connection, frame: Frame) -> None:
        for position, member in enumerate(self.members):
            if member.over:
                continue
            kept = while_finite(frame, position)
            connection.executemany(STEPS_INSERT, step_rows(kept, position, member.run_id))
            connection.executemany(LAYER_STATS_INSERT, layer_stat_rows(kept, position, member.run_id, self._weightless))
            loss = member.numbers["loss"] = float(kept.loss[-1, position])
            member.progress |= {"step": int(kept.steps[-1]), "seconds": float(kept.seconds[-1])}
            if not math.isfinite(loss):
                member.lose()
        self._update(connection, [_RUNNING | member.columns() for member in self.members])

    def _epoch_ended(self, connection: sqlite3.Connection, event: EpochEnded) -> None:
        rows: list[tuple[Any, ...]] = []
        for member, train, validation in zip(self.members, event.train, event.validation, strict=True):
            if member.over:
                continue
            member.progress |= {"epoch": event.epoch, "step": event.step, "seconds": event.seconds}
            for part, score in (("train", train), ("validation", validation)):
                member.take(part, score)
                rows += _score_rows(member.run_id, event.epoch, event.step, part, 0, event.seconds, score)
        connection.executemany(_EPOCHS_INSERT, rows)
        self._combined(connection, event.combined, event.epoch, event.step, 0, "validation")
        self._update(connection, [_RUNNING | member.columns() for member in self.members])

    def _member_ended(self, connection: sqlite3.Connection, event: MemberEnded) -> None:
        self.members[event.member].ended = True
        query = "UPDATE runs SET reason = ?, ended_step = ?, ended_epoch = ?, updated = ? WHERE id = ?"
        run_id = self.members[event.member].run_id
        connection.execute(query, (event.reason, event.step, event.epoch, now(), run_id))

    def _finished(self, connection: sqlite3.Connection, event: Finished, *, diagnosed: bool) -> None:
        moment = now()
        for member, outcome in zip(self.members, event.outcomes, strict=True):
            rows: list[tuple[Any, ...]] = []
            if outcome.status is Status.DIVERGED:
                member.lose()
            epoch = int(member.progress["epoch"])
            for part, score in (("train", outcome.train), ("validation", outcome.validation), ("test", outcome.test)):
                member.take(part, score)
                rows += _score_rows(member.run_id, epoch, outcome.step, part, 1, event.seconds, score)
            connection.executemany(_EPOCHS_INSERT, rows)
        latest = max(self.members, key=lambda member: member.progress["epoch"]).progress
        for part, combined in (("validation", event.combined_validation), ("test", event.combined_test)):
            self._combined(connection, combined, int(latest["epoch"]), int(latest["step"]), 1, part)
        note_removed(connection, self.members, self._folder)
        ended = {"ended": moment, "message": None, "seconds": event.seconds, "measuring": finite(event.measuring)}
        ended |= {"diagnosed": diagnosed or None}
        self._update(
            connection,
            [member.columns() | ended | _ending(outcome) for member, outcome in zip(self.members, event.outcomes, strict=True)],
        )

    def _combined(
        self, connection: sqlite3.Connection, combined: Combined | None, epoch: int, step: int, final: int, part: str
    ) -> None:
        """Write the scores of an ensemble, if it is one."""
        for member in self.members:
            member.take_combined(part, combined)
        rows = ensemble_rows(combined, self.members[0].run_id, epoch, step, final, part)
        connection.executemany(ENSEMBLES_INSERT, rows)

    @property
    def _folder(self) -> Path:
        return self._path.absolute().parent

    def _update(self, connection: sqlite3.Connection, changes: Sequence[dict[str, Any]]) -> None:
        """Change the members' rows of `runs`; the same columns for all of them.

        Raises:
            HistoryError: one of them has been deleted: what is recorded from now on would belong to no run.
        """
        assignments = ", ".join(f"{name} = ?" for name in (*changes[0], "updated"))
        moment = now()
        values = [(*change.values(), moment, member.run_id) for change, member in zip(changes, self.members, strict=True)]
        changed = connection.executemany(f"UPDATE runs SET {assignments} WHERE id = ?", values).rowcount  # noqa: S608
        if changed < len(values):
            there = {row[0] for row in connection.execute("SELECT id FROM runs")}
            gone = next(member.run_id for member in self.members if member.run_id not in there)
            raise HistoryError(f"run {gone} was deleted from {self._path} while it was trained")


def _score_rows(
    run_id: int, epoch: int, step: int, part: str, final: int, seconds: float, score: Score | None
) -> list[tuple[Any, ...]]:
    """The row of a score for `_EPOCHS_INSERT`, or none."""
    if score is None:
        return []
    numbers = (score.cost, score.accuracy, score.r2, score.mae)
    return [(run_id, epoch, step, part, final, seconds, *map(finite, numbers), marker(SCORE_NUMBERS, numbers))]


def _ending(outcome: Outcome) -> dict[str, Any]:
    """How a member ended, as columns of its run."""
    found = outcome.divergence
    return {
        "status": outcome.status.value,
        "step": outcome.step,
        "diverged_step": found.step if found else None,
        "diverged_layer": found.layer if found else None,
        "diverged_quantity": found.quantity if found else None,
        "reason": outcome.reason or None,
        "restored_step": outcome.restored_step,
    }
