"""The training loop: the only one there is."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.data import Progress
from engine.events import Divergence, EpochEnded, Event, Finished, Frame, Outcome, Score, Started
from engine.experiment import Experiment
from engine.generators import generator
from engine.probes.divergence import find_divergence
from engine.probes.schedule import Size, is_measured, measured_every, steps_between_losses
from engine.training.batches import Batches
from engine.training.clock import Stopwatch
from engine.training.control import Control
from engine.training.frames import FrameBuffer
from engine.training.optimizers import Optimizer
from engine.training.penalties import Penalties
from engine.training.prepare import Prepared, device_name, layer_infos, prepare
from engine.training.schedules import Schedule
from engine.training.scores import Part, Scorer
from engine.vocabulary import Status

SECONDS_BETWEEN_FRAMES = 0.15


def train(
    experiments: Sequence[Experiment], *, control: Control | None = None, progress: Progress | None = None
) -> Iterator[Event]:
    """Train a population and tell what happens: `Started`, then `Frame`s and `EpochEnded`s, at last `Finished`.

    Args:
        experiments: one for each member, all of one shape (`engine.population.populations`).
        control: by which another thread pauses, steps or stops the training.
        progress: told of downloads and long loads.

    Raises:
        ConfigurationError, DataError, DeviceError: before the first event.
    """
    yield from Training(prepare(experiments, progress), control or Control()).events()


class Training:
    """One population on its way through training."""

    def __init__(self, prepared: Prepared, control: Control) -> None:
        self.prepared = prepared
        self.network = prepared.network
        self._control = control
        experiments = prepared.experiments
        self._members = len(experiments)
        lead = experiments[0]
        orders = [generator(e.seed, "order") for e in experiments]
        self._batches = Batches(prepared.train.inputs, prepared.train.targets, prepared.batch_size, orders)
        self._steps_per_epoch = self._batches.per_epoch
        ends = [lead.epochs * self._steps_per_epoch if lead.epochs else None, lead.steps]
        self._total_steps = min(end for end in ends if end is not None)
        self._schedules = [Schedule(e, self._total_steps) for e in experiments]
        self._rates_change_in_epoch = any(s.every_step for s in self._schedules)
        self._optimizer = Optimizer(experiments, self.network.parameters)
        self._penalties = Penalties(experiments, self.network.parameters)
        self._scorer = Scorer(self.network, prepared.data.task, prepared.target_std)
        self._frames = FrameBuffer(self.network, self._members, looks=prepared.device.type == "cpu")
        self._every = measured_every(lead, self._size())
        self._sample = self._scored_examples(lead)
        self._step = 0
        self._next_record = 1
        self._divergences: dict[int, tuple[int, Divergence]] = {}  # member: step of the loss, origin
        self._watch = Stopwatch()
        self._last_frame = 0.0
        self._measuring = 0.0

    def events(self) -> Iterator[Event]:
        """Train from the first step to the end."""
        torch.set_num_threads(self.prepared.threads)
        yield self._started()
        self._watch = Stopwatch()
        for epoch in itertools.count(1):
            self._set_rates(epoch)
            for x, y in self._batches.epoch():
                if not self._control.running_freely:
                    yield from self._frame()
                    if not self._may_go_on():
                        break
                self._train_step(x, y, epoch)
                if self._frame_is_due():
                    yield from self._frame()
                if self._over():
                    break
            yield from self._frame()
            if self._control.stopped:
                break
            yield self._epoch_ended(epoch)
            if self._over():
                break
            self._control.after_epoch()
        yield self._finished()

    # --- one step ------------------------------------------------------------

    def _train_step(self, x: Tensor, y: Tensor, epoch: int) -> None:
        """Forward, cost, backward, update; measured if it is this step's turn."""
        if self._rates_change_in_epoch:
            self._set_rates(epoch)
        self._step += 1
        _, cost = self.network.forward(x, y, training=True)
        torch.mean(cost, 1, out=self._frames.next_loss())
        self._frames.note_activations()
        broke = self._saw_divergence()
        self.network.backward()
        self._penalties.add_gradients()
        if broke or self._is_measured():
            self._measured_update()
            self._next_record = self._step
        else:
            self._optimizer.step()
        if self._step >= self._next_record:
            self._frames.record(self._step, self._watch.seconds, self._optimizer.rates)
            self._next_record = self._step + steps_between_losses(self._step, self._members)

    def _set_rates(self, epoch: int) -> None:
        self._optimizer.set_rates([s.rate(self._step, epoch - 1) for s in self._schedules])

    def _measured_update(self) -> None:
        """Update with the probes around it."""
        begin = time.perf_counter()
        probes = self._frames.probes
        probes.before_update()
        penalties = self._penalties.values()
        before = time.perf_counter()
        self._optimizer.step()
        after = time.perf_counter()
        probes.after_update(self._frames.row)
        self._frames.measured(self._step, *penalties)
        self._measuring += (before - begin) + (time.perf_counter() - after)

    def _is_measured(self) -> bool:
        return (
            is_measured(self._step, self._every)
            or self._step == self._total_steps
            or not self._control.running_freely  # who steps by hand wants to see each step
        )

    def _over(self) -> bool:
        return self._step >= self._total_steps or len(self._divergences) == self._members

    def _may_go_on(self) -> bool:
        self._watch.hold()
        go_on = self._control.before_step()
        self._watch.go()
        return go_on

    # --- divergence ----------------------------------------------------------

    def _saw_divergence(self) -> bool:
        """Look at the losses of this step where that costs nothing; return whether a member has just diverged."""
        losses = self._frames.last_losses()
        if losses is None:
            return False
        finite = np.isfinite(losses)
        if finite.all():
            return False
        new = [member for member in np.flatnonzero(~finite).tolist() if member not in self._divergences]
        for member in new:
            self._divergences[member] = self._step, find_divergence(self.network, member, self._step)
        return bool(new)

    # --- events --------------------------------------------------------------

    def _started(self) -> Started:
        layers = layer_infos(self.network)
        return Started(
            experiments=self.prepared.experiments,
            data=self.prepared.data,
            layers=layers,
            parameters=sum(layer.parameters for layer in layers),
            device=device_name(self.prepared.device),
            threads=self.prepared.threads,
            steps_per_epoch=self._steps_per_epoch,
            total_steps=self._total_steps,
            measured_every=self._every,
        )

    def _frame_is_due(self) -> bool:
        if self._frames.full:
            return True
        return bool(self._frames) and self._watch.seconds - self._last_frame >= SECONDS_BETWEEN_FRAMES

    def _frame(self) -> Iterator[Frame]:
        """The records since the last frame, if there are any."""
        if not self._frames:
            return
        begin = time.perf_counter()
        for member, step, divergence in self._frames.unseen_divergences():
            self._divergences.setdefault(member, (step, divergence))
        frame = self._frames.take()
        self._last_frame = self._watch.seconds
        self._measuring += time.perf_counter() - begin
        yield frame

    def _epoch_ended(self, epoch: int) -> EpochEnded:
        train = self._scorer.score(self._sample)
        validation: tuple[Score | None, ...] = (None,) * self._members
        if len(self.prepared.validation):
            scores = self._scorer.score(self.prepared.validation)
            for schedule, score in zip(self._schedules, scores, strict=True):
                schedule.observe(score.cost)
            validation = scores
        return EpochEnded(epoch, self._step, self._watch.seconds, train, validation)

    def _finished(self) -> Finished:
        seconds = self._watch.seconds
        parts = (self.prepared.train, self.prepared.validation, self.prepared.test)
        train, validation, test = (self._final_scores(part) for part in parts)
        outcomes = []
        for member in range(self._members):
            if member in self._divergences:
                step, divergence = self._divergences[member]
                outcomes.append(Outcome(Status.DIVERGED, step, divergence=divergence))
            else:
                outcomes.append(Outcome(self._status(), self._step, train[member], validation[member], test[member]))
        return Finished(tuple(outcomes), seconds, self._measuring / seconds if seconds > 0 else 0.0)

    def _status(self) -> Status:
        if self._step >= self._total_steps:
            return Status.DONE  # whatever was asked for meanwhile
        if self._control.interrupted:
            return Status.INTERRUPTED
        return Status.STOPPED if self._control.stopped else Status.DONE

    def _final_scores(self, part: Part) -> tuple[Score | None, ...]:
        """Scores of all members; none when interrupted, for whoever closes a terminal does not want to wait for them."""
        if not len(part) or self._status() is Status.INTERRUPTED:
            return (None,) * self._members
        return self._scorer.score(part)

    # --- sizes ---------------------------------------------------------------

    def _size(self) -> Size:
        layers = layer_infos(self.network)
        units = sum(layer.outputs for layer in layers)
        return Size(self._members, self._batches.size, len(layers), self.network.weights, units)

    def _scored_examples(self, lead: Experiment) -> Part:
        """A fixed random sample of the training part, scored after each epoch."""
        train = self.prepared.train
        asked = lead.monitor.train_examples
        count = min(2000, max(200, len(train) // 10)) if asked == "auto" else asked
        if len(train) <= count:
            return train
        chosen = torch.randperm(len(train), generator=generator(lead.data.seed, "scored examples"))[:count]
        chosen = chosen.to(train.inputs.device)
        return Part(train.inputs[chosen], train.targets[chosen])
