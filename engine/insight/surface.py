"""The cost as a function of two weights (Glorot & Bengio 2010, figure 5) or along two directions (Li et al. 2018).

The points of the surface are the members of a population whose weights differ along the two axes alone, so that one forward and
backward pass gives the cost and its gradient at many points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import torch
from torch import Tensor

from engine.catalog import unknown_name
from engine.data import Progress
from engine.errors import ConfigurationError
from engine.experiment import Experiment
from engine.generators import generator
from engine.insight.surface_records import Along, Directions, Floats, Surface, SurfaceAxis, WeightAt
from engine.network.activated import PostActivation, PreActivation
from engine.network.block import walk
from engine.network.build import build_network, resolve_cost
from engine.network.network import Network
from engine.network.parameters import of_members
from engine.network.single import DropoutBlock
from engine.training.checkpoint import load
from engine.training.prepare import Prepared, prepare
from engine.training.records import Branch
from engine.training.snapshots import learned, mismatch

POINTS, EXAMPLES = 41, 300
WEIGHT_REACH, DIRECTION_REACH = 15.0, 1.0
"""How far the axes go to both sides, if nothing else is asked for: one weight as far as it takes to saturate a softmax."""
FEWEST_POINTS, MOST_POINTS = 3, 501
OPERATIONS, LEAST_POINTS = 1e12, 15
"""Floating-point operations that a surface may take before it has fewer points than usual, and how few at the least."""

PIECE_VALUES = 2**22
"""Numbers that are worked on at a time: weights, gradients and activations of some points of the surface."""
_COPIES_OF_VALUES = 3  # z, h and the gradient of each activation


def surface_of(
    experiment: Experiment,
    along: Along | None = None,
    *,
    reach: float | None = None,
    points: int | None = None,
    examples: int = EXAMPLES,
    start: Branch | None = None,
    progress: Progress | None = None,
) -> Surface:
    """The cost about a network, on a grid in whose middle it stands. Equal arguments give equal surfaces.

    The network is in evaluation mode, without dropout. At first weights, where the running moments of batch norm mean nothing yet,
    it takes those of the batch, as in training. Pre-training is left out.

    Args:
        experiment: describes network, data and cost.
        along: the two weights, or random directions; None: the first weight of the first layer and that of the output layer.
        reach: how far the axes go to both sides; None: 15 for weights, 1 for directions.
        points: along each axis; None: 41, or fewer where the network is so large that it would take minutes.
        examples: the first of the training part, as many as there are at the most.
        start: the member of a checkpoint whose weights are taken; None: the first weights.
        progress: told of long loads, and of the points that are done.

    Raises:
        ConfigurationError: there is no such weight, the grid cannot be made, or the experiment does not fit its data.
        DataError, DeviceError: as for any training.
        CheckpointError: the checkpoint cannot be used.
    """
    if reach is None:
        reach = DIRECTION_REACH if isinstance(along, Directions) else WEIGHT_REACH
    _check_grid(reach, POINTS if points is None else points, examples)
    plain = experiment.with_settings({"pretraining": "none", "monitor.distributions": "never"})
    prepared = prepare([plain], progress)
    torch.set_num_threads(prepared.threads)
    if start is not None:
        _take_weights(prepared.network, load(start.path).weights_of(start.member))
    across, up = _axes(prepared.network, plain, along)
    examples = min(examples, len(prepared.train))
    points = points or _usual_points(prepared.network, examples)
    offsets = np.linspace(-reach, reach, points)
    x, y = (SurfaceAxis(axis.label, axis.here + offsets, axis.here) for axis in (across, up))
    columns, rows = (grid.ravel() for grid in np.meshgrid(x.values, y.values))
    places = np.stack([np.append(columns, x.here), np.append(rows, y.here)])  # and where the network stands
    field = _Field(prepared, plain, (across, up), examples, anew=start is None)
    found = field.at(places, progress)
    costs, *gradients = found[:, :-1].reshape(3, points, points)
    cost = str(resolve_cost(plain, prepared.data.task))
    return Surface(cost, x, y, costs, np.stack(gradients), float(found[0, -1]), field.examples)


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    """How the learned tensors of a network change along an axis.

    Attributes:
        label: what it is called.
        here: where on it the network stands.
        steps: for each parameter what is added for a step of 1; None: it does not change.
    """

    label: str
    here: float
    steps: Sequence[Tensor | None]


class _Field:
    """Cost and gradient at any places of the plane that two axes span.

    Args:
        prepared: a network and its data.
        experiment: of that network.
        axes: across and up.
        examples: so many of the training part, from the first on.
        anew: whether the network has its first weights.
    """

    def __init__(
        self, prepared: Prepared, experiment: Experiment, axes: tuple[_Axis, _Axis], examples: int, *, anew: bool
    ) -> None:
        self.examples = examples
        self._axes = axes
        self._origin = learned(prepared.network)
        self._steps = list(zip(*(axis.steps for axis in axes), strict=True))
        members = _members(prepared.network, examples)
        self._network = _copies(prepared, experiment, members)
        self._by_batch = anew and bool(prepared.network.buffers)
        part = prepared.train
        self._x, self._y = (tensor[:examples].expand(members, -1, -1) for tensor in (part.inputs, part.targets))

    def at(self, places: Floats, progress: Progress | None = None) -> Floats:
        """Cost and its derivatives along both axes, `[3, N]`, at the places `[2, N]`."""
        count, members = places.shape[1], self._network.members
        found = []
        for first in range(0, count, members):
            if progress is not None and count > members:
                progress("cost surface", first, count)
            chosen = np.minimum(np.arange(first, first + members), count - 1)  # the last piece is filled up with its last place
            found.append(self._piece(places[:, chosen]))
        return np.concatenate(found, axis=1)[:, :count]

    def _piece(self, places: Floats) -> Floats:
        """The same for as many places as the network has members."""
        network = self._network
        like = network.together
        # The distance from where the network stands, along each axis:
        moved = [torch.from_numpy(to - axis.here).to(like) for to, axis in zip(places, self._axes, strict=True)]
        for parameter, origin, steps in zip(network.parameters, self._origin, self._steps, strict=False):
            parameter.value.copy_(origin.expand_as(parameter.value))
            for distance, step in zip(moved, steps, strict=True):
                if step is not None:
                    parameter.value.add_(of_members(distance, parameter.value) * step)
        _, cost = network.forward(self._x, self._y, training=self._by_batch)
        network.backward()
        slopes = [self._slope(number) for number in range(2)]
        result: Floats = torch.stack([cost.double().mean(1), *slopes]).cpu().numpy()
        return result

    def _slope(self, axis: int) -> Tensor:
        """The derivative along an axis, `[P]`."""
        total = self._network.together.new_zeros(self._network.members, dtype=torch.float64)
        for parameter, steps in zip(self._network.parameters, self._steps, strict=True):
            step = steps[axis]
            if step is not None:
                total += (parameter.grad.double() * step).flatten(1).sum(1)
        return total


def _usual_points(network: Network, examples: int) -> int:
    """An odd number, so that the network stands on a point."""
    affordable = (OPERATIONS / (6 * examples * max(network.products, 1))) ** 0.5
    return int(min(max(affordable, LEAST_POINTS), POINTS)) // 2 * 2 + 1


def _members(network: Network, examples: int) -> int:
    """How many points are worked on at a time."""
    of_one = 2 * network.together.numel() + _COPIES_OF_VALUES * examples * max(network.values, network.widest)
    return max(1, PIECE_VALUES // of_one)


def _copies(prepared: Prepared, experiment: Experiment, members: int) -> Network:
    """Networks of the same shape without dropout, whose weights are still to be set; with the buffers of the one."""
    empty = experiment.with_settings({"model.init": "zeros"})
    cost = resolve_cost(experiment, prepared.data.task)
    network = build_network([empty] * members, prepared.shape, prepared.data.outputs, cost, prepared.device)
    for block in walk(network.body):
        if isinstance(block, PostActivation | PreActivation | DropoutBlock) and block.dropout is not None:
            block.dropout.set_rates([0.0] * members)
    for buffer, origin in zip(network.buffers, prepared.network.buffers, strict=True):
        buffer.copy_(origin.expand_as(buffer))
    return network


def _take_weights(network: Network, weights: Sequence[Tensor]) -> None:
    problem = mismatch(network, weights)
    if problem:
        raise ConfigurationError.at("model", f"{problem}; leave the network as it was")
    for tensor, value in zip(weights, learned(network), strict=True):
        value.copy_(tensor)


def _check_grid(reach: float, points: int, examples: int) -> None:
    if not 0 < reach < float("inf"):
        raise ConfigurationError.at("range", f"must be a number above 0, not {reach:g}")
    if not FEWEST_POINTS <= points <= MOST_POINTS:
        raise ConfigurationError.at("points", f"must be from {FEWEST_POINTS} to {MOST_POINTS}, not {points}")
    if examples < 1:
        raise ConfigurationError.at("examples", f"must be at least 1, not {examples}")


# --- axes ---------------------------------------------------------------------


def _axes(network: Network, experiment: Experiment, along: Along | None) -> tuple[_Axis, _Axis]:
    if isinstance(along, Directions):
        chance = generator(experiment.seed if along.seed is None else along.seed, "directions")
        one, other = (_Axis(f"direction {number}", 0.0, random_direction(network, chance)) for number in (1, 2))
        return one, other
    across, up = along or _usual(network)
    if across == up:
        raise ConfigurationError.at("weights", f"both axes are {across}; name two different weights")
    return _weight_axis(network, across), _weight_axis(network, up)


def _usual(network: Network) -> tuple[WeightAt, WeightAt]:
    """The first weight of the first layer and that of the output layer; of a single layer those of two units or inputs."""
    layers = [layer for layer in network.layers if layer.weight is not None]
    first, last = layers[0], layers[-1]
    assert first.weight is not None
    one = WeightAt(first.name, (0,) * (first.weight.value.ndim - 1))
    if first is not last:
        return one, WeightAt(last.name, (0, 0))
    inputs, units = first.weight.value.shape[1:]
    if inputs * units < 2:
        raise ConfigurationError.at("weights", "the network has only one weight; give it a hidden layer")
    return one, WeightAt(first.name, (0, 1) if units > 1 else (1, 0))


def _weight_axis(network: Network, at: WeightAt) -> _Axis:
    weights = {layer.name: layer.weight for layer in network.layers if layer.weight is not None}
    if at.layer not in weights:
        raise ConfigurationError.at("weights", unknown_name("layer", at.layer, weights))
    weight = weights[at.layer]
    shape = tuple(weight.value.shape[1:])
    if len(at.position) != len(shape) or not all(0 <= place < size for place, size in zip(at.position, shape, strict=True)):
        sizes = " x ".join(map(str, shape))
        raise ConfigurationError.at("weights", f"there is no {at}; the weights of {at.layer} are {sizes}, counted from 0")
    step = torch.zeros_like(weight.value)
    step[(0, *at.position)] = 1
    steps = [step if parameter is weight else None for parameter in network.parameters]
    return _Axis(str(at), weight.value[(0, *at.position)].item(), steps)


def random_direction(network: Network, chance: torch.Generator) -> list[Tensor | None]:
    """What a step of 1 adds to each parameter of a network with one member, see `Directions`; None: nothing.

    Of a weight `[1, in, out]` a filter is what leads into a unit, of `[1, maps, channels, …]` the kernel of a map.
    """
    steps: list[Tensor | None] = []
    for parameter in network.parameters:
        if not parameter.penalized:
            steps.append(None)
            continue
        value = parameter.value.double()
        drawn = torch.randn(prod(value.shape), dtype=torch.float64, generator=chance).view(value.shape).to(value.device)
        inside = (1,) if value.ndim == 3 else (2, 3, 4)
        own, random = (torch.linalg.vector_norm(tensor, dim=inside, keepdim=True) for tensor in (value, drawn))
        steps.append((drawn * (own / random)).to(parameter.value))
    return steps
