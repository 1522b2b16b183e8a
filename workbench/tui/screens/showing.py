"""How a run is shown, live or stored: what the keys of both screens do."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from workbench.curve_choices import Members, Unit
from workbench.tui.screens.layers import LayerKeys
from workbench.tui.widgets.live_view import LiveView
from workbench.tui.zoom import Zoom


class Showing(LayerKeys):
    """A screen with a live view, and the keys that say what of the run is drawn in it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "toggle_log", "Log"),
        Binding("m", "toggle_metric", "Metric"),
        Binding("w", "smooth(1)", "Smooth"),
        Binding("W,shift+w", "smooth(-1)", "Less smooth", show=False, key_display="W"),
        Binding("i", "axis", "Axis"),
        Binding("z", "zoom(0.5)", "Zoom"),
        Binding("Z,shift+z", "zoom(2)", "Zoom out", show=False, key_display="Z"),
        Binding("0", "whole", "See all", show=False),
        Binding("P,shift+p", "members", "Members", show=False, key_display="P"),
        Binding("v", "panel(1)", "View"),
        Binding("V,shift+v", "panel(-1)", "Previous view", show=False, key_display="V"),
        Binding("e", "course", "What happened", show=False),
    ]

    @property
    def live(self) -> LiveView:
        """Where the run is drawn."""
        return self.query_one(LiveView)

    def on_screen_resume(self) -> None:
        self.live.preferences = self.session.preferences.live

    def prefer_live(self, **changes: object) -> None:
        """Show runs so from now on, and remember it."""
        preferences = self.session.preferences.live.model_copy(update=changes)
        self.workbench.prefer(live=preferences)
        self.live.preferences = preferences

    def course_lines(self) -> tuple[str, ...]:
        """What happened in the course of the training, in words."""
        raise NotImplementedError

    def action_panel(self, step: int) -> None:
        """Show the next picture of the run: curves, layers over time, distributions, and what else there is of it."""
        self.live.next_panel(step)
        self.prefer_live(panel=self.live.chosen)

    def action_toggle_log(self) -> None:
        """Logarithmic or linear cost."""
        self.prefer_live(logarithmic=not self.session.preferences.live.logarithmic)

    def action_toggle_metric(self) -> None:
        """Cost, accuracy (R² and mean error for numbers), learning rate, penalty, or the error of pre-training."""
        from workbench.tui.curve_picture import next_metric

        view = self.live.snapshot.view if self.live.snapshot is not None else None
        self.prefer_live(metric=next_metric(view, self.session.preferences.live))

    def action_smooth(self, step: int) -> None:
        """More or less of a moving average over the curves, the measured ones faint behind it."""
        from workbench.plots.smoothing import next_weight

        self.prefer_live(smoothing=next_weight(self.session.preferences.live.smoothing, step))

    def action_axis(self) -> None:
        """Curves over steps, epochs or seconds of training."""
        from workbench.tui.curve_picture import next_of

        self.prefer_live(axis=next_of(Unit, self.session.preferences.live.axis))

    def action_zoom(self, factor: float) -> None:
        """See a shorter or longer part of the curves: about the cursor, or up to the end, which is then followed."""
        curves = self.live.curves
        if curves is not None:
            curves.scale(factor)

    def action_whole(self) -> None:
        """See the curves from beginning to end."""
        curves = self.live.curves
        if curves is not None:
            curves.zoom = Zoom()

    def action_members(self) -> None:
        """Of a population: median and band, all lines, or the chosen member alone."""
        from workbench.tui.curve_picture import next_of

        if self.live.snapshot is not None and self.live.snapshot.view.crowd is None:
            self.notify("This is one network; P shows the members where several are trained together.")
        self.prefer_live(members=next_of(Members, self.session.preferences.live.members))

    def action_course(self) -> None:
        """Read what happened in the course of the training."""
        from workbench.tui.screens.dialogs import Listing

        self.app.push_screen(Listing("What happened", self.course_lines() or ("nothing of note yet",)))
