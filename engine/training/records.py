"""What the parts of a training remember, in plain numbers: so it can be written down and taken up again. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.events import Divergence


@dataclass(frozen=True, slots=True)
class Branch:
    """Where a new training branches off: the state of one member of a checkpoint."""

    path: Path  # of the checkpoint's JSON
    member: int  # place in its population, from 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its epochs a training stands: together with the generators, all that is needed to go on from there."""

    cursor: int  # examples of this epoch that every member has had
    origin: int  # the cursor from which on batches have the size they have
    drawn: bool  # whether the order of this epoch has been drawn
    before: int  # examples of the epochs before this one


@dataclass(frozen=True, slots=True)
class Tuned:
    """The values of the settings that can be changed while training goes on; those of each member."""

    lr: tuple[float, ...]
    dropout: tuple[float, ...]
    l1: tuple[float, ...]
    l2: tuple[float, ...]
    batch_size: tuple[int, ...]  # one for all

    def at(self, path: str) -> tuple[float, ...]:
        """The values of one of `engine.training.control.TUNABLE`."""
        values: tuple[float, ...] = getattr(self, path.rpartition(".")[2])
        return values

    def changed(self, path: str, value: float) -> Tuned:
        """The same with one of them changed for all members."""
        if path == "batch_size":
            return replace(self, batch_size=(int(value),))
        values: dict[str, Any] = {path.rpartition(".")[2]: (value,) * len(self.lr)}
        return replace(self, **values)


@dataclass(frozen=True, slots=True)
class Plateau:
    """What the schedule `on_plateau` remembers of one member."""

    best: float | None = None  # the lowest validation cost so far
    bad_epochs: int = 0
    factor: float = 1.0  # on the learning rate


@dataclass(frozen=True, slots=True)
class Watched:
    """What is remembered of one member's watched figure."""

    best: float | None = None
    best_step: int = 0
    best_epoch: int = 0
    waited: int = 0  # epochs since then


@dataclass(frozen=True, slots=True)
class Diverged:
    """A member whose cost was no longer finite."""

    member: int
    step: int  # whose cost it was
    origin: Divergence


@dataclass(frozen=True, slots=True)
class Ended:
    """A member that has learned enough."""

    member: int
    step: int
    epoch: int
    reason: str
    restored_step: int | None = None  # the step whose weights it ended with, where that is not the last
