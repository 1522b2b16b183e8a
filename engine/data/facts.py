"""What the training part is like: how large its inputs are and how often each class is there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.data.base import Dataset

MOST_EXAMPLES = 2000
"""Inputs are judged by at most so many examples, taken from the whole training part at equal distances."""


@dataclass(frozen=True, slots=True)
class Facts:
    """As `engine.events.DataInfo` tells them."""

    input_mean: float
    input_std: float
    input_scales: tuple[float, ...]
    class_shares: tuple[float, ...]


def facts_of(dataset: Dataset) -> Facts:
    """The facts of a dataset as the network sees it."""
    every = max(1, -(-len(dataset.train) // MOST_EXAMPLES))
    inputs = dataset.train.inputs[::every].astype(np.float64)
    spread = inputs.std(axis=0)
    varying = spread[spread > 0]
    scales = (float(varying.min()), float(varying.max())) if len(varying) else ()
    return Facts(float(inputs.mean()), float(inputs.std()), scales, _shares(dataset))


def _shares(dataset: Dataset) -> tuple[float, ...]:
    """The share of each class in the training targets; none of a regression."""
    if dataset.task != "classification":
        return ()
    counts = np.bincount(dataset.train.targets.astype(np.int64), minlength=len(dataset.classes))
    return tuple(float(share) for share in counts / max(counts.sum(), 1))
