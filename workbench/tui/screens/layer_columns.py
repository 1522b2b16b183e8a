"""The columns of the layer table as a list to choose from."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from engine.vocabulary import Statistic
from workbench.measures import MEASURES
from workbench.tui.layer_columns import COLUMNS, Column
from workbench.tui.widgets.layer_table import LayerTable

_TITLE_WIDTH = 14


class LayerColumns(ModalScreen[None]):
    """Shows and hides columns; the table below follows at once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "switch", "Show or hide"),
        Binding("escape,o,q", "dismiss(None)", "Close"),
        Binding("enter", "dismiss(None)", "Close", priority=True, show=False),
    ]

    def __init__(self, table: LayerTable, choose: Callable[[Collection[Statistic]], None]) -> None:
        """Get ready to ask.

        Args:
            table: Whose columns they are.
            choose: Is told of every change.
        """
        super().__init__()
        self._table, self._choose = table, choose
        self._wanted = set(table.wanted)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog columns"):
            yield Static("Columns of the layers", markup=False, classes="dialog-text")
            yield OptionList(*(Option(self._line(column), id=str(column.statistic)) for column in COLUMNS.values()), compact=True)
            yield Static(id="about", markup=False)
            yield Static("space shows or hides    esc closes", markup=False, classes="dialog-hint")

    def _line(self, column: Column) -> Content:
        wanted = column.statistic in self._wanted
        no_room = wanted and column.statistic not in self._table.plan.statistics
        title = MEASURES[column.statistic].title
        words = ("" if title == column.title else title) + ("  no room at this width" if no_room else "")
        return Content.assemble(("✓ " if wanted else "  ", "$success"), f"{column.title:<{_TITLE_WIDTH}}", (words, "$muted"))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        column = COLUMNS[Statistic(event.option_id or "")]
        self.query_one("#about", Static).update(Content.styled(column.meaning, "$muted"))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._toggle(Statistic(event.option_id or ""))

    def action_switch(self) -> None:
        """Show the column under the cursor, or hide it."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self._toggle(tuple(COLUMNS)[options.highlighted])

    def _toggle(self, statistic: Statistic) -> None:
        self._wanted ^= {statistic}
        self._choose(frozenset(self._wanted))
        options = self.query_one(OptionList)
        for place, column in enumerate(COLUMNS.values()):  # there may be room for another one now
            options.replace_option_prompt_at_index(place, self._line(column))
