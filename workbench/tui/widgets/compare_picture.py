"""The picture of a comparison as a widget: drawn when it, its size or the theme changes, and at no other time."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.style import Style
from textual.events import Resize
from textual.strip import Strip
from textual.widget import Widget

from workbench.plots.chart import Row
from workbench.plots.overlay import STYLES
from workbench.tui.widgets.strips import blank, strip_of, styles_of

Draw = Callable[[int, int], tuple[Row, ...]]
"""Draws so many characters by so many lines."""


class ComparePicture(Widget):
    """Whatever it is handed to draw. Its colours are the component classes of curves."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLES)

    def __init__(self) -> None:
        super().__init__()
        self._drawing: Draw | None = None
        self._strips: list[Strip] = []
        self._stale = True
        self._styles: dict[str, Style] = {}

    def show(self, drawing: Draw) -> None:
        """Draw this from now on."""
        self._drawing = drawing
        self._outdate()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}
        self._outdate()

    def on_resize(self, event: Resize) -> None:
        self._outdate()

    def _outdate(self) -> None:
        self._stale = True
        self.refresh()

    def render_line(self, y: int) -> Strip:
        if self._stale:
            self._draw()
        return self._strips[min(y, len(self._strips) - 1)]

    def _draw(self) -> None:
        width, height = self.content_size
        styles = self._styles = self._styles or styles_of(self)
        rows = self._drawing(width, height) if self._drawing is not None else ()
        self._strips = [strip_of(row, styles, width) for row in rows] or [blank(styles, width)]
        self._stale = False
