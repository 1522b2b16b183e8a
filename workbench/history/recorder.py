"""Writing runs as they happen: every event is one transaction, so that what was recorded is on disk at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.events import EpochEnded, Event, Failed, FindingRaised, Finished, Resumed, Started
from engine.insight.finding import Finding
from workbench.history.connection import check_writable, file_identity, open_writer, transaction
from workbench.history.edit import checked_tag, checked_text
from workbench.history.errors import HistoryError
from workbench.history.event_writer import EventWriter
from workbench.history.findings import put_findings, write_finding
from workbench.history.records import Origin
from workbench.history.runs import Labels


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
        labels = Labels(
            name=checked_text(name, "name"),
            names=tuple(checked_text(each, "name") for each in names),
            tags=tuple(dict.fromkeys(checked_tag(tag) for tag in tags)),
            note=checked_text(note, "note"),
            parent=parent,
            origin=origin,
        )
        self._writer = EventWriter(self.path, labels, resume)
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
        return tuple(member.run_id for member in self._writer.members)

    def record(self, event: Event, *findings: FindingRaised, diagnosed: bool = False) -> None:
        """Write an event, and with it what was found to be wrong by then. When this returns, it outlives the process.

        Args:
            event: What was told.
            findings: What was newly found with it, changed or gone.
            diagnosed: With the end of a training: whether all of it was looked through for what goes wrong.

        Raises:
            HistoryError: it could not be written, or an earlier event could not; what was written before stays readable.
        """
        if self._error is not None:
            raise self._error
        if not self._writer.members and not isinstance(event, Started):
            return  # it broke off before there was a run
        try:
            connection = self._connection or self._open()
            if isinstance(event, EpochEnded | Finished | Resumed):
                self._check_still_there()
            with transaction(connection, self.path):
                members = self._writer.write(connection, event, diagnosed=diagnosed)
                for raised in findings:
                    write_finding(connection, members[raised.finding.member].run_id, raised.finding)
        except HistoryError as error:
            self._error = error
            raise
        self._writer.members = members
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
            if self._writer.members and self._error is None:
                self._check_still_there()
            if self._running and self._error is None:
                with transaction(connection, self.path):
                    self._writer.interrupt(connection, "recording ended before the training did")
            elif self._running:
                # Whoever recorded was told of the error. A disk that is full may still have room for this; if not, the next
                # start of the program will find the run.
                with suppress(HistoryError), transaction(connection, self.path):
                    self._writer.interrupt(connection, str(self._error))
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
