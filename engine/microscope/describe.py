"""From what was heard of a layer to its signals and updates, each with its formula."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from torch import Tensor

from engine.catalog import ACTIVATIONS, BLOCKS, OUTPUT_ACTIVATIONS
from engine.events import Floats
from engine.microscope.listening import Heard, Passage
from engine.microscope.records import LayerStep, Signal, Update
from engine.network.activated import PostActivation, PreActivation
from engine.network.activations import Activation
from engine.network.block import Layer
from engine.network.costs import BinaryCrossEntropy, Cost, CrossEntropy
from engine.network.joints import Residual
from engine.network.layers import Affine
from engine.network.network import Network
from engine.network.parameters import Parameter
from engine.network.recurrent import Recurrent

_ABOVE = "from the layer above"
_BATCH_NORM = "gamma (a - mean) / sqrt(var + eps) + beta"
_BELOW = "what enters"

_SYMBOLS = {"weight": "W", "bias": "b", "gamma": "gamma", "beta": "beta", "slope": "a", "inner bias": "b_n"}

Describe = Callable[[Parameter, str, str], Update]
"""Makes an update of a parameter, its symbol, and the formula of its gradient."""


def describe_layers(network: Network, heard: Heard, describe: Describe) -> tuple[LayerStep, ...]:
    """All layers of a network with one member, in the order of the forward pass.

    Args:
        network: whose last step was heard.
        heard: what was heard.
        describe: tells what became of a parameter.
    """
    layers = []
    for layer in network.layers:
        whole = heard.layers[id(layer)]
        forward = [*_forward(network, layer, heard)]
        backward = [*_backward(network, layer, heard)]
        gradients = _gradient_formulas(layer)
        updates = [describe(p, _symbol(layer, p), gradients[p.name]) for p in layer.own_parameters]
        activation = "" if layer.activation is None else str(layer.activation.pick)
        shapes = forward[0].values.shape[1:], (forward[-1].values if whole.left is None else array(whole.left)).shape[1:]
        layers.append(LayerStep(layer.name, layer.kind, activation, *shapes, tuple(forward), tuple(backward), tuple(updates)))
    return tuple(layers)


def array(x: Tensor) -> Floats:
    """`[1, …]` on any device as an array of its own without the first axis."""
    values: Floats = x[0].detach().to("cpu").numpy().astype(np.float64)
    return values


def _in_time(x: Tensor) -> Floats:
    """`[1, T, B, …]` as `[B, T, …]`."""
    return np.ascontiguousarray(array(x).swapaxes(0, 1))


# --- signals -----------------------------------------------------------------


def _forward(network: Network, layer: Layer, heard: Heard) -> Iterator[Signal]:
    whole, active, norm = heard.layers[id(layer)], heard.activations.get(id(layer)), heard.norms.get(id(layer))
    yield from _signal("x", _BELOW, whole.entered)
    if isinstance(layer, Recurrent):
        yield Signal("z", _recurrent_formula(layer), _in_time(heard.gates[id(layer)]))
        assert whole.states is not None
        yield Signal("h", BLOCKS[layer.kind].formula, _in_time(whole.states))
        return
    if layer is network.output:
        assert heard.outputs is not None
        yield from _signal("z", _affine_formula(layer), heard.cost.entered)
        assert layer.activation is not None
        yield Signal("h", _activation_formula(layer.activation), array(heard.outputs))
        return
    if active is None:
        yield from _signal("h", BLOCKS[layer.kind].formula.replace("y =", "h ="), whole.left)
        return
    if isinstance(layer, PostActivation) and norm is not None:
        yield from _signal("a", _affine_formula(layer).replace("z =", "a ="), norm.entered)
    yield from _signal("z", _z_formula(layer, normed=norm is not None), active.entered)
    assert layer.activation is not None
    yield from _signal("h", _activation_formula(layer.activation), active.left)
    if isinstance(layer, PreActivation):
        yield from _signal("y", _affine_formula(layer).replace("z = x", "y = h"), whole.left)
    elif _dropped(active, whole):
        yield from _signal("y", "h with units dropped, the others scaled by 1 / (1 - rate)", whole.left)


def _backward(network: Network, layer: Layer, heard: Heard) -> Iterator[Signal]:
    whole, active, norm = heard.layers[id(layer)], heard.activations.get(id(layer)), heard.norms.get(id(layer))
    if layer is network.output:
        yield from _of_output(layer, network.cost, heard)
    elif isinstance(layer, Recurrent):
        yield from _signal("dC/dy", f"at the states handed on, {_ABOVE}", whole.grad_left)
        assert whole.delta is not None
        yield Signal("dC/dz", "back through time, of all gates", _in_time(whole.delta))
    elif active is None:
        yield from _signal("dC/dh", _ABOVE, whole.grad_left)
    else:
        through_affine = isinstance(layer, PreActivation)
        if through_affine or _dropped(active, whole):
            yield from _signal("dC/dy", _ABOVE, whole.grad_left)
            below = "dC/dy Wᵀ" if through_affine else "dC/dy of the units that were not dropped, scaled"
            yield from _signal("dC/dh", below, active.grad_left)
        else:
            yield from _signal("dC/dh", _ABOVE, active.grad_left)
        yield from _signal("f'(z)", "slope of the activation", active.slope)
        yield from _signal("dC/dz", "dC/dh f'(z)", active.grad_entered)
        if norm is not None and not through_affine:
            yield from _signal("dC/da", "dC/dz back through batch norm", norm.grad_entered)
    yield from _signal("dC/dx", _entering_formula(layer, normed=norm is not None), whole.grad_entered)


def _of_output(layer: Layer, cost: Cost, heard: Heard) -> Iterator[Signal]:
    """The gradients at the outputs. A canonical cost goes to dC/dz at once; dC/dh is then what its formula says."""
    assert heard.outputs is not None
    assert heard.targets is not None
    active = heard.activations[id(layer)]
    h, y = array(heard.outputs), array(heard.targets)
    with np.errstate(divide="ignore", invalid="ignore"):
        match cost:
            case CrossEntropy():
                onehot = (np.arange(h.shape[1]) == y).astype(np.float64)
                yield Signal("dC/dh", "-y / (B h), y one-hot", np.where(onehot > 0, -onehot / h, 0.0) / len(h))
                slope, chained = h * (1 - h), "(h - y) / B: dC/dh times the matrix dh/dz"
            case BinaryCrossEntropy():
                yield Signal("dC/dh", "(h - y) / (h (1 - h) B C)", (h - y) / (h * (1 - h)) / h.size)
                slope, chained = h * (1 - h), "(h - y) / (B C): dC/dh f'(z)"
            case _:
                yield from _signal("dC/dh", "slope of the cost, / B", active.grad_left)
                assert active.slope is not None
                matrix = layer.activation is not None and layer.activation.pick.kind == "softmax"
                slope, chained = array(active.slope), "dC/dh times the matrix dh/dz" if matrix else "dC/dh f'(z)"
    assert layer.activation is not None
    diagonal = layer.activation.pick.kind == "softmax"
    yield Signal("f'(z)", "h (1 - h), diagonal of dh/dz" if diagonal else "slope of the activation", slope)
    yield from _signal("dC/dz", chained, heard.cost.grad_entered)


def _signal(symbol: str, formula: str, values: Tensor | None) -> Iterator[Signal]:
    if values is not None:
        yield Signal(symbol, formula, array(values))


def _dropped(active: Passage, whole: Passage) -> bool:
    """Whether dropout came between the activation and what left the layer."""
    assert active.left is not None
    assert whole.left is not None
    return active.left.shape == whole.left.shape and not bool((active.left == whole.left).all())


# --- formulas ----------------------------------------------------------------


def _activation_formula(activation: Activation) -> str:
    values = ", ".join(f"{name} {value:g}" for name, value in activation.pick.parameters.items())
    kind = activation.pick.kind
    return (ACTIVATIONS.get(kind) or OUTPUT_ACTIVATIONS[kind]).formula + (f" ({values})" if values else "")


def _affine_formula(layer: Layer) -> str:
    assert isinstance(layer, PostActivation | PreActivation)
    product = "x W" if isinstance(layer.affine, Affine) else "x * W"
    return f"z = {product}" + (" + b" if layer.affine.bias is not None else "")


def _z_formula(layer: Layer, *, normed: bool) -> str:
    if isinstance(layer, PostActivation):
        return f"z = {_BATCH_NORM}" if normed else _affine_formula(layer)
    if isinstance(layer, Residual):
        return f"z = {'P x' if layer.projection is not None else 'x'} + F(x)"
    return f"z = {_BATCH_NORM.replace('a - mean', 'x - mean')}" if normed else "z = x"


def _recurrent_formula(layer: Recurrent) -> str:
    gates = {"rnn": "", "gru": ", of the gates r, u, n", "lstm": ", of the gates i, f, o, g"}[layer.kind]
    return f"z_t = x_t W + h_t-1 U + b{gates}"


def _entering_formula(layer: Layer, *, normed: bool) -> str:
    match layer:
        case PostActivation():
            delta = "dC/da" if normed else "dC/dz"
            return f"{delta} Wᵀ" if isinstance(layer.affine, Affine) else f"{delta} * W turned round"
        case PreActivation():
            return "dC/dz back through batch norm" if normed else "dC/dz"
        case Residual():
            return "dC/dz back through F, + dC/dz" + (" Pᵀ" if layer.projection is not None else "")
        case Recurrent():
            return "dC/dz Wᵀ of each step"
        case _:
            return "dC/dh back through the block"


def _gradient_formulas(layer: Layer) -> Mapping[str, str]:
    """The formula of each learned tensor's gradient, by the tensor's name."""
    delta, x = "dC/dz", "x"
    if isinstance(layer, PreActivation):
        delta, x = "dC/dy", "h"
    elif isinstance(layer, PostActivation) and layer.norm is not None:
        delta = "dC/da"
    total = "sum over steps of " if isinstance(layer, Recurrent) else ""
    weight = f"{total}{x}ᵀ {delta}"
    if isinstance(layer, Recurrent):
        weight = "sum over steps of [x_t, h_t-1]ᵀ dC/dz"
    elif isinstance(layer, PostActivation | PreActivation) and not isinstance(layer.affine, Affine):
        weight = f"{x} * {delta}, over examples and places"
    normalized = "(x - mean) / sqrt(var + eps)" if not isinstance(layer, PostActivation) else "(a - mean) / sqrt(var + eps)"
    at_norm = "dC/dh" if layer.activation is None else "dC/dz"
    return {
        "weight": weight,
        "bias": f"sum of {delta}",
        "gamma": f"sum of {at_norm} {normalized}",
        "beta": f"sum of {at_norm}",
        "slope": "sum of dC/dh min(z, 0)",
        "inner bias": "sum over steps of r dC/dz_n",
    }


def _symbol(layer: Layer, parameter: Parameter) -> str:
    return "P" if isinstance(layer, Residual) and parameter.name == "weight" else _SYMBOLS[parameter.name]
