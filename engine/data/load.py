"""From the settings to a dataset: read, split, encode, scale."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.data import scaling
from engine.data.base import Dataset, Examples, Progress, Rows, Source
from engine.data.registry import loader_for
from engine.data.scaling import Scaler
from engine.data.split import split
from engine.errors import DataError
from engine.parts import Data


def load_dataset(settings: Data, progress: Progress | None = None) -> Dataset:
    """Read or make a dataset, split it and scale it. Equal settings and files give equal data.

    Args:
        settings: what is wanted, `Experiment.data`.
        progress: told what is being read or downloaded.

    Raises:
        DataError: the data cannot be read, or is not what it should be.
        ConfigurationError: a part of the split gets too few examples.
    """
    source = loader_for(settings.name)(settings, progress or _silent)
    parts = split(source, settings)
    numbers = source.encode(parts.train)
    kind = _kind_of_scaling(settings, source)
    train = numbers.take(parts.train)
    scaler = scaling.fit(train, kind)
    target_mean, target_std = _target_moments(source, parts.train, settings.name)

    def examples(rows: Rows, inputs: NDArray[np.float32] | NDArray[np.float64]) -> Examples:
        targets = source.targets[rows]
        if source.task == "regression":
            targets = np.asarray((targets - target_mean) / target_std, dtype=np.float64)
        return Examples(scaler.apply(inputs), targets)

    return Dataset(
        name=settings.name,
        task=source.task,
        train=examples(parts.train, train),
        validation=examples(parts.validation, numbers.take(parts.validation)),
        test=examples(parts.test, numbers.take(parts.test)),
        classes=source.classes,
        features=numbers.features,
        image_shape=source.image_shape,
        target_mean=target_mean,
        target_std=target_std,
        notes=source.notes + numbers.notes + _constant_note(scaler),
    )


def _silent(_what: str, _done: int, _total: int | None) -> None:
    """Tells nobody."""


def _kind_of_scaling(settings: Data, source: Source) -> Literal["none", "standardize", "global"]:
    if settings.scaling == "auto":
        return "standardize" if source.image_shape is None else "global"
    return settings.scaling


def _target_moments(source: Source, train: Rows, name: str) -> tuple[float, float]:
    """Mean and standard deviation of the training targets of a regression; 0 and 1 for a classification."""
    if source.task == "classification":
        return 0.0, 1.0
    targets = source.targets[train]
    if targets.min() == targets.max():
        raise DataError(f"{name}: the target is {targets[0]:g} in all training examples, so there is nothing to learn")
    return float(targets.mean()), float(targets.std())


def _constant_note(scaler: Scaler) -> tuple[str, ...]:
    if scaler.constant == 0:
        return ()
    inputs = "1 input is" if scaler.constant == 1 else f"{scaler.constant} inputs are"
    return (f"{inputs} the same in all training examples, and not divided by a standard deviation",)
