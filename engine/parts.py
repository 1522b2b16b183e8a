"""The parts of an experiment: its data, its model, what is monitored. No torch is needed to make them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, field_validator, model_validator

from engine.catalog import (
    ACTIVATIONS,
    COSTS,
    DATASETS,
    INITIALIZERS,
    OPTIMIZERS,
    OUTPUT_ACTIVATIONS,
    SCHEDULES,
    Pick,
    Registry,
    parse_pick,
    unknown_name,
)


def _pick_from(registry: Registry) -> Any:
    """The pydantic machinery that reads a `Pick` from its text and writes it back."""

    def read(value: object) -> Pick:
        if isinstance(value, Pick | str):
            return parse_pick(str(value), registry)
        raise ValueError(f"must be text such as {next(iter(registry))!r}, not {type(value).__name__}")

    return BeforeValidator(read)


_AsText = PlainSerializer(str, return_type=str)
ActivationPick = Annotated[Pick, _pick_from(ACTIVATIONS), _AsText]
OutputPick = Annotated[Pick, _pick_from(OUTPUT_ACTIVATIONS), _AsText]
InitializerPick = Annotated[Pick, _pick_from(INITIALIZERS), _AsText]
CostPick = Annotated[Pick, _pick_from(COSTS), _AsText]
OptimizerPick = Annotated[Pick, _pick_from(OPTIMIZERS), _AsText]
SchedulePick = Annotated[Pick, _pick_from(SCHEDULES), _AsText]

Width = Annotated[int, Field(ge=1, le=1_000_000)]


class Part(BaseModel):
    """What all parts of an experiment have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True)


class Data(Part):
    """Which examples are learned from, and how they are split and scaled."""

    name: str = Field("digits", title="Data", description="a dataset's name, or the path of a CSV file")
    dir: str | None = Field(None, title="Folder", description="folder of the dataset's files; not given: download or bundled")
    target: str | None = Field(None, title="Target", description="CSV only: the column to predict")
    task: Literal["auto", "classification", "regression"] = Field(
        "auto", title="Task", description="CSV only: what the target is; auto: numbers with many values are a regression"
    )
    samples: int = Field(1000, ge=10, le=10_000_000, title="Samples", description="two-dimensional sets only: examples made")
    noise: float = Field(
        0.1, ge=0, le=10, title="Noise", description="two-dimensional sets only: standard deviation of the noise"
    )
    validation: float = Field(0.1, ge=0, lt=1, title="Validation share", description="share of the examples kept for validation")
    test: float = Field(
        0.1, ge=0, lt=1, title="Test share", description="share kept for the test, where the data has no test set of its own"
    )
    scaling: Literal["auto", "none", "standardize", "global"] = Field(
        "auto",
        title="Scaling",
        description="standardize each feature, all pixels together (global), or none; auto: global for pictures, else standardize",
    )
    seed: int = Field(0, ge=0, lt=2**63, title="Data seed", description="seed of made-up data and of the split")

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        if name in DATASETS or is_csv(name):
            return name
        plain = name.strip().lower().replace("-", "_")
        if plain in DATASETS:
            return plain
        raise ValueError(unknown_name("dataset", name, DATASETS) + "; or give the path of a CSV file")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together must leave something to train on (their sum must be below 1)")
        if is_csv(self.name) and self.target is None:
            raise ValueError("a CSV file needs a target: the name of the column to predict (--target COLUMN)")
        if not is_csv(self.name):
            self._refuse("CSV files", "target", "task")
        if self.name not in PLANE:
            self._refuse("two-dimensional sets", "samples", "noise")
        return self

    def _refuse(self, what_they_are_for: str, *names: str) -> None:
        """Settings that this dataset does not heed must be left at their defaults, or equal data would look different."""
        for name in names:
            if getattr(self, name) != type(self).model_fields[name].default:
                raise ValueError(f"{name} is for {what_they_are_for}; {self.name} has no use for it")


PLANE = ("xor", "circles", "moons", "spirals", "gaussians")
"""The two-dimensional sets, which are made on the spot."""


def is_csv(name: str) -> bool:
    """Whether the name of a dataset is the path of a CSV file."""
    return PurePath(name).suffix.lower() == ".csv"


class Model(Part):
    """The network: hidden layers of units, then the output layer."""

    depth: int = Field(3, ge=0, le=1000, title="Depth", description="hidden layers; 0 is softmax, logistic or linear regression")
    width: Width = Field(64, title="Width", description="units in each hidden layer")
    widths: tuple[Width, ...] = Field(
        (), max_length=1000, title="Widths", description="units of each hidden layer, if they differ; sets depth"
    )
    activation: ActivationPick = Field(
        Pick("relu"), validate_default=True, title="Activation", description="non-linearity of the hidden layers"
    )
    output: OutputPick = Field(Pick("auto"), validate_default=True, title="Output", description="activation of the output layer")
    init: InitializerPick = Field(
        Pick("he_normal"), validate_default=True, title="Initializer", description="first values of the weights"
    )
    bias_init: float = Field(0.0, ge=-100, le=100, title="Bias", description="first value of the biases")
    dropout: float = Field(
        0.0, ge=0, lt=1, title="Dropout", description="share of hidden units switched off in each training step"
    )
    batch_norm: bool = Field(False, title="Batch norm", description="normalize between the affine map and the activation")

    @model_validator(mode="before")
    @classmethod
    def _one_form(cls, values: object) -> object:
        """Equal widths are written as depth and width, so that equal networks have one form."""
        if not isinstance(values, Mapping) or not isinstance(values.get("widths"), list | tuple) or not values["widths"]:
            return values
        widths = list(values["widths"])
        if "depth" in values and values["depth"] != len(widths):
            raise ValueError(f"widths names {len(widths)} layers, but depth is {values['depth']}; give one of them")
        if "width" in values and values["width"] != widths[0]:
            raise ValueError(f"widths begins with {widths[0]}, but width is {values['width']}; give one of them")
        equal = all(width == widths[0] for width in widths)
        return {**values, "depth": len(widths), "width": widths[0], "widths": () if equal else widths}

    @property
    def hidden(self) -> tuple[int, ...]:
        """Units of each hidden layer, from the input to the output."""
        return self.widths or (self.width,) * self.depth


class Monitor(Part):
    """When the layers are measured."""

    every: Literal["auto"] | Annotated[int, Field(ge=1)] = Field(
        "auto", title="Measure every", description="steps between measurements; auto: as often as the budget allows"
    )
    budget: float = Field(0.05, gt=0, le=1, title="Budget", description="share of a step's time that measuring may take")
    train_examples: Literal["auto"] | Annotated[int, Field(ge=1)] = Field(
        "auto",
        title="Training examples scored",
        description="training examples scored after an epoch; auto: a tenth of them, at least 200 and at most 2,000",
    )


def cost_output_problem(cost: str, output: str) -> str | None:
    """Say why an output activation does not fit a cost, or return None."""
    if cost == "cross_entropy" and output not in ("auto", "softmax"):
        return f"cost cross_entropy needs output softmax (or auto), not {output}"
    if cost == "binary_cross_entropy" and output not in ("auto", "sigmoid"):
        return f"cost binary_cross_entropy needs output sigmoid (or auto), not {output}"
    return None
