"""The parameters of one block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from engine.catalog import BLOCKS
from workbench.tui.brick_draft import BrickDraft
from workbench.tui.fields import Field
from workbench.tui.messages import RowEdited, RowFocused, RowOpened
from workbench.tui.screens.dialogs import Picker
from workbench.tui.stack import Brick, new_brick
from workbench.tui.widgets.field_row import FieldRow
from workbench.tui.widgets.form import FormRows


class BrickDialog(ModalScreen[Brick | None]):
    """A row for each parameter of a block; hands back the block, or None if it is to stay as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o,ctrl+s", "keep", "OK"),
        Binding("escape", "dismiss(None)", "Cancel"),
    ]

    def __init__(self, brick: Brick) -> None:
        super().__init__()
        self._draft = BrickDraft.of(brick)
        self._default = BrickDraft.of(new_brick(brick.kind))

    def compose(self) -> ComposeResult:
        choice = BLOCKS[self._draft.brick.kind]
        with Vertical(classes="dialog brick"):
            yield Static(Content.assemble((choice.label, "bold"), (f"   {choice.formula}", "$primary")))
            with FormRows():
                yield from self._rows()
            yield Static(id="about", markup=False)
            keys = "[$primary]o[/] [@click=screen.keep][b]ok[/b][/]   [$primary]esc[/] [@click=screen.dismiss(None)]cancel[/]"
            yield Static(Content.from_markup(f"[$primary]‹ ›[/] change   [$primary]enter[/] choose or type   {keys}"))

    def _rows(self) -> Iterator[FieldRow]:
        there = {row.field.path: row for row in self.query(FieldRow)} if self.is_mounted else {}
        for field in self._draft.rows():
            default = self._default[field.path] if not field.parent else self._draft[field.path]
            yield there.get(field.path) or FieldRow(field, self._draft[field.path], default)

    def on_mount(self) -> None:
        self.query(FieldRow).first().focus()

    def on_row_focused(self, message: RowFocused) -> None:
        field = self._field(message.path)
        self.query_one("#about", Static).update(Content.styled(field.help, "$muted"))

    def _field(self, path: str) -> Field:
        return next(field for field in self._draft.rows() if field.path == path)

    def on_row_edited(self, message: RowEdited) -> None:
        message.stop()
        before = [field.path for field in self._draft.rows()]
        self._draft = self._draft.with_text(message.path, message.text)
        if [field.path for field in self._draft.rows()] != before:
            self._rearrange()
        _, problems = self._draft.check()
        for row in self.query(FieldRow):
            row.text = self._draft[row.field.path]
            row.problem = problems.get(row.field.path, "")

    def _rearrange(self) -> None:
        wanted = {field.path for field in self._draft.rows()}
        form = self.query_one(FormRows)
        for row in self.query(FieldRow):
            if row.field.path not in wanted:
                row.remove()
        last: FieldRow | None = None
        for row in list(self._rows()):
            if row.parent is None:
                form.mount(row, after=last)
            last = row

    def on_row_opened(self, message: RowOpened) -> None:
        message.stop()
        field = self._field(message.path)
        picker = Picker(field.title, field.options, self._draft[field.path], registry=field.registry)

        def take(key: str | None) -> None:
            if key is not None:
                self.query_one(FormRows).post_message(RowEdited(field.path, key))

        self.app.push_screen(picker, take)

    def action_keep(self) -> None:
        """Keep what is described; a row with a problem is gone to instead."""
        brick, problems = self._draft.check()
        if brick is not None:
            self.dismiss(brick)
            return
        next(row for row in self.query(FieldRow) if row.field.path in problems).focus()
