"""One statistic of all layers over time."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.reactive import reactive

from engine.vocabulary import Statistic
from workbench.live import RunView
from workbench.measures import MEASURES, over_time
from workbench.preferences import LivePreferences
from workbench.tui.widgets.heat_map import HeatMap, HeatPicture
from workbench.tui.widgets.layer_panel import AllLayers

HINT = "n next"
_ORDER = tuple(MEASURES)


def layers_picture(view: RunView, statistic: Statistic, chosen: int | None) -> HeatPicture:
    """The heat map of a statistic: a line for each layer, the input's on top."""
    measure = MEASURES[statistic]
    return HeatPicture(
        values=over_time(view, statistic),
        names=tuple(layer.name for layer in view.layers),
        x=view.layer_steps.astype(float),
        title=measure.title,
        log=measure.log,
        diverging=measure.signed,
        marks=tuple(float(event.step) for event in view.interventions),
        chosen=chosen,
        ends=(0.0, 1.0) if measure.share else None,
        hint=HINT,
        text=measure.text,
    )


class HeatPanel(AllLayers):
    """Layers from input to output, time from left to right: where gradients vanish, the map grows dark towards the top."""

    KEY: ClassVar[str] = "layers"
    TITLE: ClassVar[str] = "Layers over time"

    statistic: reactive[Statistic] = reactive(Statistic.GRADIENT_STD, init=False, repaint=False)

    def compose(self) -> ComposeResult:
        yield HeatMap()

    def prefer(self, preferences: LivePreferences) -> None:
        if preferences.layer_statistic in _ORDER:
            self.statistic = Statistic(preferences.layer_statistic)

    @property
    def remembered(self) -> dict[str, str]:
        return {"layer_statistic": str(self.statistic)}

    def next_quantity(self, step: int) -> None:
        """Show the next statistic."""
        self.statistic = _ORDER[(_ORDER.index(self.statistic) + step) % len(_ORDER)]

    def watch_statistic(self) -> None:
        if self._snapshot is not None:
            self.draw()

    def draw(self) -> None:
        assert self._snapshot is not None
        view = self._snapshot.view
        if self.is_new(view, len(view.interventions), self.statistic):
            self.query_one(HeatMap).show(layers_picture(view, self.statistic, self.chosen_layer))

    def on_heat_map_picked(self, event: HeatMap.Picked) -> None:
        event.stop()
        self._table.cursor = event.row
