"""Randomness with a name: every use of chance has its own generator, derived from the experiment's seed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Generator, Tensor

Purpose = Literal[
    "weights",
    "biases",
    "order",
    "dropout",
    "scored examples",
    "pretraining",
    "lsuv",
    "gradient check",
    "held-out",
    "points",
    "directions",
    "bootstrap",
    "disjoint parts",
]


def derived_seed(seed: int, purpose: str) -> int:
    """A 63-bit seed for one purpose, so that drawing more for one changes nothing for another."""
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def generator(seed: int, purpose: Purpose, device: torch.device | str = "cpu") -> torch.Generator:
    """A fresh torch generator for one purpose."""
    return torch.Generator(device).manual_seed(derived_seed(seed, purpose))


def states_of(generators: Sequence[Generator]) -> Tensor:
    """How far generators of one kind have come, `[G, bytes]`."""
    if not generators:
        return torch.empty(0, 0, dtype=torch.uint8)
    return torch.stack([generator.get_state() for generator in generators])


def set_states(generators: Sequence[Generator], states: Tensor) -> None:
    """Let generators go on from what `states_of` gave."""
    for generator, state in zip(generators, states, strict=True):
        generator.set_state(state.clone())  # torch reads beyond what lies at an odd address
