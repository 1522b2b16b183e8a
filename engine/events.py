"""What a training says while it goes on. Every event speaks for all members of the population at once.

Axes of the arrays: S recorded steps, M of them with measured layers, P members, L layers, K statistics
(`engine.vocabulary.STATISTICS`), Q quantities (`QUANTITIES`), T percentiles (`PERCENTILES`), H bins of a histogram.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.experiment import Experiment
from engine.insight.finding import Finding
from engine.pictures import Examined, Mistaken, Plane, Region
from engine.vocabulary import Status

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """One layer of the network: `hidden 1`, …, `output`; or of blocks: `1 conv`, `2.1 dense`, …, `output`."""

    name: str
    inputs: int  # numbers that enter, of one example
    outputs: int  # numbers that leave
    activation: str  # empty where the layer has none
    parameters: int
    kind: str = "dense"  # a key of engine.catalog.BLOCKS
    weights: int = 0  # those that L1 and L2 apply to; 0: there are no statistics of weights
    shape: tuple[int, ...] = ()  # of what leaves: (units,), (steps, units) or (channels, height, width)


@dataclass(frozen=True, slots=True)
class DataInfo:
    """What is learned from, as far as a reader of the run wants to know."""

    task: str  # "classification" or "regression"
    features: int
    outputs: int
    classes: tuple[str, ...]  # empty for a regression
    train: int  # examples in each part
    validation: int
    test: int
    notes: tuple[str, ...] = ()  # what was done to the data: filled, left out, encoded
    fingerprint: str = ""  # 16 hex digits that equal data share, as split, encoded and scaled
    image_shape: tuple[int, ...] = ()  # (height, width) or (channels, height, width) where the inputs are pixels
    online: bool = False  # training examples are made while they are used; `train` counts those of an epoch
    inputs: tuple[str, ...] = ()  # the name of each feature, where they are few and no pixels
    input_mean: float | None = None  # of all inputs of the training part, as the network sees them; None: not told
    input_std: float | None = None  # their standard deviation, all features together
    input_scales: tuple[float, ...] = ()  # the smallest and the largest standard deviation of a feature that varies
    class_shares: tuple[float, ...] = ()  # of the training examples, in the order of `classes`


@dataclass(frozen=True, slots=True)
class Score:
    """How good a member is on one part of the data. What does not fit the task is None."""

    cost: float  # mean data cost of an example; may be infinite or not a number
    accuracy: float | None = None  # share of correct classes
    r2: float | None = None  # coefficient of determination, 1 - residual / total sum of squares
    mae: float | None = None  # mean absolute error, in units of the target


@dataclass(frozen=True, slots=True)
class Started:
    """Data and network are ready; the first step comes next."""

    experiments: tuple[Experiment, ...]  # P of them
    data: DataInfo
    layers: tuple[LayerInfo, ...]
    parameters: int  # of one member
    device: str  # such as "cpu" or "cuda:0 (NVIDIA H200)"
    threads: int
    steps_per_epoch: int
    total_steps: int
    measured_every: int  # steps between measurements of the layers


@dataclass(frozen=True, slots=True)
class Frame:
    """The measurements of one or more recorded steps; at some of them the layers were measured, too.

    Steps count from 1. Layers are measured before the update of the step, save for `update_ratio` and `near_zero`. `loss` is the mean data
    cost of the batches since the last record. What is not finite has not been replaced. Of members that have ended early
    all but the rate is not-a-number.
    """

    steps: NDArray[np.int64]  # [S]
    seconds: Floats  # [S] of training since the start, pauses left out
    loss: Floats  # [S, P]
    l1: Floats  # [S, P] the cost term lambda * sum |W|, as of the latest measurement of the layers
    l2: Floats  # [S, P] the cost term lambda * sum W^2, as of the latest measurement of the layers
    lr: Floats  # [S, P]
    layer_steps: NDArray[np.int64]  # [M] those of `steps` at which layers were measured; may be none
    layers: NDArray[np.float32]  # [M, P, L, K]


@dataclass(frozen=True, slots=True)
class Combined:
    """How good the members of an ensemble are when they answer together, on one part of the data."""

    mean: Score  # of the mean of their outputs (probabilities)
    vote: (
        Score | None
    )  # of the class that most of them name, the lower number in a tie; None for a regression. Its cost is that of the shares of votes as probabilities


@dataclass(frozen=True, slots=True)
class EpochEnded:
    """A pass over the training data is over. Scores are taken with dropout off, in evaluation mode."""

    epoch: int  # from 1
    step: int
    seconds: float
    train: tuple[Score, ...]  # P; on at most `monitor.train_examples` training examples
    validation: tuple[Score | None, ...]  # P; None where there is no validation part
    combined: Combined | None = None  # of an ensemble, on the validation part


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a number that is not finite first appeared.

    On a GPU, where the losses are looked at only now and then, it is the first layer of the forward pass of that step whose
    values are not finite, and `quantity` is "activation" or "cost".
    """

    step: int
    layer: str  # a layer's name, or "cost"
    quantity: str  # "weights", "biases" (or batch norm's scale and shift), "pre-activation", "activation" or "cost"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one member ended. Scores are missing where it diverged or was interrupted."""

    status: Status
    step: int  # the last one; for a diverged member the one whose cost was not finite
    train: Score | None = None  # on all training examples
    validation: Score | None = None
    test: Score | None = None
    divergence: Divergence | None = None
    reason: str = ""  # why it ended before its last step, where it chose to: "early stopping", "target", "callback"
    restored_step: int | None = None  # the step whose weights it ended with, where that is not the last


