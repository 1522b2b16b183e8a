"""How a run is shown, live or stored: what the keys of both screens do."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.dialogs import Listing
from workbench.tui.widgets.curves_panel import CurvesPanel
from workbench.tui.widgets.live_view import LiveView


class Showing(WorkbenchScreen):
    """A screen with a live view, and the keys that say what of the run is drawn in it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "toggle_log", "Log"),
        Binding("m", "toggle_metric", "Metric"),
        Binding("v", "panel(1)", "View", show=False),
        Binding("V,shift+v", "panel(-1)", "Previous view", show=False, key_display="V"),
        Binding("e", "course", "What happened", show=False),
    ]

    @property
    def live(self) -> LiveView:
        """Where the run is drawn."""
        return self.query_one(LiveView)

    def course_lines(self) -> tuple[str, ...]:
        """What happened in the course of the training, in words."""
        raise NotImplementedError

    def action_panel(self, step: int) -> None:
        """Show the next picture of the run: curves, layers over time, distributions, and what else there is of it."""
        self.live.next_panel(step)

    def action_toggle_log(self) -> None:
        """Logarithmic or linear cost."""
        curves = self.live.query_one(CurvesPanel)
        curves.logarithmic = not curves.logarithmic

    def action_toggle_metric(self) -> None:
        """Cost, accuracy (R² for numbers), or the error of pre-training."""
        self.live.query_one(CurvesPanel).next_metric()

    def action_course(self) -> None:
        """Read what happened in the course of the training."""
        self.app.push_screen(Listing("What happened", self.course_lines() or ("nothing of note yet",)))
