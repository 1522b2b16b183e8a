"""One picture of a run: what all of them have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.message import Message
from textual.widget import Widget

if TYPE_CHECKING:
    from workbench.live import RunView
    from workbench.preferences import LivePreferences
    from workbench.tui.snapshot import Snapshot


class Panel(Widget):
    """One picture of a run, the one that is chosen above the layers. The live view hands each snapshot to the shown one alone."""

    KEY: ClassVar[str]
    """By which it is remembered as chosen."""
    TITLE: ClassVar[str]

    class Mounted(Message):
        """It is there, and can draw."""

    def on_mount(self) -> None:
        self.post_message(self.Mounted())

    @classmethod
    def fits(cls, view: RunView) -> bool:
        """Whether the run has, or will have, what is drawn here."""
        raise NotImplementedError

    def prefer(self, preferences: LivePreferences) -> None:
        """Draw as the user wants it from now on."""

    def show(self, snapshot: Snapshot) -> None:
        """Draw this state from now on."""
        raise NotImplementedError
