"""The tables of a recipe's file: what is taken from them has the right type, and what is wrong with them is gathered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from engine.catalog import unknown_name
from engine.errors import Problem
from engine.experiment import SETTINGS

T = TypeVar("T")


class Table:
    """One table. What is wrong goes into a list that all tables of a file share; then an empty value is given.

    Keys that nobody has a use for are told of at once.
    """

    def __init__(
        self, values: Mapping[str, Any], place: str, keys: Sequence[str], problems: list[Problem], noun: str = "key"
    ) -> None:
        self._values, self.place, self._problems = values, place, problems
        for key in values:
            if key not in keys:
                self.wrong(
                    key, unknown_name(noun, key, keys) if keys else f"there is no {noun} {key!r}, for there is none at all"
                )

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def wrong(self, key: str, message: str) -> None:
        """Tell of a problem with one of its keys."""
        self._problems.append(Problem(f"{self.place} {key}".strip(), message))

    def text(self, key: str, *, required: bool = False) -> str:
        """Words, without blanks at their ends; empty if there are none."""
        value = self._of(key, str, "text in quotes", "")
        if required and not value.strip() and not self._is_wrong(key, str):
            self.wrong(key, "is missing; it must be text in quotes")
        return value.strip()

    def line(self, key: str, *, required: bool = False) -> str:
        """Words that stand on one line."""
        return " ".join(self.text(key, required=required).split())

    def flag(self, key: str) -> bool:
        """Whether something is so; false if nothing is said."""
        return self._of(key, bool, "true or false", False)

    def whole(self, key: str) -> int:
        """A whole number above 0 that must be there."""
        value = self._values.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
        given = f", not {value!r}" if key in self else ""
        self.wrong(key, f"{'must be' if given else 'is missing; it must be'} a whole number, at least 1{given}")
        return 1

    def number(self, key: str) -> float:
        """A finite number that must be there."""
        value = self._values.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        self.wrong(key, f"must be a number, not {value!r}" if key in self else "is missing; it must be a number")
        return 0.0

    def names(self, key: str, noun: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """Names out of those that are allowed, each once."""
        values = self._of(key, list, 'a list of names, such as ["full"]', [])
        for value in values:
            if value not in allowed:
                self.wrong(key, unknown_name(noun, str(value), allowed))
        if len({str(value) for value in values}) < len(values):
            self.wrong(key, "names something twice")
        return tuple(map(str, values))

    def name(self, key: str, noun: str, allowed: Sequence[str]) -> str:
        """A name out of those that are allowed, which must be there."""
        value = self.line(key, required=True)
        if value and value not in allowed:
            self.wrong(key, unknown_name(noun, value, allowed) if allowed else f"there is no {noun} in this recipe")
        return value

    def settings(self, key: str) -> Mapping[str, Any]:
        """Settings of an experiment by their dotted paths."""
        found = flattened(self.mapping(key))
        for path in found:
            if path not in SETTINGS:
                self.wrong(key, unknown_name("setting", path, SETTINGS))
        return found

    def mapping(self, key: str) -> Mapping[str, Any]:
        """A table in it; empty if there is none."""
        return self._of(key, dict, "a table", {})

    def table(self, key: str, keys: Sequence[str], place: str = "", *, noun: str = "key") -> Table:
        """A table in it, to be read."""
        return Table(self.mapping(key), place or f"{self.place} {key}", keys, self._problems, noun)

    def beside(self, values: Mapping[str, Any], place: str, keys: Sequence[str]) -> Table:
        """Another table of the same file."""
        return Table(values, place, keys, self._problems)

    def values(self, key: str) -> list[Any]:
        """A list that must be there and have something in it."""
        found = self._of(key, list, "a list", [])
        if not found and not self._is_wrong(key, list):
            self.wrong(key, "must be a list with at least one value")
        return list(found)

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        """The tables of a list, which is written as `[[key]]`."""
        values = self._of(key, list, f"tables, each under [[{key}]]", [])
        if not all(isinstance(value, dict) for value in values):
            self.wrong(key, f"must be tables, each under [[{key}]]")
            return []
        return values

    def _of(self, key: str, kind: type[T], words: str, empty: T) -> T:
        value = self._values.get(key, empty)
        if isinstance(value, kind):
            return value
        self.wrong(key, f"must be {words}, not {value!r}")
        return empty

    def _is_wrong(self, key: str, kind: type) -> bool:
        return key in self and not isinstance(self._values[key], kind)


def flattened(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as values by dotted path."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat.update(flattened(value, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def value_name(value: object) -> str:
    """How a value of an axis is called: `10`, `0.1`, `relu`, `true`, and `500-250` of a list."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    if isinstance(value, list | tuple):
        return "-".join(map(value_name, value))
    return str(value)
