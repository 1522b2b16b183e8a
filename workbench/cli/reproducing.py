"""The command line that trains given experiments again: the way back from what `workbench.cli.experiments` reads."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from engine.catalog import OPTIMIZERS, blocks_text
from engine.experiment import DEFAULT_EPOCHS, SETTINGS, Experiment
from engine.nested import value_at
from engine.population import whole_ensemble
from engine.training.stopping import idle_settings
from workbench.cli.flags import FLAGS, Flag, Kind, number_or_text

_COUNTED_OUT = ("ensemble.member",)
_ONE_NETWORK = ("model.depth", "model.width", "model.widths", "model.blocks")


def command(experiments: Sequence[Experiment]) -> str:
    """`workbench run` with the flags in which the experiments differ from the default one, quoted for a shell.

    Args:
        experiments: one; those of an ensemble; or several alike but for their seeds, which follow one another.
    """
    words = list(_words(whole_ensemble(experiments[0])))
    if len(experiments) > 1 and experiments[0].ensemble.members == 1:
        words += ["--seeds", str(len(experiments))]
    return shlex.join(["workbench", "run", *words])


def command_of_run(verb: str, run: int, db: Path, default_db: Path) -> str:
    """A command on a stored run, such as `workbench run --replay 3`; with the history where it is not the usual one."""
    words = ["workbench", *verb.split(), str(run)]
    return shlex.join(words if db.absolute() == default_db.absolute() else [*words, "--db", str(db)])


def _words(experiment: Experiment) -> Iterator[str]:
    flags = {flag.path: flag for flag in FLAGS}
    for path in _changed(experiment):
        value = _value(experiment, path)
        flag = flags.get(path)
        if flag is None:
            yield from ("--set", f"{path}={_assigned(value)}")
        else:
            yield from _flagged(flag, value)


def _changed(experiment: Experiment) -> Iterator[str]:
    """The settings that must be given, in the order of the flags, then those that have none."""
    values = experiment.to_dict()
    default = Experiment().to_dict()
    idle = {problem.path for problem in idle_settings(experiment)}
    order = [flag.path for flag in FLAGS]
    for path in sorted(SETTINGS, key=lambda path: order.index(path) if path in order else len(order)):
        if path in _COUNTED_OUT or path in idle:
            continue
        if path == "lr":
            given = experiment.lr != OPTIMIZERS[experiment.optimizer.kind].learning_rate
        elif path in ("epochs", "steps"):
            given = _gives(experiment, path)
        elif path in _ONE_NETWORK:
            given = path in _network_paths(experiment)
        else:
            given = value_at(values, path) != value_at(default, path)
        if given:
            yield path


def _gives(experiment: Experiment, path: str) -> bool:
    """Whether the end of training is to be given in epochs, or in steps. One of them alone takes the other away."""
    both = experiment.steps is not None and experiment.epochs is not None
    if path == "steps":
        return experiment.steps is not None
    return both or (experiment.steps is None and experiment.epochs != DEFAULT_EPOCHS)


def _network_paths(experiment: Experiment) -> tuple[str, ...]:
    """The settings that tell the network's layers."""
    model, usual = experiment.model, Experiment().model
    if model.blocks:
        return ("model.blocks",)
    if model.widths:
        return ("model.widths",)
    return tuple(f"model.{name}" for name in ("depth", "width") if getattr(model, name) != getattr(usual, name))


def _value(experiment: Experiment, path: str) -> Any:
    """A setting as the experiment has it; blocks and choices as their text."""
    if path == "model.blocks":
        return blocks_text(experiment.model.blocks)
    return value_at(experiment.to_dict(), path)


def _flagged(flag: Flag, value: Any) -> Iterator[str]:
    if flag.kind is Kind.SWITCH:
        yield flag.option if value else f"--no-{flag.option.removeprefix('--')}"
        return
    several = isinstance(value, list | tuple)
    texts = [str(item) for item in value] if several and flag.kind is Kind.MANY else [_joined(value) if several else _text(value)]
    for text in texts:
        if text.startswith("-"):
            yield f"{flag.option}={text}"
        else:
            yield from (flag.option, text)


def _joined(values: Sequence[Any]) -> str:
    return ",".join(map(_text, values))


def _text(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _assigned(value: Any) -> str:
    """A value as --set reads it: text that could be taken for something else in the quotes of TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_quoted(item) if isinstance(item, str) else _text(item) for item in value)}]"
    if not isinstance(value, str):
        return _text(value)
    plain = value.strip() == value and isinstance(number_or_text(value), str) and value.lower() not in ("true", "false")
    return value if plain and not value.startswith(("[", "{", '"', "'")) and value else _quoted(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
