"""The time as the history writes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def now(*, ago: timedelta = timedelta()) -> str:
    """The time now, or some time ago: ISO 8601 in UTC, to the millisecond, so that later times sort behind earlier ones."""
    return (datetime.now(UTC) - ago).isoformat(timespec="milliseconds")
