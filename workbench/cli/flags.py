"""The settings of an experiment as command-line options: one table, from which options and help are made."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Annotated, Any, get_args

import typer

from engine.catalog import (
    ACTIVATIONS,
    BLOCKS,
    COSTS,
    DATASETS,
    INITIALIZERS,
    OPTIMIZERS,
    OUTPUT_ACTIVATIONS,
    PRETRAINING,
    SCHEDULES,
)
from engine.vocabulary import Watched

Setting = str | int | float | bool | list[str | int | float]
"""A setting as the command line gives it. Whether it is allowed is for the Experiment to say."""


class Kind(Enum):
    """How the text after an option is read."""

    TEXT = auto()
    NUMBER = auto()  # or a word such as auto or full
    NUMBERS = auto()  # several, with commas between
    WORDS = auto()  # several, with commas between
    MANY = auto()  # the option may be repeated
    SWITCH = auto()  # no text: --it or --no-it


class Group(StrEnum):
    """Under which head the help shows an option."""

    DATA = "Data"
    NETWORK = "Network"
    TRAINING = "Training"
    COURSE = "Stopping and keeping"
    ENSEMBLE = "Ensemble"
    MACHINE = "Machine"
    RUN = "Run"


@dataclass(frozen=True, slots=True)
class Flag:
    """One option of the command line and the setting that it gives."""

    option: str
    path: str
    group: Group
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

    def read(self, text: str | bool | list[str]) -> Setting:
        """The setting that was meant."""
        if isinstance(text, list):
            return [*text]
        if isinstance(text, str) and self.kind is Kind.NUMBER:
            return number_or_text(text)
        if isinstance(text, str) and self.kind is Kind.NUMBERS:
            return numbers(text)
        if isinstance(text, str) and self.kind is Kind.WORDS:
            return words(text)
        return text


def _one_of(names: Iterable[str]) -> str:
    return "one of " + ", ".join(names)


FLAGS = (
    Flag("--data", "data.name", Group.DATA, f"data to learn from: {_one_of(DATASETS)}; or the path of a CSV or NPZ file", "NAME"),
    Flag("--data-dir", "data.dir", Group.DATA, "folder of the dataset's files; without it they are downloaded or bundled", "FOLDER"),
    Flag("--target", "data.target", Group.DATA, "CSV only: the column to predict", "COLUMN"),
    Flag("--features", "data.features", Group.DATA, "inputs to keep, or with - before them to leave out, such as age,rooms or -id", "A,B,…", Kind.WORDS),
    Flag("--train-size", "data.train_size", Group.DATA, "learn from so many of the training examples", "N", Kind.NUMBER),
    Flag("--label-noise", "data.label_noise", Group.DATA, "share of the training examples that get another class at random", "SHARE", Kind.NUMBER),
    Flag("--validation", "data.validation", Group.DATA, "share of the training examples kept for validation", "SHARE", Kind.NUMBER),
    Flag("--samples", "data.samples", Group.DATA, "made-up sets only: examples made; of a set without an end those of an epoch", "N", Kind.NUMBER),
    Flag("--image-size", "data.image_size", Group.DATA, "image_folder only: side of the resized pictures", "N", Kind.NUMBER),
    Flag("--colour", "data.colour", Group.DATA, "image_folder only: grey or rgb", "NAME"),
    Flag("--depth", "model.depth", Group.NETWORK, "hidden layers; 0 is softmax, logistic or linear regression", "N", Kind.NUMBER),
    Flag("--width", "model.width", Group.NETWORK, "units in each hidden layer", "N", Kind.NUMBER),
    Flag("--widths", "model.widths", Group.NETWORK, "units of each hidden layer, such as 256,128,64; sets the depth", "N,N,…", Kind.NUMBERS),
    Flag("--blocks", "model.blocks", Group.NETWORK, f'any blocks instead of depth and width, such as "conv(16), max_pool, flatten, dense(64)"; kinds: {", ".join(BLOCKS)}', "TEXT"),
    Flag("--activation", "model.activation", Group.NETWORK, f"of the hidden layers: {_one_of(ACTIVATIONS)}", "NAME"),
    Flag("--output", "model.output", Group.NETWORK, f"activation of the output layer: {_one_of(OUTPUT_ACTIVATIONS)}", "NAME"),
    Flag("--init", "model.init", Group.NETWORK, f"first values of the weights: {_one_of(INITIALIZERS)}", "NAME"),
    Flag("--bias-init", "model.bias_init", Group.NETWORK, "first value of the biases", "X", Kind.NUMBER),
    Flag("--dropout", "model.dropout", Group.NETWORK, "share of hidden units switched off in each step; with selu it is alpha dropout, which keeps mean and variance", "SHARE", Kind.NUMBER),
    Flag("--batch-norm", "model.batch_norm", Group.NETWORK, "normalize between the affine map and the activation", "", Kind.SWITCH),
    Flag("--pretraining", "pretraining", Group.TRAINING, f"what the hidden layers learn before labels: {_one_of(PRETRAINING)}", "NAME"),
    Flag("--cost", "cost", Group.TRAINING, f"what training makes small: {_one_of(COSTS)}", "NAME"),
    Flag("--l1", "l1", Group.TRAINING, "lambda of the cost term lambda * sum |W|", "X", Kind.NUMBER),
    Flag("--l2", "l2", Group.TRAINING, "lambda of the cost term lambda * sum W^2", "X", Kind.NUMBER),
    Flag("--optimizer", "optimizer", Group.TRAINING, f"how the weights move: {_one_of(OPTIMIZERS)}", "NAME"),
    Flag("--lr", "lr", Group.TRAINING, "learning rate; without it the optimizer's usual one", "X", Kind.NUMBER),
    Flag("--schedule", "schedule", Group.TRAINING, f"how the learning rate changes: {_one_of(SCHEDULES)}", "NAME"),
    Flag("--batch-size", "batch_size", Group.TRAINING, "examples in a step; full: all of them", "N|full", Kind.NUMBER),
    Flag("--epochs", "epochs", Group.TRAINING, "passes over the training data", "N", Kind.NUMBER),
    Flag("--steps", "steps", Group.TRAINING, "updates of the weights, however many epochs they take; with --epochs, whichever ends first", "N", Kind.NUMBER),
    Flag("--seed", "seed", Group.TRAINING, "of the first weights, the order of the data and dropout", "N", Kind.NUMBER),
    Flag("--callback", "callbacks", Group.TRAINING, "a callback of your own by its import path; repeatable", "MODULE:CLASS", Kind.MANY),
    Flag("--patience", "stop.patience", Group.COURSE, "stop after so many epochs without improvement", "N", Kind.NUMBER),
    Flag("--min-delta", "stop.min_delta", Group.COURSE, "an improvement is more than this", "X", Kind.NUMBER),
    Flag("--restore-best", "stop.restore_best", Group.COURSE, "end with the weights of the best epoch when stopped early, which is the default", "", Kind.SWITCH),
    Flag("--stop-at", "stop.target", Group.COURSE, "stop when the watched figure gets there", "X", Kind.NUMBER),
    Flag("--watch", "stop.monitor", Group.COURSE, f"the figure that these and --keep-best go by: {_one_of(get_args(Watched))}", "FIGURE"),
    Flag("--checkpoint-every", "checkpoint.every", Group.COURSE, "epochs between checkpoints that are kept; auto: the latest, each minute and at the end; never", "N|auto", Kind.NUMBER),
    Flag("--keep-best", "checkpoint.best", Group.COURSE, "keep the best epoch as a checkpoint, too", "", Kind.SWITCH),
    Flag("--ensemble", "ensemble.members", Group.ENSEMBLE, "train K networks whose answers are combined", "K", Kind.NUMBER),
    Flag("--ensemble-by", "ensemble.by", Group.ENSEMBLE, "in what they differ: seed, bagging (bootstrap samples) or disjoint (parts of the training examples)", "NAME"),
    Flag("--device", "device", Group.MACHINE, "auto, cpu, cuda or cuda:N", "NAME"),
    Flag("--dtype", "dtype", Group.MACHINE, "float32 or float64", "NAME"),
    Flag("--threads", "threads", Group.MACHINE, "CPU threads; auto: one unless a step has much arithmetic", "N|auto", Kind.NUMBER),
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


def words(text: str) -> list[str | int | float]:
    """The words of a text with commas between them."""
    return [item.strip() for item in text.split(",") if item.strip()]


def list_reader(path: str) -> Callable[[str], list[str | int | float]] | None:
    """What reads the text of a setting that is a list; None of one that is something else."""
    readers = {Kind.NUMBERS: numbers, Kind.WORDS: words, Kind.MANY: words}
    return next((readers.get(flag.kind) for flag in FLAGS if flag.path == path), None)


def experiment_flags(command: Callable[..., None], flags: Sequence[Flag] = FLAGS) -> Callable[..., None]:
    """Give a command one option for each row of FLAGS, or of some of them, before its own options.

    The command's parameter `settings: Mapping[str, Setting]` receives those that were given, by dotted path.
    """
    own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "settings"]
    arguments = [p for p in own if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    options = [p for p in own if p.kind is inspect.Parameter.KEYWORD_ONLY]

    @functools.wraps(command)
    def with_settings(**values: Any) -> None:
        given = {flag.path: (flag, values.pop(flag.name)) for flag in flags}
        settings = {path: flag.read(text) for path, (flag, text) in given.items() if text is not None and text != []}
        command(settings=settings, **values)

    parameters = [*arguments, *map(_parameter, flags), *options]
    with_settings.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_settings.__annotations__ = {p.name: p.annotation for p in parameters}
    return with_settings


def _parameter(flag: Flag) -> inspect.Parameter:
    kinds: dict[Kind, Any] = {Kind.SWITCH: bool | None, Kind.MANY: list[str] | None}
    kind = kinds.get(flag.kind, str | None)
    option = typer.Option(
        flag.declaration, help=flag.help, metavar=flag.metavar or None, show_default=False, rich_help_panel=flag.group
    )
    return inspect.Parameter(flag.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind, option])


def option_of(path: str, given: Mapping[str, object]) -> str | None:
    """The option by which a setting was given, or None if it was not."""
    return next((flag.option for flag in FLAGS if flag.path == path and path in given), None)
