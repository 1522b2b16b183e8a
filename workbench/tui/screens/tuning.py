"""Change settings of a training while it goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from engine.errors import ConfigurationError
from workbench.tui.notable import NAMES

Change = Callable[[Mapping[str, float]], None]
"""Asks for changes by path; raises ConfigurationError or ValueError where they do not fit."""
_TITLE_WIDTH = 16
_SHOWN = 6
"""So many of the changes made before are shown, the latest ones."""


class Tuning(ModalScreen[bool]):
    """A line for each setting that can be changed, with its present value. True if something was changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", "Cancel"),
        Binding("down", "app.focus_next", "Next", show=False, priority=True),
        Binding("up", "app.focus_previous", "Previous", show=False, priority=True),
    ]

    def __init__(self, title: str, present: Mapping[str, str], change: Change, *, before: Sequence[str] = ()) -> None:
        """Get ready to ask.

        Args:
            title: What is changed.
            present: The settings by path, with their values.
            change: Where changes go.
            before: The changes that were made before, in words.
        """
        super().__init__()
        self._title, self._present, self._change, self._before = title, dict(present), change, tuple(before)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog tuning"):
            yield Static(self._title, markup=False, classes="dialog-text")
            for path, text in self._present.items():
                with Horizontal(classes="tuned"):
                    yield Static(f"{NAMES.get(path, path):<{_TITLE_WIDTH}}", markup=False, classes="tuned-title")
                    yield Input(text, compact=True, id=_id(path))
            yield Static(id="problems", markup=False)
            if self._before:
                more = len(self._before) - _SHOWN
                lines = [f"({more} earlier)"] if more > 0 else []
                yield Static("\n".join([*lines, *self._before[-_SHOWN:]]), markup=False, classes="dialog-keys")
            yield Static("↑↓ another row    enter change    esc cancel", classes="dialog-hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        asked, problems = self._asked()
        if asked and not problems:
            try:
                self._change(asked)
            except ConfigurationError as error:
                problems = {problem.path: problem.message for problem in error.problems}
            except ValueError as error:
                problems = {"": str(error)}
        if problems:
            self._explain(problems)
        else:
            self.dismiss(bool(asked))

    def _asked(self) -> tuple[dict[str, float], dict[str, str]]:
        """The values that are not as before, and what is wrong with those that are no numbers."""
        asked, problems = {}, {}
        for path, present in self._present.items():
            text = self.query_one(f"#{_id(path)}", Input).value.strip()
            if text == present:
                continue
            try:
                asked[path] = float(text)
            except ValueError:
                problems[path] = f"must be a number, not {text!r}" if text else "needs a number"
        return asked, problems

    def _explain(self, problems: Mapping[str, str]) -> None:
        lines = [f"! {f'{NAMES.get(path, path)}: ' if path else ''}{message}" for path, message in problems.items()]
        self.query_one("#problems", Static).update(Content.styled("\n".join(lines), "$error"))
        first = next((path for path in problems if path in self._present), None)
        if first is not None:
            self.query_one(f"#{_id(first)}", Input).focus()


def _id(path: str) -> str:
    return f"tuned-{path.replace('.', '-')}"
