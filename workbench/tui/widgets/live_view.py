"""A run as it stands, live or stored: status, a picture of it, layers, progress."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive
from textual.widgets import Static

from workbench.preferences import LivePreferences
from workbench.tui.snapshot import WELCOME, Snapshot, status_line, waiting_text
from workbench.tui.widgets.layer_table import LayerTable
from workbench.tui.widgets.panel import Panel
from workbench.tui.widgets.progress_line import ProgressLine
from workbench.tui.widgets.strips import fitted

if TYPE_CHECKING:
    from workbench.tui.widgets.curves_panel import CurvesPanel


LOW = 26
"""Lines below which there are no blank ones between the parts."""


@cache
def panel_kinds() -> tuple[type[Panel], ...]:
    """All pictures of a run, in the order in which one goes through them. Loaded when there is a run to draw."""
    from workbench.tui.widgets.confusion_panel import ConfusionPanel
    from workbench.tui.widgets.curves_panel import CurvesPanel
    from workbench.tui.widgets.findings_panel import FindingsPanel
    from workbench.tui.widgets.heat_panel import HeatPanel
    from workbench.tui.widgets.histogram_panel import HistogramPanel
    from workbench.tui.widgets.mistakes_panel import MistakesPanel
    from workbench.tui.widgets.profile_panel import ProfilePanel
    from workbench.tui.widgets.region_panel import RegionPanel

    return (CurvesPanel, FindingsPanel, RegionPanel, ProfilePanel, HeatPanel, HistogramPanel, ConfusionPanel, MistakesPanel)


class LiveView(Vertical):
    """Draws one snapshot; the timer of its screen hands in the next. A panel is made when it is first to be seen, and only the
    one in sight is drawn.
    """

    snapshot: reactive[Snapshot | None] = reactive[Snapshot | None](None, init=False, repaint=False)
    chosen: reactive[str] = reactive("curves", init=False, repaint=False)
    """Key of the panel that the user wants to see; where the run has nothing for it, the first one is shown."""
    preferences: reactive[LivePreferences] = reactive(LivePreferences(), init=False, repaint=False)
    """How the user wants to see runs."""

    def __init__(self) -> None:
        super().__init__(classes="-empty")

    def compose(self) -> ComposeResult:
        yield Static(id="status")
        yield Static(id="notes", markup=False)
        yield Static(WELCOME, id="instead")
        yield LayerTable()
        yield ProgressLine()

    @property
    def panels(self) -> tuple[type[Panel], ...]:
        """The pictures that the run has something for."""
        return tuple(kind for kind in panel_kinds() if self.snapshot is None or kind.fits(self.snapshot.view))

    @property
    def panel_kind(self) -> type[Panel]:
        """The picture that is to be seen."""
        there = self.panels
        return next((kind for kind in there if self.chosen == kind.KEY), there[0])

    @property
    def panel(self) -> Panel | None:
        """The picture in sight; None as long as nothing was drawn."""
        return next((panel for panel in self.query(Panel) if panel.has_class("-shown")), None)

    @property
    def curves(self) -> CurvesPanel | None:
        """The curves, if they were looked at."""
        from workbench.tui.widgets.curves_panel import CurvesPanel

        return next(iter(self.query(CurvesPanel)), None)

    def next_panel(self, step: int = 1) -> None:
        """Show the next picture of the run, going around."""
        there = self.panels
        self.chosen = there[(there.index(self.panel_kind) + step) % len(there)].KEY

    def watch_chosen(self) -> None:
        if self.snapshot is not None and self.snapshot.view.experiment is not None:
            self._draw_panel(self.snapshot)

    def watch_preferences(self, before: LivePreferences, now: LivePreferences) -> None:
        if before.panel != now.panel:
            self.chosen = now.panel
        for panel in self.query(Panel):
            panel.prefer(now)

    def _draw_panel(self, snapshot: Snapshot) -> None:
        """Bring the chosen picture into sight, and draw it if it is there."""
        kind = self.panel_kind
        for panel in self.query(Panel):
            panel.set_class(type(panel) is kind, "-shown")
        shown = self.panel
        if shown is None:
            shown = kind()
            shown.add_class("-shown")
            self.mount(shown, before=self.query_one(LayerTable))
        elif shown.is_mounted:
            shown.show(snapshot)

    def on_panel_mounted(self, message: Panel.Mounted) -> None:
        message.stop()
        for panel in self.query(Panel):
            panel.prefer(self.preferences)
        if self.snapshot is not None and self.snapshot.view.experiment is not None:
            self._draw_panel(self.snapshot)

    def _have_panel(self) -> None:
        """Make the picture that will most likely be shown, so that it is there when there is something to draw in it."""
        kinds = panel_kinds()
        kind = next((kind for kind in kinds if self.chosen == kind.KEY), kinds[0])
        if not self.query(Panel):
            self.mount(kind(), before=self.query_one(LayerTable))

    def watch_snapshot(self, snapshot: Snapshot | None) -> None:
        if snapshot is None:
            return
        self.query_one("#status", Static).update(status_line(snapshot), layout=False)
        self.set_class(snapshot.view.experiment is None, "-empty")
        if snapshot.view.experiment is None:
            self.query_one("#instead", Static).update(waiting_text(snapshot), layout=False)
            self.query_one(ProgressLine).show(snapshot.view, snapshot.preparation)
            self._have_panel()
            return
        self._tell_notes(snapshot)
        self.query_one(LayerTable).show(snapshot.view)
        self.query_one(ProgressLine).show(snapshot.view, snapshot.preparation, still=snapshot.still)
        self._draw_panel(snapshot)

    def _tell_notes(self, snapshot: Snapshot) -> None:
        """As many notes as there is room for, the latest first; without any, there is no line for them."""
        from workbench.tui.notable import notes

        told = (*([snapshot.verdict] if snapshot.verdict else []), *notes(snapshot.view))
        self.set_class(bool(told), "-noted")
        width = self.content_size.width
        text = fitted(told, width, "   ") or (told[0][: width - 1] + "…" if told else "")
        self.query_one("#notes", Static).update(text, layout=False)

    def on_resize(self) -> None:
        self.set_class(self.size.height < LOW, "-low")
        if self.snapshot is not None and self.snapshot.view.experiment is not None:
            self._tell_notes(self.snapshot)
