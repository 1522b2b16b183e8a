"""What a person types to find runs, as a condition on the table of runs. The language is that of `filter_tree`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite

from workbench.history import moments
from workbench.history.fields import LISTED, Field, Kind, UnknownFieldError, field
from workbench.history.filter_tree import All, Any, Comparison, FilterError, Flag, Node, Not, Words, nodes, parse

__all__ = ["LISTED", "Condition", "FilterError", "condition"]

ON, OFF = ("on", "yes", "true", "1"), ("off", "no", "false", "0")
"""How a setting is written that is on or off; the first as it is shown."""
_SEARCHED = ("name", "data", "activation", "init", "optimizer", "status")
_TAGGED = "id IN (SELECT run FROM tags WHERE {})"
"""Looks through the tags once, not once for each run."""
_FOUND = "id IN (SELECT run FROM findings WHERE closed IS NULL AND {})"
_DIAGNOSED = "id IN (SELECT id FROM runs WHERE diagnosed = 1)"
"""Read from an index, not from the long rows."""
ANY, NONE = "any", "none"
"""What is written for a finding, whichever it is, and for no finding."""
_LIKE = "LIKE ? ESCAPE '\\'"
_WHOLE = re.compile("0|-?[1-9][0-9]{0,17}")
"""As SQLite writes its whole numbers, the very largest left out."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition for `WHERE`, and the values of its question marks."""

    sql: str
    values: tuple[str | float, ...] = ()
    names_archived: bool = False
    """Whether it says which of the archived runs are wanted, so that they are not left out by themselves."""


def condition(text: str) -> Condition:
    """What holds for the runs that a filter wants; an empty filter wants all.

    Raises:
        FilterError: it cannot be understood, or names a field that runs do not have; exit code 2.
    """
    tree = parse(text)
    if tree is None:
        return Condition("1")
    made = _Maker(text).of(tree)
    archived = any(
        (isinstance(node, Flag) and node.name == "archived")
        or (isinstance(node, Comparison) and node.field.lower() == "archived")
        for node in nodes(tree)
    )
    return Condition(made.sql, made.values, archived)


class _Maker:
    """Makes conditions of the nodes of one filter."""

    def __init__(self, text: str) -> None:
        self._text = text

    def of(self, node: Node) -> Condition:
        match node:
            case Words():
                return _occurrence(node.text)
            case Flag():
                return Condition(f"{node.name} IS NOT NULL")
            case Not():
                inner = self.of(node.node)
                return Condition(f"NOT coalesce({inner.sql}, 0)", inner.values)
            case All() | Any():
                parts = [self.of(each) for each in node.nodes]
                between = " AND " if isinstance(node, All) else " OR "
                return Condition(f"({between.join(part.sql for part in parts)})", tuple(v for part in parts for v in part.values))
            case Comparison():
                return self._comparison(node)

    def _comparison(self, node: Comparison) -> Condition:
        end_of_name = node.start + len(node.field)
        try:
            found = field(node.field)
        except UnknownFieldError as error:
            raise FilterError(error.problem, self._text, node.start, end_of_name, more=str(error)) from error
        if found.kind is Kind.FINDING:
            return self._found(node)
        operator = node.operator if node.operator != ":" else "~" if found.free else "="
        if operator == "!=":
            same = self._compared(found, "=", node)
            return Condition(f"NOT coalesce({same.sql}, 0)", same.values)
        return self._compared(found, operator, node)

    def _compared(self, found: Field, operator: str, node: Comparison) -> Condition:
        if operator == "~":
            return _part(found, node.value)
        if found.kind is Kind.TIME:
            return self._time(found, operator, node)
        number = _number(found, node.value)
        if operator == "=":
            return _tagged(node.value) if found.kind is Kind.TAG else _equal(found, node.value, number)
        if number is None or found.kind is Kind.TAG:
            problem = f"{found.name}{operator} takes a number, not {node.value!r}"
            if found.kind is Kind.TAG:
                problem = f"tags have no order: write tag:{node.value}"
            raise FilterError(problem, self._text, node.value_start, node.end, begun=node.start)
        if found.kind is Kind.TEXT:  # "64" is a number there, "256,128" is none
            digits = f"{found.sql} NOT GLOB '*[^0-9.]*' AND {found.sql} != ''"
            return Condition(f"({digits} AND CAST({found.sql} AS REAL) {operator} ?)", (number,))
        if found.kind is Kind.SETTING:
            return Condition(f"(typeof({found.sql}) IN ('integer', 'real') AND {found.sql} {operator} ?)", (number,))
        return Condition(f"({found.sql} {operator} ?)", (number,))

    def _found(self, node: Comparison) -> Condition:
        """Of the findings that are not closed one has this key; or `:` begins so, `~` has this in it. Or there are `any`, or `none`.

        That something was not found holds only of runs that were looked through to their end.
        """
        if node.operator not in (":", "=", "!=", "~"):
            raise FilterError(
                f"findings have no order: write finding:{node.value}", self._text, node.value_start, node.end, begun=node.start
            )
        wanted = node.value.lower()
        if wanted in (ANY, NONE, ""):
            none = (wanted != ANY) != (node.operator == "!=")
            found = _FOUND.format("1")
            return Condition(f"({_DIAGNOSED} AND NOT {found})" if none else found)
        if node.operator in ("=", "!="):
            found = _FOUND.format("rule = ?")
            return Condition(f"({_DIAGNOSED} AND NOT {found})" if node.operator == "!=" else found, (wanted,))
        pattern = f"{_escaped(wanted)}%" if node.operator == ":" else _pattern(wanted)
        return Condition(_FOUND.format(f"rule {_LIKE}"), (pattern,))

    def _time(self, found: Field, operator: str, node: Comparison) -> Condition:
        """A day is all of it: `>` asks for what came after it, `<=` also for what came on it."""
        span = moments.span(node.value)
        if span is None:
            problem = f"{node.value!r} is no time: write 2026-11-20, yesterday, 7d or 2h"
            raise FilterError(problem, self._text, node.value_start, node.end, begun=node.start)
        begin, end = span
        match operator:
            case "=":
                return Condition(f"({found.sql} >= ? AND {found.sql} < ?)", (begin, end))
            case "<" | ">=":
                return Condition(f"({found.sql} {operator} ?)", (begin,))
            case "<=":
                return Condition(f"({found.sql} < ?)", (end,))
        return Condition(f"({found.sql} >= ?)", (end,))


