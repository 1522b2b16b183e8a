"""Screens that are opened with as little work as can be."""

from __future__ import annotations

from textual import events

from workbench.tui.screens.base import WorkbenchScreen


class Fresh(WorkbenchScreen):
    """A screen whose widgets are styled as they are mounted, and not all once more when it is shown for the first time."""

    def __init__(self) -> None:
        super().__init__()
        self._css_update_count = self.app._css_update_count  # noqa: SLF001  it comes with the styles that hold now
        self.fresh = True
        """Whether it has not been left yet."""

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        if self.fresh:
            event.refresh_styles = False

    def on_screen_suspend(self) -> None:
        self.fresh = False
