"""From a training to a checkpoint's contents, and back to go on with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from engine.errors import CheckpointError
from engine.events import Resumed
from engine.experiment import SETTINGS, Experiment
from engine.generators import set_states, states_of
from engine.network.network import Network
from engine.training.checkpoint import Saved, State, numbered
from engine.training.manifest import FORMAT, Course, Kind, Manifest
from engine.training.snapshots import learned

if TYPE_CHECKING:
    from engine.training.training_state import TrainingState


# --- from a training to a checkpoint -----------------------------------------


def state_of(training: TrainingState) -> State:
    """All that is needed to go on with a training that stands between two steps."""
    frames, tuning, endings = training.frames, training.tuning, training.endings
    course = Course(
        epoch=training.epoch,
        epoch_begun=training.epoch_begun,
        place=training.batches.place(),
        next_record=training.next_record,
        measuring=training.measuring,
        tuned=tuning.tuned,
        interventions=tuning.interventions,
        plateaus=tuple(schedule.plateau for schedule in training.schedules),
        watched=tuple(training.stopping.watched),
        ended=tuple(endings.ended.values()),
        diverged=tuple(endings.diverged.values()),
        callbacks=training.callbacks.states(),
    )
    return State(
        course=course,
        learned=learned(training.network),
        best=training.best.tensors,
        optimizer=training.optimizer.state(),
        order=training.batches.generators(),
        dropout=states_of(training.network.generators),
        losses=frames.losses_since_record,
        penalties=frames.latest_penalties,
    )


def best_tensors(training: TrainingState) -> dict[str, Tensor]:
    """What a checkpoint of the best epochs holds: each member's weights at its own."""
    return numbered("learned", training.best.tensors)


def manifest_of(training: TrainingState, kind: Kind, course: Course | None) -> Manifest:
    """What a checkpoint of a training says of itself."""
    prepared = training.prepared
    watched = tuple(training.stopping.watched)
    best_step, best_epoch = max((w.best_step, w.best_epoch) for w in watched)
    return Manifest(
        format=FORMAT,
        kind=kind,
        experiments=prepared.experiments,
        step=best_step if kind == "best" else training.step,
        epoch=best_epoch if kind == "best" else training.epoch - 1,
        seconds=training.watch.seconds,
        finished=training.over,
        learned_from=prepared.data,
        shape=prepared.shape,
        device=str(prepared.device),
        threads=prepared.threads,
        torch=torch.__version__,
        digest="",
        course=course,
        best=watched if kind == "best" else (),
    )


# --- to go on ----------------------------------------------------------------


def check_resumable(saved: Saved, experiments: Sequence[Experiment]) -> None:
    """Whether a checkpoint is of these experiments.

    One from the very end is, too: what was killed between its last checkpoint and its final scores is scored.

    Raises:
        CheckpointError: it is of others.
    """
    manifest = saved.manifest
    if len(manifest.experiments) != len(experiments):
        raise CheckpointError(
            f"{saved.path} is a checkpoint of another experiment: of {len(manifest.experiments)} members, not {len(experiments)}"
        )
    for was, now in zip(manifest.experiments, experiments, strict=True):
        if was != now:
            raise CheckpointError(f"{saved.path} is a checkpoint of another experiment; they differ in {_differences(was, now)}")


def take_up(training: TrainingState, saved: Saved) -> None:
    """Put a training where the checkpoint's was.

    Raises:
        CheckpointError: the data is another than it was, or the checkpoint does not hold what it should.
    """
    manifest, state = saved.manifest, saved.state
    if manifest.data != training.prepared.data.fingerprint:
        raise CheckpointError(
            f"{saved.path}: the data has changed since this checkpoint was written, so the training cannot go on; "
            "put the data back, or use --branch"
        )
    course = state.course
    copy_learned(training.network, state.learned, str(saved.path))
    training.optimizer.restore(state.optimizer)
    training.tuning.set(course.tuned)
    training.tuning.interventions = course.interventions
    training.batches.restore(course.place, state.order)
    set_states(training.network.generators, state.dropout)
    for schedule, plateau in zip(training.schedules, course.plateaus, strict=True):
        schedule.plateau = plateau
    training.stopping.restore(course.watched)
    training.endings.restore(course.diverged, course.ended)
    if state.best:
        training.best.restore([tensor.to(training.prepared.device) for tensor in state.best])
    training.kept.take(training.endings.ended)
    training.frames.restore(manifest.step, state.losses, state.penalties)
    training.step, training.epoch, training.epoch_begun = manifest.step, course.epoch, course.epoch_begun
    training.next_record, training.measuring = course.next_record, course.measuring
    training.replay = training.replay[course.interventions :]
    training.callback_states = course.callbacks
    training.resumed = Resumed(manifest.step, manifest.epoch, manifest.seconds)
    training.work_out_length()


def copy_learned(network: Network, tensors: Sequence[Tensor], name: str) -> None:
    """Give a network the learned tensors and buffers of a checkpoint, `[P, …]`, member by member.

    Raises:
        CheckpointError: the checkpoint, of this name, is of another network.
    """
    live = learned(network)
    if [tensor.shape for tensor in tensors] != [tensor.shape for tensor in live]:
        raise CheckpointError(f"{name}: the checkpoint is of another network")
    for tensor, value in zip(tensors, live, strict=True):
        value.copy_(tensor)


# --- helpers -----------------------------------------------------------------


def _differences(was: Experiment, now: Experiment) -> str:
    """The settings in which two experiments differ, a few of them."""
    differing = [path for path in SETTINGS if _value(was, path) != _value(now, path)]
    return ", ".join(differing[:5]) + (f" and {len(differing) - 5} more" if len(differing) > 5 else "")


def _value(experiment: Experiment, path: str) -> object:
    value: object = experiment
    for name in path.split("."):
        value = getattr(value, name)
    return value
