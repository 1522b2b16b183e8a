"""A list of any length under a line of headings: drawn line by line as far as it is in sight, by keys and by mouse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from workbench.plots.chart import Piece
from workbench.tui.widgets.strips import strip_of, styles_of


class LineList(ScrollView, can_focus=True):
    """The current line, scrolling, and looks. Those who derive from it say what stands in each line.

    A line's looks are the component classes `lines--cursor` of the current one and `lines--hover` of the one under the mouse.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--cursor", "lines--hover"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Down", show=False),
        Binding("up,k", "cursor_up", "Up", show=False),
        Binding("pagedown", "cursor_page(1)", "A page down", show=False),
        Binding("pageup", "cursor_page(-1)", "A page up", show=False),
        Binding("home", "cursor_end(0)", "First line", show=False),
        Binding("end", "cursor_end(-1)", "Last line", show=False),
    ]

    class Moved(Message):
        """Another line is the current one, or something else is in it."""

    def __init__(self) -> None:
        super().__init__()
        self._cursor = 0
        self._hover = -1
        self._looks: dict[str, dict[str, Style]] = {}

    @property
    def row_count(self) -> int:
        """Lines, headings left out."""
        raise NotImplementedError

    def heading(self) -> Iterable[Piece]:
        """The headings."""
        raise NotImplementedError

    def pieces(self, row: int) -> Iterable[Piece]:
        """A line."""
        raise NotImplementedError

    def came_in_sight(self) -> None:
        """Other lines may be in sight."""

    def clicked_heading(self, x: int) -> None:
        """The headings were clicked."""

    def clicked_again(self) -> None:
        """The current line was clicked twice."""

    @property
    def cursor_row(self) -> int:
        """The current line."""
        return self._cursor

    @property
    def first_row(self) -> int:
        """The first line in sight."""
        return round(self.scroll_y)

    @property
    def rows_in_sight(self) -> int:
        """Lines there is room for."""
        return max(1, self.scrollable_content_region.height - 1)

    def resize_list(self) -> None:
        """Take the place that all lines need."""
        self.virtual_size = Size(self.size.width, self.row_count + 1)
        self.refresh()

    # --- going about --------------------------------------------------------------

    def move_cursor(self, *, row: int) -> None:
        """Make a line the current one and bring it into sight."""
        self._cursor = max(0, min(row, self.row_count - 1))
        first, lines = self.first_row, self.rows_in_sight
        if self._cursor < first:
            self.scroll_to(y=self._cursor, animate=False, force=True)
        elif self._cursor >= first + lines:
            self.scroll_to(y=self._cursor - lines + 1, animate=False, force=True)
        self.refresh()
        self.came_in_sight()
        self.post_message(self.Moved())

    def action_cursor_down(self) -> None:
        """Go to the next line."""
        self.move_cursor(row=self._cursor + 1)

    def action_cursor_up(self) -> None:
        """Go to the line before."""
        self.move_cursor(row=self._cursor - 1)

    def action_cursor_page(self, step: int) -> None:
        """Go as far as there are lines in sight."""
        self.move_cursor(row=self._cursor + step * max(1, self.rows_in_sight - 1))

    def action_cursor_end(self, row: int) -> None:
        """Go to the first or the last line."""
        self.move_cursor(row=row % max(1, self.row_count))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.came_in_sight()

    # --- by mouse -----------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        if event.y == 0:
            self.clicked_heading(event.x)
            return
        row = self.first_row + event.y - 1
        if row < self.row_count:
            again = row == self._cursor and event.chain > 1
            self.move_cursor(row=row)
            if again:
                self.clicked_again()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._hovered(self.first_row + event.y - 1 if event.y else -1)

    def on_leave(self) -> None:
        self._hovered(-1)

    def _hovered(self, row: int) -> None:
        if row != self._hover:
            lines = [each for each in (row, self._hover) if each >= 0]
            self._hover = row
            self.refresh(*(Region(0, line - self.first_row + 1, self.size.width, 1) for line in lines))

    # --- drawing ------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._looks = {}

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            return strip_of(self.heading(), self._look(""), width)
        row = self.first_row + y - 1
        if row >= self.row_count:
            return Strip.blank(width, self._look("")[""])
        look = "cursor" if row == self._cursor and self.has_focus else "hover" if row in (self._hover, self._cursor) else ""
        return strip_of(self.pieces(row), self._look(look), width)

    def _look(self, name: str) -> dict[str, Style]:
        """The styles of an ordinary line, or of the one under the cursor or the mouse."""
        if not self._looks:
            own = styles_of(self)
            self._looks[""] = own
            for line in ("cursor", "hover"):
                look = self.get_component_rich_style(f"lines--{line}")
                over = Style(bgcolor=look.bgcolor, bold=look.bold or None, reverse=look.reverse or None)
                self._looks[line] = {key: style + over for key, style in own.items()}
        return self._looks[name]
