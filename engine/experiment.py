"""The description of one training: frozen, validated, and the same as TOML, JSON, flags or form.

No torch is needed to make one.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import PurePath
from typing import Annotated, Any, Literal, Self

import tomli_w
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    field_validator,
    model_validator,
)

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
from engine.errors import ConfigurationError, Problem

SETTINGS_OUTSIDE_THE_HASH = ("seed", "device", "threads")
"""Where and from which seed an experiment runs does not make it another experiment."""

DEFAULT_EPOCHS = 30


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
    validation: float = Field(
        0.1, ge=0, lt=1, title="Validation share", description="share of the training examples kept for validation"
    )
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
            raise ValueError("a CSV file needs a target: the name of the column to predict")
        if self.target is not None and not is_csv(self.name):
            raise ValueError(f"target is for CSV files; {self.name} has its own")
        return self


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


class Experiment(Part):
    """One training, described in full. Two equal experiments give equal numbers."""

    data: Data = Data()
    model: Model = Model()
    cost: CostPick = Field(Pick("auto"), validate_default=True, title="Cost", description="what training makes small")
    l1: float = Field(0.0, ge=0, le=1000, title="L1", description="lambda of the cost term lambda * sum |W|; biases left out")
    l2: float = Field(0.0, ge=0, le=1000, title="L2", description="lambda of the cost term lambda * sum W^2; biases left out")
    optimizer: OptimizerPick = Field(Pick("adam"), validate_default=True, title="Optimizer", description="how weights move")
    lr: float = Field(
        0.001, gt=0, le=1000, title="Learning rate", description="size of the steps; not given: the optimizer's usual one"
    )
    schedule: SchedulePick = Field(
        Pick("constant"), validate_default=True, title="Schedule", description="how the learning rate changes"
    )
    batch_size: Literal["full"] | Annotated[int, Field(ge=1)] = Field(
        64, title="Batch size", description="examples in a step; full: all of them; 1: one by one"
    )
    epochs: Annotated[int, Field(ge=1)] | None = Field(
        None, title="Epochs", description=f"passes over the training data ({DEFAULT_EPOCHS} if steps are not given either)"
    )
    steps: Annotated[int, Field(ge=1)] | None = Field(
        None, title="Steps", description="updates of the weights; with epochs too, whichever ends first"
    )
    seed: int = Field(0, ge=0, lt=2**63, title="Seed", description="of the first weights, the order of the data and dropout")
    device: str = Field("auto", title="Device", description="auto, cpu, cuda or cuda:N")
    dtype: Literal["float32", "float64"] = Field("float32", title="Precision", description="type of all numbers in the network")
    threads: Literal["auto"] | Annotated[int, Field(ge=1, le=1024)] = Field(
        "auto", title="Threads", description="CPU threads; auto: one unless a step has much arithmetic"
    )
    monitor: Monitor = Monitor()

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, values: object) -> object:
        """The usual learning rate of the optimizer, and an end of training, where none is given."""
        if not isinstance(values, Mapping):
            return values
        filled = dict(values)
        if filled.get("epochs") is None and filled.get("steps") is None:
            filled["epochs"] = DEFAULT_EPOCHS
        if filled.get("lr") is None:
            kind = str(filled.get("optimizer", "adam")).partition("(")[0].strip().replace("-", "_")
            choice = OPTIMIZERS.get(kind)
            filled["lr"] = choice.learning_rate if choice else 0.001
        return filled

    @field_validator("device")
    @classmethod
    def _is_a_device(cls, name: str) -> str:
        if re.fullmatch(r"auto|cpu|cuda(:\d+)?", name):
            return name
        raise ValueError("must be auto, cpu, cuda or cuda:N, N being the number of a GPU")

    @model_validator(mode="after")
    def _cost_fits_output(self) -> Self:
        problem = cost_output_problem(self.cost.kind, self.model.output.kind)
        if problem:
            raise ValueError(problem)
        if self.model.batch_norm and self.batch_size == 1:
            raise ValueError("batch_size 1 leaves nothing for batch norm to normalize; take at least 2")
        if self.schedule.kind == "on_plateau" and self.data.validation == 0:
            raise ValueError("schedule on_plateau watches the validation cost; data.validation must be above 0")
        return self

    # --- reading and writing -------------------------------------------------

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Experiment:
        """Make an experiment from nested plain values.

        Raises:
            ConfigurationError: with every problem found, each at its path.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise ConfigurationError(_problems(error)) from None

    @classmethod
    def from_toml(cls, text: str) -> Experiment:
        """Read what `to_toml` writes, or any part of it; what is left out takes its default."""
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError.at("", f"not valid TOML: {error}") from None
        return cls.parse(values)

    @classmethod
    def from_json(cls, text: str) -> Experiment:
        """Read what `to_json` writes."""
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise ConfigurationError.at("", f"not valid JSON: {error}") from None
        if not isinstance(values, dict):
            raise ConfigurationError.at("", "must be a JSON object")
        return cls.parse(values)

    def to_dict(self) -> dict[str, Any]:
        """Nested plain values with all defaults filled in and nothing that is None."""
        return self.model_dump(mode="json", exclude_none=True)

    def to_toml(self) -> str:
        """The experiment as a TOML document."""
        return tomli_w.dumps(self.to_dict())

    def to_json(self) -> str:
        """The experiment as canonical JSON: sorted keys, defaults filled in."""
        return json.dumps(self.to_dict(), sort_keys=True, allow_nan=False)

    def with_settings(self, settings: Mapping[str, Any]) -> Experiment:
        """A copy with some fields changed, named by dotted path (`model.depth`); None takes the default.

        Raises:
            ConfigurationError: a path is unknown or a value is not allowed.
        """
        values = self.to_dict()
        problems = [Problem(path, unknown_name("setting", path, SETTINGS)) for path in settings if path not in SETTINGS]
        if problems:
            raise ConfigurationError(problems)
        if settings.keys() & {"model.depth", "model.width", "model.widths"}:
            _forget_other_form(values["model"], settings)
        if "optimizer" in settings and "lr" not in settings:
            values.pop("lr")
        for path, value in settings.items():
            *parents, name = path.split(".")
            table = values
            for parent in parents:
                table = table[parent]
            if value is None:
                table.pop(name, None)
            else:
                table[name] = value
        return Experiment.parse(values)

    @property
    def hash(self) -> str:
        """16 hex digits that equal experiments share, whatever their seed, device and folder of data."""
        values = self.to_dict()
        for name in SETTINGS_OUTSIDE_THE_HASH:
            values.pop(name, None)
        values["data"].pop("dir", None)
        text = json.dumps(_without_negative_zero(values), sort_keys=True, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def cost_output_problem(cost: str, output: str) -> str | None:
    """Say why an output activation does not fit a cost, or return None."""
    if cost == "cross_entropy" and output not in ("auto", "softmax"):
        return f"cost cross_entropy needs output softmax (or auto), not {output}"
    if cost == "binary_cross_entropy" and output not in ("auto", "sigmoid"):
        return f"cost binary_cross_entropy needs output sigmoid (or auto), not {output}"
    return None


def setting_paths(part: type[BaseModel] = Experiment, prefix: str = "") -> tuple[str, ...]:
    """The dotted paths of all settings, in the order of the form."""
    paths: list[str] = []
    for name, info in part.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, Part):
            paths.extend(setting_paths(kind, f"{prefix}{name}."))
        else:
            paths.append(f"{prefix}{name}")
    return tuple(paths)


