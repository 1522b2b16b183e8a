"""Training: one loop, and what it needs. Importing this loads nothing heavy; what is named is loaded then, with `train` torch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engine.training.control import TUNABLE, Control

if TYPE_CHECKING:
    from engine.training.callbacks import Callback, Run
    from engine.training.loop import train
    from engine.training.records import Branch

__all__ = ["TUNABLE", "Branch", "Callback", "Control", "Run", "train"]

_HOMES = {
    "Branch": "engine.training.records",
    "Callback": "engine.training.callbacks",
    "Run": "engine.training.callbacks",
    "train": "engine.training.loop",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
