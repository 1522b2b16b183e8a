"""Randomness with a name: every use of chance has its own generator, derived from the experiment's seed."""

from __future__ import annotations

import hashlib
from typing import Literal

import torch

Purpose = Literal["weights", "order", "dropout", "scored examples"]


def derived_seed(seed: int, purpose: str) -> int:
    """A 63-bit seed for one purpose, so that drawing more for one changes nothing for another."""
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def generator(seed: int, purpose: Purpose, device: torch.device | str = "cpu") -> torch.Generator:
    """A fresh torch generator for one purpose."""
    return torch.Generator(device).manual_seed(derived_seed(seed, purpose))
