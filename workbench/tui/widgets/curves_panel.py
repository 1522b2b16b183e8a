"""Cost and scores over the course of a run, with a cursor that reads them."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import reactive

from workbench.figures import run_figure
from workbench.live import RunView
from workbench.plots.figure import Figure
from workbench.preferences import LivePreferences
from workbench.tui.curve_picture import CurvePicture, curve_picture
from workbench.tui.snapshot import Snapshot
from workbench.tui.widgets.curve_chart import CurveChart
from workbench.tui.widgets.panel import Panel
from workbench.tui.zoom import Zoom

HINT = "← → read values   "
"""Stands at the x axis while the chart has the focus and no cursor."""
_HINT_FROM = 60  # columns
_NARROW = 100
_FAST = 10
"""Columns that the cursor goes with shift."""


class CurvesPanel(Panel, can_focus=True):
    """Training and validation, those of an ensemble, a population, and the layers of a pre-training."""

    KEY: ClassVar[str] = "curves"
    TITLE: ClassVar[str] = "Curves"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "point(-1)", "Cursor to the left", show=False),
        Binding("right", "point(1)", "Cursor to the right", show=False),
        Binding("shift+left", f"point(-{_FAST})", "Cursor far to the left", show=False),
        Binding("shift+right", f"point({_FAST})", "Cursor far to the right", show=False),
        Binding("home", "point_first", "Cursor to the beginning", show=False),
        Binding("end", "point_last", "Cursor to the end", show=False),
        Binding("escape", "forget_point", "Take the cursor away", show=False),
    ]

    preferences: reactive[LivePreferences] = reactive(LivePreferences(), init=False, repaint=False)
    zoom: reactive[Zoom] = reactive(Zoom(), init=False, repaint=False)
    cursor: reactive[float | None] = reactive[float | None](None, init=False, repaint=False)
    """The step at which values are read."""

    def __init__(self) -> None:
        super().__init__()
        self._snapshot: Snapshot | None = None
        self._picture: CurvePicture | None = None
        self._singled = False
        """Whether a member was chosen among the others."""

    def compose(self) -> ComposeResult:
        yield CurveChart()

    @property
    def chart(self) -> CurveChart:
        """What is drawn."""
        return self.query_one(CurveChart)

    @classmethod
    def fits(cls, view: RunView) -> bool:
        return True

    def prefer(self, preferences: LivePreferences) -> None:
        self.preferences = preferences

    def show(self, snapshot: Snapshot) -> None:
        before, self._snapshot = self._snapshot, snapshot
        if before is not None and before.training is not snapshot.training:
            self.set_reactive(CurvesPanel.zoom, Zoom())
            self.set_reactive(CurvesPanel.cursor, None)
            self._singled = False
        elif before is not None and before.member != snapshot.member:
            self._singled = True
        self._draw()

    def scale(self, factor: float, around: float | None = None) -> None:
        """See a part that is `factor` times as long: about a place on the axis, else about the cursor, else the end."""
        if self._picture is not None:
            step = self.cursor if around is None else self._picture.axis.step(around)
            self.zoom = self.zoom.scaled(factor, *self._picture.extent, step)

    def action_point(self, columns: int) -> None:
        """Move the cursor, which reads the values of all curves."""
        if self._picture is not None:
            self._point(self._picture.moved(self.cursor, columns, self.chart.per_column, self.zoom))

    def action_point_first(self) -> None:
        """Move the cursor to the first recorded step."""
        self._point_end(0)

    def action_point_last(self) -> None:
        """Move the cursor to the last recorded step."""
        self._point_end(-1)

    def _point_end(self, end: int) -> None:
        if self._picture is not None and self._picture.places.size:
            self._point(float(self._picture.places[end]))

    def action_forget_point(self) -> None:
        """Take the cursor away."""
        self.cursor = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "forget_point" or self.cursor is not None

    def _point(self, step: float | None) -> None:
        if step is not None and self._picture is not None:
            self.set_reactive(CurvesPanel.zoom, self.zoom.showing(step, *self._picture.extent))
            self.cursor = step

    def figure(self, title: str) -> Figure | None:
        """What is drawn, without the cursor, for a file."""
        if self._snapshot is None:
            return None
        singled = self._singled or self._snapshot.singled
        picture = curve_picture(self._snapshot.view, self.preferences, self.zoom, singled=singled)
        return run_figure(picture.curves, title, log=picture.log, share=picture.curves.share, window=picture.window)

    # --- mouse ----------------------------------------------------------------------

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.capture_mouse()
        self._point_at(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self._point_at(event)

    def on_mouse_up(self) -> None:
        self.release_mouse()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._scale_at(event, 0.5)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._scale_at(event, 2.0)

    def _scale_at(self, event: events.MouseEvent, factor: float) -> None:
        event.stop()
        self.scale(factor, self._place(event))

    def _point_at(self, event: events.MouseEvent) -> None:
        place = self._place(event)
        if place is not None and self._picture is not None:
            self._point(self._picture.at_place(place))

    def _place(self, event: events.MouseEvent) -> float | None:
        return self.chart.x_at(event.screen_x - self.chart.content_region.x)

    # --- drawing --------------------------------------------------------------------

    def watch_preferences(self, before: LivePreferences, now: LivePreferences) -> None:
        if before.metric != now.metric:
            self.set_reactive(CurvesPanel.zoom, Zoom())
        if before.members != now.members:
            self._singled = False
        self._draw()

    def watch_zoom(self) -> None:
        self._draw()

    def watch_cursor(self) -> None:
        self._draw()

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self._draw()

    def _draw(self) -> None:
        if self._snapshot is None:
            return
        view = self._snapshot.view
        picture = self._picture = curve_picture(
            view,
            self.preferences,
            self.zoom,
            self.cursor,
            singled=self._singled or self._snapshot.singled,
            narrow=self.size.width < _NARROW,
        )
        curves = picture.curves
        if self.has_focus and self.cursor is None and self.size.width >= _HINT_FROM:
            curves = replace(curves, x_label=HINT + curves.x_label)
        self.chart.show(curves, log=picture.log, share=curves.share, window=picture.window, cursor=picture.cursor)
