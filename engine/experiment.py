"""The description of one training: frozen, validated, and the same as TOML, JSON, flags or form.

No torch is needed to make one.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import tomli_w
from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from engine.catalog import OPTIMIZERS, Pick, unknown_name
from engine.errors import ConfigurationError, Problem
from engine.nested import take_out, value_at, without_negative_zero
from engine.parts import (
    IMAGE_FOLDER,
    MOST_EPOCHS,
    ONLINE,
    Checkpoint,
    CostPick,
    Count,
    Data,
    Ensemble,
    Model,
    Monitor,
    OptimizerPick,
    Part,
    PretrainingPick,
    SchedulePick,
    Stop,
    cost_output_problem,
)
from engine.problems import problems_of

SETTINGS_OUTSIDE_THE_HASH = ("seed", "device", "threads", "data.dir", "ensemble.member", "checkpoint")
"""Where and from which seed an experiment runs, and what is kept of it on disk, does not make it another experiment."""

LATER_SETTINGS = (
    *(f"data.{name}" for name in ("image_size", "colour", "train_size", "features", "label_noise", "inputs")),
    *(f"model.{name}" for name in ("blocks", "bias_std", "batch_norm_eps")),
    "pretraining",
    "callbacks",
    *("monitor.distributions", "monitor.jacobian", "stop", "ensemble"),
)
"""Settings that came after histories had been written. While they have their defaults the hash is as it was without them."""

DATA_SETTINGS_OF_ONE_SET = (
    "dir", "target", "task", "samples", "noise", "inputs", "image_size", "colour", "features", "train_size",
)  # fmt: skip
"""Settings of the data that do not carry over to another dataset."""

DEFAULT_EPOCHS = 30


class Experiment(Part):
    """One training, described in full. Two equal experiments give equal numbers."""

    data: Data = Data()
    model: Model = Model()
    pretraining: PretrainingPick = Field(
        Pick("none"), validate_default=True, title="Pre-training", description="what the hidden layers learn before labels"
    )
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
    batch_size: Literal["full"] | Count = Field(
        64, title="Batch size", description="examples in a step; full: all of them; 1: one by one"
    )
    epochs: Annotated[int, Field(ge=1, le=MOST_EPOCHS)] | None = Field(
        None, title="Epochs", description=f"passes over the training data ({DEFAULT_EPOCHS} if steps are not given either)"
    )
    steps: Count | None = Field(None, title="Steps", description="updates of the weights; with epochs too, whichever ends first")
    seed: int = Field(0, ge=0, lt=2**63, title="Seed", description="of the first weights, the order of the data and dropout")
    device: str = Field("auto", title="Device", description="auto, cpu, cuda or cuda:N")
    dtype: Literal["float32", "float64"] = Field("float32", title="Precision", description="type of all numbers in the network")
    threads: Literal["auto"] | Annotated[int, Field(ge=1, le=1024)] = Field(
        "auto", title="Threads", description="CPU threads; auto: one unless a step has much arithmetic"
    )
    stop: Stop = Stop()
    ensemble: Ensemble = Ensemble()
    checkpoint: Checkpoint = Checkpoint()
    callbacks: tuple[str, ...] = Field(
        (), title="Callbacks", description="your own, by import path, such as my_module:MyCallback"
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
        if re.fullmatch(r"auto|cpu|cuda(:[0-9]{1,3})?", name):
            return name
        raise ValueError("must be auto, cpu, cuda or cuda:N, N being the number of a GPU")

    @field_validator("callbacks")
    @classmethod
    def _name_classes(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        for text in texts:
            if not re.fullmatch(r"\s*[A-Za-z_][\w.]*\s*:\s*[A-Za-z_]\w*\s*(\(.*\)\s*)?", text, re.DOTALL):
                raise ValueError(f"{text!r} must be written as module:Class or module:Class(name=value, ...)")
        return texts

    @model_validator(mode="after")
    def _cost_fits_output(self) -> Self:
        problem = cost_output_problem(self.cost.kind, self.model.output.kind)
        if problem:
            raise ValueError(problem)
        if self.model.normalizes_units and self.batch_size == 1:
            raise ValueError("batch_size 1 leaves nothing for batch norm to normalize; take at least 2")
        if self.schedule.kind == "on_plateau" and self.data.has_no_validation:
            raise ValueError("schedule on_plateau watches the validation cost; data.validation must be above 0")
        return self

    @model_validator(mode="after")
    def _course_fits(self) -> Self:
        stop, ensemble = self.stop, self.ensemble
        watches = stop.patience is not None or stop.target is not None or self.checkpoint.best
        if watches and stop.monitor.startswith("validation") and self.data.has_no_validation:
            train = stop.monitor.replace("validation", "train")
            raise ValueError(f"stop.monitor {stop.monitor} needs data.validation above 0; or watch {train}")
        if stop.target is not None and stop.monitor.endswith("accuracy") and not 0 < stop.target <= 1:
            raise ValueError(f"stop.target {stop.target:g} is no accuracy: they are shares from 0 to 1, such as 0.98")
        if ensemble.by != "seed" and self.data.name in ONLINE:
            raise ValueError(f"ensemble by {ensemble.by} needs training examples of a fixed number; {self.data.name} has no end")
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
            raise ConfigurationError(problems_of(error, cls, SETTINGS)) from None

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

        What only made sense for the old dataset takes its default with a new one, and so does the learning rate with a new
        optimizer, unless it was another than the old one's usual.

        Raises:
            ConfigurationError: a path is unknown or a value is not allowed.
        """
        values = self.to_dict()
        problems = [Problem(path, unknown_name("setting", path, SETTINGS)) for path in settings if path not in SETTINGS]
        if problems:
            raise ConfigurationError(problems)
        short = settings.keys() & {"model.depth", "model.width", "model.widths"}
        if settings.get("model.blocks") and any(settings[path] not in (None, (), []) for path in short):
            raise ConfigurationError.at(
                "model.blocks", f"blocks describe the whole network; leave {', '.join(sorted(short))} out"
            )
        if short or "model.blocks" in settings:
            _forget_other_form(values["model"], settings)
        if self.lr == OPTIMIZERS[self.optimizer.kind].learning_rate:
            values.pop("lr")  # nobody chose it: a new optimizer takes its own
        if settings.get("data.name", self.data.name) != self.data.name:
            for name in DATA_SETTINGS_OF_ONE_SET:
                values["data"].pop(name, None)
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
        default = type(self)().to_dict()
        outside = list(SETTINGS_OUTSIDE_THE_HASH)
        if self.data.name == IMAGE_FOLDER:
            outside.remove("data.dir")  # it names the data
        for path in outside:
            take_out(values, path)
            take_out(default, path)
        for path in LATER_SETTINGS:
            if value_at(values, path) == value_at(default, path):
                take_out(values, path)
        text = json.dumps(without_negative_zero(values), sort_keys=True, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


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
    if settings.get("model.widths") or settings.get("model.blocks"):
        model.pop("depth")
        model.pop("width")
    model.pop("widths", None)
    model.pop("blocks", None)
