"""One line per layer, live. Only the lines in sight are drawn."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from workbench.live import RunView
from workbench.tui.widgets.layer_rows import Plan, heading, layer_row, plan
from workbench.tui.widgets.strips import blank, strip_of, styles_of


class LayerTable(ScrollView, can_focus=True):
    """The layers from input to output, under a heading that stays. Scrolls with the arrow keys when there are many."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "layer--title",
        "layer--name",
        "layer--muted",
        "layer--gradient",
        "layer--activation",
        "layer--number",
        "layer--warning",
        "layer--bad",
    }

    def __init__(self) -> None:
        super().__init__()
        self._view: RunView | None = None
        self._plan: Plan = plan(80)
        self._styles: dict[str, Style] = {}

    def show(self, view: RunView | None) -> None:
        """Draw this state from now on."""
        before = self._names
        self._view = view
        if self._names != before:
            self._fit()
        self.refresh()

    @property
    def _names(self) -> list[str]:
        return [layer.name for layer in self._view.layers] if self._view is not None else []

    def on_resize(self, event: Resize) -> None:
        self._fit()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}

    def _fit(self) -> None:
        names = self._names
        self._plan = plan(self.scrollable_content_region.width, names)
        # The heading takes the first line of the window whatever is scrolled: with it the last layer can be reached.
        self.virtual_size = Size(self.scrollable_content_region.width, len(names) + 1)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if not self._styles:
            self._styles = styles_of(self)
        if y == 0:
            return strip_of(heading(self._plan), self._styles, width)
        layer = self.scroll_offset.y + y - 1
        if self._view is None or layer >= len(self._view.layers):
            return blank(self._styles, width)
        return strip_of(layer_row(self._view, layer, self._plan), self._styles, width)
