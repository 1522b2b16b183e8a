"""A line chart as a widget: drawn when its lines, its size or its theme change, and at no other time."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from rich.style import Style
from textual.events import Resize
from textual.strip import Strip
from textual.widget import Widget

from workbench.plots import chart_rows
from workbench.tui.curves import Curves
from workbench.tui.widgets.strips import blank, strip_of, styles_of

SERIES = 6
"""Colours there are for lines; further lines begin again and are told apart by their signs."""


class CurveChart(Widget):
    """Lines over each other. Its colours are the component classes `curve--axis` and `curve--0` to `curve--5`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"curve--axis", *(f"curve--{number}" for number in range(SERIES))}

    def __init__(self) -> None:
        super().__init__()
        self._curves = Curves("", ())
        self._log = self._share = False
        self._strips: list[Strip] = []
        self._stale = True
        self._styles: dict[str, Style] = {}

    def show(self, curves: Curves, *, log: bool, share: bool) -> None:
        """Draw these lines from now on; `log`: the y axis is logarithmic; `share`: it is in percent."""
        lines = (replace(line, colour=f"curve--{number % SERIES}") for number, line in enumerate(curves.lines))
        self._curves = replace(curves, lines=tuple(lines))
        self._log, self._share = log, share
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
        curves = self._curves
        rows = chart_rows(
            curves.lines,
            width,
            height,
            log=self._log,
            share=self._share,
            title=f"{curves.title} (log)" if self._log else curves.title,
            x_label=curves.x_label,
            marks=curves.marks,
            mark="changed",
            axis="curve--axis",
        )
        self._strips = [strip_of(row, styles, width) for row in rows] or [blank(styles, width)]
        self._stale = False
