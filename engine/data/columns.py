"""Columns of a table as numbers. What has to be learned for it is learned from the training rows alone."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.base import Numbers, Rows
from engine.data.csv_text import CsvText
from engine.data.features import chosen
from engine.errors import ConfigurationError, DataError

FEW = 20
"""As many different values can be classes or categories, even if they are numbers."""

MOST_CATEGORIES = 100
"""A text column with more different values says who a row is, not what it is like."""

MISSING = frozenset({"", "na", "n/a", "nan", "null", "?"})
"""What stands for a missing value, in any case."""

MISSING_CATEGORY = "(missing)"

_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?")

_LARGEST = float(np.finfo(np.float32).max)


def is_missing(cells: Sequence[str]) -> NDArray[np.bool_]:
    """Which cells hold no value, [N]."""
    return np.fromiter((cell.lower() in MISSING for cell in cells), bool, len(cells))


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """The cells of a column read as numbers, as far as they are."""

    values: NDArray[np.float64]  # [N]; nan where missing or not a number
    words: list[int]  # positions of cells that are neither missing nor numbers
    decimal_commas: bool = False  # numbers were written as 0,5


def parse(cells: Sequence[str], *, decimal_commas: bool = False) -> Parsed:
    """Read the cells of a column as numbers.

    Args:
        cells: As they stand in the file.
        decimal_commas: Read 0,5 as a number, too, if no cell of the column has a decimal point: commas do not separate values.
    """
    parsed = _parse(cells)
    if not decimal_commas or not any(_DECIMAL_COMMA.fullmatch(cells[position]) for position in parsed.words):
        return parsed
    if any("." in cell for cell, value in zip(cells, parsed.values, strict=True) if not np.isnan(value)):
        return parsed
    pointed = [cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell for cell in cells]
    return dataclasses.replace(_parse(pointed), decimal_commas=True)


def _parse(cells: Sequence[str]) -> Parsed:
    values = np.full(len(cells), np.nan)
    words = []
    for position, cell in enumerate(cells):
        if cell.lower() in MISSING:
            continue
        try:
            values[position] = float(cell)
        except ValueError:
            words.append(position)
        else:
            if "_" in cell:  # float() takes 1_000 for a number
                words.append(position)
    return Parsed(values, words)


def check_numbers(text: CsvText, name: str, parsed: Parsed) -> None:
    """Refuse a column of numbers in which some cells are none; as text, it would lose what the numbers say.

    It is one if at least half of its values are numbers, and more than a few different ones.

    Raises:
        DataError: naming the first such cell, or the first number that is infinite or too large for float32.
    """
    numbers = parsed.values[~np.isnan(parsed.values)]
    if parsed.words and len(numbers) >= len(parsed.words) and len(np.unique(numbers)) > FEW:
        first = parsed.words[0]
        raise DataError(
            f"{text.path}: line {text.lines[first]}: {name} is {text.columns[name][first]!r}, as {len(parsed.words)} of its "
            f"{len(text.lines)} values are not numbers and the others are; correct them, or leave the cells empty"
        )
    if not parsed.words and (np.abs(numbers) > _LARGEST).any():
        first = int(np.flatnonzero(np.abs(parsed.values) > _LARGEST)[0])
        raise DataError(
            f"{text.path}: line {text.lines[first]}: {name} is {text.columns[name][first]}, too large a number; "
            "correct it, or leave the cell empty"
        )


def coded(words: Sequence[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The different words in order, and for each word its place among them, [N]."""
    names = tuple(sorted(set(words)))
    places = {name: place for place, name in enumerate(names)}
    return np.fromiter((places[word] for word in words), np.int64, len(words)), names


@dataclass(frozen=True, slots=True, eq=False)
class NumberColumn:
    """A column of numbers; missing ones are filled with the median of the training rows."""

    name: str
    values: NDArray[np.float64]  # [N]; nan where missing
    decimal_commas: bool = False

    def encode(self, train: Rows) -> Numbers:
        """The column as one input, [N, 1], or none if no training row has a value."""
        missing = np.isnan(self.values)
        count = int(missing.sum())
        if count == 0:
            return Numbers(self.values[:, None], (self.name,))
        known = self.values[train]
        known = known[~np.isnan(known)]
        if len(known) == 0:
            return _left_out(self.name, len(self.values), "no training row has a value in it")
        median = float(np.median(known))
        note = f"{counted(count, 'missing value')} in {self.name} filled with the training median {median:g}"
        return Numbers(np.where(missing, median, self.values)[:, None], (self.name,), notes=(note,))


