"""What was done to a value, so that it can be taken back and done again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 200
"""Changes that can be taken back; older ones are forgotten."""


@dataclass(frozen=True, slots=True)
class _Change(Generic[T]):
    """A change, seen from either side."""

    other: T  # the value on its other side
    what: str


class Undo(Generic[T]):
    """A value with its past, and with the future that was taken back."""

    def __init__(self, present: T, most: int = MOST) -> None:
        self.present = present
        self._most = most
        self._past: list[_Change[T]] = []
        self._future: list[_Change[T]] = []
        self._joins = ""

    def put(self, value: T, what: str, *, joins: str = "") -> None:
        """Change the value.

        Args:
            value: The new one.
            what: What is done, in words.
            joins: Changes that follow each other and have the same text here count as one, such as the keys of a word.
        """
        if value == self.present:
            return
        before = self._past.pop().other if joins and joins == self._joins else self.present
        self._future.clear()
        self._joins = joins
        self.present = value
        if value == before:
            self._joins = ""  # all of it was taken back by hand
            return
        self._past = [*self._past, _Change(before, what)][-self._most :]

    def undo(self) -> str | None:
        """Take the last change back; what it was, or None if there is none."""
        return self._go(self._past, self._future)

    def redo(self) -> str | None:
        """Make the change again that was taken back last; what it was, or None if there is none."""
        return self._go(self._future, self._past)

    def _go(self, taken: list[_Change[T]], given: list[_Change[T]]) -> str | None:
        self._joins = ""
        if not taken:
            return None
        change = taken.pop()
        given.append(_Change(self.present, change.what))
        self.present = change.other
        return change.what
