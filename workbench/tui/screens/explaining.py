"""A page that explains what was found."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from workbench.explanations import WIDTH, explanation, page

SHARE = 0.96
"""Of the screen's width that the page takes at most, as the style sheet has it."""
FRAME = 8
"""Columns for border, padding and scroll bar."""


class Explaining(ModalScreen[None]):
    """What it is, how it is measured, what it looks like in a real run, what helps, where it comes from."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss(None)", "Close")]

    def __init__(self, rule: str) -> None:
        """`rule`: key of a rule. Raises KeyError where this version has none."""
        super().__init__()
        self._found = explanation(rule)

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog explaining"):
            yield Static(id="page", markup=False)
            yield Static("↑ ↓ scroll   esc closes", classes="dialog-hint")

    def on_resize(self) -> None:
        width = min(WIDTH, int(self.size.width * SHARE) - FRAME)
        self.query_one("#page", Static).update(page(self._found, width))
