"""What is known of one member of a training at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.events import (
    Checkpointed,
    Combined,
    DataInfo,
    Distributions,
    Examined,
    Intervened,
    LayerInfo,
    MemberEnded,
    Outcome,
    Reconstructed,
    Resumed,
    Worst,
)
from engine.experiment import Experiment
from engine.vocabulary import PERCENTILES, QUANTITIES, STATISTICS, Quantity, Statistic
from workbench.track import joined

Floats = NDArray[np.float64]
Float32s = NDArray[np.float32]
Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, slots=True)
class PretrainingView:
    """The pre-training of one layer: E epochs that are kept."""

    layer: int
    name: str
    total: int  # epochs there will be
    epochs: NDArray[np.int64]  # [E] from 1
    error: Floats  # [E] mean squared reconstruction error of an input
    seconds: float  # since the start of pre-training


@dataclass(frozen=True, slots=True)
class CombinedView:
    """How good an ensemble is after its epochs, on the validation part: E of them that are kept; none without an ensemble."""

    epochs: NDArray[np.int64]  # [E]
    steps: NDArray[np.int64]  # [E]
    cost: Floats  # [E] of the mean of the outputs, as all that follow but the votes; not-a-number where there is none
    accuracy: Floats
    r2: Floats
    mae: Floats
    vote_accuracy: Floats
    validation: Combined | None  # at the end
    test: Combined | None


@dataclass(frozen=True, slots=True)
class DistributionView:
    """Distributions in one member at one step; see `engine.events.Distributions`. L layers, Q quantities, T percentiles."""

    event: Distributions
    member: int

    @property
    def step(self) -> int:
        """Steps made by then."""
        return self.event.step

    @property
    def epoch(self) -> int:
        """Epochs that were over."""
        return self.event.epoch

    @property
    def percentiles(self) -> Float32s:
        """[L, Q, T]."""
        return _of(self.event.percentiles, self.member)

    @property
    def moments(self) -> Floats:
        """Mean and standard deviation: [L, Q, 2]."""
        return _of(self.event.moments, self.member)

    @property
    def edges(self) -> Floats:
        """Where the histograms begin and end: [L, Q, 2]."""
        return _of(self.event.edges, self.member)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Histograms: [L, Q, bins]."""
        return _of(self.event.counts, self.member)

    @property
    def jacobian(self) -> Floats:
        """Mean singular value of each layer's Jacobian: [L]."""
        return _of(self.event.jacobian, self.member)

    @property
    def activation_ratio(self) -> Floats:
        """Variance of activations over that of the layer below: [L]."""
        return _of(self.event.activation_ratio, self.member)

    @property
    def gradient_ratio(self) -> Floats:
        """Variance of back-propagated gradients over that of the layer above: [L]."""
        return _of(self.event.gradient_ratio, self.member)

    @property
    def saturated(self) -> tuple[NDArray[np.uint16], ...]:
        """For each layer, and each of its units, on how many examples it is saturated."""
        return tuple(units[self.member] for units in self.event.saturated)


@dataclass(frozen=True, slots=True)
class ReconstructionView:
    """What pre-trained layers make of some inputs: N of them with D numbers."""

    event: Reconstructed
    member: int

    @property
    def name(self) -> str:
        """The layer up to which the inputs went."""
        return self.event.name

    @property
    def inputs(self) -> Float32s:
        """[N, D]."""
        return self.event.inputs

    @property
    def outputs(self) -> Float32s:
        """[N, D]."""
        return _of(self.event.outputs, self.member)

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Empty where the inputs are no pictures."""
        return self.event.image_shape


@dataclass(frozen=True, slots=True)
class ExaminedView:
    """What a member mistakes for what at the end."""

    event: Examined
    member: int

    @property
    def part(self) -> str:
        """Of the data."""
        return self.event.part

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Examples of class i that were taken for class j: [C, C]."""
        return _of(self.event.confusion, self.member)

    @property
    def worst(self) -> tuple[Worst, ...]:
        """The worst first."""
        return self.event.worst[self.member]


