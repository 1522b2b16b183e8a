"""The settings of an experiment as command-line options: one table, from which options and help are made."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Annotated, Any

import typer

from engine.catalog import (
    ACTIVATIONS,
    COSTS,
    DATASETS,
    INITIALIZERS,
    OPTIMIZERS,
    OUTPUT_ACTIVATIONS,
    SCHEDULES,
)

Setting = str | int | float | bool | list[str | int | float]
"""A setting as the command line gives it. Whether it is allowed is for the Experiment to say."""


class Kind(Enum):
    """How the text after an option is read."""

    TEXT = auto()
    NUMBER = auto()  # or a word such as auto or full
    NUMBERS = auto()  # several, with commas between
    SWITCH = auto()  # no text: --it or --no-it


@dataclass(frozen=True, slots=True)
class Flag:
    """One option of the command line and the setting that it gives."""

    option: str
    path: str
    help: str
    metavar: str
    kind: Kind = Kind.TEXT

    @property
    def name(self) -> str:
        """The option as the name of a Python parameter."""
        return self.option.removeprefix("--").replace("-", "_")

    @property
    def declaration(self) -> str:
        """The option as Typer is told of it."""
        return f"{self.option}/--no-{self.option.removeprefix('--')}" if self.kind is Kind.SWITCH else self.option

    def read(self, text: str | bool) -> Setting:
        """The setting that was meant."""
        if isinstance(text, str) and self.kind is Kind.NUMBER:
            return number_or_text(text)
        if isinstance(text, str) and self.kind is Kind.NUMBERS:
            return numbers(text)
        return text


def _one_of(names: Iterable[str]) -> str:
    return "one of " + ", ".join(names)


FLAGS = (
    Flag("--data", "data.name", f"data to learn from: {_one_of(DATASETS)}; or the path of a CSV file", "NAME"),
    Flag("--data-dir", "data.dir", "folder of the dataset's files; without it they are downloaded or bundled", "FOLDER"),
    Flag("--target", "data.target", "CSV only: the column to predict", "COLUMN"),
    Flag("--validation", "data.validation", "share of the training examples kept for validation", "SHARE", Kind.NUMBER),
    Flag("--depth", "model.depth", "hidden layers; 0 is softmax, logistic or linear regression", "N", Kind.NUMBER),
    Flag("--width", "model.width", "units in each hidden layer", "N", Kind.NUMBER),
    Flag("--widths", "model.widths", "units of each hidden layer, such as 256,128,64; sets the depth", "N,N,…", Kind.NUMBERS),
    Flag("--activation", "model.activation", f"of the hidden layers: {_one_of(ACTIVATIONS)}", "NAME"),
    Flag("--output", "model.output", f"activation of the output layer: {_one_of(OUTPUT_ACTIVATIONS)}", "NAME"),
    Flag("--init", "model.init", f"first values of the weights: {_one_of(INITIALIZERS)}", "NAME"),
    Flag("--bias-init", "model.bias_init", "first value of the biases", "X", Kind.NUMBER),
    Flag("--dropout", "model.dropout", "share of hidden units switched off in each step", "SHARE", Kind.NUMBER),
    Flag("--batch-norm", "model.batch_norm", "normalize between the affine map and the activation", "", Kind.SWITCH),
    Flag("--cost", "cost", f"what training makes small: {_one_of(COSTS)}", "NAME"),
    Flag("--l1", "l1", "lambda of the cost term lambda * sum |W|", "X", Kind.NUMBER),
    Flag("--l2", "l2", "lambda of the cost term lambda * sum W^2", "X", Kind.NUMBER),
    Flag("--optimizer", "optimizer", f"how the weights move: {_one_of(OPTIMIZERS)}", "NAME"),
    Flag("--lr", "lr", "learning rate; without it the optimizer's usual one", "X", Kind.NUMBER),
    Flag("--schedule", "schedule", f"how the learning rate changes: {_one_of(SCHEDULES)}", "NAME"),
    Flag("--batch-size", "batch_size", "examples in a step; full: all of them", "N|full", Kind.NUMBER),
    Flag("--epochs", "epochs", "passes over the training data", "N", Kind.NUMBER),
    Flag("--steps", "steps", "updates of the weights, however many epochs they take; with --epochs, whichever ends first", "N", Kind.NUMBER),
    Flag("--seed", "seed", "of the first weights, the order of the data and dropout", "N", Kind.NUMBER),
    Flag("--device", "device", "auto, cpu, cuda or cuda:N", "NAME"),
    Flag("--dtype", "dtype", "float32 or float64", "NAME"),
    Flag("--threads", "threads", "CPU threads; auto: one unless a step has much arithmetic", "N|auto", Kind.NUMBER),
)  # fmt: skip
"""A choice with parameters is written with them: `--activation "leaky_relu(slope=0.1)"`."""


def number_or_text(text: str) -> int | float | str:
    """The number that a text writes, or the text as it is."""
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def numbers(text: str) -> list[str | int | float]:
    """The numbers that a text writes with commas between them."""
    return [number_or_text(item.strip()) for item in text.split(",") if item.strip()]


def takes_numbers(path: str) -> bool:
    """Whether a setting is a list of numbers."""
    return any(flag.path == path and flag.kind is Kind.NUMBERS for flag in FLAGS)


def experiment_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option for each row of FLAGS, before its own options.

    The command's parameter `settings: Mapping[str, Setting]` receives those that were given, by dotted path.
    """
    own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "settings"]
    arguments = [p for p in own if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    options = [p for p in own if p.kind is inspect.Parameter.KEYWORD_ONLY]

    @functools.wraps(command)
    def with_settings(**values: Any) -> None:
        given = {flag.path: (flag, values.pop(flag.name)) for flag in FLAGS}
        settings = {path: flag.read(text) for path, (flag, text) in given.items() if text is not None}
        command(settings=settings, **values)

    parameters = [*arguments, *map(_parameter, FLAGS), *options]
    with_settings.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_settings.__annotations__ = {p.name: p.annotation for p in parameters}
    return with_settings


def _parameter(flag: Flag) -> inspect.Parameter:
    kind: Any = bool | None if flag.kind is Kind.SWITCH else str | None
    option = typer.Option(flag.declaration, help=flag.help, metavar=flag.metavar or None, show_default=False)
    return inspect.Parameter(flag.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind, option])


def option_of(path: str, given: Mapping[str, object]) -> str | None:
    """The option by which a setting was given, or None if it was not."""
    return next((flag.option for flag in FLAGS if flag.path == path and path in given), None)
