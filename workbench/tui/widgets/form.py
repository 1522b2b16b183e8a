"""The experiment as a form: groups of rows, checked at every key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from engine.errors import Problem
from workbench.tui.draft import DEFAULTS, Checked, Draft, difference, parameters_of, returned
from workbench.tui.fields import Field
from workbench.tui.messages import DraftChanged, RowEdited, RowFocused
from workbench.tui.placing import row_of
from workbench.tui.undo import Undo
from workbench.tui.widgets.field_row import FieldRow


class FormRows(VerticalScroll, can_focus=False):
    """Rows below each other, through which one goes with the arrow keys."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "row--title",
        "row--value",
        "row--changed",
        "row--wrong",
        "row--arrow",
        "row--problem",
    }  # once for all rows: with them in each row the form would take far longer to open
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Next row", show=False),
        Binding("up,k", "move(-1)", "Previous row", show=False),
        Binding("pagedown", "move(10)", "Ten rows on", show=False),
        Binding("pageup", "move(-10)", "Ten rows back", show=False),
        Binding("end", "move(1000)", "Last row", show=False),
        Binding("home", "move(-1000)", "First row", show=False),
    ]

    def in_order(self) -> list[FieldRow]:
        """The rows as they stand below each other."""
        return list(self.query(FieldRow))

    def on_resize(self) -> None:
        """Keep the current row in sight: what is said below of some rows leaves less room for them all."""
        focused = self.screen.focused
        if focused is not None and self in focused.ancestors:
            focused.scroll_visible(animate=False)

    def action_move(self, by: int) -> None:
        """Go to the row below or above."""
        rows = self.in_order()
        here = next((number for number, row in enumerate(rows) if row.has_focus or row.has_focus_within), 0)
        rows[min(max(here + by, 0), len(rows) - 1)].focus()


class ExperimentForm(FormRows):
    """Edits a draft and tells of every change by `DraftChanged`. What was done can be taken back."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft = draft
        self._checked = draft.check()
        self._undo = Undo(draft)
        self._headings: dict[str, Static] = {}
        self._rows: dict[str, FieldRow] = {}
        self._here = ""  # path of the row that was current last

    @property
    def draft(self) -> Draft:
        """What the form holds."""
        return self._draft

    @property
    def checked(self) -> Checked:
        """What it means."""
        return self._checked

    def compose(self) -> ComposeResult:
        yield from self._widgets(self._draft.rows())

    def _widgets(self, fields: Sequence[Field]) -> Iterator[Widget]:
        """The rows of these fields below the headings of their groups; those that are there already, and new ones."""
        group = ""
        for field in fields:
            if field.group != group:
                group = field.group
                if group not in self._headings:
                    self._headings[group] = Static(group, classes="group")
                yield self._headings[group]
            if field.path not in self._rows:
                self._rows[field.path] = FieldRow(field, self._draft[field.path], default_text(self._draft, field))
            yield self._rows[field.path]

    def load(self, draft: Draft, what: str = "other settings") -> None:
        """Hold another draft; `what` is said of it if it is taken back."""
        self._undo.put(draft, what)
        self._take(draft)

    def undo(self) -> str | None:
        """Take the last change back; what it was, or None if there is none."""
        after = self._draft
        what = self._back(self._undo.undo())
        return returned(self._draft, after) if what == "" else what

    def redo(self) -> str | None:
        """Make the change again that was taken back last; what it was, or None if there is none."""
        before = self._draft
        what = self._back(self._undo.redo())
        return difference(before, self._draft) if what == "" else what

    def _back(self, what: str | None) -> str | None:
        if what is None:
            return None
        before = self._draft
        self._take(self._undo.present)
        changed = next((each.path for each in self._draft.rows() if before[each.path] != self._draft[each.path]), None)
        if changed is not None:
            self._rows[changed].focus()
        elif not any(row.has_focus for row in self._rows.values()):
            self.focus_first()
        return what

    def blame(self, problems: Sequence[Problem]) -> None:
        """Show at their rows what the training found wrong with the experiment, until something is edited."""
        for problem in problems:
            if row := row_of(problem, self._rows):
                self._rows[row].problem = problem.message

    def focus_first(self) -> None:
        """Go to the row that was current, or to the first."""
        if not any(row.has_focus for row in self._rows.values()):
            (self._rows.get(self._here) or self.in_order()[0]).focus()

    def go_to(self, path: str) -> None:
        """Make a row the current one."""
        self._here = path
        self._rows[path].focus()

    def on_row_focused(self, message: RowFocused) -> None:
        self._here = message.path

    def in_order(self) -> list[FieldRow]:
        return [self._rows[field.path] for field in self._draft.rows()]

    def on_row_edited(self, message: RowEdited) -> None:
        message.stop()
        self.edit(message.path, message.text, joins=message.joins)

    def edit(self, path: str, text: str, *, joins: str = "") -> None:
        """Give a row another text; edits that follow each other and have the same `joins` are one."""
        draft = self._draft.with_text(path, text)
        self._undo.put(draft, "", joins=joins)
        self._take(draft)

    def _take(self, draft: Draft) -> None:
        """Show a draft: rows come and go where the choices ask for it, all others stay the widgets that they are."""
        before = [field.path for field in self._draft.rows()]
        self._draft, self._checked = draft, draft.check()
        fields = draft.rows()
        if [field.path for field in fields] != before:
            self._rearrange(fields)
        for path, row in self._rows.items():
            row.text = draft[path]
            row.problem = self._checked.problems.get(path, "")
            row.note = self._checked.notes.get(path, "")
        self.post_message(DraftChanged(draft))

    def _rearrange(self, fields: tuple[Field, ...]) -> None:
        for path in self._rows.keys() - {field.path for field in fields}:
            self._rows.pop(path).remove()
        last: Widget | None = None
        for widget in self._widgets(fields):
            if widget.parent is None:
                self.mount(widget, after=last)
            last = widget


def default_text(draft: Draft, field: Field) -> str:
    """The text of a row that nobody touched: a parameter's default belongs to the choice made."""
    if not field.parent:
        return DEFAULTS[field.path]
    parent = next(row for row in draft.rows() if row.path == field.parent)
    assert parent.registry is not None
    name = field.path.rpartition(".")[2]
    return next(f"{each.default:g}" for each in parameters_of(parent.registry, draft[field.parent]) if each.name == name)
