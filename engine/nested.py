"""Nested plain values and dotted paths into them."""

from __future__ import annotations

from typing import Any


def value_at(values: dict[str, Any], path: str) -> Any:
    """What stands at a dotted path, or None."""
    value: Any = values
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def take_out(values: dict[str, Any], path: str) -> None:
    """Remove what stands at a dotted path, if there is anything."""
    *parents, name = path.split(".")
    for parent in parents:
        values = values.get(parent, {})
    values.pop(name, None)


def without_negative_zero(value: Any) -> Any:
    """The same values with 0.0 for -0.0."""
    if isinstance(value, dict):
        return {key: without_negative_zero(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_negative_zero(item) for item in value]
    return value + 0.0 if isinstance(value, float) else value
