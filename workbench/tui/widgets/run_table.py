"""The list of runs: as long as there are runs; what is in sight is read when it comes there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from engine.vocabulary import Status
from workbench.history import Group, RunRecord
from workbench.history.fields import field, figure
from workbench.plots.chart import Piece
from workbench.preferences import HistoryPreferences
from workbench.tui.group_rows import Room, group_pieces
from workbench.tui.history_rows import (
    PADDING,
    RunColumn,
    RunRow,
    columns_for,
    heading_pieces,
    run_pieces,
    waiting_pieces,
)
from workbench.tui.run_list import Entry, RunList
from workbench.tui.session import Session
from workbench.tui.widgets.line_list import LineList

AHEAD = 60
"""Lines above and below those in sight that are read with them."""
_KEPT = 1000
"""Runs that are kept when others have come into sight."""


class RunTable(LineList):
    """Headings, and a line for each run or group of runs."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"runs--{name}" for name in ("heading", "sorted", "muted", "bad", "running", "mark", "group")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open", show=True),
        Binding("right", "fold(True)", "Open the group", show=False),
        Binding("left", "fold(False)", "Fold the group", show=False),
    ]

    class Opened(Message):
        """The user wants to see the current run."""

    class RowsWanted(Message):
        """Runs came into sight that have not been read."""

        def __init__(self, ids: tuple[int, ...]) -> None:
            super().__init__()
            self.ids = ids

    class HeadingClicked(Message):
        """The list is to be sorted by a field."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.list = RunList()
        self._rows: dict[int, RunRow] = {}
        self._fresh: set[int] = set()
        self._asked: tuple[int, ...] = ()
        self._layout = HistoryPreferences()
        self._same: frozenset[str] = frozenset()
        self._shown: tuple[RunColumn, ...] = ()
        self._room = Room(0, 0, 0)

    # --- what is in it ------------------------------------------------------------

    @property
    def row_count(self) -> int:
        return len(self.list.entries)

    @property
    def entry(self) -> Entry | None:
        """The run or group under the cursor."""
        return self.list.entries[self.cursor_row] if self.cursor_row < self.row_count else None

    @property
    def current(self) -> RunRecord | None:
        """The run under the cursor, once it has been read."""
        entry = self.entry
        return self.record(entry) if isinstance(entry, int) else None

    @property
    def ids(self) -> tuple[int, ...]:
        """The runs in the list, those of folded groups too."""
        return self.list.listing.ids

    @property
    def columns(self) -> tuple[RunColumn, ...]:
        """Those there is room for."""
        return self._shown

    @property
    def any_running(self) -> bool:
        """Whether a run in sight is still going on."""
        records = map(self.record, self.ids_near())
        return any(record is not None and record.status == Status.RUNNING for record in records)

    def record(self, run_id: int) -> RunRecord | None:
        """A run, if it has been read."""
        return self._rows[run_id].record if run_id in self._rows else None

    def cell(self, run_id: int, key: str) -> str:
        """What stands in a column of a run."""
        return next(each for each in self._shown if each.key == key).text(self._rows[run_id], self._session)

    def ids_near(self, more: int = 0) -> tuple[int, ...]:
        """The runs in sight, and so many lines above and below."""
        return self.list.runs_between(self.first_row - more, self.first_row + self.rows_in_sight + more)

    def show(
        self, runs: RunList, rows: Mapping[int, RunRow], layout: HistoryPreferences, same: frozenset[str], *, top: bool = False
    ) -> None:
        """Show these runs; the cursor stays on its run, or if that is gone on its line, unless the order is another one.

        Args:
            runs: All lines.
            rows: Runs that have been read just now.
            layout: How they are arranged.
            same: Fields that are the same in all of them; their columns are hidden.
            top: If the current run is gone, go to the first line.
        """
        found = runs.index(self.entry)
        row = found if found is not None else 0 if top else self.cursor_row
        if any(getattr(layout, name) != getattr(self._layout, name) for name in ("sort", "reverse", "group")):
            row = 0
        self.list, self._layout, self._same = runs, layout, same
        self._fresh, self._asked = set(rows), ()
        self._rows.update(rows)
        self._arrange()
        self.move_cursor(row=row)

    def take(self, rows: Mapping[int, RunRow]) -> None:
        """Take in runs that were asked for."""
        if len(self._rows) > _KEPT:
            near = set(self.ids_near(AHEAD))
            self._rows = {run_id: row for run_id, row in self._rows.items() if run_id in near}
            self._fresh &= near
        self._rows.update(rows)
        self._fresh.update(rows)
        self._arrange()
        self.post_message(self.Moved())

    def _arrange(self) -> None:
        """The columns, and the place that all lines take."""
        width = self.scrollable_content_region.width
        if width:
            seen = [record for record in map(self.record, self.ids_near()) if record is not None]
            self._shown = columns_for(width, seen, self._layout.columns, self._same, field(self._layout.sort).name)
            if groups := self.list.listing.groups:
                self._room = Room.of(width, groups, field(self._layout.group), self._session)
            self.resize_list()

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()
        self.move_cursor(row=self.cursor_row)

    def came_in_sight(self) -> None:
        """Ask for the runs in sight that have not been read, and for those near them, so that scrolling does not wait."""
        if all(run_id in self._fresh for run_id in self.ids_near()):
            return
        wanted = tuple(run_id for run_id in self.ids_near(AHEAD) if run_id not in self._fresh)
        if wanted != self._asked:
            self._asked = wanted
            self.post_message(self.RowsWanted(wanted))

    # --- what can be done with it -------------------------------------------------

    def action_select_cursor(self) -> None:
        """Show the run's curves and layers; open or fold a group."""
        entry = self.entry
        if isinstance(entry, Group):
            self._fold(entry, is_open=not self.list.is_open(entry))
        elif self.current is not None:
            self.post_message(self.Opened())

    def action_fold(self, is_open: bool) -> None:
        """Open the group, or fold it."""
        at = self.list.group_of(self.cursor_row)
        if at is None:
            return
        group = self.list.entries[at]
        assert isinstance(group, Group)
        if not is_open:
            self.move_cursor(row=at)
        if self.list.is_open(group) != is_open:
            self._fold(group, is_open=is_open)

    def _fold(self, group: Group, *, is_open: bool) -> None:
        self.list = self.list.with_group(group, is_open=is_open)
        self._arrange()
        self.move_cursor(row=self.cursor_row)

    def toggle_mark(self) -> None:
        """Mark the current run, or no longer."""
        if self.current is not None:
            self._session.toggle_mark(self.current.id)
            self.refresh()

    def clicked_heading(self, x: int) -> None:
        end = 0
        for each in self._shown:
            end += each.width + PADDING
            if x < end:
                self.post_message(self.HeadingClicked(each.sorts_by))
                return

    def clicked_again(self) -> None:
        self.action_select_cursor()

    # --- drawing ------------------------------------------------------------------

    def heading(self) -> Iterable[Piece]:
        by = field(self._layout.sort)
        return heading_pieces(self._shown, by.name, up=by.downwards == self._layout.reverse)

    def pieces(self, row: int) -> Iterable[Piece]:
        entry = self.list.entries[row]
        if isinstance(entry, Group):
            by, summed = field(self._layout.group), figure(self._layout.sort)
            is_open = self.list.is_open(entry)
            return group_pieces(entry, by, summed, self._session, is_open=is_open, room=self._room)
        known = self._rows.get(entry)
        return waiting_pieces(entry, self._shown) if known is None else run_pieces(known, self._shown, self._session)
