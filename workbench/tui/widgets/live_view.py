"""A run as it stands, live or stored: status, a picture of it, layers, progress."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive
from textual.widgets import Static

from workbench.live import RunView
from workbench.preferences import LivePreferences
from workbench.tui.notable import notes
from workbench.tui.snapshot import WELCOME, Snapshot, status_line, waiting_text
from workbench.tui.widgets.confusion_panel import ConfusionPanel
from workbench.tui.widgets.curves_panel import CurvesPanel
from workbench.tui.widgets.heat_panel import HeatPanel
from workbench.tui.widgets.histogram_panel import HistogramPanel
from workbench.tui.widgets.layer_table import LayerTable
from workbench.tui.widgets.mistakes_panel import MistakesPanel
from workbench.tui.widgets.panel import Panel
from workbench.tui.widgets.progress_line import ProgressLine
from workbench.tui.widgets.region_panel import RegionPanel
from workbench.tui.widgets.strips import fitted

PANELS: tuple[type[Panel], ...] = (CurvesPanel, RegionPanel, HeatPanel, HistogramPanel, ConfusionPanel, MistakesPanel)
"""All pictures of a run, in the order in which one goes through them."""


class LiveView(Vertical):
    """Draws one snapshot; the timer of its screen hands in the next. Only the panel in sight is drawn."""

    snapshot: reactive[Snapshot | None] = reactive[Snapshot | None](None, init=False, repaint=False)
    chosen: reactive[str] = reactive(CurvesPanel.KEY, init=False, repaint=False)
    """Key of the panel that the user wants to see; where the run has nothing for it, the first one is shown."""
    preferences: reactive[LivePreferences] = reactive(LivePreferences(), init=False, repaint=False)
    """How the user wants to see runs."""

    def compose(self) -> ComposeResult:
        yield Static(id="status")
        yield Static(id="notes", markup=False)
        yield Static(WELCOME, id="instead")
        yield from (panel() for panel in PANELS)
        yield LayerTable()
        yield ProgressLine()

    def on_mount(self) -> None:
        self.add_class("-empty")
        self._put_in_sight()

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Those that the run has something for."""
        there = tuple(self.query(Panel))
        return there if self.snapshot is None else tuple(panel for panel in there if panel.fits(self.snapshot.view))

    @property
    def panel(self) -> Panel:
        """The one in sight."""
        there = self.panels
        return next((panel for panel in there if self.chosen == panel.KEY), there[0])

    def next_panel(self, step: int = 1) -> None:
        """Show the next picture of the run, going around."""
        there = self.panels
        self.chosen = there[(there.index(self.panel) + step) % len(there)].KEY

    def watch_chosen(self) -> None:
        self._put_in_sight()
        if self.snapshot is not None and self.snapshot.view.experiment is not None:
            self.panel.show(self.snapshot)

    def watch_preferences(self, preferences: LivePreferences) -> None:
        self.chosen = preferences.panel
        self.query_one(CurvesPanel).preferences = preferences

    def _put_in_sight(self) -> None:
        shown = self.panel
        for panel in self.query(Panel):
            panel.set_class(panel is shown, "-shown")

    def watch_snapshot(self, snapshot: Snapshot | None) -> None:
        if snapshot is None:
            return
        self.query_one("#status", Static).update(status_line(snapshot), layout=False)
        self.set_class(snapshot.view.experiment is None, "-empty")
        if snapshot.view.experiment is None:
            self.query_one("#instead", Static).update(waiting_text(snapshot), layout=False)
            self.query_one(ProgressLine).show(snapshot.view, snapshot.preparation)
            return
        self._tell_notes(snapshot.view)
        self.query_one(LayerTable).show(snapshot.view)
        self.query_one(ProgressLine).show(snapshot.view, snapshot.preparation)
        self._put_in_sight()
        self.panel.show(snapshot)

    def _tell_notes(self, view: RunView) -> None:
        """As many notes as there is room for, the latest first; without any, there is no line for them."""
        told = notes(view)
        self.set_class(bool(told), "-noted")
        self.query_one("#notes", Static).update(fitted(told, self.content_size.width, "   "), layout=False)

    def on_resize(self) -> None:
        if self.snapshot is not None and self.snapshot.view.experiment is not None:
            self._tell_notes(self.snapshot.view)
