"""When checkpoints are written, and which are kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from engine.events import Checkpointed
from engine.parts import Checkpoint
from engine.training.checkpoint import PART_OF_FILE, remove, write
from engine.training.manifest import Kind, Manifest
from engine.training.resume import best_tensors, manifest_of, state_of

if TYPE_CHECKING:
    from engine.training.training_state import TrainingState

SECONDS_UNTIL_FIRST = 10.0
"""Of training before the first checkpoint that the clock asks for."""

SECONDS_BETWEEN = 60.0
"""Of training between two such checkpoints."""

LARGEST_SHARE = 0.02
"""Of the time that writing them may take: a large network is kept less often."""


class Checkpointer:
    """Keeps checkpoints as an experiment asks for.

    The clock decides when a checkpoint is written, never what is in it. `last` and `best` take the place of the one before
    when they are complete; those of epochs stay. The best is written when an epoch was better than all before; of a large
    network perhaps some epochs later, so that writing does not take more than its share of the time.

    Args:
        rule: what is to be kept.
        folder: asked once for the folder; None: nothing is kept.
    """

    def __init__(self, rule: Checkpoint, folder: Callable[[], Path] | None) -> None:
        self._rule = rule
        self._ask = folder
        self._folder: Path | None = None
        self._next, self._next_best = SECONDS_UNTIL_FIRST, 0.0
        self._best_steps: list[int] = []

    def open(self, seconds: float) -> None:
        """Learn where to write, and tidy up after a writer that was killed. The training has gone on for some seconds."""
        self._next = seconds + SECONDS_UNTIL_FIRST
        if self._ask is None or (self._rule.every == "never" and not self._rule.best):
            return
        self._folder = self._ask()
        for path in self._folder.glob(f"*{PART_OF_FILE}"):
            path.unlink(missing_ok=True)

    def is_due(self, seconds: float) -> bool:
        """Whether it is time to write the latest state, after so many seconds of training."""
        return seconds >= self._next and self._rule.every == "auto" and self._folder is not None

    def is_due_after(self, epoch: int) -> bool:
        """Whether the state after an epoch is to be kept."""
        return isinstance(self._rule.every, int) and self._folder is not None and epoch % self._rule.every == 0

    def keep(self, training: TrainingState, kind: Kind = "last") -> Iterator[Checkpointed]:
        """Write what is wanted of the state of a training, and of its best epochs.

        Members that ended early are kept with the weights they ended with.

        Raises:
            CheckpointError: it cannot be written.
        """
        training.kept.put_back(training.endings.ended)
        if self._folder is None:
            return
        if self._rule.every != "never":
            state = state_of(training)
            yield self._save(manifest_of(training, kind, state.course), state.tensors())
        yield from self._keep_best(training)

    def keep_best(self, training: TrainingState) -> Iterator[Checkpointed]:
        """After an epoch: write the best epochs if they are others than before and it is time.

        Raises:
            CheckpointError: they cannot be written.
        """
        if training.watch.seconds >= self._next_best:
            yield from self._keep_best(training)

    def _keep_best(self, training: TrainingState) -> Iterator[Checkpointed]:
        steps = [watched.best_step for watched in training.stopping.watched]
        if self._rule.best and self._folder is not None and any(steps) and steps != self._best_steps:
            self._best_steps = steps
            yield self._save(manifest_of(training, "best", None), best_tensors(training))

    def _save(self, manifest: Manifest, tensors: Mapping[str, Tensor]) -> Checkpointed:
        """Write a checkpoint of all members, and remove what it replaces."""
        assert self._folder is not None
        begin = time.perf_counter()
        path = self._free_path(f"{manifest.kind}-{manifest.step}")
        write(path, manifest, tensors)
        if manifest.kind != "epoch":
            for older in self._folder.glob(f"{manifest.kind}-*.json"):
                if older != path:
                    remove(older)
        pause = (time.perf_counter() - begin) / LARGEST_SHARE
        if manifest.kind == "best":
            self._next_best = manifest.seconds + pause
        else:
            self._next = manifest.seconds + max(SECONDS_BETWEEN, pause)
        members = tuple(range(len(manifest.experiments)))
        return Checkpointed(manifest.step, manifest.epoch, manifest.kind, str(path), members)

    def _free_path(self, name: str) -> Path:
        """A path that no checkpoint has: one that is there stays whole until the new one is."""
        assert self._folder is not None
        path = self._folder / f"{name}.json"
        number = 1
        while path.exists():
            number += 1
            path = self._folder / f"{name}-{number}.json"
        return path
