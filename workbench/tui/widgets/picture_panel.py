"""Panels that are drawn as rows of text, in colours that are blended as the drawing wants it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from textual.color import Color

from workbench.plots.lines import Row
from workbench.plots.palette import RGB, Palette
from workbench.tui.snapshot import Snapshot
from workbench.tui.widgets.drawn import Drawn
from workbench.tui.widgets.panel import Panel

SERIES = 6
"""Colours there are for classes; further classes begin again and are told apart by their signs and names."""
MOST_STYLES = 4096
"""Blends of colours that are remembered."""


class PicturePanel(Panel, Drawn):
    """What pictures of a network have in common. Colours are its component classes, blended as the drawing wants it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "picture--muted",
        "picture--title",
        "picture--good",
        "picture--bad",
        *(f"picture--{number}" for number in range(SERIES)),
    }

    def __init__(self) -> None:
        super().__init__()
        self._snapshot: Snapshot | None = None
        self._subject: tuple[object, ...] = ()

    def show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        before, self._subject = self._subject, (snapshot.member, *self.subject(snapshot))
        if len(before) != len(self._subject) or any(one is not other for one, other in zip(before, self._subject, strict=True)):
            self.outdate()

    def subject(self, snapshot: Snapshot) -> tuple[object, ...]:
        """What is drawn of a state; of two states with the very same things the drawings are alike."""
        raise NotImplementedError

    def rows(self, snapshot: Snapshot, width: int, height: int, palette: Palette | None) -> tuple[Row, ...]:
        """Draw a state; without a palette there are no colours."""
        raise NotImplementedError

    def draw_rows(self, width: int, height: int) -> Sequence[Row]:
        return self.rows(self._snapshot, width, height, self._palette()) if self._snapshot is not None and width > 0 else ()

    def styles_for(self, rows: Sequence[Row]) -> dict[str, Style]:
        if len(self._styles) > MOST_STYLES:
            self._styles = {}
        styles = super().styles_for(rows)
        for _, style in (piece for row in rows for piece in row):
            if style not in styles:
                styles[style] = styles[""] + Style.parse(style)
        return styles

    def _palette(self) -> Palette | None:
        """The theme's colours; None where there are none that could be blended."""
        if self.app.no_color or self.app.native_ansi_color:
            return None
        of = {name: self.get_component_styles(name).color for name in self.COMPONENT_CLASSES}
        _, _, ground, ink = self.colors
        classes = tuple(_rgb(of[f"picture--{number}"]) for number in range(SERIES))
        return Palette(_rgb(ground), _rgb(ink), classes, _rgb(of["picture--good"]), _rgb(of["picture--bad"]))


def _rgb(colour: Color) -> RGB:
    return colour.r, colour.g, colour.b
