"""Everything that a training is made of, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from engine.errors import ConfigurationError
from engine.events import EpochEnded, Intervened, Resumed, Started
from engine.generators import generator
from engine.probes.schedule import Size, measured_every
from engine.training.batches import Batches, StoredBatches, StreamedBatches
from engine.training.callbacks import Callback, Callbacks, Run
from engine.training.checkpointer import Checkpointer
from engine.training.clock import Stopwatch
from engine.training.control import Settings
from engine.training.endings import Endings
from engine.training.evaluator import Evaluator
from engine.training.frames import FrameBuffer
from engine.training.inspections import Inspections
from engine.training.optimizers import Optimizer
from engine.training.penalties import Penalties
from engine.training.prepare import Prepared, device_name
from engine.training.records import Ended
from engine.training.schedules import Schedule
from engine.training.snapshots import Snapshots
from engine.training.stopping import EARLY_STOPPING, Stopping
from engine.training.tuning import Tuning, check_changes


class TrainingState:
    """A training between two steps: its parts, and where it stands.

    Args:
        prepared: the population.
        callbacks: a user's own, each with the text that names it.
        checkpoints: asked once for the folder of checkpoints; None: none are kept.
        interventions: changes of settings to be made at their steps.

    Attributes:
        step: Steps made, or begun while one is made.
        epoch: In which the next step lies, from 1.
        epoch_begun: Whether what comes before an epoch's first step was done.
        next_record: The step at which the loss is recorded next.
        total_steps: At which training ends.
        measured_every: Steps between two measurements of the layers.
        measuring: Seconds that the probes took.
        asked: Changes that were asked for and not made yet.
        watch: Seconds of training.
        resumed: Where it went on or branched off, if it did.
        note: A sentence on what was carried over when it branched off.
        callback_states: What callbacks are to take up; none if they begin anew.
    """

    def __init__(
        self,
        prepared: Prepared,
        *,
        callbacks: Sequence[tuple[str, Callback]] = (),
        checkpoints: Callable[[], Path] | None = None,
        interventions: Sequence[Intervened] = (),
    ) -> None:
        experiments, network = prepared.experiments, prepared.network
        lead, members = experiments[0], len(experiments)
        self.prepared = prepared
        self.network = network
        self.batches = _batches(prepared)
        self.schedules = [Schedule(experiment) for experiment in experiments]
        self.optimizer = Optimizer(experiments, network)
        self.penalties = Penalties(experiments, network.parameters)
        self.tuning = Tuning(experiments, network, self.batches, self.schedules, self.penalties)
        self.frames = FrameBuffer(network, members, looks=prepared.device.type == "cpu")
        self.endings = Endings(members)
        self.stopping = Stopping(lead.stop, members, keep_best=lead.checkpoint.best)
        self.best, self.kept = Snapshots(network), Snapshots(network)
        self.evaluator = Evaluator(prepared, self.endings)
        self.checkpointer = Checkpointer(lead.checkpoint, checkpoints)
        self.run = Run(self)
        self.callbacks = Callbacks(callbacks, self.run)
        self.replay = sorted(interventions, key=lambda intervened: intervened.step)
        self.asked: list[Settings] = []
        self.step = 0
        self.epoch = 1
        self.epoch_begun = False
        self.next_record = 1
        self.measured_every = measured_every(lead, self.size())
        self.measuring = 0.0
        self.watch = Stopwatch()
        self.resumed: Resumed | None = None
        self.note = ""
        self.callback_states: tuple[str, ...] = ()
        self.work_out_length()
        self.inspections = Inspections(self)
        for intervened in self.replay:
            self.check_changes({change.path: change.after for change in intervened.changes})

    @property
    def over(self) -> bool:
        """Whether the last step was made, or no member is left to train."""
        return self.step >= self.total_steps or self.endings.all_over

    def work_out_length(self) -> None:
        """How many steps the training has in all, from where it stands."""
        lead = self.prepared.experiments[0]
        ends = [] if lead.steps is None else [lead.steps]
        if lead.epochs is not None:
            ends.append(self.step + self.batches.left + (lead.epochs - self.epoch) * self.batches.per_epoch)
        self.total_steps = min(ends)
        for schedule in self.schedules:
            schedule.total_steps = self.total_steps

    def set_rates(self) -> None:
        """Give the members the learning rates of the next step."""
        self.optimizer.set_rates([schedule.rate(self.step, self.epoch - 1) for schedule in self.schedules])

    def check_changes(self, settings: Settings) -> Settings:
        """Whether settings can be changed so now, as any thread may ask; the numbers that the new values are.

        Raises:
            ConfigurationError: which is a ValueError; they cannot.
        """
        return check_changes(settings, self.prepared, self.batches)

    def change(self, settings: Settings, origin: str = "") -> Intervened | None:
        """Change settings that were checked, from the next step on, and tell who asked; None if all was so already."""
        told = self.tuning.change(settings, self.step, origin)
        if told is not None:
            self.work_out_length()
            self.set_rates()
        return told

    def change_as_asked(self) -> Iterator[Intervened]:
        """Make the changes that were asked for, in their order.

        Steps may have been made since one was checked, so that its batch size no longer fits the rest of the epoch; it is made
        as soon as it does, at the latest with the next epoch.
        """
        while self.asked and self._fits(self.asked[0]):
            told = self.change(self.asked.pop(0))
            if told is not None:
                yield told

    def _fits(self, settings: Settings) -> bool:
        try:
            self.check_changes(settings)
        except ConfigurationError:
            return False
        return True

    def see_who_ends(self, told: EpochEnded) -> list[tuple[int, str]]:
        """Take note of the scores of an epoch; return the members that end with it, and why."""
        going = self.endings.going
        improved = self.stopping.look(told, going)
        if self.stopping.needs_best:
            self.best.take(improved)
        reasons = [(member, self.stopping.reason_to_end(told, member)) for member in going]
        return [(member, reason) for member, reason in reasons if reason]

    def end_member(self, member: int, reason: str) -> Ended:
        """A member learns no more: keep what it is to end with."""
        restored = self.stopping.step_to_restore(member) if reason == EARLY_STOPPING else None
        if restored is not None:
            self.best.put_back([member])
        self.kept.take([member])
        ended = Ended(member, self.step, self.epoch, reason, restored)
        self.endings.note_end(ended)
        return ended

    def started(self) -> Started:
        """What is told before the first step."""
        prepared = self.prepared
        notes = (*prepared.data.notes, *((self.note,) if self.note else ()))
        return Started(
            experiments=prepared.experiments,
            data=replace(prepared.data, notes=notes),
            layers=prepared.layers,
            parameters=sum(layer.parameters for layer in prepared.layers),
            device=device_name(prepared.device),
            threads=prepared.threads,
            steps_per_epoch=self.batches.per_epoch,
            total_steps=self.total_steps,
            measured_every=self.measured_every,
        )

    def size(self) -> Size:
        """What the cost of a step and of measurements depend on."""
        network, layers = self.network, len(self.prepared.layers)
        return Size(network.members, self.batches.size, layers, network.weights, network.values, network.products)


def _batches(prepared: Prepared) -> Batches:
    """Batches of what is there, or of a stream."""
    experiments, train = prepared.experiments, prepared.train
    if prepared.stream is not None:
        example_bytes = train.inputs[0].numel() * train.inputs.element_size()
        return StreamedBatches(prepared.stream, len(train), prepared.batch_size, len(experiments), example_bytes)
    orders = [generator(experiment.seed, "order") for experiment in experiments]
    return StoredBatches(train.inputs, train.targets, prepared.batch_size, orders, prepared.rows)
