"""What a training says while it goes on. Every event speaks for all members of the population at once.

Axes of the arrays: S recorded steps, M of them with measured layers, P members, L layers, K statistics (`engine.vocabulary.STATISTICS`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.experiment import Experiment
from engine.vocabulary import Status

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """One layer of the network: `hidden 1`, …, `output`."""

    name: str
    inputs: int
    outputs: int
    activation: str
    parameters: int


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
    cost of the batches since the last record. What is not finite has not been replaced.
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
class EpochEnded:
    """A pass over the training data is over. Scores are taken with dropout off, in evaluation mode."""

    epoch: int  # from 1
    step: int
    seconds: float
    train: tuple[Score, ...]  # P; on at most `monitor.train_examples` training examples
    validation: tuple[Score | None, ...]  # P; None where there is no validation part


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


@dataclass(frozen=True, slots=True)
class Finished:
    """The training is over: done, stopped, interrupted, or all members diverged."""

    outcomes: tuple[Outcome, ...]  # P
    seconds: float  # of training with its scores after epochs and its recording; pauses and the final scores left out
    measuring: float  # share of those seconds that the probes took


@dataclass(frozen=True, slots=True)
class Failed:
    """The training broke off with an error."""

    message: str


Event = Started | Frame | EpochEnded | Finished | Failed
