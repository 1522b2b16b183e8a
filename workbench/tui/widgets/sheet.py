"""Rows of text, as many as there are: a page or a picture that is scrolled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.style import Style
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from workbench.plots.heat import STYLES as HEAT_STYLES
from workbench.plots.lines import Row
from workbench.tui.recipe_rows import STYLES
from workbench.tui.widgets.curve_chart import CurveChart
from workbench.tui.widgets.strips import blank, strip_of, styles_of

Draw = Callable[[int, int], Sequence[Row]]
"""Draws in so many characters a line; where it can choose, in so many lines."""


class Sheet(ScrollView, can_focus=True):
    """Whatever it is handed to draw, anew when that or its size has changed. Its colours are its component classes."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*STYLES, *HEAT_STYLES, *CurveChart.COMPONENT_CLASSES}

    def __init__(self, *, id: str) -> None:  # noqa: A002  as every widget has it
        super().__init__(id=id)
        self._draw: Draw | None = None
        self._rows: tuple[Row, ...] = ()
        self._drawn_for: tuple[int, int] | None = None
        self._styles: dict[str, Style] = {}

    def show(self, draw: Draw, *, from_top: bool = False) -> None:
        """Draw this from now on."""
        self._draw, self._drawn_for = draw, None
        if from_top:
            self.scroll_to(y=0, animate=False, force=True)
        if self.styles.is_auto_height:
            self.refresh(layout=True)
        self._fill()

    @property
    def text(self) -> str:
        """All that is drawn."""
        return "\n".join("".join(text for text, _ in row).rstrip() for row in self._rows)

    def _fill(self) -> None:
        """Draw for the room there is."""
        width, height = self.scrollable_content_region.size
        if width > 0 and self._draw is not None and self._drawn_for != (width, height):
            self._rows, self._drawn_for = tuple(self._draw(width, height)), (width, height)
            self.virtual_size = Size(width, len(self._rows))
            self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are rows."""
        return len(self._draw(width, 1)) if self._draw is not None and width > 0 else 0

    def on_resize(self, event: Resize) -> None:
        self._fill()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}

    def render_line(self, y: int) -> Strip:
        self._styles = self._styles or styles_of(self)
        width = self.scrollable_content_region.width
        number = self.scroll_offset.y + y
        if number >= len(self._rows):
            return blank(self._styles, width)
        row = self._rows[number]
        for _, style in row:
            if style not in self._styles:  # such as bold
                self._styles[style] = self._styles[""] + Style.parse(style)
        return strip_of(row, self._styles, width)
