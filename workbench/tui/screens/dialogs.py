"""Small screens over the others: a question, a line of text, a list to pick from, the keys."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from engine.catalog import Choice
from engine.catalog.blocks import BlockChoice

_KEY_WIDTH, _HELP_WIDTH = 13, 43


class Question(ModalScreen[bool | None]):
    """Asks for yes or no; None if it was not answered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes"),
        Binding("n", "dismiss(False)", "No"),
        Binding("escape,q", "dismiss(None)", "Back"),
        Binding("enter", "usual", "The answer that loses nothing"),
    ]

    def __init__(self, question: str, *, yes: str, no: str, enter: bool | None = None) -> None:
        """Get ready to ask.

        Args:
            question: What is asked.
            yes: What becomes of a yes.
            no: What becomes of a no.
            enter: The answer that Enter gives, one that loses nothing; None: it goes back. False: a no changes nothing, and is
                the same as going back.
        """
        super().__init__()
        self._question, self._yes, self._no, self._enter = question, yes, no, enter

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self._question, markup=False, classes="dialog-text")
            lines = (Content.assemble((f"{key:<15}", "bold $primary"), text) for key, text in self._answers())
            yield Static(Content("\n").join(lines), classes="dialog-keys")

    def _answers(self) -> Sequence[tuple[str, str]]:
        """The keys, and what becomes of them."""
        if self._enter is False:
            return (("y", self._yes), ("n, enter, esc", self._no))
        usual = {self._enter: ", enter"}
        return (
            (f"y{usual.get(True, '')}", self._yes),
            ("n", self._no),
            (f"esc{usual.get(None, '')}", "back"),
        )

    def action_usual(self) -> None:
        """Give the answer that loses nothing."""
        self.dismiss(self._enter)


class Prompt(ModalScreen[str | None]):
    """Asks for a line of text; None if it was not given."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, title: str, text: str = "", *, hint: str = "", enter: str = "keep") -> None:
        """`hint` says what is asked for, `enter` what Enter does."""
        super().__init__()
        self._title, self._text, self._hint, self._enter = title, text, hint, enter

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self._title, markup=False, classes="dialog-text")
            yield Input(self._text, compact=True)
            yield Static(f"{self._hint}    enter {self._enter}    esc cancel".strip(), markup=False, classes="dialog-hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)


class Picker(ModalScreen[str | None]):
    """All choices of one kind, found by typing, each with its formula and what it does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("down", "move(1)", "Next", show=False, priority=True),
        Binding("up", "move(-1)", "Previous", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        options: Sequence[str],
        chosen: str,
        *,
        registry: Mapping[str, Choice | BlockChoice] | None,
        free: str = "",
    ) -> None:
        """Get ready to ask.

        Args:
            title: What is chosen.
            options: The keys to choose from.
            chosen: The key that is chosen now.
            registry: Where the keys are described, if they are.
            free: What else may be typed, in words; empty if nothing else.
        """
        super().__init__()
        self._title, self._options, self._chosen, self._registry, self._free = title, tuple(options), chosen, registry, free

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog picker"):
            yield Static(self._title, markup=False, classes="dialog-text")
            yield Input(placeholder=f"type to find{f', or {self._free}' if self._free else ''}", compact=True)
            yield OptionList(compact=True)
            yield Static(id="about", markup=False)

    def on_mount(self) -> None:
        self._fill("")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._fill(event.value)

    def _fill(self, text: str) -> None:
        options = self.query_one(OptionList)
        words = text.lower().split()
        found = [key for key in self._options if all(word in f"{key} {self._label(key)}".lower() for word in words)]
        options.clear_options()
        options.add_options([Option(self._line(key), id=key) for key in found])
        if found:
            options.highlighted = found.index(self._nearest(text.strip().lower(), found))
        else:
            self._about(f"enter takes {text!r}" if self._free and text else "nothing found")

    def _nearest(self, typed: str, found: Sequence[str]) -> str:
        """The key that is typed out, or begins so; else the one chosen now, or the first."""
        begun = [key for key in found if typed and key.lower().startswith(typed)]
        exact = [key for key in begun if key.lower() == typed]
        return next(iter([*exact, *([self._chosen] if self._chosen in found else []), *begun, *found]))

    def _about(self, text: str | Content) -> None:
        self.query_one("#about", Static).update(text)

    def _label(self, key: str) -> str:
        return self._registry[key].label if self._registry is not None else ""

    def _line(self, key: str) -> Content:
        sign = "●" if key == self._chosen else " "
        return Content.assemble(f"{sign} {key:<21}", (self._label(key), "$muted"))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if self._registry is None or event.option_id is None or not self.query_one(OptionList).option_count:
            return  # what was highlighted may be gone from the list by now
        choice = self._registry[event.option_id]
        self._about(Content.assemble((choice.formula, "$primary"), f"\n{choice.help}\n", (choice.citation, "italic $muted")))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        options = self.query_one(OptionList)
        if options.highlighted is not None and options.option_count:
            self.dismiss(options.get_option_at_index(options.highlighted).id)
        elif self._free and event.value.strip():
            self.dismiss(event.value.strip())

    def action_move(self, by: int) -> None:
        """Move the highlight while the text keeps the focus."""
        options = self.query_one(OptionList)
        if options.option_count:
            options.highlighted = ((options.highlighted or 0) + by) % options.option_count


class Listing(ModalScreen[None]):
    """Some lines to read."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter,e", "dismiss(None)", "Close")]

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._title, self._lines = title, tuple(lines)

    def compose(self) -> ComposeResult:
        text = [
            Content.styled(self._title, "bold"),
            *map(Content, self._lines),
            Content(""),
            Content.styled("esc closes", "$muted"),
        ]
        with VerticalScroll(classes="dialog help"):
            yield Static(Content("\n").join(text))


class KeysHelp(ModalScreen[None]):
    """The keys of the screen below, group by group."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss(None)", "Close")]

    def __init__(self, groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
        super().__init__()
        self._groups = groups

    def compose(self) -> ComposeResult:
        lines: list[Content] = []
        for title, keys in self._groups:
            lines.append(Content.styled(title, "bold"))
            for key, text in keys:
                first, *rest = textwrap.wrap(text, _HELP_WIDTH)
                lines.append(Content.assemble("  ", (f"{key:<{_KEY_WIDTH}}", "$primary"), first))
                lines += [Content(" " * (_KEY_WIDTH + 2) + line) for line in rest]
            lines.append(Content(""))
        lines.append(Content.styled("esc closes", "$muted"))
        with VerticalScroll(classes="dialog help"):
            yield Static(Content("\n").join(lines))
