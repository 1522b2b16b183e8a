"""A number on a scale: moved by arrows, by mouse, or typed."""

from __future__ import annotations

import math
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from workbench.plots.chart import Piece
from workbench.tui.fields import number_text
from workbench.tui.scales import Scale
from workbench.tui.widgets.strips import strip_of, styles_of

TITLE_WIDTH, VALUE_WIDTH = 15, 10
_LEAST = 8
_TYPED = frozenset("0123456789.e-")
_FAR = 3
"""Notches that the arrows go with shift."""


def bar_length(width: int) -> int:
    """Characters for the scale in a row of so many."""
    return max(_LEAST, width - TITLE_WIDTH - VALUE_WIDTH - 2)


def dial_pieces(title: str, text: str, scale: Scale, width: int, *, typing: bool, changed: bool) -> list[Piece]:
    """The row: title, the scale with a knob where the number is, the number."""
    number = read(text)
    length = bar_length(width)
    place = round(scale.share(number) * (length - 1)) if number is not None else None
    bar: list[Piece] = [("─" * length, "dial--rest")]
    if place is not None:
        bar = [("━" * place, "dial--done"), ("●", "dial--knob"), ("─" * (length - place - 1), "dial--rest")]
    shown = f"{text}▏" if typing else text
    return [
        (f"{title:<{TITLE_WIDTH}}", "dial--title"),
        *bar,
        ("  ", ""),
        (f"{'•' if changed else ' '}{shown[: VALUE_WIDTH - 1]}", "dial--changed" if changed else "dial--number"),
    ]


def read(text: str) -> float | None:
    """The number that a text is; None if it is none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


class Dial(Widget, can_focus=True):
    """One number. Its text is what was typed, or the number on the scale."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "dial--title",
        "dial--done",
        "dial--knob",
        "dial--rest",
        "dial--number",
        "dial--changed",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Less", show=False),
        Binding("right", "step(1)", "More", show=False),
        Binding("shift+left", f"step(-{_FAR})", "Much less", show=False),
        Binding("shift+right", f"step({_FAR})", "Much more", show=False),
        Binding("backspace", "erase", "Delete a digit", show=False),
    ]

    text: reactive[str] = reactive("", init=False)

    def __init__(self, title: str, text: str, scale: Scale, *, id: str) -> None:  # noqa: A002  as widgets call it
        super().__init__(id=id)
        self._title, self._scale, self._before = title, scale, text
        self._typing = False
        self._styles: dict[str, Style] = {}
        self.set_reactive(Dial.text, text)

    @property
    def changed(self) -> bool:
        """Whether it is another number than at first."""
        return self.text.strip() != self._before

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}

    def render_line(self, y: int) -> Strip:
        width = self.content_size.width
        styles = self._styles = self._styles or styles_of(self)
        typing = self._typing and self.has_focus
        return strip_of(
            dial_pieces(self._title, self.text, self._scale, width, typing=typing, changed=self.changed), styles, width
        )

    def action_step(self, by: int) -> None:
        """Go to another notch of the scale."""
        number = read(self.text)
        if number is not None:
            self._set(self._scale.stepped(number, by))

    def action_erase(self) -> None:
        """Take away the last character of what was typed."""
        self._typing = True
        self.text = self.text[:-1]
        self.refresh()

    def _set(self, number: float) -> None:
        self._typing = False
        self.text = number_text(number)
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        if event.character is None or event.character not in _TYPED:
            return
        event.stop()
        event.prevent_default()
        self.text = self.text + event.character if self._typing else event.character
        self._typing = True
        self.refresh()

    def on_blur(self) -> None:
        self._typing = False

    # --- the mouse ----------------------------------------------------------------

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.focus()
        self.capture_mouse()
        self._point(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self._point(event)

    def on_mouse_up(self) -> None:
        self.release_mouse()

    def _point(self, event: events.MouseEvent) -> None:
        """Take the number under the mouse, if it is on the scale or is drawn beyond its ends."""
        length = bar_length(self.content_size.width)
        place = event.x - TITLE_WIDTH
        if (0 <= place < length or self.app.mouse_captured is self) and read(self.text) is not None and place < length + 2:
            self._set(self._scale.at(place / (length - 1)))
