"""The targets of an NPZ file as classes or numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.base import Targets, Task
from engine.data.columns import FEW
from engine.errors import DataError

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class ReadTargets:
    """What is to be predicted, of all parts one after the other."""

    task: Task
    values: Targets  # [N]; class indices, or numbers in their own unit
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_targets(
    path: Path, names: Sequence[str], arrays: Sequence[Array], task: Literal["auto", "classification", "regression"]
) -> ReadTargets:
    """The targets as classes or numbers.

    Where the task is left open, whole numbers, words, truth values and one-hot rows are classes, and so are floating-point
    numbers that are whole and of few different values; other floating-point numbers are a regression.

    Args:
        path: the file, for messages.
        names: of the arrays, the training part's first.
        arrays: [N], [N, 1] or, one-hot, [N, K].
        task: as it was asked for.

    Raises:
        DataError: they are neither, or not what the task asks for, or training lacks a class.
    """
    flat = [_flat(path, name, array) for name, array in zip(names, arrays, strict=True)]
    if len({array.shape[1:] for array in flat}) > 1:
        shapes = ", ".join(f"{name} {list(array.shape)}" for name, array in zip(names, arrays, strict=True))
        raise DataError(f"{path}: the targets of the parts have different shapes ({shapes}); they must be alike")
    together = np.concatenate(flat)
    if together.ndim == 2:
        return _one_hot(path, names[0], together, task)
    kind = together.dtype.kind
    if kind not in "biufUS":
        raise DataError(f"{path}: {names[0]} holds {together.dtype}, neither numbers nor words; convert it before it is saved")
    if kind == "f" and not np.isfinite(together).all():
        first = int(np.flatnonzero(~np.isfinite(together))[0])
        raise DataError(f"{path}: {names[0]} is {together[first]} for example {first + 1:,}; leave it out, or correct it")
    if task == "regression":
        if kind in "US":
            raise DataError(f"{path}: {names[0]} holds words, but a regression needs numbers; take task classification")
        return ReadTargets("regression", together.astype(np.float64))
    levels, indices = np.unique(together, return_inverse=True)
    if task == "auto" and kind == "f" and (len(levels) > FEW or (levels != np.floor(levels)).any()):
        return ReadTargets("regression", together.astype(np.float64))
    _check_classes(path, names, arrays, levels, indices)
    note = f"{names[0]} has {len(levels)} different whole numbers and is taken for classes; task regression takes it for numbers"
    return ReadTargets(
        "classification",
        indices.astype(np.int64),
        tuple(_class_name(level) for level in levels),
        (note,) if task == "auto" and kind in "iuf" else (),
    )


def _flat(path: Path, name: str, array: Array) -> Array:
    if array.ndim == 1 or (array.ndim == 2 and array.shape[1] > 1):
        return array
    if array.ndim == 2 and array.shape[1] == 1:
        return array[:, 0]
    raise DataError(f"{path}: {name} has the shape {list(array.shape)}; a target is one number or word for each example")


def _one_hot(path: Path, name: str, rows: Array, task: str) -> ReadTargets:
    kind = rows.dtype.kind
    if kind not in "biuf" or not np.isin(rows, (0, 1)).all() or not (rows.sum(axis=1) == 1).all():
        raise DataError(
            f"{path}: {name} has {rows.shape[1]} columns that are not one-hot; a target is one number for each example"
        )
    if task == "regression":
        raise DataError(f"{path}: {name} is one-hot, which names classes; a regression needs one number for each example")
    classes = tuple(str(number) for number in range(rows.shape[1]))
    return ReadTargets("classification", rows.argmax(axis=1), classes, (f"{name} is one-hot: {rows.shape[1]} classes",))


def _check_classes(path: Path, names: Sequence[str], arrays: Sequence[Array], levels: Array, indices: NDArray[np.int64]) -> None:
    if len(levels) == 1:
        raise DataError(f"{path}: {names[0]} is {_class_name(levels[0])} in every example, so there is nothing to learn")
    learned = np.unique(indices[: len(arrays[0])])
    first = len(arrays[0])
    for name, array in zip(names[1:], arrays[1:], strict=True):
        unknown = np.setdiff1d(indices[first : first + len(array)], learned)
        if len(unknown):
            raise DataError(f"{path}: {name} has class {_class_name(levels[unknown[0]])}, which {names[0]} has not; leave it out")
        first += len(array)


def _class_name(level: Any) -> str:
    if isinstance(level, bytes):
        return level.decode("utf-8", "replace")
    return f"{level:.15g}" if isinstance(level, np.floating) else str(level)
