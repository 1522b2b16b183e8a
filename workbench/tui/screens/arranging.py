"""How the list of runs is arranged: its order, groups and columns, which are remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from workbench.history.fields import COLUMNS as FIELDS
from workbench.history.fields import field, settings
from workbench.preferences import HistoryPreferences
from workbench.tui.history_rows import USUAL
from workbench.tui.run_reading import known_layout
from workbench.tui.screens.columns import ColumnsDialog
from workbench.tui.screens.dialogs import Picker
from workbench.tui.screens.keeping import Keeping
from workbench.tui.widgets.run_table import RunTable

FIRST = (
    "id", "best_validation_cost", "validation_cost", "smoothed_validation_cost", "error", "validation_error", "test_error",
    "test_cost", "started", "seconds", "parameters", "name",
)  # fmt: skip
"""What a list is mostly sorted by."""
GROUPED = ("activation", "data", "optimizer", "init", "depth", "width", "lr", "status", "tag", "name", "experiment_hash")
NONE = "none"


class Arranging(Keeping):
    """A screen with a list of runs that can be arranged."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "sort", "Sort"),
        Binding("S", "reverse", "Reverse the order", show=False, key_display="S"),
        Binding("shift+s", "reverse", "Reverse the order", show=False, key_display="S"),
        Binding("G", "group", "Group", key_display="G"),
        Binding("shift+g", "group", "Group", show=False, key_display="G"),
        Binding("o", "columns", "Columns"),
        Binding("equals_sign", "hide_same", "Hide what is the same", show=False, key_display="="),
    ]

    @property
    def layout_chosen(self) -> HistoryPreferences:
        """How the list is arranged now."""
        return known_layout(self.session.preferences.history)

    def rearrange(self, **changes: object) -> None:
        """Arrange the list anew, and remember it."""
        self.workbench.prefer(history=self.session.preferences.history.model_copy(update=changes))
        self.read()

    def action_sort(self) -> None:
        """Choose what the list is sorted by: any column, setting or figure."""
        shown = [column.sorts_by for column in self.table.columns if column.key != "mark"]
        options = dict.fromkeys((*FIRST, *shown, *FIELDS, *settings()))
        self._pick("Sort by", tuple(options), field(self.layout_chosen.sort).name, self._sort_by)

    def _sort_by(self, name: str) -> None:
        self.rearrange(sort=name, reverse=False)

    def action_reverse(self) -> None:
        """Sort the other way around."""
        self.rearrange(reverse=not self.layout_chosen.reverse)

    def on_run_table_heading_clicked(self, message: RunTable.HeadingClicked) -> None:
        """Sort by the column; when the list is sorted by it already, the other way around."""
        layout = self.layout_chosen
        self.rearrange(sort=message.name, reverse=not layout.reverse if field(layout.sort).name == message.name else False)

    def action_group(self) -> None:
        """Put runs together that have a setting, or anything else, in common."""
        options = dict.fromkeys((NONE, *GROUPED, *settings(), *FIELDS))
        self._pick("Group by", tuple(options), self.layout_chosen.group or NONE, self._group_by)

    def _group_by(self, name: str) -> None:
        self.rearrange(group="" if name == NONE else name)

    def _pick(self, title: str, options: tuple[str, ...], chosen: str, take: Callable[[str], None]) -> None:
        def answered(answer: str | None) -> None:
            if answer is not None:
                take(answer)

        self.app.push_screen(Picker(title, options, chosen, registry=None), answered)

    def action_columns(self) -> None:
        """Choose the columns and their order: any figure or setting of a run."""

        def answered(answer: tuple[str, ...] | None) -> None:
            if answer is not None:
                self.rearrange(columns=answer)

        known = tuple(dict.fromkeys((*USUAL, *FIRST[1:], *FIELDS, *settings())))
        shown = self.layout_chosen.columns or USUAL
        self.app.push_screen(ColumnsDialog(shown, known, USUAL), answered)

    def action_hide_same(self) -> None:
        """Hide the columns that are the same in all runs of the list, or show them again."""
        hide = not self.layout_chosen.hide_same
        self.rearrange(hide_same=hide)
        self.notify("Columns that are the same in all runs are hidden; = shows them." if hide else "All columns are shown.")
