"""Every run ever made: find, sort, group, look at, mark, open, keep in order."""

from __future__ import annotations

from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.widgets import Input

from workbench.history import FilterError, Group, HistoryError, Listing
from workbench.history.completion import Completions, goes_on
from workbench.history.lists import Value
from workbench.preferences import HistoryPreferences
from workbench.tui.group_rows import group_detail
from workbench.tui.messages import ReadingFailed
from workbench.tui.run_detail import detail
from workbench.tui.run_list import RunList
from workbench.tui.run_messages import FilterWrong, ListAnswered, ListRead, RowsRead
from workbench.tui.run_reading import Outdated, known_completions, read_completions, read_list, read_list_before, read_rows
from workbench.tui.screens.run import RunScreen
from workbench.tui.screens.taking_over import TakingOver
from workbench.tui.widgets.filter_line import FilterLine
from workbench.tui.widgets.line_list import LineList
from workbench.tui.widgets.run_preview import RunPreview
from workbench.tui.widgets.run_table import RunTable
from workbench.tui.widgets.told import Told

REFRESH_SECONDS = 2.0
CONNECTIVES = ("or", "and", "not")


class HistoryScreen(TakingOver):
    """The filter, the runs that fit it, the curves of the current one, and what else is known of it."""

    MODE = "history"
    FOOT = (
        "filter", "mark", "select_cursor", "sort", "group", "columns", "load", "go_on", "preview",
        "tag", "note", "rename", "archive", "delete",
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("space", "mark", "Mark"),
        Binding("l", "load", "Load"),
        Binding("g", "go_on", "Go on"),
        Binding("escape", "clear", "Clear the filter", show=False),
        Binding("full_stop", "page(1)", "Older runs", show=False, key_display="."),
        Binding("comma", "page(-1)", "Newer runs", show=False, key_display=","),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._asked = 0
        self._answered = True
        self._grouped = ""
        self._found_by = self._shown_by = ""
        self._values: dict[str, list[tuple[Value, int]]] = {}

    def compose_body(self) -> ComposeResult:
        yield FilterLine(lambda text: known_completions(text, self._values), self._completing)
        with Container(id="runs"):
            yield RunTable(self.session)
            yield RunPreview()
        yield Told(id="detail")

    def on_mount(self) -> None:
        self.table.focus()
        self.read()
        self.set_interval(REFRESH_SECONDS, self._refresh_running)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        if not self.fresh:
            self._values = {}
            self.read()

    def _refresh_running(self) -> None:
        if self.is_current and self.table.any_running:
            self.read()

    # --- reading ------------------------------------------------------------------

    def read(self) -> None:
        """Read the list; of several that are asked for while one is read, the last one is read afterwards."""
        self._asked += 1
        self.rest_preview()
        if self._answered:
            self._read()

    def _read(self) -> None:
        self._answered = False
        self._found_by = self.query_one("#filter", Input).value
        self.read_list(self._asked, self._found_by, self.layout_chosen, self.table.ids_near())

    @work(thread=True, group="list")
    def read_list(self, asked: int, text: str, layout: HistoryPreferences, near: tuple[int, ...]) -> None:
        """Find the runs that fit; the answer comes as a message."""
        try:
            self._find(asked, text, layout, near)
        except Outdated:
            pass
        finally:
            self.post_message(ListAnswered(asked))

    def _find(self, asked: int, text: str, layout: HistoryPreferences, near: tuple[int, ...]) -> None:
        def is_wanted() -> bool:
            return asked == self._asked

        try:
            listing, rows, same = read_list(self.session.db, text, layout, near, is_wanted)
        except FilterError as error:
            kept = read_list_before(self.session.db, error, layout, near, is_wanted)
            if kept is not None:
                self.post_message(ListRead(asked, *kept))
            self.post_message(FilterWrong(asked, error))
        except HistoryError as error:
            self.post_message(ReadingFailed(str(error)))
        else:
            self.post_message(ListRead(asked, listing, rows, same))

    def on_list_answered(self, message: ListAnswered) -> None:
        self._answered = True
        if message.asked != self._asked:
            self._read()

    def on_filter_wrong(self, message: FilterWrong) -> None:
        if message.asked == self._asked:
            self.query_one(FilterLine).error = message.error

    def on_list_read(self, message: ListRead) -> None:
        if message.asked != self._asked:
            return
        layout, line = self.layout_chosen, self.query_one(FilterLine)
        line.error = None
        if (
            not message.listing.ids
            and line.field.has_focus
            and goes_on(line.field.value, lambda name: self._values.get(name, ()))
        ):
            return  # the list stays while the name of a field or a value is being typed
        line.count(self._count(message.listing))
        opened = self.table.list.opened if layout.group == self._grouped else frozenset[str]()
        filtered_anew = self._found_by != self._shown_by
        self._grouped, self._shown_by = layout.group, self._found_by
        self.table.show(RunList.of(message.listing, opened), message.rows, layout, message.same, top=filtered_anew)
        self._describe()

    def _count(self, listing: Listing) -> str:
        """How many runs there are."""
        runs = f"{len(listing.ids):,} of {listing.total:,} runs" if self.filtered else f"{listing.total:,} runs"
        groups = f" in {len(listing.groups):,} groups" if listing.groups else ""
        return runs + groups if listing.total else ""

    @property
    def filtered(self) -> bool:
        """Whether there is a filter."""
        return bool(self.query_one("#filter", Input).value.strip())

    @work(thread=True, group="rows")
    def read_rows(self, ids: tuple[int, ...], layout: HistoryPreferences) -> None:
        """Read runs that came into sight; the answer comes as a message."""
        try:
            self.post_message(RowsRead(read_rows(self.session.db, ids, layout)))
        except HistoryError as error:
            self.post_message(ReadingFailed(str(error)))

    def on_run_table_rows_wanted(self, message: RunTable.RowsWanted) -> None:
        self.read_rows(message.ids, self.layout_chosen)

    def on_rows_read(self, message: RowsRead) -> None:
        self.table.take(message.rows)

    def _completing(self, text: str) -> Completions:
        return read_completions(self.session.db, text, self._values)

    # --- the filter ---------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        self.read()

    def on_input_submitted(self) -> None:
        self.table.focus()

    def action_focus_list(self) -> None:
        """From the filter to the list."""
        self.table.focus()

    def opens_field(self, key: events.Key) -> bool:
        """Whether the key leads to a line of text."""
        return key.key in ("slash", "s", "G", "shift+g", "o") or (key.key in ("t", "n", "r") and self.table.current is not None)

    def action_filter(self) -> None:
        """Find runs by words, settings or figures: `activation=tanh test_error<2`."""
        self.query_one("#filter", Input).focus()

    def action_clear(self) -> None:
        """Show all runs."""
        self.find("")

    def find(self, words: str) -> None:
        """Show the runs that fit these words."""
        self.query_one("#filter", Input).value = words
        self.table.focus()

    def action_page(self, step: int) -> None:
        """Older or newer runs."""
        self.table.action_cursor_page(step)

    # --- the current run ----------------------------------------------------------

    def on_line_list_moved(self, message: LineList.Moved) -> None:
        self._describe()
        self.preview_soon()

    def _describe(self) -> None:
        """What is known of the current run, below the list."""
        table, box = self.table, self.query_one("#detail", Told)
        entry = table.entry
        if entry is None:
            box.tell(self._nothing())
            return
        place = f"line {table.cursor_row + 1:,} of {table.row_count:,}" if table.list.listing.groups else ""
        place = place or f"{table.cursor_row + 1:,} of {table.row_count:,}"
        marked = f", {len(self.session.marked)} marked" if self.session.marked else ""
        last = Content.styled(place + marked, "$muted")
        if isinstance(entry, Group):
            box.tell(Content("\n").join([*map(Content, group_detail(entry)), last]))
        elif table.current is not None:
            box.tell(Content("\n").join([detail(table.current, self.session), last]))

    def _nothing(self) -> str:
        value = self.query_one("#filter", Input).value
        if not value:
            return "no runs yet: press b for the Bench, then space to train"
        if any(word in CONNECTIVES for word in value.split()):
            return "no run matches; AND, OR and NOT are written in capitals; esc shows all"
        return "no run matches; esc shows all"

    def on_run_table_opened(self) -> None:
        current = self.table.current
        if current is not None:
            self.app.push_screen(RunScreen(current.id))

    def action_mark(self) -> None:
        """Mark the run for comparing, or no longer; on a group all of its runs."""
        entry = self.table.entry
        if isinstance(entry, Group):
            marked = set(entry.ids) <= set(self.session.marked)
            (self.session.unmark if marked else self.session.mark)(entry.ids)
            self.table.refresh()
        else:
            self.table.toggle_mark()
        self._describe()
