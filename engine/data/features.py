"""Which inputs are learned from, where not all of them are wanted."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.errors import ConfigurationError

_MOST_NAMED = 20


def chosen(wanted: Sequence[str], features: Sequence[str], columns: Sequence[str] = ()) -> NDArray[np.intp]:
    """The places of the inputs that are kept, in the order of the data.

    Args:
        wanted: names of inputs or columns to keep, or all with - before them to leave out; * in a name stands for any text.
        features: the names of the inputs [D].
        columns: the column of the table that each of them was made from [D]; not given: they are the inputs themselves.

    Raises:
        ConfigurationError: a name is unknown, or no input is left.
    """
    leaves_out = all(name.startswith("-") for name in wanted)
    named = np.zeros(len(features), bool)
    for name in wanted:
        matches = _matches(name.removeprefix("-") if leaves_out else name, features, columns)
        if not matches.any():
            raise ConfigurationError.at(
                "data.features", _unknown(name.removeprefix("-"), [*dict.fromkeys([*columns, *features])])
            )
        named |= matches
    kept = ~named if leaves_out else named
    if not kept.any():
        raise ConfigurationError.at("data.features", "every input is left out; keep at least one")
    return np.flatnonzero(kept)


def _matches(name: str, features: Sequence[str], columns: Sequence[str]) -> NDArray[np.bool_]:
    """Which inputs a name means: one that is there as it stands, else as a pattern."""
    if name in features or name in columns:
        of = columns or features
        return np.array([name in (feature, column) for feature, column in zip(features, of, strict=True)])
    if "*" not in name:
        return np.zeros(len(features), bool)
    pattern = re.compile(".*".join(map(re.escape, name.split("*"))))
    return np.array([pattern.fullmatch(feature) is not None for feature in features])


def _unknown(name: str, names: Sequence[str]) -> str:
    lowered = {known.lower(): known for known in names}
    near = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.5)
    hint = f" Did you mean {lowered[near[0]]!r}?" if near else ""
    shown = ", ".join(names[:_MOST_NAMED]) + (f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else "")
    return f"no input or column is called {name!r}.{hint} There are: {shown}"
