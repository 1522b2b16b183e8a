"""Training: one loop, and what it needs. Importing this loads no torch; `train` loads it when it is first named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.training.control import Control

if TYPE_CHECKING:
    from engine.training.loop import train

__all__ = ["Control", "train"]


def __getattr__(name: str) -> Any:
    if name == "train":
        from engine.training.loop import train

        return train
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
