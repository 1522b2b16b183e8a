"""What is looked at beside the steps: distributions on held-out examples, and pictures of what the network does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.events import Distributions, Event
from engine.probes.distributions import DistributionProbe
from engine.probes.examine import examine
from engine.probes.held_out import held_out_examples
from engine.probes.occasions import occasions
from engine.training.pictures import Pictures

if TYPE_CHECKING:
    from engine.training.training_state import TrainingState


class Inspections:
    """Takes a close look at the network at the beginning, after some epochs and at the end.

    Args:
        training: the training, whose length is known.
    """

    def __init__(self, training: TrainingState) -> None:
        prepared = training.prepared
        lead = prepared.experiments[0]
        held_out = held_out_examples(prepared.train, prepared.validation, prepared.test, lead.data.seed)
        self._training = training
        self._occasions = occasions(
            lead,
            training.size(),
            prepared.layers,
            examples=len(held_out),
            steps=training.total_steps,
            steps_per_epoch=training.batches.per_epoch,
        )
        self._probe = DistributionProbe(training.network, held_out, jacobian=self._occasions.jacobian)
        self.pictures = Pictures(training)

    def at_the_start(self) -> Iterator[Event]:
        """Before the first step."""
        yield from self.pictures.at_the_start()
        if self._occasions.start:
            yield self._take(0)

    def after_epoch(self, epoch: int) -> Iterator[Event]:
        """After an epoch that is not the last one."""
        yield from self.pictures.after_epoch(epoch)
        if self._occasions.after_epoch(epoch) and not self._training.over:
            yield self._take(epoch)

    def at_the_end(self, epochs: int) -> Iterator[Event]:
        """After the last step, with the weights that the members end with; so many epochs are over."""
        if self._occasions.end:
            yield self._take(epochs)
        yield from self.pictures.at_the_end(epochs)
        prepared = self._training.prepared
        if prepared.data.task == "classification":
            examined = examine(prepared.network, prepared.validation, prepared.test, prepared.data.classes)
            if examined is not None:
                yield examined

    def _take(self, epoch: int) -> Distributions:
        begin = time.perf_counter()
        distributions = self._probe.take(self._training.step, epoch)
        self._training.measuring += time.perf_counter() - begin
        return distributions
