"""What is shown where there is no room for anything else."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

LEAST = (60, 20)
"""Columns and rows that the workbench needs."""


class TooSmall(Screen[None]):
    """Says that the terminal is too small. What goes on goes on."""

    def compose(self) -> ComposeResult:
        yield Static(id="small", markup=False)

    def on_mount(self) -> None:
        self._tell()

    def on_resize(self, event: events.Resize) -> None:
        self._tell()

    def _tell(self) -> None:
        columns, rows = self.app.size
        going = " The training goes on." if getattr(self.app, "session", None) and self._session.training else ""
        self.query_one("#small", Static).update(
            f"{columns}×{rows} is too small.{going}\nMake the terminal {LEAST[0]}×{LEAST[1]} or larger; q leaves."
        )

    @property
    def _session(self) -> Any:
        return self.app.session  # type: ignore[attr-defined]
