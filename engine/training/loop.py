"""The training loop: the only one there is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from engine.data import Progress
from engine.errors import CallbackError
from engine.events import CALLBACK, Event, Frame, Intervened, MemberEnded
from engine.experiment import Experiment
from engine.probes.schedule import is_measured, steps_between_losses
from engine.training.branch import branch_off
from engine.training.callback_paths import make_callbacks
from engine.training.callbacks import Callback
from engine.training.checkpoint import load_or_name_another
from engine.training.clock import Stopwatch
from engine.training.control import Answer, Control, Settings
from engine.training.prepare import Prepared, prepare
from engine.training.pretraining import pretrain
from engine.training.records import Branch, Diverged
from engine.training.resume import check_resumable, take_up
from engine.training.training_state import TrainingState
from engine.vocabulary import Status

SECONDS_BETWEEN_FRAMES = 0.15


def train(
    experiments: Sequence[Experiment],
    *,
    control: Control | None = None,
    progress: Progress | None = None,
    checkpoints: Callable[[], Path] | None = None,
    resume: Path | None = None,
    branch: Branch | None = None,
    interventions: Sequence[Intervened] = (),
) -> Iterator[Event]:
    """Train a population and tell what happens: `Started`, then `Frame`s, `EpochEnded`s and others, at last `Finished`.

    Args:
        experiments: one for each member, all of one shape (`engine.population.populations`).
        control: by which another thread pauses, steps, changes or stops the training.
        progress: told of downloads and long loads.
        checkpoints: asked once, after `Started`, for the folder in which checkpoints are kept; None: none are.
        resume: the JSON of a checkpoint whose training goes on as if it had never been interrupted.
        branch: where a new training begins with the state of a member of another.
        interventions: changes of settings to be made again at their steps. Of a resumed training all that were ever told;
            those that the checkpoint holds are left out, and so are those of callbacks, which ask again.

    Raises:
        ConfigurationError, DataError, DeviceError, CheckpointError: before the first event.
        CallbackError, CheckpointError: at any time, where a callback raised an error or a checkpoint could not be written.
    """
    saved = None if resume is None else load_or_name_another(resume)
    if saved is not None:
        check_resumable(saved, experiments)
    callbacks = make_callbacks(experiments[0].callbacks)
    prepared = prepare(experiments, progress, like=None if saved is None else saved.manifest)
    training = Training(prepared, control or Control(), callbacks=callbacks, checkpoints=checkpoints, interventions=interventions)
    if saved is not None:
        take_up(training, saved)
    elif branch is not None:
        branch_off(training, load_or_name_another(branch.path), branch.member)
    yield from training.events()


class Training(TrainingState):
    """One population on its way through training."""

    def __init__(
        self,
        prepared: Prepared,
        control: Control,
        *,
        callbacks: Sequence[tuple[str, Callback]] = (),
        checkpoints: Callable[[], Path] | None = None,
        interventions: Sequence[Intervened] = (),
    ) -> None:
        super().__init__(prepared, callbacks=callbacks, checkpoints=checkpoints, interventions=interventions)
        self._control = control
        self._rates_change_in_epoch = any(schedule.every_step for schedule in self.schedules)
        self._last_frame = 0.0
        self._half_pretrained = False

    def events(self) -> Iterator[Event]:
        """Train to the end, or until a callback raises an error."""
        torch.set_num_threads(self.prepared.threads)
        self._control.begin(self.check_changes)
        try:
            yield from self._to_the_end()
        except CallbackError:
            yield from self._frame()  # what was measured until then
            raise
        finally:
            self._control.end()

    def _to_the_end(self) -> Iterator[Event]:
        """All events, from the first to the last."""
        yield from self._begin()
        while not self.over:
            yield from self._begin_epoch()
            if self.endings.all_over:  # a callback ended it before the epoch's first step
                break
            while self.batches.left and not self.over:
                if not self._control.running_freely or self.asked or self._replay_is_due():
                    yield from self._attend()
                    if self._control.stopped:
                        break
                self._train_step(*self.batches.next())
                if self.callbacks:
                    yield from self._heed_callbacks()
                if self._frame_is_due():
                    yield from self._frame()
                    if self.checkpointer.is_due(self.watch.seconds) and not self.over:  # the epoch must end first
                        yield from self.checkpointer.keep(self)
            yield from self._frame()
            if self._control.stopped and not self.over:
                break
            yield from self._end_epoch()
            self._control.after_epoch()
        yield from self._finish()

    # --- one step ------------------------------------------------------------

    def _train_step(self, x: Tensor, y: Tensor) -> None:
        """Forward, cost, backward, update; measured if it is this step's turn."""
        if self._rates_change_in_epoch:
            self.set_rates()
        self.step += 1
        if self.callbacks:
            self.callbacks.call("on_step_begin")
        _, cost = self.network.forward(x, y, training=True)
        losses = self.frames.next_loss()
        torch.mean(cost, 1, out=losses)
        self.frames.note_activations()
        measured = self._saw_divergence() or self._is_measured()
        changed = bool(self.penalties) or self.callbacks.may_change_gradients
        self.optimizer.before_backward(looked_at=measured or bool(self.callbacks), changed=changed)
        self.network.backward()
        self.penalties.add_gradients()
        if self.callbacks:
            self.run.losses = losses
            self.callbacks.call("on_gradients")
        if measured:
            self._measured_update()
            self.next_record = self.step
        else:
            self.optimizer.step()
        if self.step >= self.next_record:
            self.frames.record(self.step, self.watch.seconds, self.optimizer.rates)
            self.next_record = self.step + steps_between_losses(self.step, self.network.members)
        if self.callbacks:
            self.callbacks.call("on_step_end")

    def _measured_update(self) -> None:
        """Update with the probes around it."""
        begin = time.perf_counter()
        probes = self.frames.probes
        probes.before_update()
        penalties = self.penalties.values()
        before = time.perf_counter()
        self.optimizer.step()
        after = time.perf_counter()
        probes.after_update(self.frames.row)
        self.frames.measured(self.step, *penalties)
        self.measuring += (before - begin) + (time.perf_counter() - after)

    def _is_measured(self) -> bool:
        return (
            is_measured(self.step, self.measured_every)
            or self.step == self.total_steps
            or self._control.by_hand  # who steps by hand wants to see each step
        )

    def _saw_divergence(self) -> bool:
        """Look at the losses of this step where that costs nothing; return whether a member has just diverged."""
        losses = self.frames.last_losses()
        return losses is not None and self.endings.look(losses, self.network, self.step)

    # --- begin and end -------------------------------------------------------

    def _begin(self) -> Iterator[Event]:
        """All that comes before the first step."""
        yield self.started()
        yield from self.inspections.pictures.plane()
        seconds = 0.0
        if self.resumed is not None:
            yield self.resumed
            seconds = self.resumed.seconds
        self.checkpointer.open(seconds)
        self.watch = Stopwatch(seconds)
        self._last_frame = seconds
        if self.resumed is None:
            yield from self._pretrain()
            if not self._half_pretrained:
                yield from self.inspections.at_the_start()
        if self.callbacks:
            self.callbacks.begin(self.callback_states)
            yield from self._heed_callbacks()

    def _pretrain(self) -> Iterator[Event]:
        """Pre-training, where it is asked for. What it made is kept at once: it cannot go on from its middle."""
        prepared = self.prepared
        if prepared.experiments[0].pretraining.kind == "none":
            return
        self.watch.hold()  # its events tell how long it took
        inputs, shape, stop = prepared.train.inputs, prepared.data.image_shape, self._control.wait_while_paused
        yield from pretrain(self.network, prepared.experiments, inputs, shape, rows=prepared.rows, should_stop=stop)
        self.watch.go()
        self._half_pretrained = self._control.stopped
        if not self._half_pretrained:
            yield from self.checkpointer.keep(self)

    def _begin_epoch(self) -> Iterator[Event]:
        self.set_rates()
        if not self.epoch_begun:
            self.epoch_begun = True
            self.callbacks.call("on_epoch_begin")
            yield from self._heed_callbacks()

    def _end_epoch(self) -> Iterator[Event]:
        """Scores, and what follows from them."""
        self.kept.put_back(self.endings.ended)
        look = self.inspections.pictures.look(self.epoch)
        told = self.evaluator.after_epoch(self.epoch, self.step, self.watch.seconds, look)
        yield told
        for schedule, score in zip(self.schedules, told.validation, strict=True):
            if score is not None:
                schedule.observe(score.cost)
        for member, reason in self.see_who_ends(told):
            yield self._end_member(member, reason)
        yield from self.checkpointer.keep_best(self)
        self.run.scores = told
        self.callbacks.call("on_epoch_end", told)
        yield from self._heed_callbacks()
        if not self.batches.left:  # else the last step was made within the epoch
            yield from self.inspections.after_epoch(self.epoch)
            self.batches.next_epoch()
            self.epoch, self.epoch_begun = self.epoch + 1, False
            if self.checkpointer.is_due_after(self.epoch - 1):
                yield from self.checkpointer.keep(self, "epoch")

    def _finish(self) -> Iterator[Event]:
        """All that comes after the last step."""
        seconds, measuring = self.watch.seconds, self.measuring  # of training: what comes now is in neither
        if not self._half_pretrained:
            yield from self.checkpointer.keep(self)
        broken: CallbackError | None = None
        try:
            self.callbacks.call("on_run_end")
        except CallbackError as error:  # the scores are told all the same
            broken = error
        if self._status() is not Status.INTERRUPTED:  # who closes a terminal does not want to wait for them
            yield from self.inspections.at_the_end(self.epoch - 1)
        yield self.evaluator.at_the_end(self._status(), self.step, seconds, measuring)
        if broken is not None:
            raise broken

    def _status(self) -> Status:
        """How the members end that neither diverged nor ended early."""
        if self.over or not self._control.stopped:
            return Status.DONE  # whatever was asked for meanwhile
        return Status.INTERRUPTED if self._control.interrupted else Status.STOPPED

    # --- what others ask for -------------------------------------------------

    def _attend(self) -> Iterator[Event]:
        """Make the changes whose turn it is; if someone steers, do as they ask, and wait while paused."""
        yield from self._frame()
        while self._replay_is_due():
            again = self.replay.pop(0)
            if again.origin != CALLBACK:  # callbacks ask again by themselves
                self.asked.append({change.path: change.after for change in again.changes})
        yield from self.change_as_asked()
        if self._control.running_freely:
            return
        self.watch.hold()
        if not self._control.stopped:
            yield from self.inspections.pictures.while_waiting()
        while self._control.before_step() is Answer.CHANGE:
            self.asked += self._control.take_changes()
            yield from self.change_as_asked()
        self.watch.go()

    def _replay_is_due(self) -> bool:
        return bool(self.replay) and self.replay[0].step <= self.step

    def _change(self, settings: Settings, origin: str = "") -> Iterator[Intervened]:
        told = self.change(settings, origin)
        if told is not None:
            yield told

    def _heed_callbacks(self) -> Iterator[Event]:
        """Do what callbacks have asked for."""
        if not self.run.has_requests:
            return
        yield from self._frame()
        for settings in self.run.take_changes():
            yield from self._change(settings, CALLBACK)
        for member, reason in self.run.take_stops():
            if member in self.endings.going:
                yield self._end_member(member, reason)

    def _end_member(self, member: int, reason: str) -> MemberEnded:
        ended = self.end_member(member, reason)
        return MemberEnded(member, ended.step, ended.epoch, reason)

    # --- events --------------------------------------------------------------

    def _frame_is_due(self) -> bool:
        if self.frames.full:
            return True
        return bool(self.frames) and self.watch.seconds - self._last_frame >= SECONDS_BETWEEN_FRAMES

    def _frame(self) -> Iterator[Frame]:
        """The records since the last frame, if there are any."""
        if not self.frames:
            return
        begin = time.perf_counter()
        for member, step, origin in self.frames.unseen_divergences():
            self.endings.note_divergence(Diverged(member, step, origin))
        frame = self.frames.take(self.endings.ended)
        self._last_frame = self.watch.seconds
        self.measuring += time.perf_counter() - begin
        yield frame
