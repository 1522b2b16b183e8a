"""Small real sets that scikit-learn carries with it.

It takes a second to load, so that is done late, and for the digits not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.base import Loader, Progress, Source, already_numbers, pixel_names
from engine.parts import Data

_GREY_LEVELS_OF_DIGITS = 16


def digits(_settings: Data, progress: Progress) -> Source:
    """1,797 handwritten digits, 8x8 pixels from 0 to 1."""
    inputs, targets = _digits(progress)
    return Source(
        task="classification",
        encode=already_numbers(inputs, pixel_names(8, 8), unit=1 / _GREY_LEVELS_OF_DIGITS),
        targets=targets.astype(np.int64),
        classes=tuple(map(str, range(10))),
        image_shape=(8, 8),
    )


def _digits(progress: Progress) -> tuple[np.ndarray, np.ndarray]:
    """Grey levels and digits, from scikit-learn's own file if it is where it is today."""
    package = find_spec("sklearn")
    path = Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz" if package and package.origin else None
    if path is None or not path.is_file():
        bunch = _bundled("digits", progress)
        return bunch.data, bunch.target
    progress("loading digits", 0, None)
    table = np.loadtxt(path, delimiter=",")
    return table[:, :-1], table[:, -1]


def diabetes(_settings: Data, progress: Progress) -> Source:
    """442 patients in the units in which they were measured.

    Not as scikit-learn hands them out by default: it has scaled them by the mean and deviation of all patients, those of
    the test part among them.
    """
    bunch = _bundled("diabetes", progress, scaled=False)
    return Source(
        task="regression",
        encode=already_numbers(bunch.data, tuple(bunch.feature_names)),
        targets=bunch.target.astype(np.float64),
    )


def _classified(name: str) -> Loader:
    """A set of numbers that fall into classes."""

    def load(_settings: Data, progress: Progress) -> Source:
        bunch = _bundled(name, progress)
        return Source(
            task="classification",
            encode=already_numbers(bunch.data, tuple(str(feature) for feature in bunch.feature_names)),
            targets=bunch.target.astype(np.int64),
            classes=tuple(str(label) for label in bunch.target_names),
        )

    return load


def _bundled(name: str, progress: Progress, **options: bool) -> Any:
    progress(f"loading {name}", 0, None)
    from sklearn import datasets

    return getattr(datasets, f"load_{name}")(**options)


LOADERS: Mapping[str, Loader] = {
    "digits": digits,
    "diabetes": diabetes,
    **{name: _classified(name) for name in ("iris", "wine", "breast_cancer")},
}
