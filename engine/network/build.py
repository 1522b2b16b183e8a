"""From experiments of one shape to their network."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from engine.catalog import Pick
from engine.experiment import Experiment
from engine.generators import generator
from engine.network.activated import PostActivation
from engine.network.activations import make_activation
from engine.network.assemble import Assembly
from engine.network.block import Chain
from engine.network.costs import make_cost
from engine.network.head import CANONICAL_OUTPUT, output_width, resolve_cost, resolve_output
from engine.network.network import Network
from engine.network.plan import leaving, measured_values, plan

__all__ = ["build_network", "output_width", "resolve_cost", "resolve_output"]


def build_network(
    experiments: Sequence[Experiment], shape: Sequence[int], outputs: int, cost: Pick, device: torch.device | str = "cpu"
) -> Network:
    """Make the network of a population, with each member's own first weights.

    Args:
        experiments: one for each member; equal but for what a population leaves free.
        shape: of one example, see `engine.network.plan`.
        outputs: outputs of the network.
        cost: with `auto` filled in.
        device: where the tensors live.

    Raises:
        ConfigurationError: a block does not fit what comes in.
    """
    lead = experiments[0]
    like = torch.empty(0, dtype=getattr(torch, lead.dtype), device=device)
    drops = [generator(experiment.seed, "dropout", device) for experiment in experiments]
    planned = plan(lead.model, tuple(shape))
    assembly = Assembly(experiments, like, drops)
    body = assembly.body(planned, tuple(shape))
    entering = leaving(planned, tuple(shape))
    measured_below = any(block.layers for block in body)
    if len(entering) > 1 and planned:
        body.append(assembly.flatten(entering))
    activation = make_activation(resolve_output(lead, cost), len(experiments), like)
    part = assembly.affine(entering, outputs, first=not measured_below)
    output = PostActivation("output", part, activation, flat=cost.kind not in CANONICAL_OUTPUT)
    widest = max([torch.Size(shape).numel(), outputs, *(block.widest for block in planned)])
    products = sum(block.products for block in planned) + torch.Size(entering).numel() * outputs
    return Network(
        Chain(body),
        output,
        make_cost(cost, activation),
        widest=widest,
        values=measured_values(planned) + outputs,
        products=products,
        generators=drops,
    )
