"""Rows of another table, encoded with what the training rows of a table taught."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data import table
from engine.data.columns import MISSING, MISSING_CATEGORY, Column, TextColumn, column, is_missing, parse, side_by_side
from engine.data.csv_text import CsvText, read_csv
from engine.data.load import Learned
from engine.errors import DataError
from engine.parts import Data

_LARGEST = float(np.finfo(np.float32).max)


def table_inputs(learned: Learned, text: CsvText) -> NDArray[Any]:
    """The inputs of a file with the columns of the training table, `[N, D]`; not scaled."""
    columns = _training_columns(learned.settings)
    needed = [each for each in columns if _is_used(each, learned)]
    lacking = [each.name for each in needed if each.name not in text.columns]
    if lacking:
        raise DataError(f"{text.path}: there is no column {', '.join(map(repr, lacking))}, from which the network predicts")
    used = {each.name for each in needed}
    rows = len(text.lines)
    continued = [_continued(each, text) if each.name in used else _without_values(each, rows) for each in columns]
    numbers = side_by_side(continued, learned.rows, learned.settings.features)
    assert numbers.features == learned.numbers.features
    before = len(learned.source.targets)
    return numbers.take(np.arange(before, before + rows))


def _training_columns(settings: Data) -> list[Column]:
    """The columns of the training table but the target, with the rows of its `Source`."""
    text = read_csv(Path(settings.dir or "").expanduser() / Path(settings.name).expanduser())
    assert settings.target is not None
    known = table.rows_of(text, np.flatnonzero(~is_missing(text.columns[settings.target])))
    return [column(known, name) for name in known.columns if name != settings.target]


def _is_used(each: Column, learned: Learned) -> bool:
    """Whether the network sees anything of a column."""
    features = learned.numbers.features
    if isinstance(each, TextColumn):
        return any(feature.startswith(f"{each.name}=") for feature in features)
    return each.name in features


def _continued(known: Column, text: CsvText) -> Column:
    """A column of the training table with the rows of another file below its own."""
    cells = text.columns[known.name]
    if isinstance(known, TextColumn):
        codes = {word: code for code, word in enumerate(known.words)}
        words = [MISSING_CATEGORY if cell.lower() in MISSING else cell for cell in cells]
        added = np.fromiter((codes.get(word, -1) for word in words), np.int64, len(words))
        return dataclasses.replace(known, codes=np.concatenate([known.codes, added]))
    return dataclasses.replace(known, values=np.concatenate([known.values, _numbers(text, known.name)]))


def _numbers(text: CsvText, name: str) -> NDArray[np.float64]:
    """A column that must be numbers, nan where a value is missing."""
    parsed = parse(text.columns[name], decimal_commas=text.separator != ",")
    wrong = [*parsed.words, *np.flatnonzero(np.abs(parsed.values) > _LARGEST).tolist()]
    if wrong:
        cell, line = text.columns[name][wrong[0]], text.lines[wrong[0]]
        raise DataError(
            f"{text.path}: line {line}: {name} is {cell!r}, but the network was trained on numbers there; correct it, or leave the cell empty"
        )
    return parsed.values


def _without_values(known: Column, rows: int) -> Column:
    """A column of the training table with empty rows below its own."""
    if isinstance(known, TextColumn):
        return dataclasses.replace(known, codes=np.concatenate([known.codes, np.full(rows, -1)]))
    return dataclasses.replace(known, values=np.concatenate([known.values, np.full(rows, np.nan)]))


def unseen_words(learned: Learned, text: CsvText) -> tuple[str, ...]:
    """Which columns have words that no training row has."""
    notes = []
    for each in _training_columns(learned.settings):
        if isinstance(each, TextColumn) and _is_used(each, learned):
            known = {each.words[code] for code in np.unique(each.codes[learned.rows])}
            cells = (MISSING_CATEGORY if cell.lower() in MISSING else cell for cell in text.columns[each.name])
            unseen = sorted({cell for cell in cells if cell not in known})
            if unseen:
                notes.append(f"{each.name}: no training row has {', '.join(unseen[:5])}{', …' if len(unseen) > 5 else ''}")
    return tuple(notes)


def named_inputs(learned: Learned, text: CsvText) -> NDArray[Any]:
    """The inputs of a table whose columns are named as the inputs of data that are no table, `[N, D]`; not scaled."""
    names = learned.numbers.features
    lacking = [name for name in names if name not in text.columns]
    if lacking:
        shown = ", ".join(map(repr, lacking[:5])) + (f" and {len(lacking) - 5:,} more" if len(lacking) > 5 else "")
        raise DataError(
            f"{text.path}: there is no column {shown}, from which the network predicts; name the columns as the inputs"
        )
    columns = []
    for name in names:
        values = _numbers(text, name)
        if np.isnan(values).any():
            line = text.lines[int(np.flatnonzero(np.isnan(values))[0])]
            raise DataError(f"{text.path}: line {line}: {name} is missing; no training example lacked it")
        columns.append(values)
    return np.stack(columns, axis=1)
