"""What pydantic finds wrong with an experiment, in our words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from engine.catalog import unknown_name
from engine.errors import Problem

_RANGES = ("less_than", "less_than_equal", "greater_than", "greater_than_equal")
_TOO_LONG = "int_parsing_size"
"""Of numbers with so many digits that pydantic does not read them as whole numbers, whatever their range is."""


def problems_of(error: ValidationError, model: type[BaseModel], settings: Sequence[str]) -> list[Problem]:
    """All that is wrong, one problem for each field.

    Args:
        error: What pydantic found.
        model: What it was to be.
        settings: The paths of all settings, for those that are written wrong.
    """
    problems: dict[str, Problem] = {}
    for item in error.errors():
        location = [str(part) for part in item["loc"]]
        path = ".".join(part for part in location if not part.startswith(("literal[", "constrained-int", "int")))
        message = item["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
        message = message.replace("valid integer", "whole number").partition(", unable to parse")[0]
        if item["type"] == _TOO_LONG:
            message = _largest(model, location)
        if item["type"] in (*_RANGES, _TOO_LONG):
            message = re.sub(r"\d{5,}", lambda found: f"{int(found[0]):,}", message)
        if item["type"] == "extra_forbidden":
            message = unknown_name("setting", path, settings)
        if path in problems:  # one field, several allowed forms: say all that were tried
            message = _either(message.partition(", got a number")[0], problems[path].message)
        else:
            message = message if item["type"] == "extra_forbidden" else f"{message}{_given(item.get('input'))}"
        problems[path] = Problem(path, message)
    return list(problems.values())


def _either(message: str, first: str) -> str:
    """Two forms of a value in one sentence, the words that are allowed last: `must be a whole number, or 'full' (given: 'half')`."""
    words = first.removeprefix("must be ")
    return f"{message}, or {words}" if words.startswith("'") else f"{first}; or: {message}"


def _largest(model: type[BaseModel], location: Sequence[str]) -> str:
    """That a number must not be above the limit of the field there."""
    kind: Any = model
    limits: list[Any] = []
    for name in location:
        if isinstance(kind, type) and issubclass(kind, BaseModel) and name in kind.model_fields:
            field = kind.model_fields[name]
            kind, limits = field.annotation, [*field.metadata, *_limits(field.annotation)]
    for words, key in (("less than or equal to", "le"), ("less than", "lt")):
        for limit in limits:
            if (number := getattr(limit, key, None)) is not None:
                return f"must be {words} {number}"
    return "must be a smaller number"


def _limits(kind: Any) -> Iterator[Any]:
    """What is said of the values of a type, and of those that it is made of."""
    for said in getattr(kind, "__metadata__", ()):
        yield from said.metadata if isinstance(said, FieldInfo) else (said,)
    for part in get_args(kind):
        yield from _limits(part)


def _given(value: object) -> str:
    return f" (given: {value!r})" if isinstance(value, str | int | float | bool) else ""
