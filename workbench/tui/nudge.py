"""The next value of a setting up or down: what the arrow keys do."""

from __future__ import annotations

import math

from workbench.tui.fields import Field, Kind, Pace

_SMALLEST = 1e-6  # where a number of decades begins above zero


def nudged(field: Field, text: str, direction: int) -> str:
    """The neighbour of `text` in `direction` (1 up, -1 down); the text itself where there is none."""
    if field.kind is Kind.TEXT and text and text not in field.options:
        return text  # what somebody wrote is not lost to an example
    if field.kind is not Kind.NUMBER:
        return _neighbour(field.options, text, direction) if field.options else text
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return _number(field, number, direction)


def _neighbour(options: tuple[str, ...], text: str, direction: int) -> str:
    if text not in options:
        return options[0 if direction > 0 else -1]
    return options[(options.index(text) + direction) % len(options)]


def _number(field: Field, number: float, direction: int) -> str:
    if field.pace is Pace.ONE:
        return f"{max(0, round(number) + direction)}"
    if field.pace is Pace.DOUBLE:
        power = math.log2(max(number, 1))
        exponent = math.floor(power) + 1 if direction > 0 else math.ceil(power) - 1
        return f"{2 ** max(0, exponent)}"
    if field.pace is Pace.TWENTIETH:
        return f"{max(0.0, round(number * 20 + direction) / 20):g}"
    return _on_ladder(number, direction)


def _on_ladder(number: float, direction: int) -> str:
    """The next of …, 0.001, 0.003, 0.01, …; below the smallest is 0."""
    if number <= 0:
        return f"{_SMALLEST:g}" if direction > 0 else "0"
    exponent = math.floor(math.log10(number))
    rungs = [digit * 10.0**power for power in range(exponent - 1, exponent + 3) for digit in (1, 3)]
    if direction > 0:
        found = next(rung for rung in rungs if rung > number * 1.0001)
    else:
        found = next(rung for rung in reversed(rungs) if rung < number * 0.9999)
    return "0" if found < _SMALLEST * 0.9999 < number else f"{found:g}"
