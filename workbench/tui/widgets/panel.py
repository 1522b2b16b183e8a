"""One picture of a run: what all of them have in common."""

from __future__ import annotations

from typing import ClassVar

from textual.widget import Widget

from workbench.live import RunView
from workbench.tui.snapshot import Snapshot


class Panel(Widget):
    """One picture of a run, the one that is chosen above the layers. The live view hands each snapshot to the shown one alone."""

    KEY: ClassVar[str]
    """By which it is remembered as chosen."""
    TITLE: ClassVar[str]

    def fits(self, view: RunView) -> bool:
        """Whether the run has, or will have, what is drawn here."""
        raise NotImplementedError

    def show(self, snapshot: Snapshot) -> None:
        """Draw this state from now on."""
        raise NotImplementedError
