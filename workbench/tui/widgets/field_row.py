"""One row of the form: its title, its value, and below them what is wrong with it."""

from __future__ import annotations

import textwrap
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from workbench.plots.chart import Piece
from workbench.tui.fields import Field, Kind
from workbench.tui.messages import RowEdited, RowFocused, RowOpened
from workbench.tui.nudge import nudged
from workbench.tui.widgets.strips import strip_of, styles_of

TITLE_WIDTH, WIDE_TITLE_WIDTH = 18, 28
_WIDE = 70
"""Columns from which on the longest title fits."""
BLANK = "–"


def title_width_in(width: int) -> int:
    """Characters for the title in a row of so many."""
    return WIDE_TITLE_WIDTH if width >= _WIDE else TITLE_WIDTH


def row_pieces(field: Field, value: str, *, changed: bool, focused: bool, wrong: bool, width: int) -> list[Piece]:
    """The row's first line. A value that is not the default has a dot before it; a focused one shows that arrows move it."""
    indent = "  " if field.parent else ""
    title = indent + field.title
    title_width = title_width_in(width)
    title = title if len(title) < title_width else title[: title_width - 2] + "…"
    room = max(1, width - title_width - 4)
    text = value or BLANK
    text = text if len(text) <= room else "…" + text[-(room - 1) :]
    arrows = focused and (field.kind is not Kind.TEXT or bool(field.options))
    value_style = "row--wrong" if wrong else "row--changed" if changed else "row--value"
    return [
        ("! " if wrong else "• " if changed else "  ", value_style),
        (f"{title:<{title_width}}", "row--title"),
        ("‹" if arrows else " ", "row--arrow"),
        (text, value_style),
        ("›" if arrows else " ", "row--arrow"),
    ]


class FieldRow(Widget, can_focus=True):
    """A setting. Arrows move its value, Enter opens it, digits begin a new number."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "row--title",
        "row--value",
        "row--changed",
        "row--wrong",
        "row--arrow",
        "row--problem",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Edit", show=True),
        Binding("left", "nudge(-1)", "Lower or previous", show=False),
        Binding("right", "nudge(1)", "Higher or next", show=False),
        Binding("backspace", "reset", "Default value", show=False),
    ]

    text: reactive[str] = reactive("", init=False)
    problem: reactive[str] = reactive("", init=False)

    def __init__(self, field: Field, text: str, default: str) -> None:
        super().__init__(classes="field-row")
        self.field = field
        self._default = default
        self._before = text
        self.set_reactive(FieldRow.text, text)

    # --- drawing ----------------------------------------------------------------

    def watch_problem(self) -> None:
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        self.styles.height = 1 + len(self._problem_lines())

    def _problem_lines(self) -> list[str]:
        width = max(10, self.size.width - 4)
        return textwrap.wrap(self.problem, width)[:4] if self.problem else []

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        styles = styles_of(self)
        if y == 0:
            pieces = row_pieces(
                self.field,
                self.text,
                changed=self.text.strip() != self._default,
                focused=self.has_focus,
                wrong=bool(self.problem),
                width=width,
            )
            return strip_of(pieces, styles, width)
        lines = self._problem_lines()
        line = lines[y - 1] if y <= len(lines) else ""
        return strip_of([(f"    {line}", "row--problem")], styles, width)

    # --- editing ----------------------------------------------------------------

    def on_focus(self) -> None:
        self.post_message(RowFocused(self.field.path))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if self.has_focus:
            self.action_open()

    def on_key(self, event: events.Key) -> None:
        if self.field.kind is Kind.NUMBER and event.character and event.character.isdigit() and not self._editing:
            event.stop()
            self._edit(event.character)

    def opens_field(self, key: events.Key) -> bool:
        """Whether the key opens the picker or the editor."""
        if self._editing:
            return False
        digit = self.field.kind is Kind.NUMBER and key.character is not None and key.character.isdigit()
        return digit or (key.key == "enter" and self.field.kind is not Kind.SWITCH)

    def action_open(self) -> None:
        """Turn a switch, list the choices, or edit the text in place."""
        if self.field.kind is Kind.SWITCH:
            self.action_nudge(1)
        elif self.field.kind is Kind.CHOICE:
            self.post_message(RowOpened(self.field.path))
        else:
            self._edit(None)

    def action_nudge(self, direction: int) -> None:
        """Take the neighbouring value."""
        text = nudged(self.field, self.text, direction)
        if text != self.text:
            self.post_message(RowEdited(self.field.path, text))

    def action_reset(self) -> None:
        """Take the default value."""
        self.post_message(RowEdited(self.field.path, self._default))

    @property
    def _editing(self) -> bool:
        return bool(self.children)

    def _edit(self, first: str | None) -> None:
        if self._editing:
            return
        self._before = self.text
        editor = RowEditor(self.text if first is None else first, select_on_focus=first is None, compact=True)
        editor.styles.margin = (0, 0, 0, title_width_in(self.size.width) + 3)
        self.mount(editor)
        editor.focus()
        if first is not None:
            editor.cursor_position = len(first)
            self.post_message(RowEdited(self.field.path, first))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self.text:
            self.post_message(RowEdited(self.field.path, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.leave_editor(keep=True)

    def leave_editor(self, *, keep: bool) -> None:
        """Close the editor, with what was typed or with what was there before."""
        if not self._editing:
            return
        if not keep:
            self.post_message(RowEdited(self.field.path, self._before))
        self.focus()
        self.query(RowEditor).remove()


class RowEditor(Input):
    """The text of a row while it is typed; Escape takes it back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Keep"),
        Binding("escape", "give_up", "Take back"),
    ]

    def action_give_up(self) -> None:
        """Leave the row as it was."""
        assert isinstance(self.parent, FieldRow)
        self.parent.leave_editor(keep=False)

    def on_blur(self) -> None:
        if isinstance(self.parent, FieldRow) and self.parent.screen.focused is not self.parent:
            self.remove()