@dataclass(frozen=True, slots=True)
class Finished:
    """The training is over: done, stopped, interrupted, or all members diverged."""

    outcomes: tuple[Outcome, ...]  # P
    seconds: float  # of training with its scores after epochs and its recording; pauses and the final scores left out
    measuring: float  # share of those seconds that the probes took
    combined_validation: Combined | None = None
    combined_test: Combined | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The training broke off with an error."""

    message: str


@dataclass(frozen=True, slots=True)
class MemberEnded:
    """One member has learned enough; the others go on. Nothing is told of it any more until `Finished`."""

    member: int
    step: int
    epoch: int
    reason: str  # "early stopping", "target" or "callback"


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that was changed while training went on."""

    path: str  # such as "lr" or "model.dropout"
    before: float
    after: float


CALLBACK = "callback"
"""Origin of the changes that a callback asked for."""

USER = "user"
"""What the empty origin is called where it is shown."""


@dataclass(frozen=True, slots=True)
class Intervened:
    """Somebody changed settings of the live run. They hold from the next step on, for all members."""

    step: int  # made so far
    changes: tuple[Change, ...]
    origin: str = ""  # CALLBACK where one asked for it; empty: somebody who watched


@dataclass(frozen=True, slots=True)
class Checkpointed:
    """The state of the whole population is on disk."""

    step: int
    epoch: int  # epochs that are over
    kind: str  # "last", "best" or "epoch"
    path: str  # of the JSON file; the tensors lie beside it
    members: tuple[int, ...]  # those it is for; the best epoch is one member's


@dataclass(frozen=True, slots=True)
class Resumed:
    """Training goes on from a checkpoint. Comes after `Started`."""

    step: int
    epoch: int
    seconds: float  # of training before


@dataclass(frozen=True, slots=True)
class PretrainingEpoch:
    """A pass of pre-training over the training data is over, for one layer."""

    layer: int  # position of the layer
    name: str
    epoch: int  # from 1
    epochs: int
    seconds: float  # since the start of pre-training
    error: Floats  # [P] mean squared reconstruction error of an input


@dataclass(frozen=True, slots=True)
class Reconstructed:
    """What the pre-trained layers up to one make of some inputs: up, and down again."""

    layer: int
    name: str
    inputs: NDArray[np.float32]  # [N, D]
    outputs: NDArray[np.float32]  # [P, N, D]
    image_shape: tuple[int, ...]  # empty where the inputs are no pictures


@dataclass(frozen=True, slots=True)
class FindingRaised:
    """Something is found to be wrong, is still so with other numbers, or is gone: the finding as it now stands."""

    finding: Finding


@dataclass(frozen=True, slots=True)
class Distributions:
    """Distributions on a fixed set of held-out examples, in evaluation mode. What a layer does not have is not-a-number."""

    step: int
    epoch: int
    examples: int  # N
    percentiles: NDArray[np.float32]  # [P, L, Q, T]
    moments: NDArray[np.float64]  # [P, L, Q, 2] mean and standard deviation
    edges: NDArray[np.float64]  # [P, L, Q, 2] where the histogram begins and ends
    counts: NDArray[np.int64]  # [P, L, Q, H]; none of them where there is no histogram
    jacobian: Floats  # [P, L] mean singular value of d(what leaves) / d(what enters); not-a-number: not measured
    saturated: tuple[NDArray[np.uint16], ...]  # L arrays [P, U]: for each unit the number of examples on which it is saturated

    @property
    def activation_ratio(self) -> Floats:
        """Var h of each layer / Var h of the layer below, [P, L]; not-a-number for the first."""
        return _ratio(self.moments[:, :, 0, 1], 1)

    @property
    def gradient_ratio(self) -> Floats:
        """Var dC/dz of each layer / Var dC/dz of the layer above, [P, L]; not-a-number for the last."""
        return _ratio(self.moments[:, :, 1, 1], -1)


Event = (
    Started
    | Resumed
    | PretrainingEpoch
    | Reconstructed
    | Frame
    | EpochEnded
    | MemberEnded
    | Intervened
    | Checkpointed
    | Distributions
    | FindingRaised
    | Plane
    | Region
    | Mistaken
    | Examined
    | Finished
    | Failed
)


def _ratio(std: Floats, neighbour: int) -> Floats:
    """The squares of [P, L] over those of the layer `neighbour` places before; not-a-number where there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.square(std / np.roll(std, neighbour, axis=1))
    ratio[:, 0 if neighbour > 0 else -1] = np.nan
    return ratio
