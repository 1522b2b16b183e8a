"""Which columns a list has, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option


class _Search(Input):
    """Leaves the space bar to the list."""

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        return key != "space" and super().check_consume_key(key, character)


class ColumnsDialog(ModalScreen[tuple[str, ...] | None]):
    """All columns there are, those that are shown first; answers with those to show, in their order; None: as before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "done", "Keep", priority=True),
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("space", "switch", "Show or hide", priority=True),
        Binding("down", "move(1)", "Next", show=False, priority=True),
        Binding("up", "move(-1)", "Previous", show=False, priority=True),
        Binding("shift+down,ctrl+down", "shift(1)", "Later", show=False, priority=True),
        Binding("shift+up,ctrl+up", "shift(-1)", "Earlier", show=False, priority=True),
        Binding("ctrl+u", "usual", "The usual ones", show=False, priority=True),
    ]

    def __init__(self, shown: Sequence[str], known: Sequence[str], usual: Sequence[str]) -> None:
        """Get ready to ask.

        Args:
            shown: Keys of the columns that are shown now.
            known: Keys of all columns there are.
            usual: Keys of those that are shown if nobody chooses.
        """
        super().__init__()
        self._shown, self._known, self._usual = list(shown), tuple(known), tuple(usual)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog picker"):
            yield Static("Columns", classes="dialog-text")
            yield _Search(placeholder="type to find", compact=True)
            yield Static("space shows or hides  shift+↑↓ moves  enter keeps  ctrl+u usual", classes="dialog-hint")
            yield OptionList(compact=True, markup=False)

    def on_mount(self) -> None:
        self._fill(0)

    @property
    def _options(self) -> OptionList:
        return self.query_one(OptionList)

    @property
    def _highlighted(self) -> str | None:
        at = self._options.highlighted
        return self._options.get_option_at_index(at).id if at is not None and self._options.option_count else None

    def _fill(self, highlighted: int | None = None, key: str | None = None) -> None:
        """List what is found, with the highlight on a place or a key."""
        words = self.query_one(Input).value.lower().split()
        keys = [*self._shown, *(each for each in self._known if each not in self._shown)]
        found = [each for each in keys if all(word in each.lower() for word in words)]
        self._options.clear_options()
        self._options.add_options([Option(self._line(each), id=each) for each in found])
        if found:
            self._options.highlighted = found.index(key) if key in found else min(highlighted or 0, len(found) - 1)

    def _line(self, key: str) -> Content:
        if key in self._shown:
            return Content.assemble(("● ", "$primary"), key)
        return Content.styled(f"  {key}", "$muted")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._fill(0)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        self.action_switch()

    def action_switch(self) -> None:
        """Show the column, or hide it."""
        key, at = self._highlighted, self._options.highlighted
        if key is None:
            return
        if key in self._shown:
            self._shown.remove(key)
        else:
            self._shown.append(key)
        self._fill(at)

    def action_move(self, step: int) -> None:
        """Go to another column."""
        if self._options.option_count:
            self._options.highlighted = ((self._options.highlighted or 0) + step) % self._options.option_count

    def action_shift(self, step: int) -> None:
        """Move the column to another place."""
        key = self._highlighted
        if key is None or key not in self._shown:
            return
        at = self._shown.index(key)
        to = min(max(at + step, 0), len(self._shown) - 1)
        self._shown.insert(to, self._shown.pop(at))
        self._fill(key=key)

    def action_usual(self) -> None:
        """Show the usual columns, as far as there is room."""
        self.dismiss(())

    def action_done(self) -> None:
        """Keep them."""
        self.dismiss(() if tuple(self._shown) == self._usual else tuple(self._shown))
