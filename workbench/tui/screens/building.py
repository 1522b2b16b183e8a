"""The form in which an experiment is described: what its keys do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import reactive

from engine.data_outline import known
from engine.parts import Model
from workbench.tui.fields import BLOCKS_PATH, Field
from workbench.tui.screens.experiment_files import ExperimentFiles
from workbench.tui.widgets.field_row import FieldRow
from workbench.tui.widgets.form import ExperimentForm, default_text
from workbench.tui.widgets.hint import Hint
from workbench.tui.widgets.layer_table import LayerTable
from workbench.tui.widgets.preview import Preview

if TYPE_CHECKING:
    from textual.events import Key

    from engine.experiment import Experiment
    from workbench.plots.network import Shape
    from workbench.tui.draft import Draft
    from workbench.tui.messages import CaretMoved, DraftChanged, RowFocused, RowOpened

UNDONE_SECONDS = 3.0


class Building(ExperimentFiles):
    """A screen with the form of an experiment, the panel that explains its rows, and a preview of what it describes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "toggle_form", "Form"),
        Binding("p", "preview", "Preview"),
        Binding("slash", "find", "Find a setting", show=False, key_display="/"),
        Binding("u", "undo", "Undo", show=False),
        Binding("ctrl+r", "redo", "Redo", show=False),
    ]

    form_open: reactive[bool] = reactive(True, init=False)
    previewing: reactive[bool] = reactive(False, init=False)
    """Whether the preview was asked for. Before the first training it is shown in any case, where there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.add_class("-form-open")
        self._row: Field | None = None
        self._caret: int | None = None

    @property
    def form(self) -> ExperimentForm:
        """The rows of the experiment."""
        return self.query_one(ExperimentForm)

    @property
    def preview(self) -> Preview:
        """What the form describes, as a drawing."""
        return self.query_one(Preview)

    def shape(self) -> dict[str, bool]:
        return {**super().shape(), "-previewing": self.preview_shown}

    def on_mount(self) -> None:
        self.form.focus_first()
        self._draw_preview()

    def on_resize(self) -> None:
        self.put_in_sight()

    def on_screen_resume(self) -> None:
        if self.form.draft != self.session.draft:
            what = "other settings" if self.session.parent is None else f"settings of run {self.session.parent}"
            self.form.load(self.session.draft, what)
            self.form_open = True
        self.put_in_sight()

    # --- form and preview -------------------------------------------------------------

    @property
    def unstarted(self) -> bool:
        """Whether nothing was trained in this sitting."""
        return self.session.runner is None

    @property
    def preview_shown(self) -> bool:
        """Whether the preview stands in the place of the live view, or of everything where there is not room for two."""
        return self.previewing or (self.unstarted and (self.wide or not self.form_open))

    def put_in_sight(self) -> None:
        """Show the preview or the live view, as things are."""
        before = self.has_class("-previewing")
        self.set_class(self.preview_shown, "-previewing")
        if self.preview_shown and not before:
            self._draw_preview()

    def _draw_preview(self) -> None:
        if self.preview_shown:
            self.preview.show(self.form.checked, welcome=self.unstarted)

    def watch_form_open(self, is_open: bool) -> None:
        self.set_class(is_open, "-form-open")
        if is_open and not self.wide:
            self.previewing = False
        self.put_in_sight()
        self._focus_shown()

    def watch_previewing(self, asked: bool) -> None:
        self.put_in_sight()
        self._draw_preview()
        if asked and not self.wide:
            self.preview.focus()
        elif not asked:
            self._focus_shown()

    def _focus_shown(self) -> None:
        """Let the keys go to what is in sight: the form, or what stands beside it."""
        if self.form_open:
            self.form.focus_first()
        elif self.preview_shown:
            self.preview.focus()
        else:
            self.query_one(LayerTable).focus()

    def action_toggle_form(self) -> None:
        """Show or hide the form."""
        if self.previewing and not self.wide:
            self.previewing = False
            self.form_open = True
        else:
            self.form_open = not self.form_open

    def opens_field(self, key: Key) -> bool:
        return key.key == "slash" or super().opens_field(key)

    def action_find(self) -> None:
        """Find a row of the form by typing: its title, or the name by which the command line knows it."""
        from workbench.tui.finding import found_rows
        from workbench.tui.screens.dialogs import Picker

        rows = found_rows(self.form.draft)

        def take(title: str | None) -> None:
            if title is not None:
                self.previewing = self.previewing and self.wide
                self.form_open = True
                self.form.go_to(rows[title].key)

        here = next((title for title, each in rows.items() if self._row is not None and each.key == self._row.path), "")
        self.app.push_screen(Picker("Find a setting", tuple(rows), here, registry=rows), take)

    def action_preview(self) -> None:
        """See what the form describes: the network, its size, a sample of the data."""
        self.previewing = not self.previewing

    # --- what is described ------------------------------------------------------------

    def in_order(self) -> bool:
        """Whether the form can be trained; says why not."""
        checked = self.form.checked
        if checked.fine:
            return True
        titles = {row.path: row.title for row in self.form.draft.rows()}
        named = [f"{titles.get(path, path)}: {problem}" for path, problem in checked.problems.items()]
        first = next(iter([*checked.general, *named]))
        more = len(checked.general) + len(checked.problems) - 1
        text = f"{first}\n(and {more} more)" if more else first
        self.notify(text, title="This cannot be trained yet", severity="error", markup=False)
        self.form_open = True
        return False

    def described(self) -> tuple[Experiment, ...]:
        return self.form.checked.experiments

    def take_draft(self, draft: Draft, what: str) -> None:
        self.session.draft = draft  # at once, for the screen takes it up when the dialog is gone
        self.form.load(draft, what)

    def action_undo(self) -> None:
        """Take back what was done last to the form."""
        self._tell_back("Undone", self.form.undo())

    def action_redo(self) -> None:
        """Do again what was taken back last."""
        self._tell_back("Done again", self.form.redo())

    def _tell_back(self, title: str, what: str | None) -> None:
        self.app.clear_notifications()
        text = f"{title}: {what}" if what is not None else "There is nothing more to take back or to do again."
        self.notify(text, timeout=UNDONE_SECONDS, markup=False)

    def on_draft_changed(self, message: DraftChanged) -> None:
        self.session.draft = message.draft
        self._explain()
        self._draw_preview()

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
            draft, checked = self.form.draft, self.form.checked
            there = any(row.path == self._row.path for row in draft.rows())
            default = default_text(draft, self._row) if there else None
            self.query_one(Hint).show(self._row, draft, checked, self._caret, default)

    # --- rows that open -----------------------------------------------------------------

    def on_row_opened(self, message: RowOpened) -> None:
        field = next(field for field in self.form.draft.rows() if field.path == message.path)
        if field.path == BLOCKS_PATH:
            self._stack()
            return
        from workbench.tui.screens.dialogs import Picker

        free = "a path ending in .csv or .npz" if field.path == "data.name" else ""
        picker = Picker(field.title, field.options, self.form.draft[field.path], registry=field.registry, free=free)

        def take(key: str | None) -> None:
            if key is not None:
                self._edit(field.path, key)

        self.app.push_screen(picker, take)

    def _edit(self, path: str, text: str) -> None:
        """Give a row the text that was chosen in a dialog."""
        self.form.edit(path, text)
        self.session.draft = self.form.draft  # at once, for the screen takes it up when the dialog is gone

    def _stack(self) -> None:
        """Put the blocks together in a list; text that is wrong is typed on."""
        from workbench.tui.screens.stacking import TYPE, Stacking

        draft = self.form.draft
        row = next(row for row in self.query(FieldRow) if row.field.path == BLOCKS_PATH)
        if not draft.blocks_can_be_read:
            row.action_type()
            return

        def take(text: str | None) -> None:
            if text is None:
                return
            self._edit(BLOCKS_PATH, text.removeprefix(TYPE))
            if text.startswith(TYPE):
                self.call_later(row.action_type)

        self.app.push_screen(Stacking(draft[BLOCKS_PATH], *self._stacked_on(draft)), take)

    def _stacked_on(self, draft: Draft) -> tuple[Model, Shape | None]:
        """What blocks take their activation from, and the shape that comes in, if it is known."""
        experiments = draft.with_text(BLOCKS_PATH, "").check().experiments
        if not experiments:
            return Model(), None
        data = known(experiments[0].data)
        seen = self.preview.described
        if data is None and seen.sample is not None and seen.data == experiments[0].data:
            data = seen.sample.outline
        return experiments[0].model, None if data is None else data.shape
