"""MNIST and Fashion-MNIST: the files of a folder, or downloaded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data import idx
from engine.data.base import Loader, Progress, Source, already_numbers, pixel_names
from engine.data.download import RemoteFile, cache_folder, download
from engine.errors import DataError
from engine.parts import Data

_HEIGHT = _WIDTH = 28
_WHITE = 255
_STEMS = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


@dataclass(frozen=True, slots=True)
class IdxSet:
    """Four IDX files: images and labels, to train on and to test on."""

    key: str
    title: str
    classes: tuple[str, ...]
    mirrors: tuple[str, ...]  # folders, ending in a slash
    sha256: tuple[str, str, str, str]  # of the four files, compressed with gzip as they were published
    labels: tuple[str, str]  # SHA-256 of the labels alone, to train on and to test on, a byte for each

    @property
    def files(self) -> tuple[RemoteFile, ...]:
        """The four files: training images and labels, test images and labels."""
        return tuple(RemoteFile(f"{stem}.gz", digest) for stem, digest in zip(_STEMS, self.sha256, strict=True))


MNIST = IdxSet(
    key="mnist",
    title="MNIST",
    classes=tuple("0123456789"),
    mirrors=("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"),
    sha256=(
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
    labels=(
        "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
        "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
    ),
)

FASHION_MNIST = IdxSet(
    key="fashion_mnist",
    title="Fashion-MNIST",
    classes=("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"),
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    sha256=(
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
    labels=(
        "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
        "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
    ),
)

SETS = (MNIST, FASHION_MNIST)


def load(idx_set: IdxSet, settings: Data, progress: Progress) -> Source:
    """Read the four files from `settings.dir`, or download them; pixels from 0 to 1.

    Raises:
        DataError: a file is missing, damaged, does not fit the others, or is that of another dataset.
    """
    paths = _downloaded(idx_set, progress) if settings.dir is None else _local(idx_set, Path(settings.dir).expanduser())
    progress(f"reading {idx_set.title}", 0, None)
    labels = [_labels(idx_set, path) for path in paths[1::2]]
    images = []
    for pictures, answers, classes in zip(paths[::2], paths[1::2], labels, strict=True):
        images.append(idx.read_images(pictures, _HEIGHT, _WIDTH))
        if len(images[-1]) != len(classes):
            raise DataError(
                f"{answers}: {len(classes):,} labels for the {len(images[-1]):,} images of {pictures.name}; "
                "take both files from one source"
            )
        if len(images[-1]) == 0:
            raise DataError(f"{pictures}: no images in it; get the file again")
    return Source(
        task="classification",
        encode=already_numbers(np.concatenate(images).reshape(-1, _HEIGHT * _WIDTH), pixel_names(_HEIGHT, _WIDTH), 1 / _WHITE),
        targets=np.concatenate(labels).astype(np.int64),
        classes=idx_set.classes,
        image_shape=(_HEIGHT, _WIDTH),
        test_from=len(images[0]),
    )


def _labels(idx_set: IdxSet, path: Path) -> NDArray[np.uint8]:
    """The class indices in a file. The files of all sets have the same names, so one is known by what it holds."""
    labels = idx.read_labels(path, len(idx_set.classes))
    digest = hashlib.sha256(labels.tobytes()).hexdigest()
    for other in SETS:
        if other is not idx_set and digest in other.labels:
            raise DataError(
                f"{path}: these are the labels of {other.title}; name the folder of {idx_set.title} (--data-dir), "
                f"or ask for {other.key}"
            )
    return labels


def _downloaded(idx_set: IdxSet, progress: Progress) -> list[Path]:
    folder = cache_folder() / idx_set.key
    return [download(file, idx_set.mirrors, folder, progress) for file in idx_set.files]


def _local(idx_set: IdxSet, folder: Path) -> list[Path]:
    """The four files, compressed or not; some copies of them have a dot in the name for the last but one dash."""
    if not folder.is_dir():
        fault = "is a file, not a folder" if folder.exists() else "there is no such folder"
        raise DataError(f"{folder}: {fault}; --data-dir names the folder of the four files of {idx_set.title}")
    found, missing = [], []
    for stem in _STEMS:
        names = [f"{name}{ending}" for name in (stem, stem.replace("-idx", ".idx")) for ending in ("", ".gz")]
        path = next((folder / name for name in names if (folder / name).is_file()), None)
        if path is None:
            missing.append(stem)
        else:
            found.append(path)
    if missing:
        which = f"none of the four files ({missing[0]} …)" if len(missing) == len(_STEMS) else f"no {', '.join(missing)}"
        raise DataError(
            f"{folder}: {which} of {idx_set.title} in it, with or without .gz. "
            "Put all four there, or leave --data-dir out to download them."
        )
    return found


LOADERS: Mapping[str, Loader] = {idx_set.key: partial(load, idx_set) for idx_set in SETS}
