"""What an experiment comes to before anything is made: its layers, parameters, memory and arithmetic. Needs no torch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from engine.catalog import BlockPick
from engine.data_outline import DataOutline, Shape
from engine.errors import ConfigurationError
from engine.experiment import Experiment
from engine.layer_outline import LayerOutline, network_layers
from engine.network.head import resolve_cost
from engine.network.plan import Planned, plan, walk_planned
from engine.parts import Model
from engine.training.batch_sizes import resolve_batch_size

OPTIMIZER_COPIES: Mapping[str, int] = {
    "sgd": 0,
    "momentum": 1,
    "nesterov": 1,
    "adagrad": 1,
    "adadelta": 2,
    "rmsprop": 1,
    "adam": 2,
    "adamw": 2,
    "nadam": 2,
    "rprop": 2,
}
"""Numbers that an update rule remembers of each parameter."""

_BYTES = {"float32": 4, "float64": 8}


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of a training, those of all members together."""

    parameters: int
    gradients: int
    optimizer: int
    activations: int
    """Inputs of a batch, and what its layers keep for the backward pass."""

    @property
    def total(self) -> int:
        """All of it."""
        return self.parameters + self.gradients + self.optimizer + self.activations


@dataclass(frozen=True, slots=True)
class Outline:
    """A training that was described and not begun."""

    data: DataOutline
    layers: tuple[LayerOutline, ...]
    """From the input to the output layer, which is the last."""
    cost: str
    optimizer: str
    members: int
    parameters: int
    """Of one member."""
    batch_size: int
    memory: Memory
    forward: int
    """Floating-point operations in a step of all members."""
    backward: int
    steps_per_epoch: int
    steps: int


def outline(experiment: Experiment, data: DataOutline, members: int = 1) -> Outline:
    """What an experiment comes to on data of which so much is known.

    Args:
        experiment: what is trained; of an ensemble, any of its members.
        data: what it learns from.
        members: networks that are trained together.

    Raises:
        ConfigurationError: a block does not fit what comes in, or cost or batch size do not fit the data.
    """
    model = experiment.model
    layers = network_layers(experiment, data)
    shape = data.shape if model.blocks else (prod(data.shape),)
    examples = _examples_of_one(experiment, data)
    batch = resolve_batch_size(experiment, shape, examples)
    parameters = sum(layer.parameters for layer in layers)
    size = _BYTES[experiment.dtype] * members
    kept = prod(shape) + sum(layer.kept for layer in layers)
    values = parameters * size
    memory = Memory(values, values, values * OPTIMIZER_COPIES[experiment.optimizer.kind], kept * batch * size)
    per_epoch = -(-examples // batch)
    epochs_end = None if experiment.epochs is None else experiment.epochs * per_epoch
    return Outline(
        data=data,
        layers=layers,
        cost=resolve_cost(experiment, data.task).kind,
        optimizer=experiment.optimizer.kind,
        members=members,
        parameters=parameters,
        batch_size=batch,
        memory=memory,
        forward=sum(layer.forward for layer in layers) * batch * members,
        backward=sum(layer.backward for layer in layers) * batch * members,
        steps_per_epoch=per_epoch,
        steps=min(end for end in (epochs_end, experiment.steps) if end is not None),
    )


def _examples_of_one(experiment: Experiment, data: DataOutline) -> int:
    """Training examples of one member. Raises ConfigurationError where there are none for it."""
    if experiment.ensemble.by != "disjoint":
        return data.train
    members = experiment.ensemble.members
    if data.train < members:
        raise ConfigurationError.at(
            "ensemble.members", f"{members} members cannot share {data.train} training examples; use at most {data.train}"
        )
    return data.train // members


# --- while blocks are put together --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Traced:
    """How far a shape comes through some blocks. Places are written as in the names of layers: `2.1`."""

    shapes: Mapping[str, Shape]
    """What leaves each block, by its place; those behind a block that does not fit are missing."""
    wrong: str = ""
    """The place of the block that does not fit."""
    problem: str = ""


def trace(model: Model, blocks: Sequence[BlockPick], shape: Shape) -> Traced:
    """Send a shape through blocks as far as it comes.

    Args:
        model: what the blocks take their activation from.
        blocks: in their order.
        shape: of one example.
    """
    if not blocks:
        return Traced({})
    whole = model.model_copy(update={"blocks": tuple(blocks)})
    try:
        return Traced(_shapes(plan(whole, shape)))
    except ConfigurationError as error:
        message = error.problems[0].message
    named = re.match(r"block ([\d.]+), ", message)
    assert named is not None, "what does not fit names its block"
    wrong = named[1]
    fitting = blocks[: int(wrong.partition(".")[0]) - 1]
    there = _shapes(plan(model.model_copy(update={"blocks": tuple(fitting)}), shape)) if fitting else {}
    return Traced(there, wrong, message.partition(": ")[2])


def _shapes(planned: Iterable[Planned]) -> dict[str, Shape]:
    return {block.name.partition(" ")[0]: block.outputs for block in walk_planned(planned)}
