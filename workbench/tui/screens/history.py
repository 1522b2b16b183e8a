"""Every run ever made: find, mark, open, name, delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Input, Static

from engine.errors import ConfigurationError
from workbench.history import HistoryError, RunRecord, edit
from workbench.tui.messages import HistoryChanged, PageRead, ReadingFailed, TrainingFound
from workbench.tui.reading import PAGE, read_page, read_resumption
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.dialogs import Prompt, Question
from workbench.tui.screens.run import RunScreen
from workbench.tui.widgets.run_table import RunTable

REFRESH_SECONDS = 2.0


class HistoryScreen(WorkbenchScreen):
    """The runs, newest first, a page at a time."""

    MODE = "history"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("space", "mark", "Mark"),
        Binding("l", "load", "Load"),
        Binding("g", "go_on", "Go on"),
        Binding("t", "tag", "Tag"),
        Binding("n", "note", "Note"),
        Binding("r", "rename", "Name"),
        Binding("d,delete", "delete", "Delete"),
        Binding("u", "undo", "Bring back", show=False),
        Binding("escape", "clear", "Clear the filter", show=False),
        Binding("full_stop", "page(1)", "Older page", show=False, key_display="."),
        Binding("comma", "page(-1)", "Newer page", show=False, key_display=","),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._offset = 0
        self._more = False
        self._deleted: list[tuple[tuple[int, ...], tuple[int, ...]]] = []  # deleted together, and which of them were marked

    def compose_body(self) -> ComposeResult:
        yield Input(placeholder="filter: words, or field=value such as activation=relu", id="filter", compact=True)
        yield RunTable(self.session)
        yield Static(id="detail")

    def on_mount(self) -> None:
        self.query_one(RunTable).focus()
        self.set_interval(REFRESH_SECONDS, self._refresh_running)

    def on_screen_resume(self) -> None:
        self.read()

    def _refresh_running(self) -> None:
        if self.is_current and self.query_one(RunTable).any_running:
            self.read()

    # --- reading ------------------------------------------------------------------

    @work(thread=True, exclusive=True, group="page")
    def read(self) -> None:
        """Read the page; the answer comes as a message."""
        offset = self._offset
        try:
            runs, more = read_page(self.session.db, self.query_one("#filter", Input).value, offset)
        except HistoryError as error:
            self.post_message(ReadingFailed(str(error)))
        else:
            self.post_message(PageRead(runs, offset=offset, more=more))

    def on_page_read(self, message: PageRead) -> None:
        if message.offset != self._offset:
            return
        self._more = message.more
        self.query_one(RunTable).show(message.runs)
        self._describe()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._offset = 0
        self.read()

    def on_input_submitted(self) -> None:
        self.query_one(RunTable).focus()

    def on_key(self, event: events.Key) -> None:
        """From the filter the arrow leads into the list."""
        if event.key == "down" and self.query_one("#filter", Input).has_focus:
            event.stop()
            self.query_one(RunTable).focus()

    def action_page(self, step: int) -> None:
        """Older or newer runs."""
        if step > 0 and not self._more:
            return
        self._offset = max(0, self._offset + step * PAGE)
        self.read()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        self._describe()

    def _describe(self) -> None:
        """What is known of the current run, below the list."""
        table, box = self.query_one(RunTable), self.query_one("#detail", Static)
        if table.current is not None:
            box.update(table.description(self._offset, more=self._more))
        elif self.query_one("#filter", Input).value:
            box.update("no run matches; esc shows all")
        else:
            box.update("no runs yet: press b for the Bench, then space to train")

    # --- the current run ----------------------------------------------------------

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        current = self.query_one(RunTable).current
        if current is not None:
            self.app.push_screen(RunScreen(current.id))

    def opens_field(self, key: events.Key) -> bool:
        """Whether the key leads to a line of text."""
        return key.key == "slash" or (key.key in ("t", "n", "r") and self.query_one(RunTable).current is not None)

    def action_filter(self) -> None:
        """Type words that a run must have."""
        self.query_one("#filter", Input).focus()

    def action_clear(self) -> None:
        """Show all runs."""
        self.query_one("#filter", Input).value = ""
        self.query_one(RunTable).focus()

    def action_mark(self) -> None:
        """Mark the run for comparing, or no longer."""
        self.query_one(RunTable).toggle_mark()

    def action_load(self) -> None:
        """Put the run's experiment into the form of the Bench."""
        record = self.query_one(RunTable).current
        if record is None:
            return
        try:
            experiment = record.experiment
        except ConfigurationError as error:
            self.notify(f"This version cannot read its settings: {error}", severity="error", markup=False)
            return
        self.workbench.load_experiment(experiment, parent=record.id)

    def action_go_on(self) -> None:
        """Go on with a run that was interrupted or stopped, from its last checkpoint."""
        record = self.query_one(RunTable).current
        if record is None:
            return
        if self.session.training:
            self.notify("A training is going on; x on the Bench stops it.", severity="warning")
            return
        self.find_checkpoint(record.id)

    @work(thread=True, exclusive=True, group="checkpoint")
    def find_checkpoint(self, run_id: int) -> None:
        """Look for the checkpoint from which a run can go on; the answer comes as a message."""
        try:
            self.post_message(TrainingFound(read_resumption(self.session.db, run_id)))
        except (HistoryError, ConfigurationError) as error:
            self.post_message(ReadingFailed(str(error)))

    def on_training_found(self, message: TrainingFound) -> None:
        self.workbench.go_on(message.resumption)

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
        record = self.query_one(RunTable).current
        if record is None:
            return

        def answered(answer: str | None) -> None:
            if answer is not None:
                self.change(lambda: change(record, answer))

        self.app.push_screen(Prompt(f"{title} {record.id}", text(record), hint=hint), answered)

    def action_delete(self) -> None:
        """Take the marked runs in sight, or else the current one, out of the lists."""
        table = self.query_one(RunTable)
        if table.current is None:
            return
        ids = tuple(run_id for run_id in self.session.marked if run_id in table.ids) or (table.current.id,)
        if ids == (table.current.id,):
            self._delete(ids)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._delete(ids)

        what = f"the {len(ids)} marked runs" if len(ids) > 1 else "the marked run"
        hidden = len(self.session.marked) - len(ids)
        kept = f" {hidden} marked but not in sight stay." if hidden else ""
        question = f"Delete {what} {', '.join(map(str, sorted(ids)))}?{kept}"
        self.app.push_screen(Question(question, yes="delete", no="keep"), answered)

    def _delete(self, ids: tuple[int, ...]) -> None:
        self.change(lambda: edit.delete(self.session.db, ids), deleted=ids)

    def action_undo(self) -> None:
        """Bring back what was deleted last."""
        if not self._deleted:
            self.notify("Nothing was deleted here.")
            return
        ids, marked = self._deleted.pop()
        self.session.mark(marked)
        self.change(lambda: edit.restore(self.session.db, ids))

    @work(thread=True, group="change")
    def change(self, apply: Callable[[], object], *, deleted: tuple[int, ...] = ()) -> None:
        """Change the history; the answer comes as a message."""
        try:
            apply()
        except HistoryError as error:
            self.post_message(ReadingFailed(str(error)))
        else:
            self.post_message(HistoryChanged(deleted))

    def on_history_changed(self, message: HistoryChanged) -> None:
        if message.deleted:
            marked = tuple(run_id for run_id in self.session.marked if run_id in message.deleted)
            self._deleted.append((message.deleted, marked))
            self.session.unmark(message.deleted)
            what, them = ("Run {}", "it") if len(message.deleted) == 1 else ("Runs {}", "them")
            self.notify(f"{what.format(', '.join(map(str, message.deleted)))} deleted; u brings {them} back.")
        self.read()
