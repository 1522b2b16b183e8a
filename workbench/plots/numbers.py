"""Numbers as short text. Nothing here raises for a number that is not finite, and nothing is loaded."""

from __future__ import annotations

import math

ABSENT = "–"
"""What is shown where there is no number."""


def format_number(value: float | None) -> str:
    """Three digits at most, in at most 9 characters: `0.0123`, `1.2e-07`, `12300`, `nan`, `inf`; None is `–`."""
    if value is None:
        return ABSENT
    number = float(value)
    if not math.isfinite(number):
        return str(number)
    size = abs(number)
    if size == 0:
        return "0"
    if 1e-3 <= size < 1e5:
        return f"{number:.0f}" if size >= 1000 or number.is_integer() else f"{number:.3g}"
    return f"{number:.1e}"


def format_share(value: float | None) -> str:
    """A share of one as a percentage in at most 4 characters: `0%`, `3.4%`, `97%`, `100%`."""
    if value is None:
        return ABSENT
    number = 100 * float(value)
    if not math.isfinite(number):
        return str(number)
    return f"{number:.1f}%" if 0.05 <= abs(number) < 9.95 else f"{number:.0f}%"


def format_duration(seconds: float | None) -> str:
    """A time span: `0.4 s`, `12 s`, `3:07`, `2:03:07`, `3 d 4 h`."""
    if seconds is None:
        return ABSENT
    number = float(seconds)
    if not math.isfinite(number):
        return str(number)
    if number < 9.95:
        return f"{number:.1f} s"
    whole = round(number)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours == 0:
        return f"{minutes}:{rest:02}"
    if hours < 48:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{hours // 24} d {hours % 24} h"
