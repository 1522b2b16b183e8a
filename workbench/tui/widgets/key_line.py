"""The line of keys at the foot of a screen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.events import Resize
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

ALWAYS = ("keys", "quit")
"""Actions whose keys stay when there is not room for all."""


class KeyLine(Footer):
    """As many keys as there is room for; the last ones say how to see all keys and how to leave."""

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)
        self._drawn_from: object = None

    def compose(self) -> ComposeResult:
        keys = self._in_order([key for key in super().compose() if isinstance(key, FooterKey)])
        last = [key for key in keys if _name(key) in ALWAYS]
        free = self.app.size.width - sum(map(_width, last))
        shown = []
        for key in keys:
            free -= 0 if key in last else _width(key)
            if free >= 0 and key not in last:
                shown.append(key)
        self.styles.grid_size_columns = len(shown) + len(last)
        yield from (*shown, *last)

    def _in_order(self, keys: list[FooterKey]) -> list[FooterKey]:
        """The keys with those that the screen puts in an order in this order."""
        order = getattr(self.screen, "FOOT", ())
        ordered = iter(sorted((key for key in keys if _name(key) in order), key=lambda key: order.index(_name(key))))
        return [next(ordered) if _name(key) in order else key for key in keys]

    async def recompose(self) -> None:
        """Build the keys anew, but only if they have changed: Textual asks for it with every move of the focus."""
        bindings = [(binding, enabled) for _, binding, enabled, _ in self.screen.active_bindings.values() if binding.show]
        drawn_from = (self._bindings_ready, self.app.size.width, bindings)
        if drawn_from != self._drawn_from:
            self._drawn_from = drawn_from
            await super().recompose()

    def on_resize(self, event: Resize) -> None:
        self.call_after_refresh(self.recompose)


def _name(key: FooterKey) -> str:
    return key.action.partition("(")[0].rpartition(".")[2]


def _width(key: FooterKey) -> int:
    """Characters of a key, a blank, its words, and the blank before the next."""
    return len(key.key_display) + len(key.description) + 2
