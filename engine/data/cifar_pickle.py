"""The python version of CIFAR-10: pickled dictionaries. Nothing that a pickle names is run but the making of plain arrays."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError

PIXELS = 3 * 32 * 32
"""Of a picture of three colours."""


class _Dtype:
    """Stands for the type of a pickled array, which must be bytes."""

    def __init__(self, code: str | bytes, *_flags: object) -> None:
        if code not in ("u1", b"u1"):
            raise pickle.UnpicklingError("an array of other numbers than bytes")

    def __setstate__(self, state: object) -> None:
        """Byte order and alignment: bytes have none."""


class _Array:
    """Stands for a pickled array of bytes until its contents come."""

    contents: NDArray[np.uint8]

    def __init__(self, *_empty: object) -> None:
        """What it is made from says nothing yet."""

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, shape, _dtype, column_by_column, raw = state
        self.contents = np.frombuffer(raw, np.uint8).reshape(shape, order="F" if column_by_column else "C")


def _latin1(text: str, encoding: str) -> bytes:
    """How Python 3 writes bytes into a pickle that Python 2 can read."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"text encoded as {encoding!r}")
    return text.encode("latin1")


class _PlainUnpickler(pickle.Unpickler):
    """Reads dictionaries, lists, texts, numbers and arrays of bytes; the names of anything else are refused."""

    _STANDS_FOR: Mapping[tuple[str, str], Any] = {
        ("numpy.core.multiarray", "_reconstruct"): _Array,
        ("numpy._core.multiarray", "_reconstruct"): _Array,
        ("numpy", "ndarray"): None,
        ("numpy", "dtype"): _Dtype,
        ("_codecs", "encode"): _latin1,
    }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._STANDS_FOR:
            raise pickle.UnpicklingError(f"it wants to run {module}.{name}")
        return self._STANDS_FOR[module, name]


def read_pickle(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pictures [N, 3072] and labels [N] of a file of the python version.

    Raises:
        DataError: the file is damaged, or is no such file.
    """
    content = _dictionary(path)
    array, labels = content.get("data"), content.get("labels")
    pictures = getattr(array, "contents", None) if isinstance(array, _Array) else None
    if pictures is None or pictures.ndim != 2 or pictures.shape[1] != PIXELS or not len(pictures):
        raise DataError(f"{path}: no array 'data' of bytes with {PIXELS:,} columns in it; is it another file under this name?")
    if not isinstance(labels, list) or not all(isinstance(label, int) for label in labels) or len(labels) != len(pictures):
        raise DataError(f"{path}: no list 'labels' with a number for each of the {len(pictures):,} pictures in it")
    return pictures, np.array(labels)


def read_names(path: Path) -> tuple[str, ...]:
    """The names of the classes in batches.meta; none if it holds no such list.

    Raises:
        DataError: the file is damaged.
    """
    names = _dictionary(path).get("label_names")
    return tuple(map(_text, names)) if isinstance(names, list) else ()


def _dictionary(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = _PlainUnpickler(file, encoding="bytes").load()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except Exception as error:  # a damaged pickle can raise anything
        said = " ".join(str(error).split()) or type(error).__name__
        raise DataError(
            f"{path}: not a file of CIFAR-10's python version, or damaged ({said}); get it again, or take the binary version"
        ) from None
    if not isinstance(content, dict):
        raise DataError(f"{path}: holds no dictionary; is it another file under this name?")
    return {_text(name): value for name, value in content.items()}


def _text(name: object) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
