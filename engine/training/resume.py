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
    from engine.training.standing import Standing


# --- from a training to a checkpoint -----------------------------------------


def state_of(standing: Standing) -> State:
    """All that is needed to go on with a training that stands between two steps."""
    frames, tuning, fates = standing.frames, standing.tuning, standing.fates
    course = Course(
        epoch=standing.epoch,
        epoch_begun=standing.epoch_begun,
        place=standing.batches.place(),
        next_record=standing.next_record,
        measuring=standing.measuring,
        tuned=tuning.tuned,
        interventions=tuning.interventions,
        plateaus=tuple(schedule.plateau for schedule in standing.schedules),
        watched=tuple(standing.stopping.watched),
        ended=tuple(fates.ended.values()),
        diverged=tuple(fates.diverged.values()),
        callbacks=standing.callbacks.states(),
    )
    return State(
        course=course,
        learned=learned(standing.network),
        best=standing.best.tensors,
        optimizer=standing.optimizer.state(),
        order=standing.batches.generators(),
        dropout=states_of(standing.network.generators),
        losses=frames.losses_since_record,
        penalties=frames.latest_penalties,
    )


def best_tensors(standing: Standing) -> dict[str, Tensor]:
    """What a checkpoint of the best epochs holds: each member's weights at its own."""
    return numbered("learned", standing.best.tensors)


def manifest_of(standing: Standing, kind: Kind, course: Course | None) -> Manifest:
    """What a checkpoint of a training says of itself."""
    prepared = standing.prepared
    watched = tuple(standing.stopping.watched)
    best_step, best_epoch = max((w.best_step, w.best_epoch) for w in watched)
    return Manifest(
        format=FORMAT,
        kind=kind,
        experiments=prepared.experiments,
        step=best_step if kind == "best" else standing.step,
        epoch=best_epoch if kind == "best" else standing.epoch - 1,
        seconds=standing.watch.seconds,
        finished=standing.over,
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


def take_up(standing: Standing, saved: Saved) -> None:
    """Put a training where the checkpoint's was.

    Raises:
        CheckpointError: the data is another than it was, or the checkpoint does not hold what it should.
    """
    manifest, state = saved.manifest, saved.state
    if manifest.data != standing.prepared.data.fingerprint:
        raise CheckpointError(
            f"{saved.path}: the data has changed since this checkpoint was written, so the training cannot go on; "
            "put the data back, or use --branch"
        )
    course = state.course
    copy_learned(standing.network, state.learned, str(saved.path))
    standing.optimizer.restore(state.optimizer)
    standing.tuning.set(course.tuned)
    standing.tuning.interventions = course.interventions
    standing.batches.restore(course.place, state.order)
    set_states(standing.network.generators, state.dropout)
    for schedule, plateau in zip(standing.schedules, course.plateaus, strict=True):
        schedule.plateau = plateau
    standing.stopping.restore(course.watched)
    standing.fates.restore(course.diverged, course.ended)
    if state.best:
        standing.best.restore([tensor.to(standing.prepared.device) for tensor in state.best])
    standing.kept.take(standing.fates.ended)
    standing.frames.restore(manifest.step, state.losses, state.penalties)
    standing.step, standing.epoch, standing.epoch_begun = manifest.step, course.epoch, course.epoch_begun
    standing.next_record, standing.measuring = course.next_record, course.measuring
    standing.replay = standing.replay[course.interventions :]
    standing.callback_states = course.callbacks
    standing.resumed = Resumed(manifest.step, manifest.epoch, manifest.seconds)
    standing.work_out_length()


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
