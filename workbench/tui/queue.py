"""Trainings that are wanted but have not begun. They live as long as the sitting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.history.records import Origin
from workbench.tui.words import experiment_text

if TYPE_CHECKING:
    from engine.experiment import Experiment
    from workbench.remedy import Plan


@dataclass(frozen=True, slots=True)
class Wanted:
    """A training that is wanted: what is trained, and what it comes from."""

    experiments: tuple[Experiment, ...]
    parent: int | None = None
    """The run that it was made from, if any."""
    origin: Origin | None = None
    """How it was made from that run; a branch begins from its latest checkpoint, which is looked for when it begins."""
    plan: Plan | None = None
    """The remedy that is tried, if it is one."""
    note: str = ""
    """Note of its runs."""
    expected_data: str = ""
    """The fingerprint of the data that the parent was trained on, where the same data are asked for; empty if it is not known."""

    @classmethod
    def remedied(cls, plan: Plan) -> Wanted:
        """The training that tries a remedy."""
        return cls(plan.experiments, plan.run.id, Origin.FIX, plan, plan.note, plan.expected_data)

    @property
    def text(self) -> str:
        """What it is, in one line."""
        first, count = self.experiments[0], len(self.experiments)
        parts = [experiment_text(first)]
        if first.ensemble.members > 1:
            parts.append(f"ensemble of {count}")
        elif count > 1:
            parts.append(f"{count} members")
        if self.origin == Origin.BRANCH:
            parts.append(f"branch of run {self.parent}")
        if self.plan is not None:
            parts.append(f"remedy for {self.plan.finding.rule} of run {self.parent}")
        return "  ".join(parts)


class Queue:
    """Trainings that begin one after another, the first as soon as the present one has ended."""

    def __init__(self) -> None:
        self.items: tuple[Wanted, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    def add(self, wanted: Wanted, *, first: bool = False) -> None:
        """Put a training at the end, or before all others."""
        self.items = (wanted, *self.items) if first else (*self.items, wanted)

    def take(self, place: int = 0) -> Wanted | None:
        """Take out the training at this place, counted from 0; None if there is none."""
        if not 0 <= place < len(self.items):
            return None
        taken = self.items[place]
        self.items = (*self.items[:place], *self.items[place + 1 :])
        return taken

    def move(self, place: int, by: int) -> int:
        """Let a training begin later or, with a negative number, earlier; return its new place."""
        taken = self.take(place)
        if taken is None:
            return place
        new = min(max(place + by, 0), len(self.items))
        self.items = (*self.items[:new], taken, *self.items[new:])
        return new

    def clear(self) -> None:
        """Forget all of them."""
        self.items = ()
