"""Other data with the inputs that a network was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data import npz
from engine.data.base import Numbers, Progress, Rows
from engine.data.csv_text import CsvText, read_csv
from engine.data.load import Learned
from engine.data.registry import loader_for
from engine.data.split import split
from engine.encoding.examples import Examples, Part, with_truth
from engine.encoding.tables import named_inputs, table_inputs, unseen_words
from engine.errors import DataError
from engine.experiment import Experiment
from engine.parts import IMAGE_FOLDER, Data, is_csv, is_file, is_npz

_NAMES_SHOWN = 12
"""Of more columns than this the first ones are named in a message."""


def of_other_data(
    learned: Learned,
    name: str,
    part: Part | None = None,
    progress: Progress | None = None,
    *,
    folder: str | None = None,
    target: str | None = None,
) -> Examples:
    """The examples of other data with the same inputs: all of a CSV file, one part of an NPZ file or of a dataset.

    Args:
        learned: the data that the network was trained on.
        name: path of a file, or a dataset's name.
        part: of an NPZ file or dataset; not given: test, or of a file that has none of that name the one that it has.
        progress: told what is being read or downloaded.
        folder: of the dataset's files.
        target: of a CSV file the column with the truth; not given: that of the training. It need not be there.

    Raises:
        DataError: they cannot be read, or have other inputs than the network was trained on.
        ConfigurationError: there is no such dataset.
    """
    if is_file(name) and folder is not None:
        raise DataError(f"{name}: a folder is named for datasets, not for a file; leave it out (--data-dir)")
    if is_csv(name):
        if part is not None:
            raise DataError(f"{name}: all rows of a CSV file are answered; leave out the part (--part)")
        return _of_table(learned, read_csv(Path(name).expanduser()), target)
    if target is not None:
        raise DataError(f"{name}: a column with the truth is named for CSV files; leave it out (--target)")
    if is_npz(name):
        return _of_file(learned, Path(name).expanduser(), part)
    return _of_set(learned, _other_settings(learned, name, folder), part or "test", progress or (lambda what, done, total: None))


def of_rows(learned: Learned, rows: Sequence[Mapping[str, object]]) -> Examples:
    """Rows of one's own, encoded and scaled as those of a CSV file with the same columns.

    Args:
        learned: the data that the network was trained on.
        rows: the value of each column, by the names of the training table, or of the inputs where that was none
            (`learned.numbers.features`); None where it is missing. The truth may stand among them.

    Raises:
        DataError: a column is missing, or a value is none that the network can be given.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    cells = {name: ["" if (value := row.get(name)) is None else str(value).strip() for row in rows] for name in names}
    lines = list(range(1, len(rows) + 1))
    return _of_table(learned, CsvText(Path("given rows"), cells, lines, unnamed=0, separator=","), None)


def _of_table(learned: Learned, text: CsvText, target: str | None) -> Examples:
    """The rows of a table; as `of_other_data`."""
    if target is not None and target not in text.columns:
        names = list(text.columns)
        shown = ", ".join(names[:_NAMES_SHOWN]) + (", …" if len(names) > _NAMES_SHOWN else "")
        raise DataError(
            f"{text.path}: there is no column {target!r} with the truth, only {shown}; name one of those, "
            "or leave it out (--target) if the truth is not known"
        )
    notes: tuple[str, ...] = ()
    if is_csv(learned.settings.name):
        inputs, notes = table_inputs(learned, text), unseen_words(learned, text)
    else:
        inputs = named_inputs(learned, text)
    cells = text.columns.get(target or learned.settings.target or "")
    truth = None if cells is None else np.array(cells, dtype=np.str_)
    scaled = learned.scaler.apply(inputs)
    return with_truth(learned, scaled, truth, str(text.path), notes, decimal_commas=text.separator != ",")


def _of_file(learned: Learned, path: Path, part: Part | None) -> Examples:
    found, targets = npz.read_inputs(path, part)
    values = _plain_inputs(learned, found.values, found.image_shape or found.sequence_shape, str(path))
    inputs = Numbers(values, learned.numbers.features, found.unit).take(np.arange(len(values)))
    return with_truth(learned, learned.scaler.apply(inputs), targets, str(path), found.notes)


def _of_set(learned: Learned, settings: Data, part: Part, progress: Progress) -> Examples:
    source = loader_for(settings.name)(settings, progress)
    parts = split(source, settings)
    rows: Rows = getattr(parts, part)
    if len(rows) == 0:
        raise DataError(f"the {part} part of {settings.name} is empty; choose another part")
    numbers = source.encode(parts.train, ())
    values = _plain_inputs(learned, numbers.values, source.image_shape or source.sequence_shape, settings.name)
    inputs = Numbers(values, learned.numbers.features, numbers.unit).take(rows)
    targets = source.targets[rows]
    truth = targets if source.task == "regression" else np.array(source.classes)[targets]
    return with_truth(learned, learned.scaler.apply(inputs), truth, settings.name)


def _plain_inputs(learned: Learned, values: NDArray[Any], shape: tuple[int, ...] | None, name: str) -> NDArray[Any]:
    """Of all inputs of other data those that the network was trained on, `[N, D]`; no arithmetic is done.

    Raises:
        DataError: they are other inputs.
    """
    source = learned.source
    if is_csv(learned.settings.name):
        raise DataError(f"{name}: the network was trained on a table; give a CSV file with the same columns")
    known = source.encode(learned.rows, ()).features
    own = source.image_shape or source.sequence_shape
    if values.shape[1] != len(known) or (shape is not None and own is not None and shape != own):
        given, wanted = _shape_words(shape, values.shape[1]), _shape_words(own, len(known))
        raise DataError(f"{name}: its examples are {given}, but the network was trained on {wanted}")
    if learned.numbers.features == known:
        return values
    places = {feature: place for place, feature in enumerate(known)}
    return values[:, [places[feature] for feature in learned.numbers.features]]


def _shape_words(shape: Sequence[int] | None, numbers: int) -> str:
    return f"{numbers:,} numbers" if shape is None else f"{'x'.join(map(str, shape))} numbers"


def _other_settings(learned: Learned, name: str, folder: str | None) -> Data:
    """The settings by which other data are read: like those of the training, where they make sense."""
    settings, shape = learned.settings, learned.source.image_shape
    if name == settings.name:
        return settings if folder is None else settings.model_copy(update={"dir": folder})
    values = {"name": name, "dir": folder, "validation": settings.validation, "test": settings.test, "seed": settings.seed}
    if name == IMAGE_FOLDER and shape is not None:
        values |= {"image_size": shape[-1], "colour": "rgb" if len(shape) == 3 else "grey"}
    return Experiment.parse({"data": values}).data
