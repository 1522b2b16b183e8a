"""Writing runs as they happen: every event is one transaction, so that what was recorded is on disk at once."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

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
from engine.insight.finding import Finding
from engine.vocabulary import Status
from workbench.history.clock import now
from workbench.history.columns import SCORE_NUMBERS
from workbench.history.connection import check_writable, file_identity, open_writer, transaction
from workbench.history.detail_rows import ENSEMBLES_INSERT, ensemble_rows
from workbench.history.detail_writer import note_removed, write_detail
from workbench.history.edit import checked_tag, checked_text
from workbench.history.errors import HistoryError
from workbench.history.findings import put_findings, write_finding
from workbench.history.marker import finite, marker
from workbench.history.member import Member
from workbench.history.records import Origin
from workbench.history.resume import go_back, take_up
from workbench.history.rows import LAYER_STATS_INSERT, STEPS_INSERT, insert, layer_stat_rows, step_rows, while_finite
from workbench.history.runs import insert_runs

_EPOCHS_INSERT = insert("epochs", ("run", "epoch", "step", "part", "final", "seconds", *SCORE_NUMBERS, "nonfinite"))

_RUNNING = {"status": Status.RUNNING.value, "ended": None, "message": None}
"""Said again with every update: somebody who could not see this process may have marked the run as interrupted."""


class Recorder:
    """Records the events of one population: one run for each member. Made and used in one thread.

    Nothing is written before `Started`. After an event could not be written, everything later is refused, so that a run has
    no holes. Of a member whose loss ceases to be finite, that record is the last one; of a member that has learned enough while
    others go on, that of its end.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        name: str = "",
        tags: Iterable[str] = (),
        note: str = "",
        parent: int | None = None,
        origin: Origin | None = None,
        resume: Sequence[int] = (),
        names: Sequence[str] = (),
    ) -> None:
        """Get ready to record.

        Args:
            path: The history; it and its folder are made with the first event if they are not there.
            name: Name of all the runs.
            tags: Tags of all the runs.
            note: Note of all the runs.
            parent: Id of the run that these were made from.
            origin: How they were made from it.
            resume: Ids of stored runs that go on, in the order of the members; they keep their name, tags, note and parent.
                `Started` makes them runs of this process; `Resumed` takes away what was recorded beyond its step.
            names: A name for each run, in the order of the members, instead of `name`.

        Raises:
            HistoryError: the file is not a history, is newer than this version, or cannot be written.
        """
        self.path = Path(path)
        self._name, self._note, self._parent = checked_text(name, "name"), checked_text(note, "note"), parent
        self._names = tuple(checked_text(each, "name") for each in names)
        self._tags = tuple(dict.fromkeys(checked_tag(tag) for tag in tags))
        self._origin, self._resume = origin, tuple(resume)
        self._members: tuple[Member, ...] = ()
        self._image_shape: tuple[int, ...] = ()
        self._weightless = np.zeros(0, np.bool_)
        self._running = False
        self._error: HistoryError | None = None
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        check_writable(self.path)
        if self.path.exists():
            self._open()

    @property
    def run_ids(self) -> tuple[int, ...]:
        """The runs' ids in the order of the members; empty before `Started`."""
        return tuple(member.run_id for member in self._members)

    def record(self, event: Event, *findings: FindingRaised) -> None:
        """Write an event, and with it what was found to be wrong by then. When this returns, it outlives the process.

        Raises:
            HistoryError: it could not be written, or an earlier event could not; what was written before stays readable.
        """
        if self._error is not None:
            raise self._error
        if not self._members and not isinstance(event, Started):
            return  # it broke off before there was a run
        try:
            connection = self._connection or self._open()
            if isinstance(event, EpochEnded | Finished | Resumed):
                self._check_still_there()
            with transaction(connection, self.path):
                members = self._write(connection, event)
                for raised in findings:
                    write_finding(connection, members[raised.finding.member].run_id, raised.finding)
        except HistoryError as error:
            self._error = error
            raise
        self._members = members
        if not isinstance(event, FindingRaised):  # some are told when all is over
            self._running = not isinstance(event, Finished | Failed)

    def replace_findings(self, findings: Sequence[Sequence[Finding]]) -> None:
        """Keep these findings of the runs, in the order of `run_ids`, instead of those that they have.

        Raises:
            HistoryError: they could not be written.
        """
        connection = self._connection or self._open()
        with transaction(connection, self.path):
            for run_id, found in zip(self.run_ids, findings, strict=True):
                put_findings(connection, run_id, found)

    def close(self) -> None:
        """Let go of the file. Runs that have not been told to have ended are marked as interrupted. May be called twice.

        Raises:
            HistoryError: that could not be written.
        """
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if self._members and self._error is None:
                self._check_still_there()
            if self._running and self._error is None:
                with transaction(connection, self.path):
                    self._interrupt(connection, "recording ended before the training did")
            elif self._running:
                # Whoever recorded was told of the error. A disk that is full may still have room for this; if not, the next
                # start of the program will find the run.
                with suppress(HistoryError), transaction(connection, self.path):
                    self._interrupt(connection, str(self._error))
        finally:
            self._running = False
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _open(self) -> sqlite3.Connection:
        self._connection = open_writer(self.path)
        self._file = file_identity(self.path)
        return self._connection

    def _check_still_there(self) -> None:
        """See that the file has not been removed or replaced: SQLite would go on with one that has no name any more.

        Raises:
            HistoryError: it has.
        """
        if file_identity(self.path) != self._file:
            what_now = "what was recorded in it is lost; leave the file where it is until training is over"
            raise HistoryError(f"the history {self.path} was removed or replaced while it was written; {what_now}")

    # --- inside a transaction ------------------------------------------------

    def _write(self, connection: sqlite3.Connection, event: Event) -> tuple[Member, ...]:
        match event:
            case Started():
                return self._begin(connection, event)
            case Resumed():
                members = go_back(connection, self._members, event)
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
                self._finished(connection, event)
            case FindingRaised():
                write_finding(connection, self._members[event.finding.member].run_id, event.finding)
            case Failed():
                changes = {"status": Status.FAILED.value, "message": event.message, "ended": now()}
                self._update(connection, [changes for _ in self._members])
            case _:
                write_detail(connection, event, self._members, self._folder, self._image_shape)
                self._update(connection, [_RUNNING | member.columns() for member in self._members])
        return self._members

    def _begin(self, connection: sqlite3.Connection, event: Started) -> tuple[Member, ...]:
        assert not self._members, "a recorder records one population"
        self._image_shape = event.data.image_shape
        self._weightless = np.array([layer.weights == 0 for layer in event.layers], np.bool_)
        if self._resume:
            return take_up(connection, self.path, self._resume, event)
        database = Database(connection, execute_plugins=False, recursive_triggers=False)
        ids = insert_runs(
            database,
            event,
            names=self._names or (self._name,) * len(event.experiments),
            tags=self._tags,
            note=self._note,
            parent=self._parent,
            origin=self._origin,
        )
        return tuple(Member(run_id) for run_id in ids)

    def _frame(self, connection: sqlite3.Connection, frame: Frame) -> None:
        for position, member in enumerate(self._members):
            if member.over:
                continue
            kept = while_finite(frame, position)
            connection.executemany(STEPS_INSERT, step_rows(kept, position, member.run_id))
            connection.executemany(LAYER_STATS_INSERT, layer_stat_rows(kept, position, member.run_id, self._weightless))
            loss = member.numbers["loss"] = float(kept.loss[-1, position])
            member.progress |= {"step": int(kept.steps[-1]), "seconds": float(kept.seconds[-1])}
            if not math.isfinite(loss):
                member.lose()
        self._update(connection, [_RUNNING | member.columns() for member in self._members])

    def _epoch_ended(self, connection: sqlite3.Connection, event: EpochEnded) -> None:
        rows: list[tuple[Any, ...]] = []
        for member, train, validation in zip(self._members, event.train, event.validation, strict=True):
            if member.over:
                continue
            member.progress |= {"epoch": event.epoch, "step": event.step, "seconds": event.seconds}
            for part, score in (("train", train), ("validation", validation)):
                member.take(part, score)
                rows += _score_rows(member.run_id, event.epoch, event.step, part, 0, event.seconds, score)
        connection.executemany(_EPOCHS_INSERT, rows)
        self._combined(connection, event.combined, event.epoch, event.step, 0, "validation")
        self._update(connection, [_RUNNING | member.columns() for member in self._members])

    def _member_ended(self, connection: sqlite3.Connection, event: MemberEnded) -> None:
        self._members[event.member].ended = True
        query = "UPDATE runs SET reason = ?, ended_step = ?, ended_epoch = ?, updated = ? WHERE id = ?"
        run_id = self._members[event.member].run_id
        connection.execute(query, (event.reason, event.step, event.epoch, now(), run_id))

    def _finished(self, connection: sqlite3.Connection, event: Finished) -> None:
        moment = now()
        for member, outcome in zip(self._members, event.outcomes, strict=True):
            rows: list[tuple[Any, ...]] = []
            if outcome.status is Status.DIVERGED:
                member.lose()
            epoch = int(member.progress["epoch"])
            for part, score in (("train", outcome.train), ("validation", outcome.validation), ("test", outcome.test)):
                member.take(part, score)
                rows += _score_rows(member.run_id, epoch, outcome.step, part, 1, event.seconds, score)
            connection.executemany(_EPOCHS_INSERT, rows)
        latest = max(self._members, key=lambda member: member.progress["epoch"]).progress
        for part, combined in (("validation", event.combined_validation), ("test", event.combined_test)):
            self._combined(connection, combined, int(latest["epoch"]), int(latest["step"]), 1, part)
        note_removed(connection, self._members, self._folder)
        ended = {"ended": moment, "message": None, "seconds": event.seconds, "measuring": finite(event.measuring)}
        self._update(
            connection,
            [member.columns() | ended | _ending(outcome) for member, outcome in zip(self._members, event.outcomes, strict=True)],
        )

    def _combined(
        self, connection: sqlite3.Connection, combined: Combined | None, epoch: int, step: int, final: int, part: str
    ) -> None:
        """Write the scores of an ensemble, if it is one."""
        for member in self._members:
            member.take_combined(part, combined)
        rows = ensemble_rows(combined, self._members[0].run_id, epoch, step, final, part)
        connection.executemany(ENSEMBLES_INSERT, rows)

    @property
    def _folder(self) -> Path:
        return self.path.absolute().parent

    def _interrupt(self, connection: sqlite3.Connection, message: str) -> None:
        changes = {"status": Status.INTERRUPTED.value, "message": message, "ended": now()}
        self._update(connection, [changes for _ in self._members])

    def _update(self, connection: sqlite3.Connection, changes: Sequence[dict[str, Any]]) -> None:
        """Change the members' rows of `runs`; the same columns for all of them."""
        assignments = ", ".join(f"{name} = ?" for name in (*changes[0], "updated"))
        moment = now()
        values = [(*change.values(), moment, member.run_id) for change, member in zip(changes, self._members, strict=True)]
        connection.executemany(f"UPDATE runs SET {assignments} WHERE id = ?", values)  # noqa: S608


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