@dataclass(frozen=True)  # without slots, for the cached property
class RunView:
    """What is known of one member at one moment. The arrays are never changed afterwards and cannot be written to.

    Axes: S recorded steps, M measurements of the layers, E epochs and D distributions that are kept, L layers, K statistics,
    Q quantities, T percentiles. The first and the latest are always kept; in between, of long runs every 2nd, 4th, … one. Of a
    member that ended while others went on, all of them end there.
    """

    status: str  # a value of engine.vocabulary.Status, or `PREPARING`
    message: str | None
    experiment: Experiment | None
    data: DataInfo | None
    layers: tuple[LayerInfo, ...]
    parameters: int
    device: str
    threads: int
    step: int
    total_steps: int
    epoch: int
    steps_per_epoch: int
    seconds: float
    steps_per_second: float | None  # lately; over the whole run once it has ended
    seconds_left: float | None  # at that speed; None once the run has ended
    steps: NDArray[np.int64]  # [S]
    loss: Floats  # [S]
    l1: Floats  # [S]
    l2: Floats  # [S]
    lr: Floats  # [S]
    epochs: NDArray[np.int64]  # [E] numbers of the epochs, from 1
    epoch_steps: NDArray[np.int64]  # [E] the steps at which they ended
    train_cost: Floats  # [E], as all that follow; not-a-number where there is none
    train_accuracy: Floats
    train_r2: Floats
    train_mae: Floats
    validation_cost: Floats
    validation_accuracy: Floats
    validation_r2: Floats
    validation_mae: Floats
    layer_steps: NDArray[np.int64]  # [M] the steps at which layers were measured
    measured: tuple[Float32s, Float32s]  # `layer_stats` in two pieces: [M or M - 1, L, K], [0 or 1, L, K]
    latest: Float32s  # [L, K] of the latest measurement; not-a-number before there is one
    interventions: tuple[Intervened, ...]  # the latest ones, in their order
    checkpoints: tuple[Checkpointed, ...]  # the latest ones, in their order
    resumed: Resumed | None  # the latest checkpoint from which training went on or, as a branch, began
    ended: MemberEnded | None  # where it ended while others went on
    ends: tuple[MemberEnded, ...]  # of all members that have
    pretraining: tuple[PretrainingView, ...]  # a layer after the other
    reconstruction: ReconstructionView | None  # the latest
    combined: CombinedView
    first_distributions: DistributionView | None
    distributions: DistributionView | None  # the latest
    distribution_steps: NDArray[np.int64]  # [D] the steps at which they were taken
    spread: tuple[Float32s, Float32s]  # [D or D - 1, L, Q, T + 1], [0 or 1, ...]: percentiles, then the standard deviation
    examined: ExaminedView | None
    outcome: Outcome | None
    measuring: float | None  # share of the time that the probes took; None until the end
    members: int
    version: int  # grows with each event

    @property
    def reason(self) -> str:
        """Why it ended before its last step, where it chose to; else empty."""
        if self.outcome is not None and self.outcome.reason:
            return self.outcome.reason
        return self.ended.reason if self.ended is not None else ""

    @cached_property
    def layer_stats(self) -> Float32s:
        """All measurements of the layers: [M, L, K]. Joined when first asked for: most who look at a run want a few scalars."""
        return joined(self.measured)

    def series(self, statistic: Statistic) -> Float32s:
        """One statistic of every layer over `layer_steps`: [L, M]."""
        column = STATISTICS.index(statistic)
        rows, latest = self.measured
        return joined((rows[:, :, column], latest[:, :, column])).T

    def percentile_series(self, quantity: Quantity, percent: int) -> Float32s:
        """One of `PERCENTILES` of a quantity in every layer over `distribution_steps`: [L, D]."""
        return self._spread(quantity, PERCENTILES.index(percent))

    def deviation_series(self, quantity: Quantity) -> Float32s:
        """The standard deviation of a quantity in every layer over `distribution_steps`: [L, D]."""
        return self._spread(quantity, len(PERCENTILES))

    def _spread(self, quantity: Quantity, column: int) -> Float32s:
        row = QUANTITIES.index(quantity)
        rows, latest = self.spread
        return joined((rows[:, :, row, column], latest[:, :, row, column])).T


def _of(array: NDArray[Number], member: int) -> NDArray[Number]:
    part: NDArray[Number] = array[member]
    return part
