"""What a runner asks of that which trains, and what it says of the time before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from engine.events import Event, Intervened
from engine.experiment import Experiment
from engine.training.control import Control

if TYPE_CHECKING:
    from engine.data.base import Progress
    from engine.training import Branch


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is being done before the first step, such as a download: how much, of how much (None if unknown)."""

    what: str
    done: int
    total: int | None


class Source(Protocol):
    """What tells the events of one population: `engine.training.train`, or a script in a test."""

    def __call__(
        self,
        experiments: Sequence[Experiment],
        *,
        control: Control | None = None,
        progress: Progress | None = None,
        checkpoints: Callable[[], Path] | None = None,
        resume: Path | None = None,
        branch: Branch | None = None,
        interventions: Sequence[Intervened] = (),
    ) -> Iterator[Event]:
        """Begin a training; it goes on as the events are asked for.

        Args:
            experiments: One for each member.
            control: By which it is steered.
            progress: Told of what goes on before the first step.
            checkpoints: Called once, after `Started` was recorded: the folder for checkpoints.
            resume: The checkpoint from which the training goes on.
            branch: The member of a checkpoint from whose state a new training begins.
            interventions: Changes of settings that are made again at their steps.
        """
        ...