@dataclass(frozen=True, slots=True, eq=False)
class TextColumn:
    """A column of words, encoded one-hot; a missing one is a category of its own."""

    name: str
    codes: NDArray[np.int64]  # [N]
    words: tuple[str, ...]  # by code

    def encode(self, train: Rows) -> Numbers:
        """The column as one input for each word of the training rows, [N, words]; other words are all zeros."""
        if len(self.words) > MOST_CATEGORIES:
            why = f"text with {len(self.words):,} different values, more than {MOST_CATEGORIES}"
            return _left_out(self.name, len(self.codes), why)
        known = np.unique(self.codes[train])
        onehot = (self.codes[:, None] == known).astype(np.float64)
        notes = []
        if MISSING_CATEGORY in self.words:
            count = int((self.codes == self.words.index(MISSING_CATEGORY)).sum())
            notes.append(f"{counted(count, 'missing value')} in {self.name} taken for a category of their own")
        unseen = int((onehot.sum(axis=1) == 0).sum())
        if unseen:
            notes.append(f"{counted(unseen, 'value')} of {self.name} occur in no training row and are all zeros")
        return Numbers(onehot, tuple(f"{self.name}={self.words[code]}" for code in known), notes=tuple(notes))


Column = NumberColumn | TextColumn


def column(text: CsvText, name: str) -> Column:
    """A column of numbers, or of words if a cell is no number.

    Raises:
        DataError: see `check_numbers`.
    """
    cells = text.columns[name]
    parsed = parse(cells, decimal_commas=text.separator != ",")
    check_numbers(text, name, parsed)
    if not parsed.words:
        return NumberColumn(name, parsed.values, parsed.decimal_commas)
    return TextColumn(name, *coded([MISSING_CATEGORY if cell.lower() in MISSING else cell for cell in cells]))


def side_by_side(columns: Sequence[Column], train: Rows, wanted: Sequence[str] = ()) -> Numbers:
    """All columns encoded, or of them only the inputs that are wanted (`engine.data.features`), [N, D]."""
    parts = [part.encode(train) for part in columns]
    if wanted:
        columns, parts = _wanted(columns, parts, wanted)
    notes = [note for part in parts for note in part.notes]
    texts = [(each.name, len(part.features)) for each, part in zip(columns, parts, strict=True) if isinstance(each, TextColumn)]
    if encoded := [f"{name} ({count} {'category' if count == 1 else 'categories'})" for name, count in texts if count]:
        notes.append(f"text encoded one-hot: {', '.join(encoded)}")
    if commas := [each.name for each in columns if isinstance(each, NumberColumn) and each.decimal_commas]:
        notes.append(decimal_comma_note(commas))
    return Numbers(
        np.concatenate([part.values for part in parts], axis=1),
        tuple(feature for part in parts for feature in part.features),
        notes=tuple(notes),
    )


def _wanted(columns: Sequence[Column], parts: Sequence[Numbers], wanted: Sequence[str]) -> tuple[list[Column], list[Numbers]]:
    """The columns of which an input is wanted, and those inputs."""
    leaves_out = wanted[0].startswith("-")
    bare = {name.removeprefix("-") for name in wanted}
    unusable = {each.name: part for each, part in zip(columns, parts, strict=True) if not part.features}
    for name in bare & set(unusable) if not leaves_out else ():
        raise ConfigurationError.at("data.features", "; ".join(unusable[name].notes))
    names = [each.name for each, part in zip(columns, parts, strict=True) for _ in part.features]
    asked = [name for name in wanted if name.removeprefix("-") not in unusable]
    kept = set(chosen(asked, [feature for part in parts for feature in part.features], names).tolist())
    left: list[tuple[Column, Numbers]] = []
    first = 0
    for each, part in zip(columns, parts, strict=True):
        places = [place for place in range(len(part.features)) if first + place in kept]
        first += len(part.features)
        if places or (leaves_out and each.name in unusable and each.name not in bare):  # why it is not there is still said
            left.append(
                (each, Numbers(part.values[:, places], tuple(part.features[place] for place in places), notes=part.notes))
            )
    return [each for each, _ in left], [part for _, part in left]


def decimal_comma_note(names: Sequence[str]) -> str:
    """Which columns have numbers that were written with commas."""
    return f"decimal commas read as decimal points: {', '.join(names)}"


def counted(count: int, noun: str) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _left_out(name: str, rows: int, why: str) -> Numbers:
    return Numbers(np.empty((rows, 0)), (), notes=(f"column {name} left out: {why}",))
