"""What the microscope sees of one step: plain arrays without the member axis.

Axes of the arrays: B examples of the batch, D inputs of a layer, W its units, C outputs of the network; T steps of a sequence;
maps, height and width of pictures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.events import DataInfo, Floats
from engine.experiment import Experiment


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """One tensor that passes through a layer, forward or backward."""

    symbol: str  # such as "z" or "dC/dz"
    formula: str  # what it was worked out from
    values: Floats  # [B, units], [B, T, units] or [B, maps, height, width]


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """One learned tensor of a layer around the update; all arrays have its shape."""

    name: str  # as the network has it: "weight", "bias", "gamma", "beta", "slope", "inner bias"
    symbol: str  # such as "W"
    formula: str  # of the gradient of the data cost
    before: Floats
    gradient: Floats  # of the mean data cost over the batch
    l1: Floats | None  # what the L1 term adds to the gradient: lambda sign(W); None where it does not apply
    l2: Floats | None  # what the L2 term adds: 2 lambda W
    after: Floats

    @property
    def total(self) -> Floats:
        """The gradient of the whole cost, as the optimizer sees it."""
        return self.gradient + (0.0 if self.l1 is None else self.l1) + (0.0 if self.l2 is None else self.l2)

    @property
    def change(self) -> Floats:
        """What the update added."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class LayerStep:
    """One layer in one step."""

    name: str
    kind: str  # a key of engine.catalog.BLOCKS
    activation: str  # as it is written in an experiment; empty where there is none
    inputs: tuple[int, ...]  # shape of one example as it enters
    outputs: tuple[int, ...]  # as it leaves
    forward: tuple[Signal, ...]  # in the order in which they are worked out
    backward: tuple[Signal, ...]
    updates: tuple[Update, ...]

    def signal(self, symbol: str) -> Signal | None:
        """The tensor of that symbol, if the layer has it."""
        return next((signal for signal in (*self.forward, *self.backward) if signal.symbol == symbol), None)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """The examples of the step and what the network made of them."""

    inputs: Floats  # [B, D], scaled
    targets: Floats  # [B, C] as the cost takes them; [B, 1] class indices under cross-entropy
    outputs: Floats  # [B, C]
    costs: Floats  # [B]


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """The entry of a tensor in which back-propagation and differences are farthest apart."""

    index: tuple[int, ...]
    back_propagated: float
    differences: float

    @property
    def size(self) -> float:
        """How far."""
        return abs(self.back_propagated - self.differences)


@dataclass(frozen=True, slots=True)
class TensorCheck:
    """The gradient of one learned tensor against central differences."""

    layer: str
    name: str
    entries: int
    checked: int  # as many, or a random sample; kinks are not counted
    kinks: int  # where the cost has no derivative, or none within the smallest difference
    wrong: int  # entries that are farther apart than rounding explains
    largest_gradient: float  # of the entries checked
    worst: Discrepancy | None  # None where nothing could be checked

    @property
    def relative(self) -> float:
        """The largest discrepancy as a share of the largest gradient of the tensor; 0 where both are 0."""
        if self.worst is None or self.worst.size == 0:
            return 0.0
        return self.worst.size / max(self.largest_gradient, np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """Back-propagation against central differences of the whole cost, in float64."""

    tensors: tuple[TensorCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether no entry was wrong, and some were checked."""
        return not any(tensor.wrong for tensor in self.tensors) and any(tensor.checked for tensor in self.tensors)


@dataclass(frozen=True, slots=True)
class ExaminedStep:
    """One step of training: forward, cost, backward, update."""

    experiment: Experiment
    data: DataInfo
    step: int  # which one, from 1; of a training that goes on, counted from its beginning
    lr: float  # of this step
    batch: Batch
    cost: float  # mean data cost of the batch
    l1: float  # the cost term lambda sum |W|
    l2: float  # the cost term lambda sum W^2
    cost_after: float  # mean data cost of the same batch after the update, with the same units dropped
    layers: tuple[LayerStep, ...]
    check: GradientCheck | None = None  # None where it was not asked for
