"""A folder of pictures: one folder in it for each class, or folders train, val and test with the classes in each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.data.base import Loader, Progress, Source, already_numbers, pixel_names
from engine.data.columns import counted
from engine.data.image_files import read_pictures, suffixes
from engine.errors import DataError
from engine.parts import IMAGE_FOLDER, Data

_TRAIN, _TEST = "train", "test"
_VALIDATION = ("validation", "val", "valid")
_PARTS = (_TRAIN, *_VALIDATION, _TEST)
_WHITE = 255
_LAYOUT = "data.dir names a folder with a folder of pictures for each class"


@dataclass(frozen=True, slots=True)
class _Folder:
    """The pictures of one part of the data, in the order of classes and names."""

    pictures: tuple[tuple[str, Path], ...]  # class and file
    left_out: int  # hidden files, and files that are no pictures


def load(settings: Data, progress: Progress) -> Source:
    """Read all pictures below `settings.dir`, sorted by class and name; pixels from 0 to 1.

    Folders within that of a class belong to it. Hidden files and those whose names are not those of pictures are left out.

    Raises:
        DataError: there are no classes, a class has no pictures, or a picture cannot be read.
    """
    assert settings.dir is not None  # Data has seen to it
    root = Path(settings.dir).expanduser()
    folders = {part: _pictures(folder) for part, folder in _parts(root).items()}
    classes = tuple(sorted({name for name, _ in folders[_TRAIN].pictures}))
    _check_classes(root, folders, classes)
    ordered = [folders[part] for part in _PARTS if part in folders]
    files = [path for folder in ordered for _, path in folder.pictures]
    places = {name: place for place, name in enumerate(classes)}

    def told(done: int) -> None:
        progress("reading pictures", done, len(files))

    values = read_pictures(files, settings.image_size, settings.colour, told)
    size = settings.image_size
    shape = (size, size) if settings.colour == "grey" else (3, size, size)
    counts = {part: len(folder.pictures) for part, folder in folders.items()}
    own_test = len(files) - counts.get(_TEST, 0)
    return Source(
        task="classification",
        encode=already_numbers(values, pixel_names(*shape), 1 / _WHITE),
        targets=np.array([places[name] for folder in ordered for name, _ in folder.pictures], np.int64),
        classes=classes,
        image_shape=shape,
        validation_from=counts[_TRAIN] if any(part in folders for part in _VALIDATION) else None,
        test_from=own_test if _TEST in folders else None,
        notes=_notes(folders),
    )


def _parts(root: Path) -> dict[str, Path]:
    """The folder of each part, if there is a folder train with classes in it; else all is for training."""
    names = [folder.name for folder in _visible_folders(root)]
    if _TRAIN not in names or set(names) - set(_PARTS) or not _visible_folders(root / _TRAIN):
        return {_TRAIN: root}
    several = [name for name in names if name in _VALIDATION]
    if len(several) > 1:
        raise DataError(f"{root}: both {several[0]} and {several[1]} are in it; keep one folder for validation")
    return {part: root / part for part in _PARTS if part in names}


def _visible_folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        fault = "is a file, not a folder" if folder.exists() else "there is no such folder"
        raise DataError(f"{folder}: {fault}; {_LAYOUT}")
    try:
        return sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    except OSError as error:
        raise DataError(f"{folder}: cannot be read ({error.strerror})") from None


def _pictures(folder: Path) -> _Folder:
    """The pictures of all classes in a folder."""
    classes = _visible_folders(folder)
    if not classes:
        raise DataError(f"{folder}: no folders in it; {_LAYOUT}")
    pictures: list[tuple[str, Path]] = []
    left_out = sum(not entry.is_dir() for entry in folder.iterdir())
    for each in classes:
        before = len(pictures)
        for path in _files(each):
            if path.name.startswith(".") or path.suffix.lower() not in suffixes():
                left_out += 1
            else:
                pictures.append((each.name, path))
        if len(pictures) == before:
            raise DataError(f"{each}: no pictures in this class; put some there, or remove the folder")
    return _Folder(tuple(pictures), left_out)


def _files(folder: Path) -> Iterator[Path]:
    """All files in a folder and the visible folders in it, sorted."""

    def refuse(error: OSError) -> None:
        raise DataError(f"{error.filename}: cannot be read ({error.strerror})") from None

    for parent, below, names in os.walk(folder, onerror=refuse):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            yield Path(parent, name)


def _check_classes(root: Path, folders: Mapping[str, _Folder], classes: tuple[str, ...]) -> None:
    if len(classes) == 1:
        raise DataError(f"{root}: only one class, {classes[0]}, so there is nothing to tell apart; {_LAYOUT}")
    for part, folder in folders.items():
        unknown = sorted({name for name, _ in folder.pictures} - set(classes))
        if unknown:
            raise DataError(
                f"{root / part}: {unknown[0]} is no class of {root / _TRAIN}; each class needs a folder of that name there"
            )


def _notes(folders: Mapping[str, _Folder]) -> tuple[str, ...]:
    said = []
    if len(folders) > 1:
        said.append(f"parts as they are in the folders: {', '.join(folders)}")
    if left_out := sum(folder.left_out for folder in folders.values()):
        said.append(
            f"{counted(left_out, 'file')} left out: hidden, or no pictures by {'its name' if left_out == 1 else 'their names'}"
        )
    return tuple(said)


LOADERS: Mapping[str, Loader] = {IMAGE_FOLDER: load}
