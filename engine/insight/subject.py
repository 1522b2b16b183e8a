"""What is known of a population before its first step, as the rules need it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.catalog import BlockPick
from engine.events import DataInfo, LayerInfo, Started
from engine.experiment import Experiment

SQUASHING = frozenset(("sigmoid", "tanh", "hardtanh", "softsign"))
"""Activations that are flat at both ends, as layers name them."""
RECTIFYING = frozenset(("relu", "elu", "selu", "gelu", "silu", "softplus"))
"""Those that are flat at the lower end only; a leaky one is not."""


@dataclass(frozen=True, eq=False)
class Subject:
    """The members' experiments, their data and layers."""

    started: Started

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """One for each member."""
        return self.started.experiments

    @property
    def lead(self) -> Experiment:
        """The first member's, for what all members share."""
        return self.started.experiments[0]

    @property
    def data(self) -> DataInfo:
        """What they learn from."""
        return self.started.data

    @property
    def layers(self) -> tuple[LayerInfo, ...]:
        """From the input to the output."""
        return self.started.layers

    @property
    def members(self) -> int:
        """P."""
        return len(self.started.experiments)

    @cached_property
    def kinds(self) -> tuple[int, ...]:
        """One for each member: the same number for those whose experiments differ in no more than the seed."""
        known: dict[Experiment, int] = {}
        shared = {"seed": self.lead.seed, "ensemble": self.lead.ensemble}
        return tuple(known.setdefault(each.model_copy(update=shared), len(known)) for each in self.experiments)

    @cached_property
    def hidden(self) -> NDArray[np.bool_]:
        """[L] hidden layers with weights of their own."""
        flags = [layer.weights > 0 for layer in self.layers]
        return np.array(flags[:-1] + [False] * bool(flags), np.bool_)

    @cached_property
    def weighted(self) -> NDArray[np.bool_]:
        """[L] layers with weights, the output among them."""
        return np.array([layer.weights > 0 for layer in self.layers], np.bool_)

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """[L] numbers that leave a layer for one example."""
        return np.array([layer.outputs for layer in self.layers], np.float64)

    @cached_property
    def units(self) -> NDArray[np.float64]:
        """[L] units, or feature maps, of a layer."""
        return np.array([_units(layer) for layer in self.layers], np.float64)

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """[L] weights of a layer."""
        return np.array([layer.weights for layer in self.layers], np.float64)

    def with_activation(self, names: frozenset[str]) -> NDArray[np.bool_]:
        """[L] hidden layers whose activation is one of these."""
        flags = np.array([layer.activation in names for layer in self.layers], np.bool_)
        flags[-1:] = False
        return flags

    @cached_property
    def dropout(self) -> NDArray[np.float64]:
        """[P] the largest dropout of a member's network, in whatever block."""
        return np.array([_most_dropout(each.model.dropout, each.model.blocks) for each in self.experiments])

    @cached_property
    def batch(self) -> int:
        """Examples of a step."""
        size = self.lead.batch_size
        return self.data.train if size == "full" else min(size, max(self.data.train, 1))

    @cached_property
    def cost(self) -> str:
        """The cost, with `auto` filled in."""
        kind = self.lead.cost.kind
        if kind != "auto":
            return kind
        return "cross_entropy" if self.data.task == "classification" else "mean_squared"

    @cached_property
    def chance(self) -> float:
        """The cost of always giving the same best answer; not-a-number where it cannot be told."""
        if self.data.task != "classification":
            return {"mean_squared": 1.0, "quadratic": 0.5}.get(self.cost, math.nan)  # targets have variance 1
        shares = np.array(self.data.class_shares or [1 / max(len(self.data.classes), 1)] * len(self.data.classes))
        return _chance_of_classes(self.cost, shares[shares > 0], self.data.outputs)


def _units(layer: LayerInfo) -> int:
    if layer.kind == "conv" and layer.shape:
        return layer.shape[0]
    return layer.shape[-1] if layer.shape else layer.outputs


def _chance_of_classes(cost: str, shares: NDArray[np.float64], outputs: int) -> float:
    entropy = float(-(shares * np.log(shares)).sum())
    variance = shares * (1 - shares)
    match cost:
        case "cross_entropy":
            return entropy
        case "binary_cross_entropy" if outputs == 1:
            return entropy
        case "binary_cross_entropy":
            return float(-(shares * np.log(shares) + (1 - shares) * np.log1p(-shares)).mean())
        case "mean_squared":
            return float(variance.mean())
        case "quadratic":
            return float(variance.sum() / 2) if outputs > 1 else float(variance.mean() / 2)
        case _:
            return math.nan


def _most_dropout(rate: float, blocks: Sequence[BlockPick]) -> float:
    rates = [rate]
    for block in blocks:
        own = block.values.get("rate" if block.kind == "dropout" else "dropout")
        rates.append(float(own) if isinstance(own, int | float) else 0.0)
        rates += [_most_dropout(0.0, chain) for chain in block.chains]
    return max(rates)
