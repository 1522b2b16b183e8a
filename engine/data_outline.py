"""What is known of data before they are read: the shape of an example, the classes, how many there are of each part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.parts import NOISE, ONLINE, PLANE, Data

if TYPE_CHECKING:
    from engine.data import Dataset

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DataOutline:
    """What a network has to know of the data that it learns from."""

    shape: Shape
    """Of one example, see `engine.network.plan`."""
    task: str
    """"classification" or "regression"."""
    classes: int
    """0 for a regression."""
    train: int
    """Training examples in an epoch, for all members together."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A set whose files are always the same."""

    shape: Shape
    classes: int
    examples: int
    has_test: bool = False  # a test set of its own, not among the examples


_KNOWN: Mapping[str, _Known] = {
    "digits": _Known((1, 8, 8), 10, 1797),
    "iris": _Known((4,), 3, 150),
    "wine": _Known((13,), 3, 178),
    "breast_cancer": _Known((30,), 2, 569),
    "diabetes": _Known((10,), 0, 442),
    "mnist": _Known((1, 28, 28), 10, 60_000, has_test=True),
    "fashion_mnist": _Known((1, 28, 28), 10, 60_000, has_test=True),
    "cifar10": _Known((3, 32, 32), 10, 50_000, has_test=True),
}
_ONLINE = _Known((1, 32, 32), 9, 0)


def known(settings: Data) -> DataOutline | None:
    """What the settings alone tell; None of files and of chosen features, which must be read first."""
    if settings.features:
        return None
    if settings.name in ONLINE:
        return DataOutline(_ONLINE.shape, "classification", _ONLINE.classes, settings.samples)
    if settings.name in PLANE:
        one: _Known | None = _Known((2,), 2, settings.samples)
    elif settings.name == NOISE:
        one = _Known((settings.inputs,), 10, settings.samples)
    else:
        one = _KNOWN.get(settings.name)
    if one is None:
        return None
    kept_back = round(settings.validation * one.examples) + (0 if one.has_test else round(settings.test * one.examples))
    train = one.examples - kept_back
    task = "classification" if one.classes else "regression"
    return DataOutline(one.shape, task, one.classes, train if settings.train_size is None else min(settings.train_size, train))


def outline_of(dataset: Dataset) -> DataOutline:
    """What data tell that were read."""
    return DataOutline(dataset.shape, dataset.task, len(dataset.classes), len(dataset.train))
