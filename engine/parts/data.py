"""Which examples are learned from."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from engine.catalog import DATASETS, unknown_name
from engine.parts.base import Count, Part

PLANE = ("xor", "circles", "moons", "spirals", "gaussians")
"""The two-dimensional sets, which are made on the spot."""

NOISE = "noise"
"""Normal numbers with random classes, made on the spot."""

MADE_AT_ONCE = (*PLANE, NOISE)
"""Sets of a fixed size that have no files."""

ONLINE = ("shapeset",)
"""Sets without an end, whose training examples are made while they are used."""

IMAGE_FOLDER = "image_folder"
"""The pictures of a folder, one folder in it for each class."""

MOST_MADE_NUMBERS = 200_000_000
"""So many numbers of noise are made at the most: 0.8 GB."""

MOST_ONLINE_SAMPLES = 500_000
"""Of a set without an end so many examples are kept at the most, which is what an epoch of it is scored on."""


def _listed(value: object) -> object:
    """The names in one text with commas between them, or in a list: without blanks, sorted, each once."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ValueError("must be text such as 'age, income' or '-longitude', or a list of such names")
    return tuple(sorted({name.strip() for name in names} - {""}))


class Data(Part):
    """Which examples are learned from, and how they are split and scaled."""

    name: str = Field("digits", title="Data", description="a dataset's name, or the path of a CSV or NPZ file")
    dir: str | None = Field(None, title="Folder", description="folder of the dataset's files; not given: download or bundled")
    target: str | None = Field(None, title="Target", description="CSV only: the column to predict")
    task: Literal["auto", "classification", "regression"] = Field(
        "auto", title="Task", description="CSV and NPZ only: what the target is; auto: numbers with many values are a regression"
    )
    samples: int = Field(
        1000, ge=10, le=10_000_000, title="Samples", description="made-up sets only: examples made; without an end: in an epoch"
    )
    noise: float = Field(
        0.1, ge=0, le=10, title="Noise", description="two-dimensional sets only: standard deviation of the noise"
    )
    inputs: int = Field(500, ge=1, le=100_000, title="Inputs", description="Gaussian noise only: numbers of an example")
    image_size: int = Field(32, ge=4, le=512, title="Image size", description="image_folder only: side of the resized pictures")
    colour: Literal["grey", "rgb"] = Field("grey", title="Colour", description="image_folder only: one channel or three")
    validation: float = Field(0.1, ge=0, lt=1, title="Validation share", description="share of the examples kept for validation")
    test: float = Field(
        0.1, ge=0, lt=1, title="Test share", description="share kept for the test, where the data has no test set of its own"
    )
    train_size: Count | None = Field(
        None, title="Training examples", description="learn from so many of the training examples; not given: all"
    )
    features: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(
        (),
        title="Features",
        description="names of the inputs to keep, or with - before them to leave out; * stands for any text; none: all are kept",
    )
    label_noise: float = Field(
        0.0, ge=0, lt=1, title="Label noise", description="share of the training examples that get another class at random"
    )
    scaling: Literal["auto", "none", "standardize", "global"] = Field(
        "auto",
        title="Scaling",
        description="standardize each feature, all pixels together (global), or none; auto: global for pictures (shapeset: none), else standardize (noise: none)",
    )
    seed: int = Field(0, ge=0, lt=2**63, title="Data seed", description="seed of made-up data and of the split")

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        if name in DATASETS or is_file(name):
            return name
        plain = name.strip().lower().replace("-", "_")
        if plain in DATASETS:
            return plain
        raise ValueError(unknown_name("dataset", name, DATASETS) + "; or give the path of a CSV or NPZ file")

    @field_validator("features")
    @classmethod
    def _one_way(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len({name.startswith("-") for name in names}) > 1:
            raise ValueError("names either the inputs to keep, or those to leave out (all with - before them), not both")
        return names

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together must leave something to train on (their sum must be below 1)")
        if is_csv(self.name) and self.target is None:
            raise ValueError("a CSV file needs a target: the name of the column to predict (--target COLUMN)")
        if not is_csv(self.name):
            self._refuse("CSV files", "target")
        if not is_file(self.name):
            self._refuse("CSV and NPZ files", "task")
        if self.name not in PLANE:
            self._refuse("two-dimensional sets", "noise")
        if self.name not in (*MADE_AT_ONCE, *ONLINE):
            self._refuse("sets that are made up", "samples")
        if self.name != IMAGE_FOLDER:
            self._refuse(IMAGE_FOLDER, "image_size", "colour")
        elif self.dir is None:
            raise ValueError("image_folder needs the folder of the pictures (--data-dir FOLDER)")
        return self

    @model_validator(mode="after")
    def _fits_noise(self) -> Self:
        if self.name != NOISE:
            self._refuse(NOISE, "inputs")
        elif self.samples * self.inputs > MOST_MADE_NUMBERS:
            raise ValueError(f"samples times inputs must be at most {MOST_MADE_NUMBERS:,}; take fewer of either")
        return self

    @model_validator(mode="after")
    def _fits_online(self) -> Self:
        if self.name in ONLINE:
            self._refuse("sets of a fixed size", "train_size", "features", "label_noise")
            if self.samples > MOST_ONLINE_SAMPLES:
                raise ValueError(
                    f"samples of {self.name} are those of an epoch, at most {MOST_ONLINE_SAMPLES:,}; train more epochs"
                )
        return self

    @property
    def has_no_validation(self) -> bool:
        """Whether it is certain that there is no validation part. NPZ files and image folders may have one of their own."""
        return self.validation == 0 and self.name != IMAGE_FOLDER and not is_npz(self.name)

    def _refuse(self, what_they_are_for: str, *names: str) -> None:
        """Settings that this dataset does not heed must be left at their defaults, or equal data would look different."""
        for name in names:
            if getattr(self, name) != type(self).model_fields[name].default:
                raise ValueError(f"{name} is for {what_they_are_for}; {self.name} has no use for it")


def is_csv(name: str) -> bool:
    """Whether the name of a dataset is the path of a CSV file."""
    return PurePath(name).suffix.lower() == ".csv"


def is_npz(name: str) -> bool:
    """Whether the name of a dataset is the path of an NPZ file."""
    return PurePath(name).suffix.lower() == ".npz"


def is_file(name: str) -> bool:
    """Whether the name of a dataset is the path of a file."""
    return is_csv(name) or is_npz(name)
