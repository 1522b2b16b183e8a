"""What is read from the history of a run's course and end, beside its steps and epochs. Loads nothing but the standard library.

In all of them None means "not measured", and not-a-number and infinity mean what they say.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from engine.vocabulary import PERCENTILES


@dataclass(frozen=True, slots=True)
class ResumptionRow:
    """A checkpoint from which a training went on, or from which a branch began."""

    step: int
    epoch: int
    seconds: float  # of training before
    at: str  # when; ISO 8601 in UTC


@dataclass(frozen=True, slots=True)
class InterventionRow:
    """One setting that was changed while the run was trained."""

    step: int  # made so far
    number: int  # changes of the same number were made together; from 1
    path: str
    before: float
    after: float
    origin: str = ""  # "callback" where one asked for it


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """The state of a training on disk."""

    step: int
    epoch: int
    kind: str  # "last", "best" or "epoch"
    path: Path  # of the JSON file
    member: int  # place of the run in it, from 0
    interventions: int  # how many of the run's interventions its state holds
    removed: bool  # it was there and is no longer, as was seen when something was recorded


@dataclass(frozen=True, slots=True)
class PretrainingRow:
    """An epoch of the pre-training of one layer."""

    layer: int  # from 0, at the input
    name: str
    epoch: int  # from 1
    epochs: int
    error: float | None  # mean squared reconstruction error of an input
    seconds: float  # since the start of pre-training


@dataclass(frozen=True, slots=True)
class HistogramRow:
    """The distribution of one quantity in one layer, on a fixed set of held-out examples."""

    step: int
    epoch: int
    layer: int
    name: str
    quantity: str  # a value of engine.vocabulary.Quantity
    examples: int
    mean: float | None
    std: float | None
    percentiles: tuple[float | None, ...]  # in the order of engine.vocabulary.PERCENTILES
    low: float | None  # where the histogram begins
    high: float | None  # where it ends
    counts: tuple[int, ...]  # values in its bins, which are equally wide; none where there is no histogram

    def percentile(self, percent: int) -> float | None:
        """One of `PERCENTILES`."""
        return self.percentiles[PERCENTILES.index(percent)]


@dataclass(frozen=True, slots=True)
class LayerProbeRow:
    """What was measured of a layer together with the distributions."""

    step: int
    epoch: int
    layer: int
    name: str
    examples: int
    jacobian: float | None  # mean singular value of d(what leaves) / d(what enters)
    activation_ratio: float | None  # variance of what leaves / that of the layer below
    gradient_ratio: float | None  # variance of the back-propagated gradient / that of the layer above
    dead_units: int  # saturated on all of the examples
    saturated_units: int  # saturated on more than half of them
    unit_counts: tuple[int, ...]  # for each unit the number of examples on which it is saturated


@dataclass(frozen=True, slots=True)
class EnsembleRow:
    """How good the members of an ensemble were together, on one part of the data after an epoch or at the end."""

    epoch: int
    step: int
    final: bool
    part: str  # "validation" or "test"
    method: str  # "mean" of the outputs, or "vote"
    cost: float | None
    accuracy: float | None
    r2: float | None
    mae: float | None


@dataclass(frozen=True, slots=True)
class ConfusionRow:
    """How often the examples of one class were taken for another, or for it. Pairs that did not occur have no row."""

    part: str  # "test" or "validation"
    truth: int
    answer: int
    count: int


@dataclass(frozen=True, slots=True)
class MistakenRow:
    """What was taken for what on the validation part after an epoch."""

    step: int
    epoch: int
    counts: tuple[tuple[int, ...], ...]  # [C, C] examples of class i that were taken for class j


@dataclass(frozen=True, slots=True)
class PlaneRow:
    """The grid on which regions were taken, and examples that lie on it; see `engine.pictures.Plane`."""

    rows: int
    columns: int
    left: float
    right: float
    bottom: float
    top: float
    low: float
    high: float
    points: bytes  # see `workbench.history.regions`


@dataclass(frozen=True, slots=True)
class RegionRow:
    """What was answered on the cells of the plane's grid at one step; see `engine.pictures.Region`."""

    step: int
    epoch: int
    cells: bytes  # see `workbench.history.regions`


@dataclass(frozen=True, slots=True)
class PictureRow:
    """An example that was kept: one of the worst answered, an input of the pre-training, or what that made of it."""

    kind: str  # "worst" (at the end), "mistake" (after an epoch), "input" or "reconstruction"
    layer: int | None  # up to which it went; None for the worst
    name: str | None  # of that layer
    position: int  # among those that belong together, from 0
    part: str | None  # of the data, for the worst
    example: int | None  # position in that part
    label: str | None  # the truth
    answer: str | None
    probability: float | None  # that was given to the truth
    shape: tuple[int, ...]  # (height, width) or (channels, height, width); empty where it is no picture
    pixels: bytes  # 16-bit floating-point numbers, the lower byte first, as the network sees them

    @property
    def values(self) -> tuple[float, ...]:
        """The numbers of `pixels`."""
        return struct.unpack(f"<{len(self.pixels) // 2}e", self.pixels)
