"""The line of keys at the foot of a screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.style import Style
from textual import events
from textual.binding import ActiveBinding
from textual.reactive import reactive
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from workbench.tui.widgets.strips import strip_of, styles_of

ALWAYS = ("keys", "quit")
"""Actions whose keys stay when there is not room for all."""
_KEY, _WORDS, _HOVER = "keys--key", "keys--words", "keys--hover"


@dataclass(frozen=True, slots=True)
class FootKey:
    """A key at the foot, and what it does."""

    key: str
    """Its name, by which it is pressed."""
    display: str
    words: str
    action: str

    @property
    def width(self) -> int:
        """Characters of the key, a blank, and its words."""
        return len(self.display) + 1 + len(self.words)

    @property
    def always(self) -> bool:
        """Whether it stays when there is not room for all."""
        return self.action in ALWAYS


def fitting(keys: Iterable[FootKey], width: int) -> tuple[FootKey, ...]:
    """As many keys as there is room for, the first ones first; behind them those that are always there."""
    keys = tuple(keys)
    last = tuple(key for key in keys if key.always)
    free = width - sum(key.width + 1 for key in last)
    shown = []
    for key in keys:
        if not key.always:
            free -= key.width + 1
            if free >= 0:
                shown.append(key)
    return (*shown, *last)


def in_order(keys: Sequence[FootKey], order: Sequence[str]) -> list[FootKey]:
    """The keys with those whose actions are put in an order in this order, and all others where they are."""
    ordered = iter(sorted((key for key in keys if key.action in order), key=lambda key: order.index(key.action)))
    return [next(ordered) if key.action in order else key for key in keys]


class KeyLine(Widget):
    """As many keys as there is room for; the last ones say how to see all keys and how to leave. A click presses a key."""

    ALLOW_SELECT: ClassVar[bool] = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {_KEY, _WORDS, _HOVER}

    pointed: reactive[int] = reactive(-1, init=False)
    """The number of the key under the pointer."""

    def __init__(self, keys: Sequence[FootKey] = ()) -> None:
        """The keys are those of the screen, save where they are given."""
        super().__init__()
        self._given = tuple(keys)
        self._keys = self._given
        self._styles: dict[str, Style] = {}

    @property
    def shown(self) -> tuple[FootKey, ...]:
        """The keys that there is room for."""
        return fitting(self._keys, self.size.width)

    @property
    def gap(self) -> int:
        """Blanks between keys; two and one before the first, where there is room for them."""
        return 2 if sum(key.width + 2 for key in self.shown) < self.size.width else 1

    def on_mount(self) -> None:
        if not self._given:
            self.screen.bindings_updated_signal.subscribe(self, self._take)
            self._take(self.screen)

    def _take(self, screen: Screen[Any]) -> None:
        """Show the keys that do something on the screen now."""
        if not self.is_attached or screen is not self.screen:
            return
        found: dict[str, FootKey] = {}
        for active in screen.active_bindings.values():
            if active.binding.show and active.enabled:
                found.setdefault(active.binding.action, self._foot_key(active))
        keys = tuple(in_order(list(found.values()), getattr(screen, "FOOT", ())))
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def _foot_key(self, active: ActiveBinding) -> FootKey:
        binding = active.binding
        action = binding.action.partition("(")[0].rpartition(".")[2]
        return FootKey(binding.key, self.app.get_key_display(binding), binding.description, action)

    # --- the pointer ----------------------------------------------------------------

    def _number_at(self, x: int) -> int:
        """The number of the key that is drawn there, or -1."""
        gap = self.gap
        start = gap - 1
        for number, key in enumerate(self.shown):
            if start <= x < start + key.width:
                return number
            start += key.width + gap
        return -1

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self.pointed = self._number_at(event.x)

    def on_leave(self) -> None:
        self.pointed = -1

    def on_mouse_down(self, event: events.MouseDown) -> None:
        number = self._number_at(event.x)
        if number < 0 or self._given:
            return
        self.app.simulate_key(self.shown[number].key)

    # --- drawing --------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}

    def render_line(self, y: int) -> Strip:
        styles = self._styles = self._styles or styles_of(self)
        gap = self.gap
        pieces = [(" " * (gap - 1), "")]
        for number, key in enumerate(self.shown):
            over = number == self.pointed
            pieces += [
                (key.display, _HOVER if over else _KEY),
                (f" {key.words}", _HOVER if over else _WORDS),
                (" " * gap, ""),
            ]
        return strip_of(pieces, styles, self.size.width)
