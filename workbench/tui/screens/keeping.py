"""What is done to the runs of the list: names, notes, tags; putting away, deleting, and taking that back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from workbench.history import HistoryError, RunRecord, edit
from workbench.tui.messages import ReadingFailed
from workbench.tui.run_messages import RunsChanged
from workbench.tui.screens.dialogs import Prompt, Question
from workbench.tui.screens.fresh import Fresh
from workbench.tui.widgets.run_table import RunTable

Change = Callable[[Path, tuple[int, ...]], None]


@dataclass(frozen=True, slots=True)
class Taking:
    """A way of taking runs out of the list: what is done, what takes it back, and the word for it."""

    do: Change
    undo: Change
    word: str


UNDOING: Mapping[str, Taking] = {
    "delete": Taking(edit.delete, edit.restore, "deleted"),
    "archive": Taking(edit.archive, edit.unarchive, "archived"),
    "unarchive": Taking(edit.unarchive, edit.archive, "taken out of the archive"),
}


@dataclass(frozen=True, slots=True)
class _Taken:
    """Runs that were taken out together, and those of them that were marked."""

    how: str
    ids: tuple[int, ...]
    marked: tuple[int, ...]


class Keeping(Fresh):
    """A screen with a list of runs of which order is kept."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "tag", "Tag"),
        Binding("n", "note", "Note"),
        Binding("r", "rename", "Name"),
        Binding("a", "archive", "Archive"),
        Binding("d,delete", "delete", "Delete"),
        Binding("u", "undo", "Bring back", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._taken: list[_Taken] = []

    @property
    def table(self) -> RunTable:
        """The list."""
        return self.query_one(RunTable)

    def read(self) -> object:
        """Read the list anew."""
        raise NotImplementedError

    def action_rename(self) -> None:
        """Give the run a name."""
        self._ask("Name of run", lambda record: record.name, lambda record, text: edit.rename(self.session.db, record.id, text))

    def action_note(self) -> None:
        """Write a note to the run."""
        self._ask("Note to run", lambda record: record.note, lambda record, text: edit.note(self.session.db, record.id, text))

    def action_tag(self) -> None:
        """Change the run's tags."""

        def change(record: RunRecord, text: str) -> None:
            tags = text.replace("#", " ").replace(",", " ").split()
            edit.tag(
                self.session.db,
                record.id,
                add=[tag for tag in tags if tag not in record.tags],
                remove=[tag for tag in record.tags if tag not in tags],
            )

        self._ask("Tags of run", lambda record: " ".join(record.tags), change, hint="words apart by blanks")

    def _ask(
        self, title: str, text: Callable[[RunRecord], str], change: Callable[[RunRecord, str], None], *, hint: str = ""
    ) -> None:
        record = self.table.current
        if record is None:
            self.tell_group()
            return

        def answered(answer: str | None) -> None:
            if answer is not None:
                self.change(lambda: change(record, answer))

        self.app.push_screen(Prompt(f"{title} {record.id}", text(record), hint=hint), answered)

    def tell_group(self) -> None:
        """Say what can be done with a group, if the cursor is on one."""
        if self.table.entry is not None:
            self.notify("This is a group: space marks all of its runs, enter shows them.", severity="warning")

    # --- taking out of the list ---------------------------------------------------

    def _chosen(self) -> tuple[int, ...]:
        """The marked runs of the list, or else the current one."""
        table = self.table
        if table.current is None:
            return ()
        there = set(table.ids)
        return tuple(run_id for run_id in self.session.marked if run_id in there) or (table.current.id,)

    def action_archive(self) -> None:
        """Put the marked runs of the list, or else the current one, into the archive, or take them out of it."""
        ids = self._chosen()
        if not ids:
            self.tell_group()
        else:
            records = [record for record in map(self.table.record, ids) if record is not None]
            archived = {record.id for record in records if record.archived is not None}
            if records and len(archived) == len(records):
                self._take_out("unarchive", ids)
            else:  # without those that are there already, so that undoing it leaves them there
                self._take_out("archive", tuple(run_id for run_id in ids if run_id not in archived))

    def action_delete(self) -> None:
        """Take the marked runs of the list, or else the current one, out of the lists."""
        table, ids = self.table, self._chosen()
        if table.current is None:
            self.tell_group()
            return
        if ids == (table.current.id,):
            self._take_out("delete", ids)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._take_out("delete", ids)

        what = f"the {len(ids)} marked runs" if len(ids) > 1 else "the marked run"
        hidden = len(self.session.marked) - len(ids)
        kept = f" {hidden} marked but not in the list stay." if hidden else ""
        question = f"Delete {what} {', '.join(map(str, sorted(ids)))}?{kept}"
        self.app.push_screen(Question(question, yes="delete", no="keep", enter=False), answered)

    def _take_out(self, how: str, ids: tuple[int, ...]) -> None:
        self.change(lambda: UNDOING[how].do(self.session.db, ids), ids, how)

    def action_undo(self) -> None:
        """Take back what was deleted or archived last."""
        if not self._taken:
            self.notify("Nothing was deleted or archived here.")
            return
        taken = self._taken.pop()
        self.app.clear_notifications()  # that they are gone
        self.session.mark(taken.marked)
        self.change(lambda: UNDOING[taken.how].undo(self.session.db, taken.ids))

    @work(thread=True, group="change")
    def change(self, apply: Callable[[], object], ids: tuple[int, ...] = (), how: str = "") -> None:
        """Change the history; the answer comes as a message."""
        try:
            apply()
        except HistoryError as error:
            self.post_message(ReadingFailed(str(error)))
        else:
            self.post_message(RunsChanged(ids, how))

    def on_runs_changed(self, message: RunsChanged) -> None:
        if message.how:
            gone = set(message.ids)
            self._taken.append(_Taken(message.how, message.ids, tuple(each for each in self.session.marked if each in gone)))
            self.session.unmark(message.ids)
            several = len(message.ids) > 1
            which = f"{len(message.ids)} runs" if len(message.ids) > 5 else ", ".join(map(str, message.ids))
            what = which if which.endswith("runs") else f"Run{'s' * several} {which}"
            self.notify(f"{what} {UNDOING[message.how].word}; u takes it back.")
        self.read()
