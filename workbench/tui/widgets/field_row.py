"""One row of the form: its title, its value, and below them what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.strip import Strip
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input

from workbench.tui.block_text import completion
from workbench.tui.fields import BLOCKS_PATH, Field, Kind
from workbench.tui.messages import CaretMoved, RowEdited, RowFocused, RowOpened
from workbench.tui.nudge import nudged
from workbench.tui.row_text import INDENT, row_pieces, title_width_in, value_lines, wrapped
from workbench.tui.widgets.strips import strip_of, styles_of

if TYPE_CHECKING:
    from workbench.plots.lines import Piece


class FieldRow(Widget, can_focus=True):
    """A setting. Arrows move its value, Enter opens it, digits begin a new number."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Edit", show=True),
        Binding("ctrl+e", "type", "Type the value", show=False),
        Binding("left", "nudge(-1)", "Lower or previous", show=False),
        Binding("right", "nudge(1)", "Higher or next", show=False),
        Binding("backspace,delete,ctrl+d", "reset", "Default value", show=False),
    ]

    text: reactive[str] = reactive("", init=False)
    problem: reactive[str] = reactive("", init=False)
    note: reactive[str] = reactive("", init=False)

    def __init__(self, field: Field, text: str, default: str) -> None:
        super().__init__(classes="field-row")
        self.field = field
        self._default = default
        self._before = text
        self._editing = False
        self._editings = 0
        self._focus_is_new = self._clicked_anew = False
        self._styles: dict[str, Style] = {}
        self.set_reactive(FieldRow.text, text)

    @property
    def _parts(self) -> Widget:
        """The form, which has the styles of what a row is made of."""
        assert isinstance(self.parent, Widget)
        return self.parent

    # --- drawing ----------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}

    def watch_problem(self) -> None:
        self._fit()

    def watch_note(self) -> None:
        self._fit()

    def watch_text(self) -> None:
        if self.field.long:
            self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        self.styles.height = 1 + len(self._lines_below())

    def _lines_below(self) -> list[Piece]:
        """What stands below the first line: a long value or the place where it is edited, then what is wrong with it."""
        width = self.size.width
        value = [""] * self.field.long if self._editing else value_lines(self.field, self.text, width)
        style = "row--wrong" if self.problem else "row--changed" if self._changed else "row--value"
        said = (self.problem, "row--problem") if self.problem else (self.note, "row--title")
        return [*((line, style) for line in value), *((line, said[1]) for line in wrapped(said[0], width))]

    @property
    def _changed(self) -> bool:
        return self.text.strip() != self._default

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        styles = self._styles = self._styles or styles_of(self, of=self._parts)
        if y == 0:
            pieces = row_pieces(
                self.field,
                self.text,
                changed=self._changed,
                focused=self.has_focus,
                wrong=bool(self.problem),
                width=width,
                elsewhere=self._editing,
            )
            return strip_of(pieces, styles, width)
        lines = self._lines_below()
        line, style = lines[y - 1] if y <= len(lines) else ("", "row--problem")
        return strip_of([(" " * INDENT + line, style)], styles, width)

    # --- editing ----------------------------------------------------------------

    def on_focus(self) -> None:
        self.post_message(RowFocused(self.field.path))
        self._focus_is_new = True
        self.call_later(self._be_used_to_focus)  # comes after the press of a mouse that brought the focus

    def _be_used_to_focus(self) -> None:
        self._focus_is_new = False

    def on_mouse_down(self) -> None:
        self._clicked_anew = self._focus_is_new

    def on_click(self, event: events.Click) -> None:
        """The first click goes to the row; the next ones open it, or move its value where its arrows are."""
        event.stop()
        if self._clicked_anew or self._editing:
            return
        direction = self._arrow_at(event.x) if event.y == 0 else 0
        if direction:
            self.action_nudge(direction)
        else:
            self.action_open()

    def _arrow_at(self, x: int) -> int:
        """1 or -1 if an arrow that moves the value up or down is drawn there, else 0."""
        pieces = row_pieces(self.field, self.text, changed=False, focused=True, wrong=False, width=self.size.width)
        left = sum(len(text) for text, _ in pieces[:2])
        right = left + 1 + len(pieces[3][0])
        if pieces[2][0] != "‹" or x not in (left, right, right + 1):
            return 0
        return -1 if x == left else 1

    def on_key(self, event: events.Key) -> None:
        if self.field.kind is Kind.NUMBER and event.character and event.character.isdigit() and not self._editing:
            event.stop()
            self._edit(event.character)

    def opens_field(self, key: events.Key) -> bool:
        """Whether the key opens the picker or the editor."""
        if self._editing:
            return False
        if key.key == "enter":
            return self.field.kind is not Kind.SWITCH and self.field.path != BLOCKS_PATH
        if key.key == "ctrl+e":
            return self.field.kind in (Kind.NUMBER, Kind.TEXT)
        return self.field.kind is Kind.NUMBER and key.character is not None and key.character.isdigit()

    def action_open(self) -> None:
        """Turn a switch, list the choices or the blocks, or edit the text in place."""
        if self.field.kind is Kind.SWITCH:
            self.action_nudge(1)
        elif self.field.kind is Kind.CHOICE or self.field.path == BLOCKS_PATH:
            self.post_message(RowOpened(self.field.path))
        else:
            self._edit(None)

    def action_type(self) -> None:
        """Type the value of a number or a text, the blocks as well."""
        if self.field.kind in (Kind.NUMBER, Kind.TEXT):
            self._edit(None)

    def action_nudge(self, direction: int) -> None:
        """Take the neighbouring value."""
        text = nudged(self.field, self.text, direction)
        if text != self.text:
            self.post_message(RowEdited(self.field.path, text))

    def action_reset(self) -> None:
        """Take the default value."""
        self.post_message(RowEdited(self.field.path, self._default))

    def _edit(self, first: str | None) -> None:
        if self._editing:
            return
        self._before = self.text
        self._editings += 1
        suggester = BlockSuggester() if self.field.path == BLOCKS_PATH else None
        text = self.text if first is None else first
        editor = RowEditor(text, select_on_focus=first is None, compact=True, suggester=suggester)
        editor.styles.margin = (1, 0, 0, INDENT) if self.field.long else (0, 0, 0, title_width_in(self.size.width) + 3)
        self._editing = True
        self.add_class("-editing")
        self.mount(editor)
        self._fit()
        editor.focus()
        self.watch(editor, "selection", self._caret_moved)
        if first is not None:
            editor.cursor_position = len(first)
            self._tell(first)

    def _caret_moved(self) -> None:
        editor = self.query(RowEditor)
        self.post_message(CaretMoved(self.field.path, editor.first().cursor_position if editor else None))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self.text:
            self._tell(event.value)

    def _tell(self, text: str) -> None:
        """Hand on what is typed; all of it counts as one edit."""
        self.post_message(RowEdited(self.field.path, text, joins=f"{self.field.path} {self._editings}"))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.leave_editor(keep=True)

    def leave_editor(self, *, keep: bool) -> None:
        """Close the editor, with what was typed or with what was there before."""
        if not self._editing:
            return
        if not keep:
            self._tell(self._before)
        self.focus()
        self.close_editor()

    def close_editor(self) -> None:
        """Take the editor away and show the value in its place."""
        self.query(RowEditor).remove()
        self._editing = False
        self.remove_class("-editing")
        self._fit()
        self.refresh()
        self.post_message(CaretMoved(self.field.path, None))


class BlockSuggester(Suggester):
    """Writes out the name of a block or of a parameter that is begun."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        return completion(value)


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
            self.parent.close_editor()
