"""A new training that begins where one member of another stood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from engine.errors import ConfigurationError
from engine.events import Resumed
from engine.experiment import Experiment
from engine.generators import set_states
from engine.network.network import Network
from engine.training.batch_sizes import batch_size_problem
from engine.training.checkpoint import Saved
from engine.training.optimizers import state_of_member
from engine.training.records import Place
from engine.training.snapshots import learned, mismatch

if TYPE_CHECKING:
    from engine.training.training_state import TrainingState


def branch_off(training: TrainingState, saved: Saved, member: int) -> None:
    """Put all members of a new training where one member of a checkpoint stood, as far as their settings allow.

    The weights are always carried over. So is what the optimizer remembers where it is of the same kind; the place in the
    epoch where the data is the same; and chance where the seed is. Of a member that had ended, and of a checkpoint of the best
    epochs, nothing but the weights is known. What early stopping watched, callbacks and changes of settings begin anew.

    Raises:
        CheckpointError: there is no such member, or it has no weights of use.
        ConfigurationError: the network has other shapes or should begin otherwise, the batch size does not fit the rest of the
            epoch, or training would be over before it begins.
    """
    weights = saved.weights_of(member)
    _check_beginning(training.prepared.experiments, saved.manifest.experiments[member])
    _copy(training.network, weights)
    at = saved.manifest.stand_of(member)
    training.step, training.epoch, training.next_record = at.step, at.epoch + 1, at.step + 1
    frames = training.frames
    frames.restore(at.step, frames.losses_since_record, frames.latest_penalties)  # none: only the steps before are told
    if at.going:
        anew = _carry_over(training, saved, member)
    else:
        _begin_epoch_anew(training)
        anew = ["the optimizer", "the order of the data", "dropout"]
    training.work_out_length()
    _check_end(training)
    training.note = f"begins with member {member} of {saved.path.name}, at step {at.step}"
    if anew:
        training.note += f"; what begins anew: {', '.join(anew)}"
    training.resumed = Resumed(at.step, training.epoch - 1, 0.0)


def _check_beginning(experiments: Sequence[Experiment], source: Experiment) -> None:
    """What only matters before the first step must be as it was."""
    for experiment in experiments:
        now, was = experiment.model, source.model
        for path, same in (
            ("pretraining", experiment.pretraining == source.pretraining),
            ("model.init", now.init == was.init),
            ("model.bias_init", now.bias_init == was.bias_init),
            ("model.bias_std", now.bias_std == was.bias_std),
        ):
            if not same:
                raise ConfigurationError.at(
                    path,
                    "a branch begins with the weights of the checkpoint; leave this as it was, or begin a new run without one",
                )


def _check_rest(training: TrainingState, place: Place) -> None:
    """Another batch size than before must fit what is left of the epoch."""
    prepared, batches = training.prepared, training.batches
    rest = batches.examples - place.cursor
    problem = batch_size_problem(prepared.experiments[0], prepared.shape, batches.examples, rest)
    if problem:
        raise ConfigurationError.at("batch_size", problem)


def _copy(network: Network, weights: Sequence[Tensor]) -> None:
    """Give all members the learned tensors and buffers of one."""
    problem = mismatch(network, weights)
    if problem:
        raise ConfigurationError.at("model", f"{problem}; leave the network as it was")
    for tensor, value in zip(weights, learned(network), strict=True):
        value.copy_(tensor)


def _carry_over(training: TrainingState, saved: Saved, member: int) -> list[str]:
    """Everything but the weights, as far as it fits; return what begins anew."""
    manifest, state, course = saved.manifest, saved.state, saved.state.course
    source, experiments = manifest.experiments[member], training.prepared.experiments
    anew = []
    if experiments[0].optimizer.kind == source.optimizer.kind:
        parameters = len(training.network.parameters)
        training.optimizer.begin_with(state_of_member(state.optimizer, member, manifest.experiments, parameters))
    else:
        anew.append("the optimizer")
    same_seed = [experiment.seed == source.seed for experiment in experiments]
    training.epoch = course.epoch
    if manifest.data == training.prepared.data.fingerprint and experiments[0].ensemble == source.ensemble:
        training.epoch_begun = course.epoch_begun
        place = course.place
        if course.tuned.batch_size[0] != training.batches.size:
            place = Place(place.cursor, place.cursor, place.drawn, place.before)
            _check_rest(training, place)
        training.batches.restore(place, _mixed(training.batches.generators(), state.order, member, same_seed))
    else:
        _begin_epoch_anew(training)
        anew.append("the epoch")
    for generator, same in zip(training.network.generators, same_seed, strict=True):
        if same and generator.get_state().shape == state.dropout[member].shape:  # else it is of another device
            set_states([generator], state.dropout[member : member + 1])
    for schedule in training.schedules:
        if schedule.experiment.schedule == source.schedule:
            schedule.plateau = course.plateaus[member]
    return anew


def _begin_epoch_anew(training: TrainingState) -> None:
    before = (training.epoch - 1) * training.batches.examples
    training.batches.restore(Place(0, 0, drawn=False, before=before), training.batches.generators())


def _mixed(fresh: Tensor | None, states: Tensor | None, member: int, carried: Sequence[bool]) -> Tensor | None:
    """Generators of the order: that of one member where chance is carried over, else fresh ones."""
    if fresh is None or states is None:
        return fresh
    return torch.stack([states[member] if carry else own for carry, own in zip(carried, fresh, strict=True)])


def _check_end(training: TrainingState) -> None:
    """Training must go on behind the point where it branches off."""
    lead: Experiment = training.prepared.experiments[0]
    if training.total_steps > training.step:
        return
    path, end = ("steps", lead.steps) if lead.steps == training.total_steps else ("epochs", lead.epochs)
    raise ConfigurationError.at(
        path,
        f"{end} {path} are over where it branches off, after step {training.step} and epoch {training.epoch - 1}; ask for more",
    )
