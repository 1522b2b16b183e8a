"""The list of runs."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.widgets import DataTable

from engine.vocabulary import Status
from workbench.history import RunRecord
from workbench.tui.history_rows import RunColumn, cells, columns_for, detail
from workbench.tui.session import Session


class RunTable(DataTable[Content]):
    """A page of runs. Rows are changed by key where the runs are the same as before, so that the cursor stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
        Binding("enter", "select_cursor", "Open", show=True),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(cursor_type="row", show_row_labels=False)
        self._session = session
        self._runs: tuple[RunRecord, ...] = ()
        self._shown: tuple[RunColumn, ...] = ()

    @property
    def current(self) -> RunRecord | None:
        """The run under the cursor."""
        return self._runs[self.cursor_row] if 0 <= self.cursor_row < len(self._runs) else None

    @property
    def ids(self) -> tuple[int, ...]:
        """The runs in the list."""
        return tuple(run.id for run in self._runs)

    @property
    def any_running(self) -> bool:
        """Whether a run on this page is still going on."""
        return any(run.status == Status.RUNNING for run in self._runs)

    def show(self, runs: tuple[RunRecord, ...]) -> None:
        """Show these runs."""
        same = [run.id for run in runs] == [run.id for run in self._runs] and self._columns_for(runs) == self._shown
        current = self.current
        before, self._runs = self._runs, runs
        if same:
            for old, run in zip(before, runs, strict=True):
                if old != run:
                    self._update(run)
        else:
            self._fill(current.id if current is not None else None)

    def _columns_for(self, runs: tuple[RunRecord, ...]) -> tuple[RunColumn, ...]:
        return columns_for(self.size.width - self.styles.scrollbar_size_vertical, runs)

    def on_resize(self, event: Resize) -> None:
        if self._columns_for(self._runs) != self._shown:
            self._fill(self.current.id if self.current is not None else None)

    def _fill(self, current: int | None) -> None:
        """Build all rows, with the cursor on run `current` if it is there."""
        self.clear(columns=True)
        self._shown = self._columns_for(self._runs)
        for column in self._shown:
            self.add_column(column.title, width=column.width, key=column.key)
        for run in self._runs:
            self.add_row(*cells(run, self._shown, self._session), key=str(run.id))
        row = next((number for number, run in enumerate(self._runs) if run.id == current), 0)
        if self._runs:
            self.move_cursor(row=row)

    def _update(self, run: RunRecord) -> None:
        for column, text in zip(self._shown, cells(run, self._shown, self._session), strict=True):
            self.update_cell(str(run.id), column.key, text)

    def toggle_mark(self) -> None:
        """Mark the current run, or no longer."""
        run = self.current
        if run is None:
            return
        self._session.toggle_mark(run.id)
        self._update(run)

    def action_select_cursor(self) -> None:
        """Show the run's curves and layers."""
        super().action_select_cursor()

    def description(self, offset: int, *, more: bool) -> Content:
        """The current run in words, and where in the list it is."""
        assert self.current is not None
        place = f"{offset + self.cursor_row + 1} of {offset + len(self._runs)}{'+ (. shows older ones)' if more else ''}"
        marked = f", {len(self._session.marked)} marked" if self._session.marked else ""
        return Content("\n").join([detail(self.current, self._session), Content.styled(place + marked, "$muted")])
