"""What the keys do that go through the layers and their statistics."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from textual.binding import Binding, BindingType

from engine.vocabulary import Statistic
from workbench.tui.layer_columns import COLUMNS, USUAL
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.widgets.layer_table import LayerTable
from workbench.tui.widgets.live_view import LiveView


class LayerKeys(WorkbenchScreen):
    """A screen with a live view; what is chosen of the layers is remembered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "quantity(1)", "Next statistic of the layers", show=False),
        Binding("N,shift+n", "quantity(-1)", "Previous statistic of the layers", show=False, key_display="N"),
        Binding("J,shift+j", "layer(1)", "Next layer", show=False, key_display="J"),
        Binding("K,shift+k", "layer(-1)", "Previous layer", show=False, key_display="K"),
        Binding("o", "layer_columns", "Columns of the layers", show=False),
    ]

    def on_mount(self) -> None:
        remembered = self.session.preferences.live
        there = set(map(str, Statistic))
        columns = tuple(Statistic(name) for name in remembered.layer_columns if name in there)
        self.query_one(LayerTable).wanted = columns or USUAL

    def action_quantity(self, step: int) -> None:
        """Draw the next statistic of the layers, or the next quantity of the histograms; opens the layers over time."""
        from workbench.tui.widgets.heat_panel import HeatPanel
        from workbench.tui.widgets.layer_panel import LayerPanel

        live = self.query_one(LiveView)
        panel = live.panel
        if not isinstance(panel, LayerPanel):
            live.chosen = HeatPanel.KEY
            return
        panel.next_quantity(step)
        self._remember(**panel.remembered)

    def action_layer(self, by: int) -> None:
        """Choose another layer; where findings are in sight, another of these."""
        from workbench.tui.widgets.findings_panel import FindingsPanel

        panel = self.query_one(LiveView).panel
        if isinstance(panel, FindingsPanel):
            panel.cursor += by
        else:
            self.query_one(LayerTable).cursor += by

    def action_layer_columns(self) -> None:
        """Choose the columns of the layer table."""
        from workbench.tui.screens.layer_columns import LayerColumns

        table = self.query_one(LayerTable)

        def choose(statistics: Collection[Statistic]) -> None:
            table.wanted = statistics or USUAL
            usual = set(statistics) in (set(), set(USUAL))
            self._remember(layer_columns=() if usual else tuple(str(each) for each in COLUMNS if each in statistics))

        self.app.push_screen(LayerColumns(table, choose))

    def _remember(self, **changes: object) -> None:
        now = self.session.preferences.live
        self.workbench.prefer(live=type(now).model_validate({**dict(now), **changes}))
        self.query_one(LiveView).preferences = self.session.preferences.live
