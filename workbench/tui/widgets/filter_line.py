"""The line in which a filter is typed, with what is wrong or how it can go on right below it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.suggester import Suggester
from textual.widgets import Input

from workbench.history import FilterError
from workbench.history.completion import Completions
from workbench.tui.filter_help import completion_text, examples_text, problem_text
from workbench.tui.widgets.told import Told

Known = Callable[[str], Completions | None]
"""How a text can go on; None where something has to be read for it."""
Completing = Callable[[str], Completions]
"""The same, where it is read; called in a thread."""
REST = 0.1
"""Seconds for which a text stays as it is before anything is read for it."""
PLACEHOLDER = "filter: words, or conditions such as activation=tanh test_error<2"


class _Suggester(Suggester):
    """Offers the first way to go on behind the cursor, and tells of all of them."""

    def __init__(
        self, known: Known, completing: Completing, is_there: Callable[[str], bool], told: Callable[[str, Completions], None]
    ) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._known, self._completing, self._is_there, self._told = known, completing, is_there, told

    async def get_suggestion(self, value: str) -> str | None:
        found = self._known(value)
        if found is None:
            await asyncio.sleep(REST)
            if not self._is_there(value):
                return None
            found = await asyncio.to_thread(self._completing, value)
        self._told(value, found)
        if not found.texts:
            return None
        whole = value[: found.start] + found.texts[0]
        return whole if whole.lower().startswith(value.lower()) else None


class FilterInput(Input):
    """The text of the filter; tab writes out what is offered, the arrow downwards leads into the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Write out", show=False),
        Binding("down", "screen.focus_list", "To the list", show=False),
    ]

    def __init__(self, known: Known, completing: Completing, told: Callable[[str, Completions], None]) -> None:
        suggester = _Suggester(known, completing, lambda text: text == self.value, told)
        super().__init__(placeholder=PLACEHOLDER, id="filter", compact=True, suggester=suggester)
        self.first = Completions(0)

    def action_complete(self) -> None:
        """Write out what is begun."""
        if not self.first.texts or not self.cursor_at_end:
            raise SkipAction
        self.value = self.value[: self.first.start] + self.first.texts[0]
        self.cursor_position = len(self.value)


class FilterLine(Vertical):
    """The filter, how many runs it finds, and the line below it."""

    def __init__(self, known: Known, completing: Completing) -> None:
        super().__init__()
        self._known, self._completing = known, completing
        self._error: FilterError | None = None
        self._found: tuple[str, Completions] = ("", Completions(0))

    def compose(self) -> ComposeResult:
        with Horizontal(id="filter-row"):
            yield FilterInput(self._known, self._completing, self._complete)
            yield Told(id="filter-count")
        yield Told(id="filter-help")

    @property
    def field(self) -> FilterInput:
        """Where it is typed."""
        return self.query_one(FilterInput)

    @property
    def error(self) -> FilterError | None:
        """What is wrong with it."""
        return self._error

    @error.setter
    def error(self, error: FilterError | None) -> None:
        self._error = error
        self._tell()

    def count(self, text: str) -> None:
        """Say how many runs there are."""
        self.query_one("#filter-count", Told).tell(text)

    def _complete(self, value: str, found: Completions) -> None:
        """Take in how a text can go on, unless another is there by now."""
        if self.is_mounted and value == self.field.value:
            self._found = (value, found)
            self._tell()

    def on_input_changed(self) -> None:
        self._tell()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._tell()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._tell()

    def on_resize(self) -> None:
        self._tell()

    def _tell(self) -> None:
        """What is wrong comes first, unless more is still to be typed."""
        field, width = self.field, max(1, self.content_size.width - 2)
        value, found = self._found
        field.first = found if value == field.value else Completions(len(field.value))
        text = Content("")
        if self._error is not None and not (self._error.unfinished and field.has_focus and field.first.texts):
            text = problem_text(self._error, width, scrolled=round(field.scroll_x))
        elif field.has_focus and not field.value:
            text = examples_text(width)
        elif field.has_focus and field.first.texts:
            text = completion_text(field.first, width)
        elif field.first.said:
            text = Content.styled(field.first.said, "$muted")
        box = self.query_one("#filter-help", Told)
        box.set_class(field.has_focus or bool(text.plain), "-told")  # its line stays while one types, so that the list does too
        box.tell(text)
