"""The settings of an experiment as rows of a form, read off the experiment's own fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.catalog import REGISTRIES, Parameter, Registry
from engine.experiment import Experiment
from engine.parts import Part

SEEDS = "seeds"
"""Path of the one row that is no setting: how many members, with one seed each, are trained together."""

BLOCKS_PATH = "model.blocks"
"""Path of the row whose text describes the whole network."""

COUNTED_OUT = ("ensemble.member",)
"""Settings without a row: they are given to the networks of an ensemble one by one when it is trained."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Data": ("data.",),
    "Network": ("model.",),
    "Cost": ("cost", "l1", "l2"),
    "Training": ("pretraining", "optimizer", "lr", "schedule", "batch_size", "epochs", "steps"),
    "Stopping & keeping": ("stop.", "checkpoint.", "callbacks"),
    "Run": ("seed", "ensemble.", "device", "dtype", "threads"),
    "Measuring": ("monitor.",),
}
"""The groups of the form, each with the beginnings of its paths in their order."""

OTHERS = "Run"
"""The group that takes what no other names, so that a new setting shows."""

SUGGESTIONS: Mapping[str, tuple[str, ...]] = {
    "device": ("auto", "cpu", "cuda"),
    "model.blocks": (
        "2*dense(64), dropout(0.5)",
        "dense(64), 3*residual(dense(64), dense(64))",
        "split(dense(32) | dense(32), dense(16), join=concat)",
        "conv(16), max_pool, flatten, dense(64)",
        "gru(64, states=all), gru(64)",
        "2*lstm(64, states=all), lstm(64)",
    ),
}
"""Usual values and examples of settings that are free text."""

_DOUBLING = (
    "data.samples", "data.inputs", "data.train_size", "data.image_size", "model.width", "batch_size", "monitor.train_examples",
)  # fmt: skip
_BY_TWENTIETHS = ("data.noise", "model.bias_init", "model.bias_std", "stop.target")


class Kind(Enum):
    """How a row is edited."""

    CHOICE = auto()
    SWITCH = auto()
    NUMBER = auto()
    TEXT = auto()


class Pace(Enum):
    """How the arrow keys move a number."""

    ONE = auto()  # 1, 2, 3
    DOUBLE = auto()  # 16, 32, 64
    DECADE = auto()  # 0.001, 0.003, 0.01
    TWENTIETH = auto()  # 0.05, 0.1, 0.15


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the form."""

    path: str
    title: str
    help: str
    group: str
    kind: Kind
    options: tuple[str, ...] = ()  # what can be chosen, or words that a number may also be
    registry: Registry | None = None
    optional: bool = False  # may be left blank
    whole: bool = False
    pace: Pace = Pace.ONE
    parent: str = ""  # path of the choice that this parameter belongs to
    long: bool = False  # text that gets lines of its own where it does not fit beside the title


def fields_of(part: type[BaseModel] = Experiment, prefix: str = "") -> Iterator[Field]:
    """A row for each setting, in the order of their declaration."""
    for name, info in part.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, Part):
            yield from fields_of(kind, f"{prefix}{name}.")
        else:
            yield _field(f"{prefix}{name}", info)


def _field(path: str, info: FieldInfo) -> Field:
    kinds, words, optional = _alternatives(info.annotation)
    title, text = info.title or path, info.description or ""
    group = group_of(path)
    if path in REGISTRIES:
        registry = REGISTRIES[path]
        return Field(path, title, text, group, Kind.CHOICE, tuple(registry), registry)
    if bool in kinds:
        return Field(path, title, text, group, Kind.SWITCH, ("off", "on"))
    if kinds & {int, float}:
        whole = float not in kinds
        optional = optional or path == "lr"  # left blank, it is the optimizer's usual one
        return Field(path, title, text, group, Kind.NUMBER, words, None, optional, whole, _pace(path, info, whole=whole))
    if words:
        return Field(path, title, text, group, Kind.CHOICE, words)
    optional = optional or tuple in kinds
    return Field(path, title, text, group, Kind.TEXT, SUGGESTIONS.get(path, ()), optional=optional, long=optional)


def _alternatives(annotation: Any) -> tuple[set[Any], tuple[str, ...], bool]:
    """The plain types that a value may have, the words it may be, and whether it may be absent."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _alternatives(get_args(annotation)[0])
    if origin is Literal:
        return set(), tuple(str(word) for word in get_args(annotation)), False
    if origin is tuple:
        return {tuple}, (), False
    if origin not in (Union, UnionType):
        return {annotation}, (), False
    kinds: set[Any] = set()
    words: tuple[str, ...] = ()
    for member in get_args(annotation):
        more_kinds, more_words, _ = _alternatives(member)
        kinds |= more_kinds
        words += more_words
    return kinds - {NoneType}, words, NoneType in kinds


def _pace(path: str, info: FieldInfo, *, whole: bool) -> Pace:
    """Counts that come in powers of two double, shares go by twentieths, other real numbers by thirds of a decade."""
    if whole:
        return Pace.DOUBLE if path in _DOUBLING else Pace.ONE
    if path in _BY_TWENTIETHS:
        return Pace.TWENTIETH
    limits = [limit for item in info.metadata if (limit := getattr(item, "lt", getattr(item, "le", None))) is not None]
    return Pace.TWENTIETH if limits and min(limits) <= 1 else Pace.DECADE


def group_of(path: str) -> str:
    """The group in which a path is shown."""
    return next((group for group, starts in GROUPS.items() if path.startswith(starts)), OTHERS)


def number_text(number: float) -> str:
    """The number without a needless `.0`, and exactly: reading it gives the same number."""
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)


def parameter_field(parent: Field, parameter: Parameter) -> Field:
    """The row of a choice's parameter."""
    share = parameter.low >= 0 and parameter.high <= 1 and parameter.default >= 0.05
    whole = Pace.DOUBLE if parameter.name == "batch_size" else Pace.ONE
    pace = whole if parameter.whole else Pace.TWENTIETH if share else Pace.DECADE
    text = f"{parameter.help}; {parameter.range}"
    path = f"{parent.path}.{parameter.name}"
    return Field(path, parameter.name, text, parent.group, Kind.NUMBER, whole=parameter.whole, pace=pace, parent=parent.path)


SEEDS_FIELD = Field(
    SEEDS,
    "Members",
    "networks trained together, alike but for their seed: seed, seed + 1, ...; at least 1; an ensemble has its own",
    "Run",
    Kind.NUMBER,
    whole=True,
)


def _in_order() -> Iterator[Field]:
    """All rows group by group; the members stand beside the seed that they count from."""
    every = (*(field for field in fields_of() if field.path not in COUNTED_OUT), SEEDS_FIELD)
    for group, starts in GROUPS.items():
        yield from sorted((field for field in every if field.group == group), key=lambda field: _place(field.path, starts))


def _place(path: str, starts: tuple[str, ...]) -> int:
    return next((place for place, start in enumerate(starts) if path.startswith(start)), len(starts))


FIELDS: tuple[Field, ...] = tuple(_in_order())
"""All rows but the parameters of choices."""
