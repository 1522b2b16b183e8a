"""Times as people write them in a filter, each a span of time: a day is all of it, `2h` the moment two hours ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_AGO = re.compile(r"(\d+)(min|h|d|w)")
_UNITS = {"min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAYS = {"today": 0, "yesterday": 1}
_LONGEST = 100_000  # of any unit


def span(text: str, now: datetime | None = None) -> tuple[str, str] | None:
    """Beginning and end of the time that a text writes, as the history writes times; None if it writes none.

    Args:
        text: `2026-11-20`, `2026-11`, `2026-11-20T14:30`, `today`, `yesterday`, `30min`, `2h`, `7d`, `3w`. Days are those of
            the machine's zone, or of the zone of `now`.
        now: The time now, with its zone.
    """
    here = now or datetime.now().astimezone()
    written = text.strip().lower()
    found = _AGO.fullmatch(written)
    if found is not None:
        count = min(int(found[1][:9]), _LONGEST)
        try:
            moment = here - timedelta(**{_UNITS[found[2]]: count})
        except OverflowError:
            return None
        return _stored(moment), _stored(moment)
    if written in _DAYS:
        begin = here.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=_DAYS[written])
        return _stored(begin), _stored(begin + timedelta(days=1))
    return _written(written, here)


def _written(text: str, here: datetime) -> tuple[str, str] | None:
    """A month, a day, or a day and a time of it."""
    try:
        if re.fullmatch(r"\d{4}-\d\d", text):
            begin = datetime.fromisoformat(f"{text}-01")
            end = (begin + timedelta(days=32)).replace(day=1)
        else:
            begin = datetime.fromisoformat(text.upper())
            end = begin + (timedelta(days=1) if len(text) <= len("2026-11-20") else timedelta(minutes=1))
        zone = begin.tzinfo or here.tzinfo
        return _stored(begin.replace(tzinfo=zone)), _stored(end.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return None


def _stored(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
