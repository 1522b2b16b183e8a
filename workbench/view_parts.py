"""Parts of what is known of one member of a training: those that are told beside its steps and epochs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.events import Combined, Distributions, Reconstructed
from engine.pictures import Examined, Mistaken, Region, Worst

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
class RegionView:
    """What a member answers on the cells of the plane's grid: R rows, K columns; see `engine.pictures.Region`."""

    event: Region
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
    def answers(self) -> NDArray[np.uint8]:
        """[R, K]."""
        return _of(self.event.answers, self.member)

    @property
    def strengths(self) -> NDArray[np.uint8]:
        """[R, K]."""
        return _of(self.event.strengths, self.member)


@dataclass(frozen=True, slots=True)
class ExaminedView:
    """What a member mistakes for what, after an epoch or at the end."""

    event: Examined | Mistaken
    member: int

    @property
    def epoch(self) -> int | None:
        """After which; None at the end."""
        return self.event.epoch if isinstance(self.event, Mistaken) else None

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


def _of(array: NDArray[Number], member: int) -> NDArray[Number]:
    part: NDArray[Number] = array[member]
    return part
