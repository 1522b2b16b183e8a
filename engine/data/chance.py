"""Randomness with a name: made-up data, the split and label noise each have a generator of their own, from the data seed."""

from __future__ import annotations

import hashlib
from typing import Literal

import numpy as np

Purpose = Literal["samples", "split", "label noise", "stream", "stream validation", "stream test"]


def generator(seed: int, purpose: Purpose, number: int | None = None) -> np.random.Generator:
    """A fresh generator for one purpose, so that drawing more for one changes nothing for another.

    Args:
        seed: the data seed.
        purpose: what is drawn.
        number: which of many equal portions is drawn, where each has a generator of its own.
    """
    name = f"{seed}/data/{purpose}" + ("" if number is None else f"/{number}")
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))
