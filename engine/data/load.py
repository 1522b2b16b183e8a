"""From the settings to a dataset: read, split, encode, scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.data import scaling, training_part
from engine.data.base import Dataset, Examples, Numbers, Progress, Rows, Source, Stream, Targets
from engine.data.registry import loader_for
from engine.data.scaling import Scaler
from engine.data.split import Split, split
from engine.errors import DataError
from engine.parts import Data


def load_dataset(settings: Data, progress: Progress | None = None) -> Dataset:
    """Read or make a dataset, split it and scale it. Equal settings and files give equal data.

    Args:
        settings: what is wanted, `Experiment.data`.
        progress: told what is being read or downloaded.

    Raises:
        DataError: the data cannot be read, or is not what it should be.
        ConfigurationError: a part of the split gets too few examples, or a setting does not fit the data.
    """
    return learn(settings, progress).dataset()


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """A dataset that was read and divided, with what its training rows taught of encoding and scaling."""

    settings: Data
    source: Source
    parts: Split
    rows: Rows  # of the training part, those that are learned from
    numbers: Numbers  # the inputs of all examples, not scaled
    scaler: Scaler
    target_mean: float
    target_std: float
    train: Examples  # those of `rows`, ready for the network

    def examples(self, rows: Rows) -> Examples:
        """Any of the examples, as the network is to see them."""
        return Examples(self.scaler.apply(self.numbers.take(rows)), self.standardized(self.source.targets[rows]))

    def standardized(self, targets: Targets) -> Targets:
        """Class indices as they are, numbers standardized."""
        return _standardized(self.source, targets, self.target_mean, self.target_std)

    def dataset(self) -> Dataset:
        """All parts, ready for the network."""
        settings, source, numbers = self.settings, self.source, self.numbers
        portion_notes = training_part.notes(settings, len(self.parts.train), len(self.rows))
        return Dataset(
            name=settings.name,
            task=source.task,
            train=self.train,
            validation=self.examples(self.parts.validation),
            test=self.examples(self.parts.test),
            classes=source.classes,
            features=numbers.features,
            image_shape=None if settings.features else source.image_shape,
            shape=_shape(source, numbers, whole=not settings.features),
            target_mean=self.target_mean,
            target_std=self.target_std,
            notes=source.notes + numbers.notes + portion_notes + _constant_note(self.scaler),
            stream=None if source.stream is None else _ScaledStream(source.stream, self.scaler),
        )


def learn(settings: Data, progress: Progress | None = None) -> Learned:
    """Read or make a dataset, divide it, and learn from its training rows how inputs are encoded and scaled.

    Raises:
        DataError, ConfigurationError: as `load_dataset`.
    """
    source = loader_for(settings.name)(settings, progress or _silent)
    parts = split(source, settings)
    rows = training_part.portion(parts.train, source, settings.train_size)
    targets = training_part.training_targets(rows, source, settings)
    numbers = source.encode(rows, settings.features)
    train = numbers.take(rows)
    scaler = scaling.fit(train, _kind_of_scaling(settings, source))
    moments = _target_moments(source, targets, settings.name)
    examples = Examples(scaler.apply(train), _standardized(source, targets, *moments))
    return Learned(settings, source, parts, rows, numbers, scaler, *moments, examples)


def _standardized(source: Source, targets: Targets, mean: float, std: float) -> Targets:
    return targets if source.task == "classification" else np.asarray((targets - mean) / std)


def _silent(_what: str, _done: int, _total: int | None) -> None:
    """Tells nobody."""


def _kind_of_scaling(settings: Data, source: Source) -> Literal["none", "standardize", "global"]:
    if settings.scaling != "auto":
        return settings.scaling
    return source.usual_scaling or ("standardize" if source.image_shape is None else "global")


def _shape(source: Source, numbers: Numbers, *, whole: bool) -> tuple[int, ...]:
    """The shape of one example; a picture or sequence of which parts are left out is none any more."""
    if whole and source.image_shape is not None:
        channels = source.image_shape[:-2] or (1,)
        return (*channels, *source.image_shape[-2:])
    if whole and source.sequence_shape is not None:
        return source.sequence_shape
    return (len(numbers.features),)


@dataclass(frozen=True, slots=True, eq=False)
class _ScaledStream:
    """A stream, scaled as the training part is."""

    stream: Stream
    scaler: Scaler

    def examples(self, first: int, count: int) -> Examples:
        examples = self.stream.examples(first, count)
        return Examples(self.scaler.apply(examples.inputs), examples.targets)


def _target_moments(source: Source, targets: Targets, name: str) -> tuple[float, float]:
    """Mean and standard deviation of the training targets of a regression; 0 and 1 for a classification."""
    if source.task == "classification":
        return 0.0, 1.0
    if targets.min() == targets.max():
        raise DataError(f"{name}: the target is {targets[0]:g} in all training examples, so there is nothing to learn")
    return float(targets.mean()), float(targets.std())


def _constant_note(scaler: Scaler) -> tuple[str, ...]:
    if scaler.constant == 0:
        return ()
    inputs = "1 input is" if scaler.constant == 1 else f"{scaler.constant} inputs are"
    return (f"{inputs} the same in all training examples, and not divided by a standard deviation",)
