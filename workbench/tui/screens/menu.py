"""A few things to choose from, each with what it gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

_SHOWN = 400
"""So many characters are shown of what a choice gives."""


class Menu(ModalScreen[int | None]):
    """Asks for one of some choices; its number, counted from 0, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss(None)", "Cancel")]

    def __init__(self, title: str, choices: Sequence[tuple[str, str]], *, hint: str, blindly: bool = True) -> None:
        """Get ready to ask.

        Args:
            title: What is chosen.
            choices: For each its name, and what it gives.
            hint: What enter does, in a word.
            blindly: Whether a key counts that was pressed before the choices were on the screen.
        """
        super().__init__()
        self._counts = blindly
        self._title, self._choices, self._hint = title, tuple(choices), hint

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog picker"):
            yield Static(self._title, markup=False, classes="dialog-text")
            yield OptionList(
                *(Option(f"{number}  {name}") for number, (name, _) in enumerate(self._choices, start=1)),
                compact=True,
                markup=False,
            )
            yield Static(id="about", markup=False)
            yield Static(f"enter or the number {self._hint}   esc cancels", classes="dialog-hint")

    def on_mount(self) -> None:
        self.call_after_refresh(self._let_keys_count)

    def _let_keys_count(self) -> None:
        self._counts = True

    def on_key(self, event: events.Key) -> None:
        if event.character is not None and event.character.isdigit() and 1 <= int(event.character) <= len(self._choices):
            event.stop()
            self._choose(int(event.character) - 1)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        text = self._choices[event.option_index][1]
        self.query_one("#about", Static).update(text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._choose(event.option_index)

    def _choose(self, number: int) -> None:
        if self._counts:
            self.dismiss(number)
