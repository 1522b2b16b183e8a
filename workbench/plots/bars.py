"""A size as a bar in one line, comparable over many powers of ten."""

from __future__ import annotations

import math

EIGHTHS = "▏▎▍▌▋▊▉█"
DECADES = 5.0
"""Powers of ten from an empty bar to a full one."""


def log_bar(value: float, largest: float, width: int) -> str:
    """Draw `value` in exactly `width` characters: full at `largest`, and empty `DECADES` powers of ten below it.

    Whatever is positive shows at least a thin line. 0 shows `·`, and what is negative or not finite shows
    `×`, as does all beside an infinite `largest`.
    """
    if width <= 0:
        return ""
    if not math.isfinite(value) or value < 0 or largest == math.inf:
        return "×".ljust(width)
    if value == 0 or not largest > 0:
        return "·".ljust(width)
    share = 1 + (math.log10(value) - math.log10(largest)) / DECADES
    return bar(min(max(round(share * width * 8), 1), width * 8), width)


def bar(eighths: int, width: int) -> str:
    """So many eighths of a character, in exactly `width` characters."""
    whole, rest = divmod(eighths, 8)
    return (EIGHTHS[-1] * whole + (EIGHTHS[rest - 1] if rest else "")).ljust(width)
