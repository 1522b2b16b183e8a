"""Changes of an experiment that remedies are made of. Whether they are valid is tried out at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

from engine.catalog import OPTIMIZERS, BlockPick, Pick
from engine.catalog.block_text import blocks_text
from engine.errors import ConfigurationError
from engine.experiment import Experiment
from engine.insight import thresholds as bounds
from engine.insight.finding import Remedy
from engine.insight.rules.rule import GRADIENT_RATIO, Case, Change, number
from engine.insight.subject import SQUASHING

MOST_REMEDIES = 4
FAR = 5.0
"""Learning rates that differ by this factor are far from each other."""
SUITED = {
    "he": "He initialization",
    "xavier": "Xavier (Glorot) initialization",
    "lecun": "LeCun initialization",
}
"""Families of initializers that a remedy may name, by how their keys begin."""
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
    parts = round(1 / factor, 9)
    times = f"1/{parts:g} of" if factor < 1 and parts.is_integer() else f"{factor:g} times"
    return f"Learning rate {number(lr)}: {times} what it is", {"lr": f"{lr:.6g}"}


def usual_rate(case: Case) -> Iterator[Change]:
    """The optimizer's usual learning rate, where the experiment's is far from it."""
    usual = OPTIMIZERS[case.experiment.optimizer.kind].learning_rate
    if usual is not None and not 1 / FAR < usual / case.experiment.lr < FAR:
        yield f"The usual learning rate of {case.experiment.optimizer.kind}, {usual:g}", {"lr": f"{usual:g}"}


def lower_rates(case: Case) -> Iterator[Change]:
    """Lower learning rates; the usual one first where the experiment's is above it by far."""
    yield from lower_rate(case)
    yield rate(case, 0.1)
    yield rate(case, 0.01)
    usual = OPTIMIZERS[case.experiment.optimizer.kind].learning_rate
    if usual is not None and usual < case.experiment.lr:
        yield from usual_rate(case)


def lower_rate(case: Case) -> Iterator[Change]:
    """A tenth of the learning rate, or the usual one where that is still further down."""
    usual = OPTIMIZERS[case.experiment.optimizer.kind].learning_rate
    if usual is not None and case.experiment.lr > bounds.USUAL_FIRST * usual:
        yield from usual_rate(case)
    else:
        yield rate(case, 0.1)


def higher_rates(case: Case) -> Iterator[Change]:
    """Higher learning rates; the usual one first where the experiment's is below it by far."""
    usual = OPTIMIZERS[case.experiment.optimizer.kind].learning_rate
    far = usual is not None and usual > bounds.USUAL_FIRST * case.experiment.lr
    if far:
        yield from usual_rate(case)
    yield rate(case, 10)
    yield rate(case, 100)
    if usual is not None and usual > case.experiment.lr and not far:
        yield from usual_rate(case)


def but_of_the_rate(found: Iterable[Change]) -> Iterator[Change]:
    """Those changes that are of more than the learning rate."""
    return (change for change in found if set(change[1]) != {"lr"})


def activation(case: Case, name: str, title: str) -> Iterator[Change]:
    """Another activation with He initialization, also where blocks have their own; where it is there already, what suits it."""
    model = case.experiment.model
    if {pick.kind for pick in _picks(case.experiment, "activation", model.activation)} == {name}:
        yield from initializer(case)
    else:
        settings = {"model.activation": name, "model.init": "he_normal"}
        yield title, settings | _blocks(case.experiment, "activation", "init")


def relu(case: Case) -> Iterator[Change]:
    """ReLU with He."""
    yield from activation(case, "relu", "ReLU with He initialization")


def leaky_relu(case: Case) -> Iterator[Change]:
    """An activation under which no unit can die."""
    yield from activation(case, "leaky_relu", "Leaky ReLU, which never passes no gradient at all")


def initializer(case: Case) -> Iterator[Change]:
    """The initializer that keeps the variance under the network's activation, unless weights are drawn so already."""
    kind = case.experiment.model.activation.kind
    if kind == "selu":
        name, why = "lecun_normal", ", which SELU needs"
    elif kind in SQUASHING | {"hard_tanh", "identity"}:
        name, why = "xavier_uniform", f", which suits {kind}"
    else:
        name, why = "he_normal", f", which suits {kind}"
    family = name.partition("_")[0]
    used = _picks(case.experiment, "init", case.experiment.model.init)
    if {pick.kind.partition("_")[0] for pick in used} == {family}:
        if all(pick["gain"] == 1 for pick in used):
            return
        name, why = case.experiment.model.init.kind, " with its usual gain"
    yield f"{SUITED[family]}{why}", {"model.init": name} | _blocks(case.experiment, "init")


def batch_norm(case: Case) -> Change:
    """Batch norm in all layers that can have it."""
    return "Batch norm in the hidden layers", {"model.batch_norm": "true"} | _blocks(case.experiment, "batch_norm")


def adam(case: Case) -> Iterator[Change]:
    """Adam at its usual rate, unless it is Adam already."""
    if case.experiment.optimizer.kind != "adam":
        yield "Adam, whose steps do not depend on the size of the gradient", {"optimizer": "adam", "lr": "0.001"}


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


def vanishes(case: Case) -> bool:
    """Whether the figures of a case say that the gradient vanishes on its way down, so that no learning rate will do."""
    return GRADIENT_RATIO in case.figures and case.least(GRADIENT_RATIO) < bounds.VANISHING


def against_vanishing(case: Case) -> Iterator[Change]:
    """What lets the gradient get down to the first layer."""
    if case.experiment.model.activation.kind in SQUASHING | {"hard_tanh"}:
        yield from relu(case)
    else:
        yield from initializer(case)
    yield batch_norm(case)
    yield from residual(case)
    if case.experiment.model.activation.kind != "sigmoid":  # its slope is a quarter at most: no weights make up for it
        yield from initializer(case)
    yield from shallower(case)
    if case.experiment.optimizer.kind not in ADAPTIVE:
        yield from adam(case)


def _picks(experiment: Experiment, name: str, of_model: Pick) -> list[Pick]:
    """The model's activation or initializer, and those that blocks have of their own."""
    own = (block.values.get(name) for block in _walk(experiment.model.blocks))
    return [of_model, *(pick for pick in own if isinstance(pick, Pick))]


def _walk(blocks: Sequence[BlockPick]) -> Iterator[BlockPick]:
    """All blocks, however deep."""
    for block in blocks:
        yield block
        for chain in block.chains:
            yield from _walk(chain)


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
