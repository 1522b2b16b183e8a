"""The first line: where one is, where one can go, and how the training stands."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.reactive import reactive
from textual.widgets import Static

from workbench.tui.messages import ModeChosen

MODES = (("bench", "b", "Bench"), ("history", "h", "History"), ("compare", "c", "Compare"), ("recipes", "R", "Recipes"))

TIGHT = 72
"""Columns without which there is no room for the name of the program."""


class ModeTab(Static):
    """The name of a screen, after its key; a click goes there."""

    def __init__(self, mode: str, key: str, title: str, *, current: bool) -> None:
        super().__init__(f"[$primary]{key}[/] {title}", classes="mode-tab -current" if current else "mode-tab")
        self._mode = mode

    def on_click(self) -> None:
        self.post_message(ModeChosen(self._mode))


class TopBar(Horizontal):
    """Name, screens, and the state of the training in a few words."""

    state: reactive[str] = reactive("", init=False, repaint=False)

    def __init__(self, mode: str) -> None:
        super().__init__()
        self._mode = mode

    def compose(self) -> ComposeResult:
        yield Static("workbench", id="brand")
        for mode, key, title in MODES:
            yield ModeTab(mode, key, title, current=mode == self._mode)
        yield Static(self.state, id="state", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < TIGHT, "-tight")

    def watch_state(self, state: str) -> None:
        for shown in self.query("#state").results(Static):  # none before the bar is put together, and after it is taken down
            shown.update(state, layout=False)
