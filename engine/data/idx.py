"""The IDX format of the MNIST files: two zero bytes, a type, the number of dimensions, the dimensions, the numbers.

Big-endian; unsigned bytes (type 8) are the only numbers in use. http://yann.lecun.com/exdb/mnist, at its end.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError

_GZIP = b"\x1f\x8b"
_TYPES = {0x08: "unsigned bytes", 0x09: "signed bytes", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64"}
_UNSIGNED_BYTES = 0x08
_CONTENTS = {1: "labels", 3: "images"}
_AGAIN = "get the file again, or see that the copy is complete"


def read_images(path: Path, height: int, width: int) -> NDArray[np.uint8]:
    """The pictures in a file, [N, height, width], 0 to 255.

    Raises:
        DataError: the file is damaged, or holds something else.
    """
    images = _read(path, dimensions=3)
    if images.shape[1:] != (height, width):
        given = "x".join(map(str, images.shape[1:]))
        raise DataError(f"{path}: the images are {given} pixels, not {height}x{width}; this is the file of another dataset")
    return images


def read_labels(path: Path, classes: int) -> NDArray[np.uint8]:
    """The class indices in a file, [N].

    Raises:
        DataError: the file is damaged, or holds something else, or a label that is no class.
    """
    labels = _read(path, dimensions=1)
    if len(labels) and labels.max() >= classes:
        first = int(np.flatnonzero(labels >= classes)[0])
        raise DataError(
            f"{path}: label {labels[first]} of example {first + 1} is not one of 0 to {classes - 1}; "
            "the file is damaged or belongs to another dataset"
        )
    return labels


def _read(path: Path, dimensions: int) -> NDArray[np.uint8]:
    content = _content(path)
    if len(content) < 4:
        raise DataError(f"{path}: only {len(content)} bytes, not even the beginning of an IDX file; {_AGAIN}")
    zeros, kind, given = struct.unpack_from(">HBB", content)
    if zeros != 0 or kind not in _TYPES:
        raise DataError(f"{path}: not an IDX file (it begins with {content[:8]!r}); {_AGAIN}")
    found, wanted = (kind << 8) + given, (_UNSIGNED_BYTES << 8) + dimensions
    if found != wanted:
        what = _CONTENTS.get(given, f"numbers with {given} dimensions") if kind == _UNSIGNED_BYTES else _TYPES[kind]
        raise DataError(
            f"{path}: holds {what} (magic number {found}), not {_CONTENTS[dimensions]} (magic number {wanted}); "
            "is it another file under this name? Rename it, or get it again"
        )
    return _numbers(path, content, dimensions)


def _numbers(path: Path, content: bytes, dimensions: int) -> NDArray[np.uint8]:
    """What follows the header, in the shape that the header announces."""
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise DataError(f"{path}: ends within its header, after {len(content)} bytes; {_AGAIN}")
    shape = struct.unpack_from(f">{dimensions}I", content, 4)
    announced = 1
    for length in shape:
        announced *= length
    if len(content) - start != announced:
        fault = "truncated" if len(content) - start < announced else "too long"
        raise DataError(
            f"{path}: {fault}: {'x'.join(map(str, shape))} = {announced:,} bytes announced, "
            f"{len(content) - start:,} found; {_AGAIN}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _content(path: Path) -> bytes:
    """The bytes of a file, unpacked if they are packed, whatever its name says."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    if not content.startswith(_GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: damaged gzip file ({error}); {_AGAIN}") from None
