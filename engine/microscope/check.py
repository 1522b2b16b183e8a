"""Back-propagated gradients against central differences of the cost.

For a weight w and a small e, (C(w + e) - C(w - e)) / 2e differs from dC/dw by about e^2 times a third derivative, and by the rounding
of C divided by e (Nocedal & Wright 2006, section 8.1). Three sizes of e are tried, the largest first. An entry is right as soon as
one agrees; it is wrong if a smaller e changes the difference by less than half of what is amiss. All of it is done in float64,
whatever the experiment's precision is: the code is the same.

The cost has no derivative where a unit stands at a kink: a ReLU at z = 0, two equal pieces of a maxout, |w| of L1 at w = 0. At one, or
nearer than e, the slope to the left, (C(w) - C(w - e)) / e, is another than that to the right, and back-propagation is off by no
more than that gap. Such entries are counted as kinks, neither as right nor as wrong. Where the cost is smooth the gap is about
e |C''|: ten times smaller with the next e, while a kink's stays. So a wrong gradient does not pass for a kink.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Generator, Tensor

from engine.generators import set_states
from engine.microscope.records import Discrepancy, GradientCheck, TensorCheck
from engine.network.network import Network
from engine.network.parameters import Parameter
from engine.training.penalties import Penalties

STEPS = (1e-4, 1e-5, 1e-6)
"""Sizes of e."""
RELATIVE = 1e-5
"""Right is what differs by no more than this share of the gradient, rounding apart."""
ROUNDING = 20 * torch.finfo(torch.float64).eps
"""Of the cost, as a share of it: a sum of many numbers."""

OPERATIONS = 1e10
"""Multiplications that all the differences together may take; they decide how large a sample is."""
FEWEST, MOST = 20, 1000
"""Entries of one tensor that are checked, if it has as many."""


def check_gradients(
    network: Network, penalties: Penalties, x: Tensor, targets: Tensor, dropout: Tensor, chance: Generator
) -> GradientCheck:
    """Check the gradient of the whole cost, penalties included, at every learned tensor of a network with one member.

    The weights are left as they were; running statistics of batch norm are not.

    Args:
        network: in float64, on any device.
        penalties: of the same network.
        x: inputs `[1, B, D]`.
        targets: `[1, B, C]`.
        dropout: states of the network's generators, from which the same units are dropped each time.
        chance: which entries of large tensors are checked.
    """

    def cost() -> float:
        set_states(network.generators, dropout)
        _, of_examples = network.forward(x, targets, training=True)
        return of_examples.mean().item() + sum(term.item() for term in penalties.values())

    here = cost()
    network.backward()
    penalties.add_gradients()
    gradients = [parameter.grad[0].clone() for parameter in network.parameters]
    most = _most_entries(network, x.shape[1])
    checks = []
    named = ((layer.name, parameter) for layer in network.layers for parameter in layer.own_parameters)
    by_identity = {id(parameter): gradient for parameter, gradient in zip(network.parameters, gradients, strict=True)}
    for layer, parameter in named:
        gradient = by_identity[id(parameter)]
        chosen = _chosen(gradient.numel(), most, chance)
        checks.append(_check(layer, parameter, gradient, chosen, cost, here))
    return GradientCheck(tuple(checks))


def _most_entries(network: Network, batch: int) -> int:
    allowed = OPERATIONS / (2 * len(STEPS) * batch * max(network.weights, 1) * len(network.parameters))
    return int(min(max(allowed, FEWEST), MOST))


def _chosen(entries: int, most: int, chance: Generator) -> list[int]:
    """All entries, or a random sample, in their order."""
    if entries <= most:
        return list(range(entries))
    sample: list[int] = torch.randperm(entries, generator=chance)[:most].sort().values.tolist()
    return sample


def _check(
    layer: str, parameter: Parameter, gradient: Tensor, chosen: Sequence[int], cost: Callable[[], float], here: float
) -> TensorCheck:
    values = parameter.value[0].view(-1)
    worst: Discrepancy | None = None
    kinks = wrong = 0
    largest = 0.0
    for entry in chosen:
        back_propagated = gradient.view(-1)[entry].item()
        verdict, difference = _compare(back_propagated, _differences(values, entry, cost), here)
        if verdict == "kink":
            kinks += 1
            continue
        wrong += verdict == "wrong"
        largest = max(largest, abs(back_propagated), abs(difference))
        index = tuple(int(axis) for axis in np.unravel_index(entry, gradient.shape))
        found = Discrepancy(index, back_propagated, difference)
        if worst is None or not found.size <= worst.size:
            worst = found
    return TensorCheck(layer, parameter.name, gradient.numel(), len(chosen) - kinks, kinks, wrong, largest, worst)


def _differences(values: Tensor, entry: int, cost: Callable[[], float]) -> Iterator[tuple[float, float, float]]:
    """For each size of e: e, C(w + e) and C(w - e)."""
    value = values[entry].item()
    try:
        for step in STEPS:
            values[entry] = value + step
            above = cost()
            values[entry] = value - step
            below = cost()
            yield step, above, below
    finally:
        values[entry] = value


def _compare(gradient: float, differences: Iterator[tuple[float, float, float]], here: float) -> tuple[str, float]:
    """Whether a gradient is `right`, `wrong` or at a `kink`, and the last central difference that was taken."""
    before = amiss = gap = central = float("inf")
    for step, above, below in differences:
        last_gap, gap = gap, abs(above - 2 * here + below) / step
        before, central = central, (above - below) / (2 * step)
        if abs(central - before) < amiss / 2:  # a smaller step explains nothing
            amiss = abs(central - gradient)
            return ("kink" if amiss <= gap and gap > last_gap / 3 else "wrong"), central
        amiss = abs(central - gradient)
        if amiss <= RELATIVE * max(abs(central), abs(gradient)) + ROUNDING * max(abs(here), 1.0) / step:
            return "right", central
    return ("kink" if amiss <= gap else "wrong"), central
