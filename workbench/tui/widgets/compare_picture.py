"""The picture of a comparison as a widget."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from workbench.plots.lines import Row
from workbench.plots.overlay import STYLES
from workbench.tui.widgets.drawn import Drawn

Draw = Callable[[int, int], tuple[Row, ...]]
"""Draws so many characters by so many lines."""


class ComparePicture(Drawn):
    """Whatever it is handed to draw. Its colours are the component classes of curves."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLES)

    def __init__(self) -> None:
        super().__init__()
        self._drawing: Draw | None = None

    def show(self, drawing: Draw) -> None:
        """Draw this from now on."""
        self._drawing = drawing
        self.outdate()

    def draw_rows(self, width: int, height: int) -> tuple[Row, ...]:
        return self._drawing(width, height) if self._drawing is not None else ()
