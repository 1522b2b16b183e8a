"""Training: one loop, and what it needs. Importing this loads no torch; `train` loads it when it is first named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.training.callbacks import Callback, Run
from engine.training.control import TUNABLE, Control
from engine.training.records import Branch

if TYPE_CHECKING:
    from engine.training.loop import train

__all__ = ["TUNABLE", "Branch", "Callback", "Control", "Run", "train"]


def __getattr__(name: str) -> Any:
    if name == "train":
        from engine.training.loop import train

        return train
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
