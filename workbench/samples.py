"""A few examples of a dataset, to look at before anything is learned from it. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engine.data_outline import outline_of
from engine.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.data import Dataset
    from engine.data_outline import DataOutline
    from engine.insight.theory.inputs import Inputs
    from engine.parts import Data

DOWNLOADED = ("mnist", "fashion_mnist", "cifar10")
POINTS, EXAMPLES = 600, 24
"""Examples that are taken of a set of points in a plane, and of any other."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Some training examples, and what there is of them."""

    outline: DataOutline
    sizes: tuple[int, int, int]
    """Examples to train, validate and test."""
    classes: tuple[str, ...]
    features: tuple[str, ...]
    is_picture: bool
    inputs: NDArray[np.float32]
    """[N, D], as the network gets them."""
    labels: NDArray[Any]
    """[N], class indices; of a regression 0."""
    names: tuple[str, ...]
    """The class of each example, or its target in its own unit."""
    scale: Inputs
    """How large the inputs are, for a forecast."""
    notes: tuple[str, ...] = ()

    @property
    def is_plane(self) -> bool:
        """Whether they are points in a plane, of classes."""
        return self.inputs.shape[1] == 2 and bool(self.classes)


@lru_cache(maxsize=4)
def take_sample(settings: Data) -> Sample:
    """Read data and keep a few of their training examples, at equal distances from all of them.

    Raises:
        DataError: the data cannot be read, or would have to be downloaded.
        ConfigurationError: the settings do not fit them.
    """
    from engine.data import load_dataset
    from engine.data.download import cache_folder

    if settings.name in DOWNLOADED and settings.dir is None and not (cache_folder() / settings.name).is_dir():
        raise DataError(f"{settings.name} is not on this machine yet; it is downloaded when a training begins")
    return _some(load_dataset(settings, _refuse_download))


def _refuse_download(what: str, _done: int, _total: int | None) -> None:
    if what.startswith("downloading"):
        raise DataError("some files are not on this machine yet; they are downloaded when a training begins")


def _some(dataset: Dataset) -> Sample:
    import numpy as np

    from engine.insight.theory.inputs import inputs_of
    from workbench.plots import format_number

    examples = dataset.train
    plane = examples.inputs.shape[1] == 2 and bool(dataset.classes)
    count = min(POINTS if plane else EXAMPLES, len(examples))
    rows = np.linspace(0, len(examples) - 1, count).round().astype(np.intp)
    targets = examples.targets[rows]
    if dataset.classes:
        names = tuple(dataset.classes[target] for target in targets)
    else:
        names = tuple(format_number(target * dataset.target_std + dataset.target_mean) for target in targets.tolist())
    return Sample(
        outline=outline_of(dataset),
        sizes=(len(dataset.train), len(dataset.validation), len(dataset.test)),
        classes=dataset.classes,
        features=dataset.features,
        is_picture=dataset.image_shape is not None,
        inputs=examples.inputs[rows],
        labels=targets if dataset.classes else np.zeros(count, np.int64),
        names=names,
        scale=inputs_of(examples.inputs, examples.targets),
        notes=dataset.notes,
    )
