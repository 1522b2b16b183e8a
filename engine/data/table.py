"""CSV files: one column is the target, the others are the inputs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.catalog import unknown_name
from engine.data.base import Numbers, Progress, Rows, Source, Task
from engine.data.columns import (
    FEW,
    Column,
    Parsed,
    check_numbers,
    coded,
    column,
    counted,
    decimal_comma_note,
    is_missing,
    parse,
    side_by_side,
)
from engine.data.csv_text import CsvText, read_csv
from engine.errors import DataError
from engine.parts import Data


@dataclass(frozen=True, slots=True, eq=False)
class _Target:
    """The column to predict."""

    task: Task
    values: NDArray[np.int64] | NDArray[np.float64]  # [N]; class indices, or numbers in their own unit
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def load(settings: Data, progress: Progress) -> Source:
    """Read the file that `settings.name` names, relative to `settings.dir` where that is given.

    Raises:
        DataError: the file is not a table, or lacks the target, or has nothing to learn from.
    """
    path = Path(settings.dir or "").expanduser() / Path(settings.name).expanduser()
    progress(f"reading {path.name}", 0, None)
    text = read_csv(path)
    name = settings.target
    if name is None or name not in text.columns:
        raise DataError(f"{path}: {unknown_name('target column', str(name), text.columns)}")
    notes = [f"{counted(text.unnamed, 'column')} without a name left out"] if text.unnamed else []
    missing = is_missing(text.columns[name])
    if missing.any():
        notes.append(f"{counted(int(missing.sum()), 'row')} of {len(missing):,} left out: {name} is missing")
        text = rows_of(text, np.flatnonzero(~missing))
    target = _target(text, name, settings)
    columns = [column(text, other) for other in text.columns if other != name]
    if not columns:
        raise DataError(f"{path}: {name} is the only column, so there is nothing to predict it from")

    def encode(train: Rows, wanted: tuple[str, ...]) -> Numbers:
        return _encode(path, columns, train, wanted)

    return Source(target.task, encode, target.values, target.classes, notes=(*notes, *target.notes))


def _encode(path: Path, columns: list[Column], train: Rows, wanted: tuple[str, ...]) -> Numbers:
    numbers = side_by_side(columns, train, wanted)
    if not numbers.features:
        raise DataError(f"{path}: no column is left to predict from ({'; '.join(numbers.notes)})")
    return numbers


def rows_of(text: CsvText, rows: Rows) -> CsvText:
    """The table with some of its rows, of which there must be one."""
    if len(rows) == 0:
        raise DataError(f"{text.path}: the target is missing in every row; choose another target")
    columns = {name: [cells[row] for row in rows] for name, cells in text.columns.items()}
    return CsvText(text.path, columns, [text.lines[row] for row in rows], text.unnamed, text.separator)


def _target(text: CsvText, name: str, settings: Data) -> _Target:
    """The target as classes or numbers; where that is left open, words and few different whole numbers are classes."""
    cells = text.columns[name]
    parsed = parse(cells, decimal_commas=text.separator != ",")
    commas = (decimal_comma_note([name]),) if parsed.decimal_commas else ()
    if settings.task != "classification":
        check_numbers(text, name, parsed)
    if settings.task == "regression":
        return _Target("regression", _only_numbers(text, name, parsed), notes=commas)
    if parsed.words:
        return _classes(text, name, *coded(cells))
    levels, indices = np.unique(parsed.values, return_inverse=True)
    if settings.task == "auto" and (len(levels) > FEW or (levels != np.floor(levels)).any()):
        return _Target("regression", parsed.values, notes=commas)
    note = f"{name} has {len(levels)} different whole numbers and is taken for classes; task regression takes it for numbers"
    names = tuple(f"{level:.15g}" for level in levels)
    return _classes(text, name, indices, names, (note, *commas) if settings.task == "auto" else commas)


def _classes(
    text: CsvText, name: str, indices: NDArray[np.int64], classes: tuple[str, ...], notes: tuple[str, ...] = ()
) -> _Target:
    if len(classes) == 1:
        raise DataError(f"{text.path}: {name} is {classes[0]} in every row, so there is nothing to learn; choose another target")
    return _Target("classification", indices, classes, notes)


def _only_numbers(text: CsvText, name: str, parsed: Parsed) -> NDArray[np.float64]:
    if parsed.words:
        cell, line = text.columns[name][parsed.words[0]], text.lines[parsed.words[0]]
        raise DataError(
            f"{text.path}: line {line}: {name} is {cell!r}, but a regression needs numbers; "
            "correct it, choose another target, or take task classification"
        )
    return parsed.values
