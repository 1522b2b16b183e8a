"""Which examples are learned from, and which are kept back.

scikit-learn's splitters would do, but take a second to load, and they may leave a rare class out of a part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.base import Rows, Source
from engine.data.chance import generator
from engine.errors import ConfigurationError, DataError
from engine.parts import Data

_FEWEST_FOR_REGRESSION = 2  # one example has no variance to explain


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """The rows of each part, in random order; sets of the data's own keep their order."""

    train: Rows
    validation: Rows
    test: Rows


def split(source: Source, settings: Data) -> Split:
    """Divide the examples into training, validation and test part.

    The shares are of all examples, the data's own validation and test set left out. For a classification every part has the
    classes in the same proportions as far as whole examples allow, and at least one example of each.

    Raises:
        DataError: a class has too few examples to be in every part.
        ConfigurationError: a share leaves a part with too few examples.
    """
    own_test = len(source.targets) if source.test_from is None else source.test_from
    own_validation = own_test if source.validation_from is None else source.validation_from
    own = {"validation": np.arange(own_validation, own_test), "test": np.arange(own_test, len(source.targets))}
    if source.stream is not None:
        return Split(train=np.arange(own_validation), **own)
    targets = source.targets[:own_validation]
    shares = {
        "validation": settings.validation if source.validation_from is None else 0.0,
        "test": settings.test if source.test_from is None else 0.0,
    }
    sizes = {part: round(share * len(targets)) for part, share in shares.items()}
    parts = 1 + sum(share > 0 for share in shares.values())
    if source.task == "classification":
        present, labels = np.unique(targets, return_inverse=True)  # a file need not have examples of every class
        fewest = len(present)
        _check_classes(np.bincount(labels), [source.classes[label] for label in present], parts, settings.name)
    else:
        labels = np.zeros(len(targets), np.int64)
        fewest = _FEWEST_FOR_REGRESSION
    _check_sizes(len(targets), sizes, shares, fewest, source.task)
    draw = generator(settings.seed, "split")
    floor = 1 if source.task == "classification" else fewest
    left = draw.permutation(len(targets))
    test, left = _take(left, labels, sizes["test"], floor, parts - 1)
    validation, left = _take(left, labels, sizes["validation"], floor, 1)
    return Split(
        train=left,
        validation=validation if source.validation_from is None else own["validation"],
        test=test if source.test_from is None else own["test"],
    )


def _check_classes(counts: NDArray[np.int64], classes: list[str], parts: int, name: str) -> None:
    rare = [f"{classes[label]} ({counts[label]})" for label in np.flatnonzero(counts < parts)]
    if rare:
        shown = ", ".join(rare[:5]) + (f" and {len(rare) - 5} more" if len(rare) > 5 else "")
        raise DataError(
            f"{name}: too few examples of class {shown}; each class needs {parts}, one for each part of the split. "
            "Leave these rows out, set data.validation or data.test to 0, or is this a regression?"
        )


def _check_sizes(total: int, sizes: dict[str, int], shares: dict[str, float], fewest: int, task: str) -> None:
    reason = f"{fewest} classes need at least one each" if task == "classification" else f"it needs at least {fewest}"
    for part, share in shares.items():
        if share > 0 and sizes[part] < fewest:
            raise ConfigurationError.at(
                f"data.{part}",
                f"{share:g} of {total} examples is {sizes[part]}, too few: {reason}; take a larger share or more data, or 0",
            )
    train = total - sum(sizes.values())
    if train < fewest:
        raise ConfigurationError.at(
            "data.validation",
            f"{train} of {total} examples are left to train on, too few: {reason}; lower data.validation or data.test",
        )


def _take(rows: Rows, labels: NDArray[np.int64], size: int, floor: int, parts_left: int) -> tuple[Rows, Rows]:
    """Take `size` of the shuffled rows, of each label in proportion; return those taken and those left.

    `parts_left` parts, this one not counted, will still want `floor` of each label.
    """
    if size == 0:
        return rows[:0], rows
    of_rows = labels[rows]
    wanted = _apportion(size, np.bincount(of_rows), floor, parts_left * floor)
    taken = np.zeros(len(rows), bool)
    for label, number in enumerate(wanted):
        taken[np.flatnonzero(of_rows == label)[:number]] = True
    return rows[taken], rows[~taken]


def _apportion(size: int, counts: NDArray[np.int64], least: int, reserve: int) -> NDArray[np.int64]:
    """Share `size` out in proportion to `counts`: at least `least` each, leaving `reserve` of each, largest remainders first."""
    exact = size * counts / counts.sum()
    most = counts - reserve
    shares: NDArray[np.int64] = np.clip(np.floor(exact).astype(np.int64), least, most)
    while (missing := size - int(shares.sum())) != 0:
        gap = exact - shares if missing > 0 else shares - exact
        gap[shares >= most if missing > 0 else shares <= least] = -np.inf
        shares[gap.argmax()] += 1 if missing > 0 else -1
    return shares
