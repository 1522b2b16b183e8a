"""The table of the runs that are compared, which is the legend of the picture too."""

from __future__ import annotations

from itertools import accumulate
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import DataTable

from workbench.compare_state import Comparison
from workbench.tui.comparison import CompareColumn, columns

FIXED = 2
"""Columns that stay when the table is scrolled."""


class CompareTable(DataTable[Content]):
    """A row for each run or group. Cells alone are changed where rows and columns stay, so that nothing moves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
        Binding("enter,p", "select_cursor", "Baseline", show=True, key_display="enter"),
    ]

    class Pinned(Message):
        """The current row is wanted as the baseline, or no longer."""

    def __init__(self) -> None:
        super().__init__(cursor_type="row", show_row_labels=False, fixed_columns=FIXED)
        self._columns: tuple[CompareColumn, ...] = ()
        self._keys: tuple[int, ...] = ()

    @property
    def current(self) -> int | None:
        """Key of the entry under the cursor."""
        return self._keys[self.cursor_row] if 0 <= self.cursor_row < len(self._keys) else None

    def show(self, comparison: Comparison) -> None:
        """Show these entries."""
        keys, found = tuple(entry.key for entry in comparison.entries), columns(comparison)
        before = self._columns
        same = keys == self._keys and _shape(found) == _shape(before)
        self._columns = found
        if same:
            self._update(before)
        else:
            self._fill(keys, comparison.current)

    def _update(self, before: tuple[CompareColumn, ...]) -> None:
        for old, column in zip(before, self._columns, strict=True):
            for key, was, text in zip(self._keys, old.cells, column.cells, strict=True):
                if was != text:
                    self.update_cell(str(key), column.key, text)

    def _fill(self, keys: tuple[int, ...], current: int | None) -> None:
        """Build all rows, with the cursor on the current one and scrolled as before."""
        scrolled = self.scroll_x
        self._keys = keys
        self.clear(columns=True)
        for column in self._columns:
            self.add_column(column.title, width=column.width, key=column.key)
        for number, key in enumerate(keys):
            self.add_row(*(column.cells[number] for column in self._columns), key=str(key))
        if current in keys:
            self.move_cursor(row=keys.index(current))
        self.call_after_refresh(self.scroll_to, x=scrolled, animate=False)

    def action_cursor_right(self) -> None:
        """Scroll to the next column, so that none is seen in part beside those that stay."""
        self._scroll_to_column(next((start for start in self._starts() if start > self.scroll_target_x), None))

    def action_cursor_left(self) -> None:
        """Scroll back by one column."""
        self._scroll_to_column(next((start for start in reversed(self._starts()) if start < self.scroll_target_x), None))

    def _starts(self) -> list[int]:
        """By how much one scrolls until each of the columns that do not stay is the first of them."""
        widths = [column.get_render_width(self) for column in self.ordered_columns[FIXED:]]
        return [0, *accumulate(widths)][: len(widths)]

    def _scroll_to_column(self, start: int | None) -> None:
        if start is not None:
            self.scroll_to(x=start, animate=False)

    def action_select_cursor(self) -> None:
        """Hold all others against the run, or no longer."""
        self.post_message(self.Pinned())


def _shape(found: tuple[CompareColumn, ...]) -> list[tuple[str, str, int]]:
    """What cannot be changed of columns."""
    return [(column.key, column.title, column.width) for column in found]
