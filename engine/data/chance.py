"""Randomness with a name: made-up data and the split each have a generator of their own, derived from the data seed."""

from __future__ import annotations

import hashlib
from typing import Literal

import numpy as np

Purpose = Literal["samples", "split"]


def generator(seed: int, purpose: Purpose) -> np.random.Generator:
    """A fresh generator for one purpose, so that drawing more for one changes nothing for another."""
    digest = hashlib.sha256(f"{seed}/data/{purpose}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))
