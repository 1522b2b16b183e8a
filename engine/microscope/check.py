"""Back-propagated gradients against central differences of the cost.

For a weight w and a small e, (C(w + e) - C(w - e)) / 2e differs from dC/dw by about e^2 times a third derivative, and by the rounding
of C divided by e (Nocedal & Wright 2006, section 8.1). How large rounding is, the cost tells when all weights are changed in their
last digit. Several sizes of e are tried, the largest first; an entry is right as soon as one agrees. All of it is done in float64,
whatever the experiment's precision is: the code is the same.

The cost has no derivative where a unit stands at a kink: a ReLU at z = 0, two equal pieces of a maxout, |w| of L1 at w = 0. At one, or
nearer than e, the difference lies between the slope on the left and that on the right, and back-propagation gives the one or the
other. So an entry that does not agree is at a kink if the difference lies between the slopes that back-propagation gives on both
sides, each followed towards w along a straight line through w + e and w + 10 e, so that curvature does not count. It is then
counted neither as right nor as wrong. Where the cost is smooth the two slopes are one, and a wrong one does not pass for a kink.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import numpy as np
import torch
from torch import Generator, Tensor

from engine.generators import set_states
from engine.microscope.records import Discrepancy, GradientCheck, TensorCheck
from engine.network.network import Network
from engine.network.parameters import Parameter
from engine.training.penalties import Penalties

STEPS = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
"""Sizes of e."""
RELATIVE = 1e-5
"""Right is what differs by no more than this share of the gradient, rounding apart."""
ROUNDING = 20
"""Right is what differs by no more than so many times what the last digit does."""
_EPS = torch.finfo(torch.float64).eps

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
    surroundings = _Surroundings(network, penalties, x, targets, dropout)
    noise = surroundings.noise()
    gradients = surroundings.gradients()
    most = _most_entries(network, x.shape[1])
    checks = []
    for layer in network.layers:
        for parameter in layer.own_parameters:
            gradient = gradients[id(parameter)]
            chosen = _chosen(gradient.numel(), most, chance)
            checks.append(_check(layer.name, parameter, gradient, chosen, surroundings, noise))
    return GradientCheck(tuple(checks))


class _Surroundings:
    """The cost as a function of the weights, on one batch with the same units dropped."""

    def __init__(self, network: Network, penalties: Penalties, x: Tensor, targets: Tensor, dropout: Tensor) -> None:
        self._network = network
        self._penalties = penalties
        self._batch = x, targets
        self._dropout = dropout

    def cost(self) -> float:
        """The whole cost with the weights as they are now."""
        set_states(self._network.generators, self._dropout)
        _, of_examples = self._network.forward(*self._batch, training=True)
        return of_examples.mean().item() + sum(term.item() for term in self._penalties.values())

    def noise(self) -> float:
        """How much the cost changes with the last digit of the weights, and at least its own last digit."""
        here = self.cost()
        values = [parameter.value for parameter in self._network.parameters]
        kept = [value.clone() for value in values]
        there = []
        for digits in (-2, -1, 1, 2):
            for value, original in zip(values, kept, strict=True):
                torch.mul(original, 1 + digits * _EPS, out=value)
            there.append(self.cost())
        for value, original in zip(values, kept, strict=True):
            value.copy_(original)
        return max(_EPS * max(abs(here), 1.0), *(abs(other - here) for other in there))

    def gradients(self) -> dict[int, Tensor]:
        """Its back-propagated gradients, by the identity of the parameters; without the member axis."""
        self.cost()
        self._network.backward()
        self._penalties.add_gradients()
        return {id(parameter): parameter.grad[0].clone() for parameter in self._network.parameters}


class _Entry:
    """One entry of a learned tensor, which can be shifted for a moment."""

    def __init__(self, parameter: Parameter, entry: int, surroundings: _Surroundings) -> None:
        self._parameter = parameter
        self._entry = entry
        self._surroundings = surroundings

    def cost(self, shift: float) -> float:
        """The cost with this entry shifted."""
        with self._shifted(shift):
            return self._surroundings.cost()

    def slope(self, shift: float) -> float:
        """The back-propagated derivative of the cost with respect to this entry, where it is shifted to."""
        with self._shifted(shift):
            return self._surroundings.gradients()[id(self._parameter)].view(-1)[self._entry].item()

    @contextmanager
    def _shifted(self, shift: float) -> Iterator[None]:
        values = self._parameter.value[0].view(-1)
        value = values[self._entry].item()
        values[self._entry] = value + shift
        yield
        values[self._entry] = value


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
    layer: str, parameter: Parameter, gradient: Tensor, chosen: Sequence[int], surroundings: _Surroundings, noise: float
) -> TensorCheck:
    kinks, wrong, largest = 0, 0, 0.0
    found: list[tuple[bool, Discrepancy]] = []
    for entry in chosen:
        back_propagated = gradient.view(-1)[entry].item()
        verdict, difference = _compare(back_propagated, _Entry(parameter, entry, surroundings), noise)
        if verdict == "kink":
            kinks += 1
            continue
        wrong += verdict == "wrong"
        largest = max(largest, abs(back_propagated), abs(difference))
        index = tuple(int(axis) for axis in np.unravel_index(entry, gradient.shape))
        found.append((verdict == "wrong", Discrepancy(index, back_propagated, difference)))
    worst = max(found, key=lambda each: (each[0], each[1].size), default=None)
    checked = len(chosen) - kinks
    return TensorCheck(layer, parameter.name, gradient.numel(), checked, kinks, wrong, largest, worst[1] if worst else None)


def _compare(gradient: float, entry: _Entry, noise: float) -> tuple[Literal["right", "wrong", "kink"], float]:
    """What a gradient is, and the central difference that says so; `noise` is the rounding of the cost."""
    centrals: list[float] = []
    excused = True
    for step in STEPS:
        central = (entry.cost(step) - entry.cost(-step)) / (2 * step)
        # A smaller step makes rounding larger. That excuses nothing once it does not bring the difference nearer.
        if centrals and abs(central - centrals[-1]) < abs(centrals[-1] - gradient) / 2:
            excused = False
        slack = RELATIVE * max(abs(central), abs(gradient)) + excused * ROUNDING * noise / step
        if abs(central - gradient) <= slack:
            return "right", central
        centrals.append(central)
    step, central = STEPS[1], centrals[1]  # not so small that rounding tells
    low, high = sorted((10 * entry.slope(side * step) - entry.slope(side * 10 * step)) / 9 for side in (-1, 1))
    slack = RELATIVE * max(abs(low), abs(high)) + ROUNDING * noise / step
    return ("kink" if low - slack <= central <= high + slack else "wrong"), central
