"""Keys that were typed before the field that they are meant for is there."""

from __future__ import annotations

import time
from typing import Protocol, runtime_checkable

from textual.events import Key
from textual.screen import Screen
from textual.widgets import Input

PATIENCE = 1.0
"""Seconds after which keys are no longer kept: no field came."""


@runtime_checkable
class OpensField(Protocol):
    """A widget or screen that makes a field to type in when some keys are pressed."""

    def opens_field(self, key: Key) -> bool:
        """Whether the key makes a field to type in."""
        ...


class TypeAhead:
    """Keeps keys from the one that opens a field until the field has the focus: they are its text, not commands."""

    def __init__(self) -> None:
        self._kept: list[Key] | None = None
        self._opened_by = ""
        self._since = 0.0

    def lets_pass(self, key: Key, screen: Screen[object]) -> bool:
        """Whether the key is to be handled now; otherwise it was kept.

        A second Enter after one that opened the field is neither handled nor kept.
        """
        if self._kept is not None and time.monotonic() - self._since < PATIENCE:
            if self._kept or not key.key == self._opened_by == "enter":
                self._kept.append(key)
            return False
        self._kept = None
        focused = screen.focused
        nodes: tuple[object, ...] = (focused, screen)
        if not isinstance(focused, Input) and any(isinstance(node, OpensField) and node.opens_field(key) for node in nodes):
            self._kept, self._opened_by, self._since = [], key.key, time.monotonic()
        return True

    def release(self) -> tuple[Key, ...]:
        """The keys that were kept, in their order; none are kept from now on."""
        kept, self._kept = self._kept or (), None
        return tuple(kept)
