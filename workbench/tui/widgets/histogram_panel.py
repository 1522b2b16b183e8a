"""How activations, gradients or weights of one layer are spread, and how that changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.reactive import reactive
from textual.widgets import Static

from engine.vocabulary import QUANTITIES, Quantity, Status
from workbench.live import RunView
from workbench.measures import QUANTITY_TITLES, histogram_of
from workbench.plots.lines import Row
from workbench.plots.ridges import STYLES, Histogram, ridge_rows
from workbench.preferences import LivePreferences
from workbench.tui.widgets.drawn import Drawn
from workbench.tui.widgets.layer_panel import LayerPanel

HINT = "J K layer  n next  heights: √ of shares"
FEW_HINT = "  more of them: Distributions every 1"
_FEW = 4
_LINES_EACH = 2


class RidgeChart(Drawn):
    """Histograms below each other."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLES)

    def __init__(self) -> None:
        super().__init__()
        self._histograms: tuple[Histogram, ...] = ()
        self._title = ""
        self._drawn_from: tuple[object, ...] = ()

    def show(self, histograms: tuple[Histogram, ...], title: str) -> None:
        """Draw these from now on."""
        drawn_from = (title, *((each.label, id(each.counts.base)) for each in histograms))
        if drawn_from != self._drawn_from:
            self._drawn_from, self._histograms, self._title = drawn_from, histograms, title
            self.outdate()

    def draw_rows(self, width: int, height: int) -> Sequence[Row]:
        hint = HINT + FEW_HINT * (len(self._histograms) < _FEW)
        return ridge_rows(self._histograms, width, height, title=self._title, x_label="value", hint=hint)


class HistogramPanel(LayerPanel):
    """Histograms of the chosen layer on held-out examples, the latest at the bottom."""

    KEY: ClassVar[str] = "histograms"
    TITLE: ClassVar[str] = "Histograms over time"

    quantity: reactive[Quantity] = reactive(Quantity.ACTIVATION, init=False, repaint=False)

    def compose(self) -> ComposeResult:
        yield RidgeChart()
        yield Static(id="no-histograms", markup=False)

    @classmethod
    def fits(cls, view: RunView) -> bool:
        return True

    @property
    def lines(self) -> int:
        return 3 + _LINES_EACH * (len(self._snapshot.view.taken) if self._snapshot is not None else 0)

    def prefer(self, preferences: LivePreferences) -> None:
        if preferences.layer_quantity in QUANTITIES:
            self.quantity = Quantity(preferences.layer_quantity)

    @property
    def remembered(self) -> dict[str, str]:
        return {"layer_quantity": str(self.quantity)}

    def next_quantity(self, step: int) -> None:
        """Show the histograms of the next quantity."""
        self.quantity = QUANTITIES[(QUANTITIES.index(self.quantity) + step) % len(QUANTITIES)]

    def watch_quantity(self) -> None:
        if self._snapshot is not None:
            self.draw()

    def draw(self) -> None:
        assert self._snapshot is not None
        view, layer = self._snapshot.view, self.chosen_layer
        self.set_class(not view.taken, "-none")
        if not view.taken:
            self.query_one("#no-histograms", Static).update(why_none(view))
            return
        histograms = tuple(histogram_of(taken, layer, self.quantity) for taken in view.taken)
        title = f"{QUANTITY_TITLES[self.quantity]} of {view.layers[layer].name}"
        self.query_one(RidgeChart).show(histograms, title)


def why_none(view: RunView) -> str:
    """Why there are no histograms, and how there would be."""
    setting = "Distributions every (monitor.distributions)"
    if view.experiment is not None and view.experiment.monitor.distributions == "never":
        return f"No histograms are taken in this run: {setting} is never.\nSet it to 1 to have them after every epoch."
    if view.status == Status.RUNNING and view.step == 0:
        return "Histograms are taken before the first step, or later in short runs."
    return f"No histograms have been taken: the run is too short for its share of time.\nSet {setting} to 1 to have them after every epoch."
