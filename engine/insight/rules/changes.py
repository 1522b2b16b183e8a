"""Changes of an experiment that remedies are made of. Whether they are valid is tried out at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

from engine.catalog import OPTIMIZERS, BlockPick
from engine.catalog.block_text import blocks_text
from engine.errors import ConfigurationError
from engine.experiment import Experiment
from engine.insight.finding import Remedy
from engine.insight.rules.rule import Case, Change, number
from engine.insight.subject import SQUASHING

MOST_REMEDIES = 4
FAR = 5.0
"""Learning rates that differ by this factor are far from each other."""
ADAPTIVE = ("adam", "adamw", "nadam", "rmsprop", "adagrad", "adadelta", "rprop")
"""Optimizers whose steps do not depend on the size of the gradient."""


def remedies(experiment: Experiment, changes: Iterable[Change]) -> tuple[Remedy, ...]:
    """Those changes that make another valid experiment."""
    found: list[Remedy] = []
    seen = [experiment]
    for title, settings in changes:
        try:
            changed = experiment.with_settings(dict(settings))
        except ConfigurationError:
            continue
        if changed not in seen:
            seen.append(changed)
            found.append(Remedy(title, tuple(settings.items())))
        if len(found) == MOST_REMEDIES:
            break
    return tuple(found)


def rate(case: Case, factor: float) -> Change:
    """Another learning rate."""
    lr = case.experiment.lr * factor
    title = f"Learning rate {number(lr)}: {f'{factor:g} times' if factor > 1 else f'1/{1 / factor:g} of'} what it is"
    return title, {"lr": f"{lr:.6g}"}


def usual_rate(case: Case) -> Iterator[Change]:
    """The optimizer's usual learning rate, where the experiment's is far from it."""
    usual = OPTIMIZERS[case.experiment.optimizer.kind].learning_rate
    if usual is not None and not 1 / FAR < usual / case.experiment.lr < FAR:
        yield f"The usual learning rate of {case.experiment.optimizer.kind}, {usual:g}", {"lr": f"{usual:g}"}


def activation(case: Case, name: str, init: str, title: str) -> Change:
    """Another activation with its initializer, also where blocks have their own."""
    settings = {"model.activation": name, "model.init": init}
    return title, settings | _blocks(case.experiment, "activation", "init")


def relu(case: Case) -> Change:
    """ReLU with He."""
    return activation(case, "relu", "he_normal", "ReLU with He initialization")


def initializer(case: Case) -> Change:
    """The initializer that keeps the variance under the network's activation."""
    kind = case.experiment.model.activation.kind
    if kind == "selu":
        name, title = "lecun_normal", "LeCun initialization, which SELU needs"
    elif kind in SQUASHING | {"hard_tanh", "identity"}:
        name, title = "xavier_uniform", f"Xavier (Glorot) initialization, which suits {kind}"
    else:
        name, title = "he_normal", f"He initialization, which suits {kind}"
    return title, {"model.init": name} | _blocks(case.experiment, "init")


def batch_norm(case: Case) -> Change:
    """Batch norm in all layers that can have it."""
    return "Batch norm in the hidden layers", {"model.batch_norm": "true"} | _blocks(case.experiment, "batch_norm")


def adam(_case: Case) -> Change:
    """Adam at its usual rate."""
    return "Adam, whose steps do not depend on the size of the gradient", {"optimizer": "adam", "lr": "0.001"}


def standardize(_case: Case) -> Change:
    """Inputs with mean 0 and variance 1."""
    return "Standardize the inputs", {"data.scaling": "standardize"}


def shallower(case: Case) -> Iterator[Change]:
    """Half as many layers."""
    model = case.experiment.model
    if not model.blocks and not model.widths and model.depth >= 4:
        yield f"{model.depth // 2} hidden layers instead of {model.depth}", {"model.depth": str(model.depth // 2)}


def residual(case: Case) -> Iterator[Change]:
    """The same depth out of residual blocks, through which the gradient passes unhindered."""
    model = case.experiment.model
    if not model.blocks and not model.widths and model.depth >= 5:
        pairs = (model.depth - 1) // 2
        block = f"residual(dense({model.width}), dense({model.width}), form=pre_activation)"
        yield f"{pairs} residual blocks", {"model.blocks": f"dense({model.width}), {pairs}*{block}"}


def _blocks(experiment: Experiment, *names: str) -> dict[str, str]:
    """The blocks with their own values of some parameters left out, so that the model's hold; nothing where there are none."""
    blocks = experiment.model.blocks
    changed = _without(blocks, names)
    return {"model.blocks": blocks_text(changed)} if changed != blocks else {}


def _without(blocks: Sequence[BlockPick], names: Sequence[str]) -> tuple[BlockPick, ...]:
    made = []
    for block in blocks:
        values = dict(block.values)
        if block.kind in ("dense", "conv"):
            values |= {name: "model" if name == "batch_norm" else None for name in names if name in values}
        chains = tuple(_without(chain, names) for chain in block.chains)
        made.append(replace(block, values=MappingProxyType(values), chains=chains))
    return tuple(made)
