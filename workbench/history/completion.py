"""How a filter that is being typed may go on: names of fields, then the values that occur in them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.history.errors import HistoryError
from workbench.history.fields import COLUMNS, LISTED, Field, Kind, field, settings
from workbench.history.filter_tree import Comparison, FilterError, nodes, parse
from workbench.history.filters import ANY, NONE, OFF, ON
from workbench.history.lists import Value

_BEGUN = re.compile(r"(?:^|(?<=[\s(]))(?:([A-Za-z][\w.]*)(!=|<=|>=|[=<>~:])(\"?)([^\"]*)|([A-Za-z][\w.]*))$")
_DAYS = ("today", "yesterday", "1h", "1d", "7d")
_WORDS = ("archived", "NOT ", "OR ", "AND ")
_OFTEN = ("test_error", "validation_error", "test_cost", "best_validation_cost", "started", "seconds", "parameters")
"""Columns that are asked for so often that they come before the others."""
FEW = 40
"""Values in a field, of which one that occurs nowhere is likely to be mistyped."""
MOST = 12
"""Ways to go on of which a person is told."""

ValuesOf = Callable[[str], Sequence[tuple[Value, int]]]
"""The values that occur in a field, and how often."""


@dataclass(frozen=True, slots=True)
class Completions:
    """The ways in which a text can go on: each replaces what stands behind `start`."""

    start: int
    texts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """To each of them a word in explanation, or an empty text."""
    said: str = ""
    """Where nothing is offered: what is to be said of a value that no run has."""


def completions(text: str, values_of: ValuesOf) -> Completions:
    """How the end of a filter can go on, the likeliest first.

    Raises:
        HistoryError: the values cannot be read.
    """
    found = _BEGUN.search(text)
    if found is None:
        return Completions(len(text))
    name, _, quote, value, word = found.groups()
    if word is not None:
        return _names(word, found.start(5))
    if " " in value and not quote:
        return Completions(len(text))
    return _values(name, value, found.start(4) - len(quote), values_of)


def goes_on(text: str, values_of: ValuesOf) -> bool:
    """Whether the end of a filter begins the name of a field or a value that occurs, rather than being all that is meant."""
    return bool(completions(text, values_of).texts)


def unknown_value(text: str, values_of: ValuesOf) -> str:
    """Which value of a filter occurs nowhere, in a field with few of them; empty if there is none, or the filter is not understood.

    Raises:
        HistoryError: the values cannot be read.
    """
    try:
        compared = [node for node in nodes(parse(text)) if isinstance(node, Comparison)]
    except FilterError:
        return ""
    return next(filter(None, (_unknown(each, values_of) for each in compared)), "")


def _unknown(node: Comparison, values_of: ValuesOf) -> str:
    try:
        found = field(node.field)
    except HistoryError:
        return ""
    asked = node.value.removeprefix("#") if found.kind is Kind.TAG else node.value
    exact = node.operator in ("=", "!=") or (node.operator == ":" and not found.free)
    if not (exact and asked and found.kind in (Kind.TEXT, Kind.SETTING, Kind.TAG, Kind.FINDING)):
        return ""
    if found.switch:
        return "" if asked.lower() in (*ON, *OFF) else f"{found.name} is on or off, not {asked!r}"
    there = values_of(node.field)
    written = [_written(value, found) for value, _ in there]
    known = {text.strip('"').lower() for text in (*written, *(str(value) for value, _ in there))}
    if found.kind is Kind.FINDING:
        known |= {ANY, NONE, *(asked.lower() for rule in known if node.operator == ":" and rule.startswith(asked.lower()))}
    if not 0 < len(there) <= FEW or asked.lower() in known or _is_number(asked):
        return ""
    near = difflib.get_close_matches(asked.lower(), written, n=1)
    return f"no run has {found.name} {asked!r}" + (f"; did you mean {near[0]}?" if near else "")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _names(word: str, start: int) -> Completions:
    lowered = word.lower()
    names = [each for each in _WORDS if each.startswith(word) and len(each) > len(word)]
    known = dict.fromkeys((*LISTED, *_OFTEN, *sorted(COLUMNS)))
    names += [f"{name}{_operator(name)}" for name in known if name.startswith(lowered) and name not in _WORDS]
    paths = [path for path in settings() if path not in COLUMNS]
    names += [f"{path}=" for path in paths if path.startswith(lowered)]
    if len(lowered) > 1:  # the ends of paths, where the column of that name is not the same
        ends = ((path, path.rpartition(".")[2]) for path in paths)
        names += [f"{path}=" for path, end in ends if end.startswith(lowered) and end not in COLUMNS]
    texts = tuple(dict.fromkeys(names))[:MOST]
    return Completions(start, texts, ("",) * len(texts))


def _operator(name: str) -> str:
    """The operator that a field is mostly used with."""
    found = COLUMNS[name]
    if found.kind in (Kind.TAG, Kind.FINDING) or found.free:
        return ":"
    if found.kind is Kind.TIME:
        return ">="
    return "<" if found.better is not None else "="


def _values(name: str, begun: str, start: int, values_of: ValuesOf) -> Completions:
    try:
        found = field(name)
    except HistoryError:
        return Completions(start)
    if found.kind is Kind.TIME:
        days = tuple(each for each in _DAYS if each.startswith(begun.lower()) and each != begun)
        return Completions(start, days, ("",) * len(days))
    fitting = [(_written(value, found), f"{count:,}") for value, count in values_of(name)]
    if found.kind is Kind.FINDING:
        fitting += [(ANY, "whichever"), (NONE, "diagnosed, nothing found")]
    fitting = [(text, note) for text, note in fitting if text.strip('"').lower().startswith(begun.lower())][:MOST]
    if len(fitting) == 1 and fitting[0][0].strip('"') == begun:
        return Completions(start)  # it is all there
    return Completions(start, tuple(text for text, _ in fitting), tuple(note for _, note in fitting))


def _written(value: Value, of: Field) -> str:
    """A value as a filter writes it: a choice without its parameters, and in quotes where there are blanks in it."""
    if of.switch and value in (0, 1):
        return "on" if value else "off"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = str(value)
    kind, bracket, _ = text.partition("(")
    text = kind if bracket and kind.replace("_", "").isalnum() else text
    return f'"{text}"' if any(character in text for character in ' ()"') else text
