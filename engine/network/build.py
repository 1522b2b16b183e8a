"""From experiments of one shape to their network."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from engine.catalog import Pick
from engine.errors import ConfigurationError
from engine.experiment import Experiment
from engine.generators import generator
from engine.network.activations import make_activation
from engine.network.costs import make_cost
from engine.network.dense import Dense
from engine.network.initializers import initial_weights
from engine.network.layers import Affine, AlphaDropout, BatchNorm, Dropout
from engine.network.network import Network
from engine.parts import cost_output_problem

_CANONICAL_OUTPUT = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}


def resolve_cost(experiment: Experiment, task: str) -> Pick:
    """The cost with `auto` filled in.

    Raises:
        ConfigurationError: the cost needs classes and the task has none, or does not fit the output activation.
    """
    pick = experiment.cost
    if pick.kind == "auto":
        pick = Pick("cross_entropy" if task == "classification" else "mean_squared")
    if task == "regression" and pick.kind in _CANONICAL_OUTPUT:
        raise ConfigurationError.at("cost", f"{pick.kind} needs classes, but this data has numbers to predict; use mean_squared")
    problem = cost_output_problem(pick.kind, experiment.model.output.kind)
    if problem:
        raise ConfigurationError.at("model.output", problem)
    return pick


def resolve_output(experiment: Experiment, cost: Pick) -> Pick:
    """The output activation with `auto` filled in."""
    pick = experiment.model.output
    return Pick(_CANONICAL_OUTPUT.get(cost.kind, "identity")) if pick.kind == "auto" else pick


def output_width(cost: Pick, task: str, classes: int) -> int:
    """Outputs of the network: one for a number or a yes-or-no, else one for each class."""
    if task == "regression" or (cost.kind == "binary_cross_entropy" and classes == 2):
        return 1
    return classes


def build_network(
    experiments: Sequence[Experiment], inputs: int, outputs: int, cost: Pick, device: torch.device | str = "cpu"
) -> Network:
    """Make the network of a population, with each member's own first weights.

    Args:
        experiments: one for each member; equal but for what a population leaves free.
        inputs: features of an example.
        outputs: outputs of the network.
        cost: with `auto` filled in.
        device: where the tensors live.
    """
    lead = experiments[0]
    members = len(experiments)
    like = torch.empty(0, dtype=getattr(torch, lead.dtype), device=device)
    weights = [generator(experiment.seed, "weights") for experiment in experiments]
    drops = [generator(experiment.seed, "dropout", device) for experiment in experiments]
    rates = [experiment.model.dropout for experiment in experiments]

    def weight(n_in: int, n_out: int, pieces: int = 1) -> torch.Tensor:
        inits = [experiment.model.init for experiment in experiments]
        drawn = [_pieces(init, n_in, n_out, pieces, gen) for init, gen in zip(inits, weights, strict=True)]
        return torch.stack(drawn).to(like)

    def bias(width: int) -> torch.Tensor:
        first = torch.tensor([experiment.model.bias_init for experiment in experiments], dtype=torch.float64)
        return first.view(-1, 1, 1).repeat(1, 1, width).to(like)

    hidden = []
    width = inputs
    for number, units in enumerate(lead.model.hidden, start=1):
        activation = make_activation(lead.model.activation, members, like)
        shift = bias(units * activation.pieces)
        norm = BatchNorm(shift) if lead.model.batch_norm else None
        part = Affine(weight(width, units, activation.pieces), None if norm else shift, first=number == 1)
        kind = AlphaDropout if lead.model.activation.kind == "selu" else Dropout
        dropout = kind(rates, drops, like) if any(rates) else None
        hidden.append(Dense(f"hidden {number}", part, activation, norm, dropout))
        width = units
    output_activation = make_activation(resolve_output(lead, cost), members, like)
    part = Affine(weight(width, outputs), bias(outputs), first=not hidden)
    output = Dense("output", part, output_activation, flat=cost.kind not in _CANONICAL_OUTPUT)
    return Network(hidden, output, make_cost(cost, output_activation))


def _pieces(pick: Pick, n_in: int, n_out: int, pieces: int, gen: torch.Generator) -> torch.Tensor:
    """Weights `[n_in, n_out * pieces]`, each piece drawn with the fans of its own affine map."""
    if pieces == 1:
        return initial_weights(pick, n_in, n_out, gen)
    return torch.stack([initial_weights(pick, n_in, n_out, gen) for _ in range(pieces)], dim=-1).flatten(1)
