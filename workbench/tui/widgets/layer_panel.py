"""What the pictures of the layers have in common: a chosen layer, and keys that go through what is drawn."""

from __future__ import annotations

from textual.dom import DOMNode
from textual.reactive import reactive

from workbench.live import RunView
from workbench.measures import measured_at
from workbench.tui.snapshot import Snapshot
from workbench.tui.widgets.layer_table import LayerTable
from workbench.tui.widgets.panel import Panel

_LEAST_TABLE = 6
"""Lines that the table keeps: a heading, some layers, and what is to be said of the chosen one."""


class LayerPanel(Panel):
    """A picture of the layers. It follows the cursor of the layer table beside it."""

    chosen_layer: reactive[int] = reactive(0, init=False, repaint=False)

    def __init__(self) -> None:
        super().__init__()
        self._snapshot: Snapshot | None = None

    def on_mount(self) -> None:
        self.watch(self._table, "cursor", self._follow)

    @property
    def _beside(self) -> DOMNode:
        """That of which both this and the table are parts."""
        assert self.parent is not None
        return self.parent

    @property
    def _table(self) -> LayerTable:
        return self._beside.query_one(LayerTable)

    @property
    def lines(self) -> int:
        """How many lines it needs to be of use."""
        raise NotImplementedError

    def on_resize(self) -> None:
        self._share_room()

    def on_hide(self) -> None:
        if not any(panel.has_class("-shown") for panel in self._beside.query(LayerPanel)):
            self._table.styles.max_height = None  # as the style sheet has it

    def _share_room(self) -> None:
        """What this picture does not need, the table may have: both show the same layers."""
        if self.has_class("-shown") and self._snapshot is not None:
            room = self.outer_size.height + self._table.outer_size.height
            self._table.styles.max_height = max(_LEAST_TABLE, room - self.lines)

    def _follow(self, layer: int) -> None:
        self.chosen_layer = layer

    def show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._share_room()
        self.draw()

    def watch_chosen_layer(self) -> None:
        if self._snapshot is not None and self.has_class("-shown"):
            self.draw()

    @property
    def remembered(self) -> dict[str, str]:
        """What is drawn, as it stands in the preferences."""
        raise NotImplementedError

    def next_quantity(self, step: int) -> None:
        """Show the next of what can be drawn, going around."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw what is known now."""
        raise NotImplementedError


class AllLayers(LayerPanel):
    """A picture with a line for each layer, drawn anew only when there is something new."""

    def __init__(self) -> None:
        super().__init__()
        self._drawn_from: tuple[object, ...] = ()
        self._drawn: RunView | None = None  # kept, so that what it was drawn from names nothing else

    @classmethod
    def fits(cls, view: RunView) -> bool:
        return True

    @property
    def lines(self) -> int:
        return 3 + (len(self._snapshot.view.layers) if self._snapshot is not None else 0)

    def is_new(self, view: RunView, *drawn_from: object) -> bool:
        """Whether a view, or what else is drawn, is another than at the last call; the chosen layer counts, too."""
        before, self._drawn_from = self._drawn_from, (measured_at(view), self.chosen_layer, *drawn_from)
        self._drawn = view
        return self._drawn_from != before
