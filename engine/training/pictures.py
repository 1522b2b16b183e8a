"""When pictures of what the network does are taken: regions of the plane, and what a classification mistakes for what.

As in `engine.probes.schedule` costs are estimated from the experiment's sizes, so that the same experiment is looked at after
the same epochs on every machine. The constants were fitted on one CPU core (`python -m benchmarks.pictures`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from torch import Tensor

from engine.events import Event
from engine.pictures import Mistaken, Plane, Region
from engine.probes.examine import Examination
from engine.probes.region import RegionProbe, plane_of
from engine.probes.schedule import Size, step_seconds
from engine.training.scores import Look

if TYPE_CHECKING:
    from engine.training.training_state import TrainingState

REGION_SHARE, MISTAKES_SHARE = 0.15, 0.05
"""Of `monitor.budget` that regions, and what is mistaken for what, may take."""
LEAST_SECONDS = 0.25
"""Of training between two pictures of a kind: nobody sees more of them."""
WORST = 8
"""Examples that are told of each member after an epoch."""
MOST_COUNTS = 2**20
"""Where all members' confusions have more numbers than this, they are looked at only at the end."""

REGION_OVERHEAD = 500e-6  # seconds of a region, with its way to the history
REGION_PER_MEMBER = 150e-6
REGION_PER_PRODUCT = 2 / 100e9  # a multiplication in the forward pass of one cell
REGION_PER_VALUE = 0.8e-9  # one unit for one cell
MISTAKES_OVERHEAD = 450e-6
MISTAKES_PER_MEMBER = 130e-6
MISTAKES_PER_EXAMPLE = 80e-9
MISTAKES_PER_COUNT = 200e-9


class Pictures:
    """Takes pictures after some epochs, and of the plane also at both ends and while somebody waits for the next step.

    Args:
        training: the training, whose length is known.
    """

    def __init__(self, training: TrainingState) -> None:
        prepared = training.prepared
        self._training = training
        self._plane = plane_of(prepared)
        self._probe = None if self._plane is None else RegionProbe(prepared, self._plane)
        self._taken: int | None = None  # step of the latest region
        self._examination: Examination | None = None
        size, epoch = training.size(), training.batches.per_epoch * step_seconds(training.size())
        budget = prepared.experiments[0].monitor.budget
        cells = 0 if self._plane is None else self._plane.rows * self._plane.columns
        self._region_every = epochs_between(region_seconds(size, cells), epoch, REGION_SHARE * budget)
        classes, examples = len(prepared.data.classes), len(prepared.validation)
        seconds = mistakes_seconds(size.members, examples, classes)
        self._mistakes_every = epochs_between(seconds, epoch, MISTAKES_SHARE * budget)
        is_small = size.members * classes**2 <= MOST_COUNTS
        self._looks_for_mistakes = prepared.data.task == "classification" and examples > 0 and is_small

    def plane(self) -> Iterator[Plane]:
        """Before all else: where regions are taken, if they are."""
        if self._plane is not None:
            yield self._plane

    def at_the_start(self) -> Iterator[Region]:
        """Before the first step, if the training is long enough for regions on its way."""
        if self._region_every * self._training.batches.per_epoch <= self._training.total_steps:
            yield from self._region(0)

    def look(self, epoch: int) -> Look | None:
        """What is to be shown the answers to the validation part after an epoch that is not the last one."""
        self._examination = None
        if self._looks_for_mistakes and epoch % self._mistakes_every == 0 and not self._training.over:
            prepared = self._training.prepared
            self._examination = Examination(prepared.network, prepared.validation, prepared.data.classes, WORST)
            return self._listen
        return None

    def after_epoch(self, epoch: int) -> Iterator[Event]:
        """After an epoch that is not the last one."""
        if self._training.over:
            return
        if self._examination is not None:
            begin = time.perf_counter()
            found = Mistaken(self._training.step, epoch, self._examination.confusion(), self._examination.worst())
            self._training.measuring += time.perf_counter() - begin
            self._examination = None
            yield found
        if epoch % self._region_every == 0:
            yield from self._region(epoch)

    def while_waiting(self) -> Iterator[Region]:
        """While somebody looks at what a step has done: a region, unless it is known."""
        if self._taken != self._training.step:
            yield from self._region(self._training.epoch - 1)

    def at_the_end(self, epochs: int) -> Iterator[Region]:
        """After the last step, with the weights that the members end with."""
        yield from self._region(epochs)

    def _listen(self, first: int, h: Tensor, cost: Tensor, y: Tensor) -> None:
        assert self._examination is not None
        begin = time.perf_counter()
        self._examination.add(first, h, cost, y)
        self._training.measuring += time.perf_counter() - begin

    def _region(self, epoch: int) -> Iterator[Region]:
        if self._probe is None:
            return
        begin = time.perf_counter()
        region = self._probe.take(self._training.step, epoch)
        self._training.measuring += time.perf_counter() - begin
        self._taken = region.step
        yield region


def epochs_between(seconds: float, epoch: float, share: float) -> int:
    """Epochs from one picture to the next, so that they take at most a share of the time and do not come too often.

    Args:
        seconds: that a picture takes.
        epoch: seconds that an epoch takes.
        share: of the time.
    """
    return max(1, math.ceil(max(LEAST_SECONDS, seconds / share) / epoch))


def region_seconds(size: Size, cells: int) -> float:
    """Roughly how long it takes to take and to record a region."""
    of_cell = REGION_PER_PRODUCT * size.products + REGION_PER_VALUE * size.units
    return REGION_OVERHEAD + size.members * (REGION_PER_MEMBER + cells * of_cell)


def mistakes_seconds(members: int, examples: int, classes: int) -> float:
    """Roughly how long it takes to see and to record what is mistaken for what, while the examples are scored."""
    of_member = MISTAKES_PER_MEMBER + MISTAKES_PER_EXAMPLE * examples + MISTAKES_PER_COUNT * classes**2
    return MISTAKES_OVERHEAD + members * of_member
