"""NPZ files: arrays of NumPy under names, with or without a test set of their own.

The shape of the inputs says what they are:

| shape | read as |
| --- | --- |
| [N], [N, D] | D numbers |
| [N, T, D] | a sequence of T steps with D numbers each |
| [N, H, W], of bytes | grey pictures |
| [N, H, W, C] or [N, C, H, W] with at most 4 channels C | pictures, channel by channel |

Bytes of pictures are taken for pixels from 0 to 255 and read as 0 to 1.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.base import Progress, Source, already_numbers, pixel_names
from engine.data.npz_targets import read_targets
from engine.errors import DataError
from engine.parts import Data

INPUTS = ("x", "inputs", "images", "data")
TARGETS = ("y", "targets", "labels", "target")
PARTS: Mapping[str, tuple[str, ...]] = {"train": ("train", ""), "validation": ("validation", "val", "valid"), "test": ("test",)}
"""What stands before or after the names of arrays, such as x_train, train_images; nothing, if there is one part."""

MOST_CHANNELS = 4
_WHITE = 255
_LARGEST = float(np.finfo(np.float32).max)
_CHUNK = 1024  # examples at a time
_ZIP, _NPY = b"PK", b"\x93NUMPY"  # how the files begin

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """Inputs and targets of one part, with the names under which they were found."""

    inputs_name: str
    inputs: Array
    targets_name: str
    targets: Array


@dataclass(frozen=True, slots=True, eq=False)
class NpzInputs:
    """What the inputs of all parts are."""

    values: Array  # [N, D]
    image_shape: tuple[int, ...] | None = None
    sequence_shape: tuple[int, int] | None = None
    unit: float = 1.0
    notes: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        """A name for each input."""
        if self.image_shape is not None:
            return pixel_names(*self.image_shape)
        if self.sequence_shape is not None:
            steps, width = self.sequence_shape
            return tuple(f"x{column} step {step}" for step in range(steps) for column in range(width))
        return tuple(f"x{column}" for column in range(self.values.shape[1]))


def load(settings: Data, progress: Progress) -> Source:
    """Read the file that `settings.name` names, relative to `settings.dir` where that is given.

    Raises:
        DataError: the file is damaged, or lacks arrays, or they do not fit each other.
    """
    path = Path(settings.dir or "").expanduser() / Path(settings.name).expanduser()
    progress(f"reading {path.name}", 0, None)
    arrays = _arrays(path)
    pairs = {part: pair for part in PARTS if (pair := _pair(path, arrays, part)) is not None}
    if "train" not in pairs:
        raise DataError(
            f"{path}: no inputs and targets in it; name the arrays x and y, or x_train, y_train, x_test, y_test. "
            f"There are: {', '.join(arrays) or 'none'}"
        )
    found = [pairs[part] for part in PARTS if part in pairs]
    inputs = _inputs(path, found)
    targets = read_targets(path, [pair.targets_name for pair in found], [pair.targets for pair in found], settings.task)
    counts = {part: len(pair.targets) for part, pair in pairs.items()}
    own_validation, own_test = counts["train"], counts["train"] + counts.get("validation", 0)
    return Source(
        task=targets.task,
        encode=already_numbers(inputs.values, inputs.features, inputs.unit),
        targets=targets.values,
        classes=targets.classes,
        image_shape=inputs.image_shape,
        sequence_shape=inputs.sequence_shape,
        validation_from=own_validation if "validation" in pairs else None,
        test_from=own_test if "test" in pairs else None,
        notes=(*inputs.notes, *targets.notes),
    )


def read_inputs(path: Path, part: str | None) -> tuple[NpzInputs, Array | None]:
    """The inputs of one part of a file, and the targets beside them if there are any.

    Args:
        path: the file.
        part: a key of PARTS; None: test, or else another that it has.

    Raises:
        DataError: the file is damaged, or has no such inputs.
    """
    arrays = _arrays(path)
    for each in ("test", "validation", "train") if part is None else (part,):
        name = next(_names(INPUTS, each, arrays), None)
        if name is None:
            continue
        if arrays[name].ndim == 0 or len(arrays[name]) == 0:
            raise DataError(f"{path}: {name} has no examples")
        targets = next(_names(TARGETS, each, arrays), None)
        found = _Pair(name, arrays[name], targets or "", arrays[targets] if targets else np.empty(0))
        if targets and len(found.targets) != len(found.inputs):
            raise DataError(
                f"{path}: {name} has {len(found.inputs)} examples and {targets} has {len(found.targets)}; they must be as many"
            )
        return _inputs(path, [found]), found.targets if targets else None
    asked, there = f" of the {part} part" if part else "", ", ".join(arrays) or "none"
    raise DataError(f"{path}: no inputs{asked} in it; name the array x, or x_{part or 'test'}. There are: {there}")


def _arrays(path: Path) -> dict[str, Array]:
    """All arrays of the file by name."""
    try:
        with path.open("rb") as file:
            beginning = file.read(len(_NPY))
        if beginning == _NPY:
            raise DataError(f"{path}: a single array (NPY), not several under names; save it with numpy.savez(…, x=…, y=…)")
        if not beginning.startswith(_ZIP):
            raise DataError(f"{path}: not an NPZ file (it begins with {beginning!r}); save it with numpy.savez")
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None
    except (ValueError, zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, MemoryError) as error:
        if "allow_pickle" in str(error):
            raise DataError(
                f"{path}: holds Python objects, which are not read because they could run foreign code; save arrays of numbers"
            ) from None
        raise DataError(f"{path}: a damaged NPZ file ({error}); save it again with numpy.savez") from None


def _pair(path: Path, arrays: Mapping[str, Array], part: str) -> _Pair | None:
    """The inputs and targets of one part; None if the file has neither."""
    inputs, targets = (next((each for each in _names(bases, part, arrays)), None) for bases in (INPUTS, TARGETS))
    if inputs is None and targets is None:
        return None
    if inputs is None or targets is None:
        there, lacks = (targets, "inputs") if inputs is None else (inputs, "targets")
        raise DataError(
            f"{path}: {there} has no {lacks} beside it; name the arrays x and y, or x_train, y_train, x_test, y_test. "
            f"There are: {', '.join(arrays)}"
        )
    if arrays[inputs].ndim == 0 or arrays[targets].ndim == 0 or len(arrays[inputs]) != len(arrays[targets]):
        lengths = [len(arrays[name]) if arrays[name].ndim else "no" for name in (inputs, targets)]
        raise DataError(f"{path}: {inputs} has {lengths[0]} examples and {targets} has {lengths[1]}; they must be as many")
    if len(arrays[inputs]) == 0:
        raise DataError(f"{path}: {inputs} has no examples")
    return _Pair(inputs, arrays[inputs], targets, arrays[targets])


def _names(bases: tuple[str, ...], part: str, arrays: Mapping[str, Array]) -> Iterator[str]:
    """The arrays that are named so, whether in small letters or capitals."""
    by_lowered = {name.lower(): name for name in arrays}
    for word in PARTS[part]:
        for base in bases:
            for name in (f"{base}_{word}", f"{word}_{base}") if word else (base,):
                if name in by_lowered:
                    yield by_lowered[name]


def _inputs(path: Path, pairs: list[_Pair]) -> NpzInputs:
    """The inputs of all parts, one after the other."""
    first = pairs[0]
    for pair in pairs:
        kind = pair.inputs.dtype
        if not (np.issubdtype(kind, np.integer) or np.issubdtype(kind, np.floating) or kind == np.bool_):
            raise DataError(f"{path}: {pair.inputs_name} holds {kind}, not real numbers; convert it before it is saved")
        if pair.inputs.shape[1:] != first.inputs.shape[1:] or (kind == np.uint8) != (first.inputs.dtype == np.uint8):
            raise DataError(
                f"{path}: {pair.inputs_name} holds {kind} {list(pair.inputs.shape[1:])} for each example, {first.inputs_name} "
                f"{first.inputs.dtype} {list(first.inputs.shape[1:])}; they must be alike"
            )
        _check_finite(path, pair.inputs_name, pair.inputs)
    values = first.inputs if len(pairs) == 1 else np.concatenate([pair.inputs for pair in pairs])
    if values[0].size == 0:
        raise DataError(f"{path}: {first.inputs_name} has no numbers in its examples (shape {list(values.shape)})")
    return _as_shaped(path, first.inputs_name, values)


def _check_finite(path: Path, name: str, values: Array) -> None:
    if not np.issubdtype(values.dtype, np.floating):
        return
    for first in range(0, len(values), _CHUNK):
        sizes = np.abs(values[first : first + _CHUNK].reshape(min(_CHUNK, len(values) - first), -1))
        wrong = np.flatnonzero(~(sizes <= _LARGEST).all(axis=1))
        if len(wrong):
            raise DataError(
                f"{path}: {name} is not finite, or too large for 32 bits, in example {first + wrong[0] + 1:,}; "
                "correct it or leave it out"
            )


def _as_shaped(path: Path, name: str, values: Array) -> NpzInputs:
    """What the numbers are, by their shape (see the table above)."""
    shape = values.shape[1:]
    flat = values.reshape(len(values), -1)
    is_bytes = values.dtype == np.uint8
    unit = 1 / _WHITE if is_bytes else 1.0
    if len(shape) <= 1:
        return NpzInputs(flat)
    if len(shape) == 2 and not is_bytes:
        return NpzInputs(flat, sequence_shape=(shape[0], shape[1]), notes=(f"{name} read as sequences of {shape[0]} steps",))
    if len(shape) == 2:
        return NpzInputs(flat, image_shape=shape, unit=unit, notes=(f"{name} read as pictures, as they are bytes",))
    if len(shape) == 3:
        last, first = shape[2] <= MOST_CHANNELS, shape[0] <= MOST_CHANNELS
        if last:
            moved = np.ascontiguousarray(values.transpose(0, 3, 1, 2))
            note = f"{name} read as pictures [height, width, channels]"
            return _picture(moved, unit, note + (", the last of its axes taken for the channels" if first else ""))
        if first:
            return _picture(values, unit, f"{name} read as pictures [channels, height, width]")
    raise DataError(
        f"{path}: {name} has the shape {list(values.shape)}, which is none of [N, D], [N, steps, D], [N, height, width], "
        f"[N, height, width, channels], [N, channels, height, width] with at most {MOST_CHANNELS} channels"
    )


def _picture(values: Array, unit: float, note: str) -> NpzInputs:
    channels, height, width = values.shape[1:]
    shape = (height, width) if channels == 1 else (channels, height, width)
    return NpzInputs(values.reshape(len(values), -1), image_shape=shape, unit=unit, notes=(note,))
