"""Change settings of a training while it goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from engine.errors import ConfigurationError
from workbench.tui.notable import NAMES
from workbench.tui.scales import SCALES
from workbench.tui.widgets.dial import Dial

Change = Callable[[Mapping[str, float]], None]
"""Asks for changes by path; raises ConfigurationError or ValueError where they do not fit."""
_SHOWN = 5
"""So many of the changes made before are shown, the latest ones."""


class Tuning(ModalScreen[bool]):
    """A dial for each setting that can be changed, at its present value. True if something was changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "apply", "Change"),
        Binding("escape,q", "dismiss(False)", "Cancel"),
        Binding("down,j,tab", "app.focus_next", "Next", show=False, priority=True),
        Binding("up,k,shift+tab", "app.focus_previous", "Previous", show=False, priority=True),
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
                yield Dial(NAMES.get(path, path), text, SCALES[path], id=_id(path))
            yield Static(id="problems", markup=False)
            if self._before:
                more = len(self._before) - _SHOWN
                lines = [f"({more} earlier)"] if more > 0 else []
                yield Static("\n".join([*lines, *self._before[-_SHOWN:]]), markup=False, classes="dialog-keys")
            yield Static("←→ move, or type a number   ↑↓ another   enter change   esc cancel", classes="dialog-hint")

    def on_key(self, event: events.Key) -> None:
        """Keys that come before a dial has the focus are meant for the first one."""
        if self.focused is None and event.character is not None:
            dial = self.query(Dial).first()
            dial.focus()
            dial.on_key(event)

    def action_apply(self) -> None:
        """Make the changes before the next step."""
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
            text = self.query_one(f"#{_id(path)}", Dial).text.strip()
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
            self.query_one(f"#{_id(first)}", Dial).focus()


def _id(path: str) -> str:
    return f"tuned-{path.replace('.', '-')}"
