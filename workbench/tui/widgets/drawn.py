"""A widget that is drawn as rows of text: anew when what it shows, its size or its theme has changed, and at no other time."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual.events import Resize
from textual.strip import Strip
from textual.widget import Widget

from workbench.plots.lines import Row
from workbench.tui.widgets.strips import blank, strip_of, styles_of


class Drawn(Widget):
    """Keeps its lines until it is outdated. Those who derive from it say what is drawn; its colours are its component classes."""

    def __init__(self) -> None:
        super().__init__()
        self._strips: list[Strip] = []
        self._stale = True
        self._drawn_for: tuple[int, int] | None = None
        self._styles: dict[str, Style] = {}

    def draw_rows(self, width: int, height: int) -> Sequence[Row]:
        """Draw what is shown in so many characters by so many lines; lines that are missing are empty."""
        raise NotImplementedError

    def outdate(self) -> None:
        """Draw anew when it is looked at next."""
        self._stale = True
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}
        self.outdate()

    def on_resize(self, event: Resize) -> None:
        if self.content_size != self._drawn_for:  # it may have been drawn for the new size before this came
            self.outdate()

    def render_line(self, y: int) -> Strip:
        if self._stale:
            self.draw()
        return self._strips[y] if y < len(self._strips) else blank(self._styles, self.content_size.width)

    def draw(self) -> None:
        """Draw at once."""
        self._drawn_for = width, height = self.content_size
        rows = self.draw_rows(width, height)
        styles = self.styles_for(rows)
        self._strips = [strip_of(row, styles, width) for row in rows]
        self._stale = False

    def styles_for(self, rows: Sequence[Row]) -> dict[str, Style]:
        """The styles that the rows name."""
        self._styles = self._styles or styles_of(self)
        return self._styles
