"""Networks that answer together: by the mean of their outputs, and by vote."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from engine.experiment import Experiment
from engine.network.costs import BinaryCrossEntropy, Cost, CrossEntropy, OutputCost


def is_ensemble(experiments: Sequence[Experiment]) -> bool:
    """Whether a population is one whole ensemble; a single member of one is none."""
    return len(experiments) > 1 and len(experiments) == experiments[0].ensemble.members


def mean_answer(h: Tensor) -> Tensor:
    """The mean of the members' outputs, `[1, B, C]` in float64 from `[K, B, C]`: of probabilities, or of numbers."""
    return h.double().mean(0, keepdim=True)


def vote(h: Tensor) -> Tensor:
    """The share of the members that name each class, `[1, B, C]` in float64 from `[K, B, C]`.

    A member names the class of its largest output, or with one output the second class where that is above 1/2.
    """
    if h.shape[-1] == 1:
        return (h > 0.5).double().mean(0, keepdim=True)
    return functional.one_hot(h.argmax(-1), h.shape[-1]).double().mean(0, keepdim=True)


def cost_of_outputs(cost: Cost, h: Tensor, targets: Tensor) -> Tensor:
    """Each example's cost `[P, B]` of outputs `[P, B, C]` that no network need have made; infinite where what is true has 0."""
    if isinstance(cost, CrossEntropy):
        return -h.gather(-1, targets).log().squeeze(-1)
    if isinstance(cost, BinaryCrossEntropy):
        y = targets.to(h.dtype)
        cost_of_each: Tensor = -(torch.xlogy(y, h) + torch.special.xlog1py(1 - y, -h)).mean(-1)
        return cost_of_each
    assert isinstance(cost, OutputCost)
    return cost.distance(h - targets.to(h.dtype))
