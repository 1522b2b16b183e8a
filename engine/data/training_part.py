"""What is done to the training part alone: fewer examples, wrong labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.base import Rows, Source, Targets
from engine.data.chance import generator
from engine.errors import ConfigurationError
from engine.parts import Data

_FEWEST_FOR_REGRESSION = 2


def portion(train: Rows, source: Source, size: int | None) -> Rows:
    """So many of the training rows, in the order in which they stand; all if `size` is None.

    A smaller portion is a part of every larger one. For a classification each has the classes in the same proportions, as far as
    whole examples allow, and at least one example of each.

    Args:
        train: rows of the training part, in random order.
        source: where they are from.
        size: how many are wanted.

    Raises:
        ConfigurationError: there are not so many, or they are too few.
    """
    if size is None:
        return train
    if size > len(train):
        raise ConfigurationError.at(
            "data.train_size", f"{size:,} is more than the {len(train):,} training examples that the split leaves; take fewer"
        )
    if source.task == "regression":
        fewest, why = _FEWEST_FOR_REGRESSION, f"a regression needs at least {_FEWEST_FOR_REGRESSION}"
        ranks = np.arange(len(train)) / len(train)
    else:
        labels = source.targets[train]
        fewest = len(np.unique(labels))
        why = f"{fewest} classes need at least one each"
        ranks = _ranks_in_class(labels)
    if size < fewest:
        raise ConfigurationError.at("data.train_size", f"{size:,} is too few: {why}")
    first = np.argsort(ranks, kind="stable")[:size]
    return train[np.sort(first)]


def _ranks_in_class(labels: Targets) -> NDArray[np.float64]:
    """The place of each example within its class, from 0 to 1: those below any value have the classes in proportion.

    The first of each class comes before all others.
    """
    ranks = np.empty(len(labels))
    for label in np.unique(labels):
        those = np.flatnonzero(labels == label)
        ranks[those] = (np.arange(len(those)) + 0.5) / len(those)
        ranks[those[0]] = 0.0
    return ranks


def training_targets(train: Rows, source: Source, settings: Data) -> Targets:
    """The targets of the training rows, of which a share is wrong if label noise is asked for.

    Each wrong one is any other class with equal chance. More noise adds to less noise: what was wrong stays so.

    Raises:
        ConfigurationError: label noise is asked for, and the targets are no classes.
    """
    targets = source.targets[train]
    if settings.label_noise == 0:
        return targets
    if source.task == "regression":
        raise ConfigurationError.at("data.label_noise", "is for classes, but the target is a number; leave it at 0")
    draw = generator(settings.seed, "label noise")
    order = draw.random(len(source.targets))[train]
    steps = draw.integers(1, len(source.classes), len(source.targets))[train]
    wrong = np.argsort(order, kind="stable")[: wrong_labels(len(train), settings)]
    targets[wrong] = (targets[wrong] + steps[wrong]) % len(source.classes)
    return targets


def wrong_labels(count: int, settings: Data) -> int:
    """How many of `count` training examples get another class."""
    return round(settings.label_noise * count)


def notes(settings: Data, before: int, after: int) -> tuple[str, ...]:
    """What was done to the training part, which had `before` examples and now has `after`."""
    said = []
    if settings.train_size is not None:
        said.append(f"learned from {after:,} of the {before:,} training examples")
    if settings.label_noise:
        said.append(f"label noise: {wrong_labels(after, settings):,} of the {after:,} training examples have another class")
    if settings.features:
        left_out = settings.features[0].startswith("-")
        names = ", ".join(name.removeprefix("-") for name in settings.features)
        said.append(f"inputs {'left out' if left_out else 'kept'}: {names}")
    return tuple(said)
