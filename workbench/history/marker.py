"""The `nonfinite` column: which numbers of a row were measured but are not finite.

SQLite turns not-a-number into NULL, which is also what was never measured. So a row keeps NULL in every column whose number
is not finite, and says in `nonfinite` what it was: `nan:loss,l1 inf:l2`, or one bare kind (`nan`) for all of the row's
measurements. NULL in `nonfinite` means that all numbers there are finite.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

KINDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def marker(names: Sequence[str], values: Sequence[float | None]) -> str | None:
    """The marker of a row with these columns; None when everything measured is finite."""
    found: dict[str, list[str]] = {}
    for name, value in zip(names, values, strict=True):
        if value is not None and not math.isfinite(value):
            found.setdefault("nan" if math.isnan(value) else "inf" if value > 0 else "-inf", []).append(name)
    if not found:
        return None
    if len(found) == 1 and len(names) > 1:
        (kind, columns), *_ = found.items()
        if len(columns) == len(names):
            return kind
    return " ".join(f"{kind}:{','.join(columns)}" for kind, columns in found.items())


def finite(value: float | None) -> float | None:
    """The value as it is stored: a plain float, or None when it is not finite or not there."""
    return float(value) if value is not None and math.isfinite(value) else None


def restored(names: Sequence[str], values: Sequence[float | None], text: str | None) -> tuple[float | None, ...]:
    """The numbers of a row as they were measured: None where nothing was, nan and inf where the marker says so."""
    if text is None:
        return tuple(values)
    whole: float | None = None
    single: dict[str, float] = {}
    for part in text.split(" "):
        kind, separator, columns = part.partition(":")
        if separator:
            single.update(dict.fromkeys(columns.split(","), KINDS[kind]))
        else:
            whole = KINDS[kind]
    return tuple(single.get(name, whole) if value is None else value for name, value in zip(names, values, strict=True))


def storable(value: object) -> bool:
    """Whether SQLite takes a value: text that was read from bytes in another encoding has characters that UTF-8 lacks."""
    return not (isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value))
