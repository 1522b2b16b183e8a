"""What trained networks answer, one alone or several together, and how good the answers are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.encoding import Examples
from engine.events import Floats
from engine.loading import TrainedNetwork
from engine.network.build import resolve_cost, resolve_output
from engine.training.ensembles import mean_answer, vote

_CHUNK = 2**18
"""Numbers of inputs that are worked on at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """What a network, or an ensemble of them by the mean of their outputs, makes of N examples.

    Attributes:
        classes: the names of the classes; none for a regression.
        shares: of a classification the output for each example and class, [N, classes].
        probabilities: whether the shares of an example are probabilities, which add up to 1.
        chosen: of a classification the place of the class that is answered, [N].
        voted: of an ensemble that classifies the class that most members name, the lower one in a tie, [N].
        numbers: of a regression the answer in the target's own unit, [N].
    """

    classes: tuple[str, ...]
    shares: Floats | None = None
    probabilities: bool = False
    chosen: NDArray[np.int64] | None = None
    voted: NDArray[np.int64] | None = None
    numbers: Floats | None = None


@dataclass(frozen=True, slots=True)
class Metrics:
    """How good answers are, on the examples whose truth is known. What does not fit the task is None."""

    examples: int
    accuracy: float | None = None
    vote_accuracy: float | None = None  # of an ensemble's vote
    r2: float | None = None
    mae: float | None = None  # in units of the target


def predictions(
    networks: Sequence[TrainedNetwork], examples: Examples, target_mean: float = 0.0, target_std: float = 1.0
) -> Predictions:
    """Ask networks that were trained on the same data; of several, the mean of their outputs is the answer.

    Args:
        networks: at least one.
        examples: examples, scaled as the training examples were.
        target_mean: of a regression, the mean of its training targets.
        target_std: and their standard deviation.
    """
    lead = networks[0]
    outputs = torch.stack([_outputs(network, examples.inputs) for network in networks])  # [K, N, C]
    mean: Floats = mean_answer(outputs)[0].numpy()
    if not lead.classes:
        return Predictions((), numbers=mean[:, 0] * target_std + target_mean)
    voted = _chosen(vote(outputs)[0].numpy()) if len(networks) > 1 else None
    output = resolve_output(lead.experiment, resolve_cost(lead.experiment, lead.data.task))
    shares = np.concatenate([1 - mean, mean], axis=1) if mean.shape[1] == 1 else mean
    return Predictions(lead.classes, shares, output.kind == "softmax" or mean.shape[1] == 1, _chosen(mean), voted)


def metrics(given: Predictions, examples: Examples) -> Metrics | None:
    """Compare answers with the truth; None where that is not known of any example."""
    if examples.numbers is not None and given.numbers is not None:
        known = ~np.isnan(examples.numbers)
        return _regression_metrics(given.numbers[known], examples.numbers[known]) if known.any() else None
    if examples.classes is None or given.chosen is None:
        return None
    truth, names = (np.array(words, dtype=np.str_) for words in (examples.classes, given.classes))
    known = truth != ""
    if not known.any():
        return None
    accuracy, voted = (
        None if chosen is None else float((names[chosen] == truth)[known].mean()) for chosen in (given.chosen, given.voted)
    )
    return Metrics(int(known.sum()), accuracy, voted)


def _regression_metrics(numbers: Floats, truth: Floats) -> Metrics:
    error = numbers - truth
    spread = float(np.square(truth - truth.mean()).sum())
    r2 = 1 - float(np.square(error).sum()) / spread if spread > 0 else math.nan
    return Metrics(len(truth), r2=r2, mae=float(np.abs(error).mean()))


def _outputs(network: nn.Module, inputs: NDArray[np.float32]) -> Tensor:
    """`[N, C]` in the network's precision."""
    dtype = next(network.parameters()).dtype
    size = max(1, _CHUNK // inputs.shape[1])
    with torch.inference_mode():
        chunks = [network(torch.from_numpy(inputs[first : first + size]).to(dtype)) for first in range(0, len(inputs), size)]
        return torch.cat(chunks)


def _chosen(shares: Floats) -> NDArray[np.int64]:
    """The place of the largest share; with one output the second class where it is above 1/2."""
    return (shares[:, 0] > 0.5).astype(np.int64) if shares.shape[1] == 1 else shares.argmax(axis=1)
