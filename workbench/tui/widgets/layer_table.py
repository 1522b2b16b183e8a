"""One line per layer, live, with a cursor. Only the lines in sight are drawn, and only when there is something new."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from workbench.tui.layer_columns import USUAL, Plan, plan
from workbench.tui.widgets.strips import blank, strip_of, styles_of

if TYPE_CHECKING:
    from engine.vocabulary import Statistic
    from workbench.live import RunView
    from workbench.tui.layer_health import Mark

_LEAST_WITH_REASON = 4  # lines of the window from which on one is for the chosen layer's reason


class LayerTable(ScrollView, can_focus=True):
    """The layers from input to output, under a heading that stays; below them what is to be said of the one under the cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "layer--title",
        "layer--sign",
        "layer--name",
        "layer--muted",
        "layer--gradient",
        "layer--activation",
        "layer--course",
        "layer--number",
        "layer--warning",
        "layer--bad",
        "layer--good",
        "layer--cursor",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Next layer", show=False),
        Binding("up,k", "move(-1)", "Previous layer", show=False),
        Binding("pagedown", "move(10)", "Ten layers on", show=False),
        Binding("pageup", "move(-10)", "Ten layers back", show=False),
        Binding("end", "move(100000)", "Last layer", show=False),
        Binding("home", "move(-100000)", "First layer", show=False),
    ]

    cursor: reactive[int] = reactive(0, init=False, repaint=False)
    """The chosen layer."""

    def __init__(self) -> None:
        super().__init__()
        self._view: RunView | None = None
        self._found: Sequence[Sequence[Mark]] = ()
        self._wanted: Collection[Statistic] = USUAL
        self._plan: Plan = plan(80)
        self._styles: dict[str, Style] = {}
        self._strips: list[Strip] = []
        self._stale = True
        self._drawn_for = Size()

    @property
    def wanted(self) -> Collection[Statistic]:
        """The columns that are to be shown where there is room for them."""
        return self._wanted

    @wanted.setter
    def wanted(self, statistics: Collection[Statistic]) -> None:
        self._wanted = statistics
        self._fit()

    @property
    def plan(self) -> Plan:
        """What there is room for."""
        return self._plan

    def show(self, view: RunView | None) -> None:
        """Draw this state from now on."""
        from workbench.measures import measured_at
        from workbench.tui.layer_health import marks

        before, self._view = self._view, view
        if (
            view is not None
            and before is not None
            and measured_at(view) == measured_at(before)
            and view.findings is before.findings
            and view.judged == before.judged
        ):
            return
        self._found = marks(view) if view is not None else ()
        if view is None or before is None or view.layers is not before.layers:
            self.cursor = self.validate_cursor(self.cursor)
            self._fit()
        self._outdate()

    def validate_cursor(self, layer: int) -> int:
        return max(0, min(layer, len(self._view.layers) - 1)) if self._view is not None else 0

    def watch_cursor(self, layer: int) -> None:
        """Keep the chosen layer in sight."""
        offset = self.scroll_offset.y
        least = layer - self._room + 1
        if not least <= offset <= layer:
            self.scroll_to(y=layer if layer < offset else least, animate=False)
        self._outdate()

    def action_move(self, by: int) -> None:
        """Move the cursor to another layer."""
        self.cursor += by

    def on_click(self, event: Click) -> None:
        layer = self.scroll_offset.y + event.y - 1
        if self._view is not None and 1 <= event.y <= self._room and layer < len(self._view.layers):
            self.cursor = layer

    def on_focus(self) -> None:
        self._outdate()

    def on_blur(self) -> None:
        self._outdate()

    def on_resize(self, event: Resize) -> None:
        self._fit()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}
        self._outdate()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._outdate()

    # --- drawing ------------------------------------------------------------------

    @property
    def _height(self) -> int:
        return self.scrollable_content_region.height

    @property
    def _reason(self) -> int:
        """Lines for what is said of the chosen layer."""
        return int(self._height >= _LEAST_WITH_REASON)

    @property
    def _room(self) -> int:
        """Lines for layers."""
        return max(1, self._height - 1 - self._reason)

    def _outdate(self) -> None:
        self._stale = True
        self.refresh()

    def _fit(self) -> None:
        names = self._share_width()
        # Heading and reason take lines of the window whatever is scrolled: with them the last layer can be reached.
        self.virtual_size = Size(self.scrollable_content_region.width, len(names) + 2)
        self._outdate()

    def _share_width(self) -> list[str]:
        """Arrange the columns in the room there is; return the names of the layers."""
        names = [layer.name for layer in self._view.layers] if self._view is not None else []
        self._plan = plan(self.scrollable_content_region.width, names, self._wanted)
        return names

    def render_line(self, y: int) -> Strip:
        size = self.scrollable_content_region.size
        if self._drawn_for != size:  # it may be painted before it is told of its new size
            self._drawn_for, self._stale = size, True
            self._share_width()
        if self._stale or not self._styles:
            self._draw()
        return self._strips[y] if y < len(self._strips) else blank(self._styles, self.scrollable_content_region.width)

    def _draw(self) -> None:
        """All lines of the window at once: the courses of all layers take little more time than that of one."""
        from workbench.tui.widgets.layer_rows import heading, layer_rows, reason_line

        width = self.scrollable_content_region.width
        if not self._styles:
            self._styles = styles_of(self)
        styles, view = self._styles, self._view
        self._stale = False
        self._strips = [strip_of(heading(self._plan), styles, width)]
        if view is None or not view.layers:
            return
        first = min(self.scroll_offset.y, max(0, len(view.layers) - 1))
        layers = range(first, min(first + self._room, len(view.layers)))
        tint = self.background_colors[1] + self.get_component_styles("layer--cursor").background
        mark = Style(underline=True) if self.app.current_theme.ansi else Style(bgcolor=tint.rich_color)
        under_cursor = {name: style + mark for name, style in styles.items()}
        for layer, row in zip(layers, layer_rows(view, layers, self._plan, self._found, self.cursor), strict=True):
            self._strips.append(strip_of(row, under_cursor if layer == self.cursor else styles, width))
        if self._reason:
            spare = self._height - len(self._strips) - 1
            self._strips += [blank(styles, width)] * spare
            self._strips.append(strip_of(reason_line(view, self.cursor, self._found[self.cursor], width), styles, width))
