"""The form in which an experiment is described: what its keys do."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import reactive

from workbench.tui.fields import Field
from workbench.tui.messages import CaretMoved, DraftChanged, RowEdited, RowFocused, RowOpened
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.dialogs import Picker
from workbench.tui.widgets.form import ExperimentForm
from workbench.tui.widgets.hint import Hint
from workbench.tui.widgets.layer_table import LayerTable


class Building(WorkbenchScreen):
    """A screen with the form of an experiment and the panel that explains its rows."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f", "toggle_form", "Form")]

    form_open: reactive[bool] = reactive(True, init=False)

    def __init__(self) -> None:
        super().__init__()
        self.add_class("-form-open")
        self._row: Field | None = None
        self._caret: int | None = None

    @property
    def form(self) -> ExperimentForm:
        """The rows of the experiment."""
        return self.query_one(ExperimentForm)

    def on_mount(self) -> None:
        self.form.focus_first()

    def on_screen_resume(self) -> None:
        if self.form.draft != self.session.draft:
            self.form.load(self.session.draft)
            self.form_open = True

    def watch_form_open(self, is_open: bool) -> None:
        self.set_class(is_open, "-form-open")
        if is_open:
            self.form.focus_first()
        else:
            self.query_one(LayerTable).focus()

    def in_order(self) -> bool:
        """Whether the form can be trained; says why not."""
        checked = self.form.checked
        if checked.fine:
            return True
        first = next(iter([*checked.general, *checked.problems.values()]))
        more = len(checked.general) + len(checked.problems) - 1
        text = f"{first}\n(and {more} more)" if more else first
        self.notify(text, title="This cannot be trained yet", severity="error", markup=False)
        self.form_open = True
        return False

    def action_toggle_form(self) -> None:
        """Show or hide the form."""
        self.form_open = not self.form_open

    def on_draft_changed(self, message: DraftChanged) -> None:
        self.session.draft = message.draft
        self._explain()

    def on_row_focused(self, message: RowFocused) -> None:
        self._row = next((field for field in self.form.draft.rows() if field.path == message.path), None)
        self._caret = None
        self._explain()

    def on_caret_moved(self, message: CaretMoved) -> None:
        if self._row is not None and message.path == self._row.path:
            self._caret = message.caret
            self._explain()

    def _explain(self) -> None:
        if self._row is not None:
            self.query_one(Hint).show(self._row, self.form.draft, self.form.checked, self._caret)

    def on_row_opened(self, message: RowOpened) -> None:
        field = next(field for field in self.form.draft.rows() if field.path == message.path)
        free = "a path ending in .csv or .npz" if field.path == "data.name" else ""
        picker = Picker(field.title, field.options, self.form.draft[field.path], registry=field.registry, free=free)

        def take(key: str | None) -> None:
            if key is not None:
                self.form.post_message(RowEdited(field.path, key))

        self.app.push_screen(picker, take)
