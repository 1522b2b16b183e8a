"""The queue: what is trained now, and what comes after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from workbench.tui.queue import Queue, Wanted

LOOK_SECONDS = 0.25
EMPTY = "Nothing waits. On the Bench, a puts what the form describes here."


class Waiting(ModalScreen[Wanted | None]):
    """The trainings of the queue in their order. Gives the one that is to begin now, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,A,shift+a", "dismiss(None)", "Close"),
        Binding("enter", "begin", "Start now"),
        Binding("shift+up,K,shift+k", "shift(-1)", "Earlier", key_display="shift+↑"),
        Binding("shift+down,J,shift+j", "shift(1)", "Later", key_display="shift+↓"),
        Binding("d,delete", "remove", "Remove"),
        Binding("c", "clear", "Clear"),
    ]

    def __init__(self, queue: Queue, present: Callable[[], str]) -> None:
        """`present`: what is trained now, in words; empty if nothing is."""
        super().__init__()
        self._queue, self._present = queue, present
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog picker"):
            yield Static(id="present", markup=False, classes="dialog-text")
            yield OptionList(compact=True, markup=False)
            yield Static(id="keys", classes="dialog-hint")

    def on_mount(self) -> None:
        self._draw()
        self.set_interval(LOOK_SECONDS, self._draw)

    def _draw(self) -> None:
        """Show how it stands, where it is other than what is shown."""
        drawn = (self._present(), self._queue.items)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self.query_one("#present", Static).update(drawn[0] or "Nothing is trained now.")
        options = self.query_one(OptionList)
        place = options.highlighted or 0
        options.clear_options()
        options.add_options([Option(f"{number}  {wanted.text}") for number, wanted in enumerate(self._queue.items, start=1)])
        count = len(self._queue)
        options.display = bool(count)
        options.highlighted = min(place, count - 1) if count else None
        keys = "enter starts now  shift+↑↓ moves  d removes  c clears  esc closes"
        self.query_one("#keys", Static).update(Content(keys if count else f"{EMPTY}\nesc closes"))

    @property
    def _place(self) -> int:
        highlighted = self.query_one(OptionList).highlighted
        return -1 if highlighted is None else highlighted

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_begin()

    def action_begin(self) -> None:
        """Stop what is trained now and begin this one."""
        taken = self._queue.take(self._place)
        if taken is not None:
            self.dismiss(taken)

    def action_shift(self, by: int) -> None:
        """Let it begin earlier or later."""
        place = self._queue.move(self._place, by)
        self._draw()
        if len(self._queue):
            self.query_one(OptionList).highlighted = place

    def action_remove(self) -> None:
        """Take it out of the queue."""
        self._queue.take(self._place)
        self._draw()

    def action_clear(self) -> None:
        """Take all out of the queue."""
        self._queue.clear()
        self._draw()
