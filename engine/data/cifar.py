"""CIFAR-10: the binary or the python version in a folder, or downloaded.

Krizhevsky, Learning multiple layers of features from tiny images, 2009. https://www.cs.toronto.edu/~kriz/cifar.html says how the
files are made up: of each picture a class, then 1,024 red, 1,024 green and 1,024 blue bytes, row by row.
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from engine.data.base import Loader, Progress, Source, already_numbers, pixel_names
from engine.data.cifar_pickle import PIXELS, read_names, read_pickle
from engine.data.download import RemoteFile, cache_folder, download
from engine.errors import DataError
from engine.parts import Data

SHAPE = (3, 32, 32)
_WHITE = 255
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

ARCHIVE = RemoteFile("cifar-10-binary.tar.gz", "md5:c32a1d4ab5d03f1284b67883e8d87530")
MIRRORS = ("https://www.cs.toronto.edu/~kriz/",)
_AGAIN = "get the file again, or see that the copy is complete"


@dataclass(frozen=True, slots=True)
class _Version:
    """One of the two forms in which the files are published."""

    folder: str
    train: tuple[str, ...]
    test: str
    names: str


BINARY = _Version("cifar-10-batches-bin", tuple(f"data_batch_{n}.bin" for n in range(1, 6)), "test_batch.bin", "batches.meta.txt")
PYTHON = _Version("cifar-10-batches-py", tuple(f"data_batch_{n}" for n in range(1, 6)), "test_batch", "batches.meta")


def load(settings: Data, progress: Progress) -> Source:
    """Read the files in `settings.dir`, or download them; pixels from 0 to 1.

    Raises:
        DataError: files are missing or damaged.
    """
    if settings.dir is None:
        folder, version = downloaded(cache_folder() / "cifar10", progress), BINARY
    else:
        folder, version = _local(Path(settings.dir).expanduser())
    train = [name for name in version.train if (folder / name).is_file()]
    if not train:
        raise DataError(f"{folder}: none of the training files {version.train[0]} to 5 is in it; {_AGAIN}")
    if not (folder / version.test).is_file():
        raise DataError(f"{folder}: no {version.test} in it; {_AGAIN}")
    parts = []
    for number, name in enumerate([*train, version.test]):
        progress("reading CIFAR-10", number, len(train) + 1)
        parts.append((_read_binary if version is BINARY else read_pickle)(folder / name))
        _check_labels(folder / name, parts[-1][1])
    labels = np.concatenate([part[1] for part in parts]).astype(np.int64)
    return Source(
        task="classification",
        encode=already_numbers(np.concatenate([part[0] for part in parts]), pixel_names(*SHAPE), 1 / _WHITE),
        targets=labels,
        classes=_class_names(folder / version.names, version),
        image_shape=SHAPE,
        test_from=len(labels) - len(parts[-1][1]),
        notes=_missing_note(train, version),
    )


def _missing_note(found: Sequence[str], version: _Version) -> tuple[str, ...]:
    missing = [name for name in version.train if name not in found]
    if not missing:
        return ()
    return (f"{len(found)} of the {len(version.train)} training files of CIFAR-10 found; missing: {', '.join(missing)}",)


def _local(folder: Path) -> tuple[Path, _Version]:
    """The folder with the files, and which version they are; the binary one if both are there."""
    if not folder.is_dir():
        fault = "is a file, not a folder" if folder.exists() else "there is no such folder"
        raise DataError(f"{folder}: {fault}; --data-dir names the folder of the files of CIFAR-10")
    for version in (BINARY, PYTHON):
        for place in (folder, folder / version.folder):
            if any((place / name).is_file() for name in (*version.train, version.test)):
                return place, version
    raise DataError(
        f"{folder}: no files of CIFAR-10 in it ({BINARY.train[0]} … or {PYTHON.train[0]} …). "
        "Put them there, or leave --data-dir out to download them."
    )


def _read_binary(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Pictures [N, 3072] and classes [N] of a file of the binary version."""
    try:
        content = np.fromfile(path, np.uint8)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    record = 1 + PIXELS
    if len(content) == 0 or len(content) % record:
        raise DataError(
            f"{path}: {len(content):,} bytes, not a multiple of {record:,} (a label and {PIXELS:,} pixels for each picture): "
            f"truncated, or another file; {_AGAIN}"
        )
    records = content.reshape(-1, record)
    return records[:, 1:], records[:, 0]


def _check_labels(path: Path, labels: NDArray[np.integer]) -> None:
    wrong = np.flatnonzero((labels < 0) | (labels >= len(CLASSES)))
    if len(wrong):
        raise DataError(
            f"{path}: label {labels[wrong[0]]} of picture {wrong[0] + 1:,} is not one of 0 to {len(CLASSES) - 1}; "
            "the file is damaged or belongs to another dataset"
        )


def _class_names(path: Path, version: _Version) -> tuple[str, ...]:
    """The names that come with the files, or the published ones if there are none or not ten."""
    if not path.is_file():
        return CLASSES
    names = read_names(path) if version is PYTHON else tuple(path.read_text(encoding="utf-8", errors="replace").split())
    return names if len(set(names)) == len(names) == len(CLASSES) else CLASSES


def downloaded(folder: Path, progress: Progress, mirrors: Sequence[str] = MIRRORS, archive: RemoteFile = ARCHIVE) -> Path:
    """The folder of the files of the binary version; downloaded and unpacked if they are not there yet.

    Raises:
        DataError: it cannot be downloaded, or the folder cannot be written to.
    """
    unpacked = folder / BINARY.folder
    wanted = [*BINARY.train, BINARY.test, BINARY.names]
    if all((unpacked / name).is_file() for name in wanted):
        return unpacked
    path = download(archive, mirrors, folder, progress)
    progress("unpacking CIFAR-10", 0, None)
    try:
        unpacked.mkdir(parents=True, exist_ok=True)
        _unpack(path, unpacked, wanted)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: damaged archive ({error}); delete it, and it is downloaded again") from None
    except OSError as error:
        raise DataError(
            f"{unpacked}: cannot be written to ({error.strerror}); free some space, or see who may write there"
        ) from None
    return unpacked


def _unpack(archive: Path, folder: Path, wanted: Sequence[str]) -> None:
    """Write the wanted files of an archive into a folder; each has its name only when it is whole."""
    with tarfile.open(archive, "r:gz") as packed:
        for member in packed:
            name = PurePosixPath(member.name).name
            content = packed.extractfile(member) if name in wanted and member.isfile() else None
            if content is not None:
                unfinished = folder / f"{name}.part"
                unfinished.write_bytes(content.read())
                unfinished.replace(folder / name)


LOADERS: Mapping[str, Loader] = {"cifar10": load}
