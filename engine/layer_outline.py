"""The layers of a network before it is made: their shapes, parameters and arithmetic, as `engine.network.assemble` makes them.

Needs no torch. All numbers are those of one member and one example.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from engine.catalog import BlockPick, Pick
from engine.data_outline import DataOutline, Shape
from engine.experiment import Experiment
from engine.network.head import output_width, resolve_cost, resolve_output
from engine.network.plan import RECURRENT_GATES, Planned, leaving, plan
from engine.parts import Model

_KEPT_BY_RECURRENT = {"rnn": 1, "gru": 5, "lstm": 7}
"""Numbers of each unit and step that are kept for the backward pass: states, gates, and what gates and cells need besides."""
_PLAIN, _PRE, _BARE = "plain", "pre", "bare"
"""How a layer of units is put together, see `engine.network.assemble`."""


@dataclass(frozen=True, slots=True)
class LayerOutline:
    """A block of a network, or its output layer."""

    name: str
    kind: str
    text: str
    """The block as it is written, without those that it holds."""
    inputs: Shape
    outputs: Shape
    parameters: int
    """Those of inner blocks included, as in all that follows."""
    forward: int
    """Floating-point operations of the products in the forward pass; an addition and a multiplication are two."""
    backward: int
    kept: int
    """Numbers that are kept from the forward pass for the backward pass."""
    activation: str = ""
    batch_norm: bool = False
    dropout: float = 0.0
    projected: bool = False
    chains: tuple[tuple[LayerOutline, ...], ...] = ()


def network_layers(experiment: Experiment, data: DataOutline) -> tuple[LayerOutline, ...]:
    """The layers from the input to the output. Raises ConfigurationError where one does not fit."""
    model = experiment.model
    shape = data.shape if model.blocks else (prod(data.shape),)
    planned = plan(model, shape)
    layers = _chain(model, planned, first=True)
    cost = resolve_cost(experiment, data.task)
    width = output_width(cost, data.task, data.classes)
    entering = prod(leaving(planned, shape))
    products = entering * width
    output = LayerOutline(
        name="output",
        kind="output",
        text="output",
        inputs=(entering,),
        outputs=(width,),
        parameters=products + width,
        forward=2 * products,
        backward=_back(products, products, first=not any(map(_is_measured, planned))),
        kept=width,
        activation=resolve_output(experiment, cost).kind,
    )
    return (*layers, output)


def _chain(model: Model, planned: Sequence[Planned], *, first: bool, form: str = _PLAIN) -> tuple[LayerOutline, ...]:
    layers: list[LayerOutline] = []
    for position, block in enumerate(planned):
        own = _PLAIN if form == _BARE and position < len(planned) - 1 else form
        layers.append(_layer(model, block, first=first, form=own))
        first = first and not _is_measured(block)
    return tuple(layers)


def _is_measured(block: Planned) -> bool:
    """Whether the gradient behind a block is wanted: only an arrangement of the same numbers can do without."""
    return block.pick.kind != "flatten"


def _layer(model: Model, block: Planned, *, first: bool, form: str) -> LayerOutline:
    match block.pick.kind:
        case "dense" | "conv":
            return _units(model, block, first=first, form=form)
        case "rnn" | "gru" | "lstm":
            return _recurrent(block, first=first)
        case "residual" | "split":
            return _holding(model, block, first=first)
        case _:
            return _single(model, block)


def _units(model: Model, block: Planned, *, first: bool, form: str) -> LayerOutline:
    pick, before = block.pick, form == _PRE
    activation = Pick("identity") if form == _BARE else pick.pick("activation", model.activation)
    pieces = int(activation.parameters.get("pieces", 1))
    normed = model.normed(pick)
    own_rate = pick.values["dropout"]
    rate = own_rate if isinstance(own_rate, int | float) else model.dropout
    shift = _channels(block.outputs) * pieces
    if not normed:
        shifts = shift
    elif before:  # of what comes in, besides the shift of the affine map
        shifts = shift + 2 * (prod(block.inputs) if pick.kind == "dense" else _channels(block.inputs))
    else:
        shifts = 2 * shift
    passed = prod(block.inputs) if before else prod(block.outputs) * pieces
    return LayerOutline(
        name=block.name,
        kind=pick.kind,
        text=str(pick),
        inputs=block.inputs,
        outputs=block.outputs,
        parameters=block.weights + shifts + _learned(activation),
        forward=2 * block.products,
        backward=_back(block.products, block.products, first=first and not before),
        kept=prod(block.outputs) + passed * (normed + (rate > 0)),
        activation="" if activation.kind == "identity" else activation.kind,
        batch_norm=normed,
        dropout=float(rate),
    )


def _recurrent(block: Planned, *, first: bool) -> LayerOutline:
    pick = block.pick
    width, gates = pick.whole("width"), RECURRENT_GATES[pick.kind]
    steps = block.products // block.weights
    of_input = block.products - steps * width * width * gates
    inner_bias = width if pick.kind == "gru" else 0
    return LayerOutline(
        name=block.name,
        kind=pick.kind,
        text=str(pick),
        inputs=block.inputs,
        outputs=block.outputs,
        parameters=block.weights + width * gates + inner_bias,
        forward=2 * block.products,
        backward=_back(block.products, of_input, first=first),
        kept=steps * width * _KEPT_BY_RECURRENT[pick.kind],
    )


def _holding(model: Model, block: Planned, *, first: bool) -> LayerOutline:
    """A block that holds others: fast forward, or split and merge."""
    pick = block.pick
    form, activation = _PLAIN, Pick("identity")
    if pick.kind == "residual":
        plain = pick.word("form") == "plain"
        form = _BARE if plain else _PRE
        last = pick.chains[0][-1]
        if plain:
            activation = last.pick("activation", model.activation) if last.kind in ("dense", "conv") else model.activation
    chains = tuple(_chain(model, chain, first=first, form=form) for chain in block.chains)
    inner = [layer for chain in chains for layer in chain]
    planned = [each for chain in block.chains for each in chain]
    products = block.products - sum(each.products for each in planned)
    return LayerOutline(
        name=block.name,
        kind=pick.kind,
        text=_own_text(pick),
        inputs=block.inputs,
        outputs=block.outputs,
        parameters=block.weights
        - sum(each.weights for each in planned)
        + _learned(activation)
        + sum(layer.parameters for layer in inner),
        forward=2 * block.products,
        backward=_back(products, products, first=first) + sum(layer.backward for layer in inner),
        kept=prod(block.outputs) + sum(layer.kept for layer in inner),
        activation="" if activation.kind == "identity" else activation.kind,
        projected=block.projected,
        chains=chains,
    )


def _single(model: Model, block: Planned) -> LayerOutline:
    """A block without weights, or with few: pooling, dropout, batch norm, an activation, flatten."""
    pick = block.pick
    activation = pick.pick("kind", model.activation) if pick.kind == "activation" else Pick("identity")
    norm = 2 * _channels(block.inputs) if pick.kind == "batch_norm" else 0
    return LayerOutline(
        name=block.name,
        kind=pick.kind,
        text=str(pick),
        inputs=block.inputs,
        outputs=block.outputs,
        parameters=norm + _learned(activation),
        forward=0,
        backward=0,
        kept=0 if pick.kind == "flatten" else prod(block.outputs) * (2 if pick.kind == "batch_norm" else 1),
        activation="" if activation.kind == "identity" else activation.kind,
        batch_norm=pick.kind == "batch_norm",
        dropout=pick.number("rate") if pick.kind == "dropout" else 0.0,
    )


def _back(products: int, of_input: int, *, first: bool) -> int:
    """Operations of the gradients of weights, and of what came in unless nothing before it learns."""
    return 4 * products - (2 * of_input if first else 0)


def _channels(shape: Shape) -> int:
    """Units of flat numbers or of each step of a sequence, or channels of a picture."""
    return shape[0] if len(shape) != 2 else shape[1]


def _learned(activation: Pick) -> int:
    """Parameters of an activation."""
    return 1 if activation.kind == "prelu" else 0


def _own_text(pick: BlockPick) -> str:
    """A block that holds others, without them."""
    inside = ", ".join(f"{name}={value}" for name, value in pick.values.items())
    return f"{pick.kind}({inside})"