SETTINGS = setting_paths()


def _forget_other_form(model: dict[str, Any], settings: Mapping[str, Any]) -> None:
    """Drop what a new depth, width or widths replaces."""
    if settings.get("model.widths"):
        model.pop("depth")
        model.pop("width")
    model.pop("widths", None)


def _without_negative_zero(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_negative_zero(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_negative_zero(item) for item in value]
    return value + 0.0 if isinstance(value, float) else value


def _problems(error: ValidationError) -> list[Problem]:
    """The errors of pydantic in our words, one for each field."""
    problems: dict[str, Problem] = {}
    for item in error.errors():
        location = [str(part) for part in item["loc"]]
        path = ".".join(part for part in location if not part.startswith(("literal[", "constrained-int", "int")))
        message = item["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
        if item["type"] == "extra_forbidden":
            message = unknown_name("setting", path, SETTINGS)
        if path in problems:  # one field, several allowed forms: say all that were tried
            message = f"{problems[path].message}; or: {message}"
        else:
            message = message if item["type"] == "extra_forbidden" else f"{message}{_given(item.get('input'))}"
        problems[path] = Problem(path, message)
    return list(problems.values())


def _given(value: object) -> str:
    return f" (given: {value!r})" if isinstance(value, str | int | float | bool) else ""
