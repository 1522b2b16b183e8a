"""True answers as a file writes them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.columns import MISSING, parse
from engine.errors import DataError


def as_numbers(truth: NDArray[Any], name: str, *, decimal_commas: bool) -> NDArray[np.float64]:
    """True numbers [N], nan where one is missing.

    Args:
        truth: numbers, or text as it stands in a file, [N].
        name: of the data, for messages.
        decimal_commas: whether 0,5 may be a number.

    Raises:
        DataError: some text is no number.
    """
    if truth.dtype.kind not in "US":
        return truth.astype(np.float64)
    parsed = parse(truth.tolist(), decimal_commas=decimal_commas)
    if parsed.words:
        raise DataError(f"{name}: the truth of example {parsed.words[0] + 1} is {str(truth[parsed.words[0]])!r}, not a number")
    return parsed.values


def class_name(value: object, known: Collection[str]) -> str:
    """A class as the training data named it; empty where a cell says that it is missing."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, float):
        return f"{value:.15g}"
    text = str(value)
    if text in known or not isinstance(value, str):
        return text
    if text.lower() in MISSING:
        return ""
    try:
        return f"{float(text):.15g}"
    except ValueError:
        return text
