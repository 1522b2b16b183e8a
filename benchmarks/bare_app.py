"""The least that a Textual app can be: one line of text, which is the workbench's first."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class BareApp(App[None]):
    """Shows a line."""

    def compose(self) -> ComposeResult:
        yield Static("workbench   b Bench  h History  c Compare")


if __name__ == "__main__":
    BareApp().run()
