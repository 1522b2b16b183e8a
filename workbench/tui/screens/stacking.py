"""A network is stacked from blocks: a list of them, and the parameters of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from engine.catalog import BLOCKS, parse_blocks
from engine.outline import Traced, trace
from engine.parts import Model
from workbench.plots.network import Shape, shape_text
from workbench.tui import stack
from workbench.tui.screens.bricks import BrickDialog
from workbench.tui.screens.dialogs import Picker, Question
from workbench.tui.stack import Chain, Place, StackError
from workbench.tui.undo import Undo
from workbench.tui.widgets.stack_list import StackList

TYPE = "\0type"
"""What the dialog hands back where the text is to be typed instead."""
_WIDE = 78
"""Columns in which the keys need two lines."""
_AROUND = 10
"""Lines of the dialog besides the list and the keys."""
MOST_TRACED = 3000
"""Of more blocks the shapes are not worked out while they are edited."""


class Stacking(ModalScreen[str | None]):
    """The blocks one below the other; hands back how they are written, or None if nothing was to be kept."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add"),
        Binding("i", "add(False)", "Insert before"),
        Binding("d,delete", "remove", "Remove"),
        Binding("c", "copy", "Copy"),
        Binding("shift+up,K", "move(-1)", "Move up"),
        Binding("shift+down,J", "move(1)", "Move down"),
        Binding("shift+right,L", "into", "Into the block above"),
        Binding("shift+left,H", "out", "Out of the block around"),
        Binding("plus", "repeat(1)", "Once more"),
        Binding("minus", "repeat(-1)", "Once less"),
        Binding("u", "undo", "Undo"),
        Binding("ctrl+r", "redo", "Redo"),
        Binding("t", "type", "Type the text"),
        Binding("o,ctrl+s", "keep", "OK"),
        Binding("escape", "cancel", "Cancel"),
        Binding("question_mark", "app.keys", "Keys", key_display="?"),
    ]

    def __init__(self, text: str, model: Model, shape: Shape | None) -> None:
        """Get ready to show blocks.

        Args:
            text: How they are written; must be right.
            model: What they take their activation from.
            shape: Of one example; None while it is not known.
        """
        super().__init__()
        self._undo: Undo[Chain] = Undo(stack.bricks(parse_blocks(text)))
        self._first = self._undo.present
        self._model, self._shape = model, shape

    @property
    def blocks(self) -> Chain:
        """The blocks as they are now."""
        return self._undo.present

    def compose(self) -> ComposeResult:
        enters = f"{shape_text(self._shape)} comes in" if self._shape else "shapes are known when the data are read"
        with Vertical(classes="dialog stack"):
            yield Static(Content.assemble(("Blocks", "bold"), (f"   {enters}", "$muted")))
            yield StackList()
            yield Static(id="about", markup=False)
            yield Static(Content.from_markup(KEYS), classes="dialog-keys")

    def on_mount(self) -> None:
        self._show((0,))

    def on_resize(self, event: Resize) -> None:
        lines_of_keys = 2 if event.size.width >= _WIDE else 3
        self.listed.styles.max_height = max(3, event.size.height - _AROUND - lines_of_keys)
        self.call_after_refresh(self._show, self.listed.place)

    @property
    def listed(self) -> StackList:
        """The list of the blocks."""
        return self.query_one(StackList)

    def _show(self, place: Place) -> None:
        lines = tuple(stack.lines(self.blocks))
        traced = self._traced()
        wrong = stack.place_of(self.blocks, traced.wrong) if traced.wrong else ()
        self.listed.show(lines, [traced.shapes.get(line.name) for line in lines], wrong, traced.problem, place)
        if not lines:
            self._about("No blocks: the network is that of depth and width. a adds one.")

    def _traced(self) -> Traced:
        if self._shape is None or stack.size(self.blocks) > MOST_TRACED:
            return Traced({})
        return trace(self._model, parse_blocks(stack.chain_text(self.blocks)), self._shape)

    def _about(self, text: str | Content) -> None:
        self.query_one("#about", Static).update(text)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        place = self.listed.place
        if len(place) % 2 == 0:
            self._about("A branch: a adds a block at its beginning, c copies it, d removes it." if place else "")
            return
        choice = BLOCKS[stack.brick_at(self.blocks, place).kind]
        self._about(Content.assemble((choice.label, "bold"), (f"  {choice.formula}\n", "$primary"), choice.help))

    # --- what the keys do -----------------------------------------------------------

    def _change(self, made: Callable[[], tuple[Chain, Place]], what: str) -> None:
        """Make a change; says why where it makes no sense."""
        try:
            blocks, place = made()
        except StackError as error:
            self.notify(f"{error}.", severity="warning", markup=False)
            return
        self._undo.put(blocks, what)
        self._show(place)

    def action_add(self, after: bool = True) -> None:
        """Add a block behind the present one, chosen from all kinds."""
        place = self.listed.place

        def take(kind: str | None) -> None:
            if kind is not None:
                self._change(lambda: stack.insert(self.blocks, place, stack.new_brick(kind), after=after), f"{kind} added")

        self.app.push_screen(Picker("Add a block", tuple(BLOCKS), "dense", registry=BLOCKS), take)

    def action_remove(self) -> None:
        """Remove the block with all that it holds."""
        if self.blocks:
            self._change(lambda: stack.remove(self.blocks, self.listed.place), "removed")

    def action_copy(self) -> None:
        """Put a copy behind the block."""
        if self.blocks:
            self._change(lambda: stack.copy(self.blocks, self.listed.place), "copied")

    def action_move(self, by: int) -> None:
        """Move the block up or down, out of the block around it at its ends."""
        if self.blocks:
            self._change(lambda: stack.move(self.blocks, self.listed.place, by), "moved")

    def action_into(self) -> None:
        """Move the block into the one above it."""
        if self.blocks:
            self._change(lambda: stack.move_in(self.blocks, self.listed.place), "moved")

    def action_out(self) -> None:
        """Move the block out of the one around it."""
        if self.blocks:
            self._change(lambda: stack.move_out(self.blocks, self.listed.place), "moved")

    def action_repeat(self, by: int) -> None:
        """Repeat the block once more or less."""
        place = self.listed.place
        if self.blocks:
            self._change(lambda: (stack.repeat(self.blocks, place, by), place), "repeated")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_edit()

    def action_edit(self) -> None:
        """Change the parameters of the block."""
        place = self.listed.place
        if len(place) % 2 == 0:
            return

        def take(brick: stack.Brick | None) -> None:
            if brick is not None:
                self._change(lambda: (stack.put(self.blocks, place, brick), place), "changed")

        self.app.push_screen(BrickDialog(stack.brick_at(self.blocks, place)), take)

    def action_undo(self) -> None:
        """Take the last change back."""
        self._back(self._undo.undo())

    def action_redo(self) -> None:
        """Make the change again that was taken back."""
        self._back(self._undo.redo())

    def _back(self, what: str | None) -> None:
        if what is not None:
            self._show(self.listed.place)

    def action_type(self) -> None:
        """Type the blocks as a text instead, beginning with what is here."""
        self.dismiss(TYPE + stack.chain_text(self.blocks))

    def action_keep(self) -> None:
        """Write the blocks into the form."""
        self.dismiss(stack.chain_text(self.blocks))

    def action_cancel(self) -> None:
        """Leave the form as it was; asks first if something was changed."""
        if self.blocks == self._first:
            self.dismiss(None)
            return

        def answered(yes: bool | None) -> None:
            if yes is not None:
                self.dismiss(stack.chain_text(self.blocks) if yes else None)

        question = Question("The blocks were changed.", yes="keep them", no="leave the form as it was", enter=True)
        self.app.push_screen(question, answered)


def _key(key: str, action: str, words: str) -> str:
    return f'[$primary]{key}[/] [@click="screen.{action}"]{words}[/]'


KEYS = "   ".join(
    [
        _key("a", "add", "add"),
        _key("i", "add(False)", "insert"),
        _key("enter", "edit", "edit"),
        _key("d", "remove", "remove"),
        _key("c", "copy", "copy"),
        _key("+", "repeat(1)", "more") + " " + _key("-", "repeat(-1)", "less"),
        _key("⇧↑", "move(-1)", "up") + " " + _key("⇧↓", "move(1)", "down"),
        _key("⇧→", "into", "in") + " " + _key("⇧←", "out", "out"),
        _key("u", "undo", "undo"),
        _key("t", "type", "type"),
        _key("o", "keep", "[b]ok[/b]"),
        _key("esc", "cancel", "cancel"),
    ]
)
"""What the keys do; each can be clicked."""
