"""A heat map as a widget: drawn when its values, its size or its theme change, and at no other time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from textual import events
from textual.message import Message
from textual.strip import Strip

from workbench.plots import format_number
from workbench.plots.heat import AXIS, PICKED, STYLES, Cell, Heat, heat_map
from workbench.plots.heat_cells import Numbers
from workbench.plots.lines import Piece, Row
from workbench.plots.rows import fit
from workbench.tui.widgets.drawn import Drawn
from workbench.tui.widgets.strips import strip_of


@dataclass(frozen=True, slots=True, eq=False)
class HeatPicture:
    """What is drawn: see `workbench.plots.heat.heat_map`."""

    values: Numbers = field(default_factory=lambda: np.empty((0, 0)))
    names: tuple[str, ...] = ()
    x: Numbers = field(default_factory=lambda: np.empty(0))
    title: str = ""
    x_label: str = "step"
    log: bool = False
    diverging: bool = False
    marks: tuple[float, ...] = ()
    chosen: int | None = None
    ends: tuple[float, float] | None = None
    hint: str = ""
    text: Callable[[float], str] = format_number
    """Writes a value."""


class HeatMap(Drawn):
    """Rows of numbers over time. What lies under the mouse is told in words in its first line; a click picks its row."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLES)

    class Picked(Message):
        """A row was clicked."""

        def __init__(self, row: int) -> None:
            super().__init__()
            self.row = row

    def __init__(self) -> None:
        super().__init__()
        self._picture = HeatPicture()
        self._heat = Heat(())
        self._pointed: tuple[int, int] | None = None

    def show(self, picture: HeatPicture) -> None:
        """Draw this from now on."""
        self._picture = picture
        self.outdate()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._point((event.x, event.y) if self._cell_at(event) is not None else None)

    def on_leave(self, event: events.Leave) -> None:
        self._point(None)

    def on_click(self, event: events.Click) -> None:
        cell = self._cell_at(event)
        if cell is not None:
            self.post_message(self.Picked(cell.rows[0]))

    def _cell_at(self, event: events.MouseEvent) -> Cell | None:
        return self._heat.at(event.x, event.y)

    def _point(self, at: tuple[int, int] | None) -> None:
        if at != self._pointed:
            self._pointed = at
            self.refresh()

    def render_line(self, y: int) -> Strip:
        drawn = super().render_line(y)
        if y == 0 and self._pointed is not None and (cell := self._heat.at(*self._pointed)) is not None:
            return strip_of(fit(self._told(cell), self.content_size.width), self._styles, self.content_size.width)
        return drawn

    def _told(self, cell: Cell) -> list[Piece]:
        """A cell in words, in place of the legend."""
        picture = self._picture
        names = [picture.names[row] for row in (cell.rows[0], cell.rows[-1])]
        places = [picture.x[column] for column in (cell.columns[0], cell.columns[-1])]
        where = f"{picture.x_label} {' to '.join(dict.fromkeys(_place(place) for place in places))}"
        value = "not measured" if np.isnan(cell.value) else "not finite" if np.isinf(cell.value) else picture.text(cell.value)
        more = f" ({cell.rows[-1] - cell.rows[0] + 1} together)" if len(cell.rows) > 1 else ""
        return [(f"{picture.title}  ", AXIS), (" to ".join(dict.fromkeys(names)) + more, PICKED), (f"  {where}  {value}", "")]

    def draw_rows(self, width: int, height: int) -> Sequence[Row]:
        shown = self._picture
        self._heat = heat_map(
            shown.values,
            shown.names,
            shown.x,
            width,
            height,
            log=shown.log,
            diverging=shown.diverging,
            title=shown.title,
            x_label=shown.x_label,
            marks=shown.marks,
            mark="changed",
            chosen=shown.chosen,
            ends=shown.ends,
            hint=shown.hint,
        )
        return self._heat.rows


def _place(x: float) -> str:
    return f"{x:,.0f}" if float(x).is_integer() else format_number(x)