def _occurrence(word: str) -> Condition:
    """The word is the id, or part of one of the fields that a list shows, or of a tag."""
    likes = " OR ".join([*(f"{name} {_LIKE}" for name in _SEARCHED), _TAGGED.format(f"tag {_LIKE}")])
    values = (_pattern(word),) * (len(_SEARCHED) + 1)
    number = word.removeprefix("#")
    if _WHOLE.fullmatch(number) is None:
        return Condition(f"({likes})", values)
    return Condition(f"({likes} OR id = ?)", (*values, int(number)))


def _part(found: Field, value: str) -> Condition:
    if found.kind is Kind.TAG:
        return Condition(_TAGGED.format(f"tag {_LIKE}"), (_pattern(value),))
    return Condition(f"(CAST({found.sql} AS TEXT) {_LIKE})", (_pattern(value),))


def _tagged(value: str) -> Condition:
    if not value:
        return Condition(f"NOT {_TAGGED.format('1')}")
    return Condition(_TAGGED.format("tag = ? COLLATE NOCASE"), (value.removeprefix("#"),))


def _equal(found: Field, value: str, number: float | None) -> Condition:
    """The text, or the kind of a choice with whatever parameters, or the number."""
    if found.kind in (Kind.SHARE, Kind.PERCENT) and number is not None:
        return Condition(f"(abs({found.sql} - ?) < 1e-9)", (number,))
    if not value:
        return Condition(f"(coalesce({found.sql}, '') = '')")
    same_text = f"CAST({found.sql} AS TEXT) = ? COLLATE NOCASE OR {found.sql} {_LIKE}"
    values: tuple[str | float, ...] = (value, f"{_escaped(value)}(%")
    if number is None:
        return Condition(f"({same_text})", values)
    return Condition(f"({same_text} OR (typeof({found.sql}) IN ('integer', 'real') AND {found.sql} = ?))", (*values, number))


def _pattern(text: str) -> str:
    return f"%{_escaped(text)}%"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _number(found: Field, text: str) -> float | None:
    """The number that a value stands for: on and off are 1 and 0 in SQLite, and shares are also written in per cent."""
    lowered = text.lower()
    if found.switch and lowered in (*ON, *OFF):
        return float(lowered in ON)
    in_percent = lowered.endswith("%") and found.kind in (Kind.SHARE, Kind.PERCENT)
    try:
        number = float(lowered.removesuffix("%") if in_percent else lowered)
    except ValueError:
        return None
    if not isfinite(number):
        return None
    return number / 100 if in_percent and found.kind is Kind.SHARE else number
