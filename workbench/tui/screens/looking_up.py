"""A word while something is looked up that is then to be chosen from."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static


class LookingUp(ModalScreen[None]):
    """Stands before the screen until the answer is there, so that keys which are meant for the answer do nothing else."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss(None)", "Cancel")]

    def __init__(self, words: str) -> None:
        """`words`: what is looked up."""
        super().__init__()
        self._words = words

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog picker"):
            yield Static(self._words, markup=False, classes="dialog-text")
            yield Static("esc cancels", classes="dialog-hint")

    def over(self) -> bool:
        """Make room for the answer; return whether it is still wanted."""
        wanted = self.is_current
        if wanted:
            self.dismiss()
        return wanted
