"""Networks whose first weights are not random: all equal, or such that units copy what they are given. Needs no torch.

All that a layer holds is then a function of one number, the sum of the inputs or one of them, which is followed on many points of
its distribution. Plain chains of dense layers only.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod, sqrt
from statistics import NormalDist

import numpy as np

from engine.catalog import Pick
from engine.experiment import Experiment
from engine.insight.theory.at_the_top import Task, centre, gradients_of_one, softmax, targets_of
from engine.insight.theory.curves import Curve, Floats, curve
from engine.insight.theory.first_weights import COPYING, EQUAL
from engine.insight.theory.fluctuation import half
from engine.insight.theory.gradient import Gradient
from engine.insight.theory.inputs import Inputs
from engine.insight.theory.signal import Signal
from engine.insight.theory.trace import Beyond, Trace, Weights
from engine.network.plan import Planned, Shape, plan

_POINTS = 1024
_OTHERS = 64
"""Draws of the other outputs, for softmax."""
FEW = 0.3
"""Relative standard deviation from which on single numbers of a batch decide how large a figure is."""
LARGEST = 0.1
"""The same for the share that the largest of a thousand numbers has in the sum of their squares."""


@dataclass(frozen=True, slots=True)
class _Dense:
    name: str
    inputs: int
    width: int
    f: Curve
    pieces: int


def without_chance(experiment: Experiment, shape: Shape) -> bool:
    """Whether all weights of a network are equal and not 0, or all copy."""
    model = experiment.model
    kinds = {pick.kind for pick in _initializers(experiment, plan(model, shape))}
    equal = model.init.kind == EQUAL and model.init["value"] != 0
    return kinds == {model.init.kind} and (equal or model.init.kind == COPYING)


def traces_without_chance(experiment: Experiment, inputs: Inputs, batch: int, shape: Shape, task: Task) -> list[Trace] | Beyond:
    """What is expected of each layer, the output last, or why that is not known."""
    model = experiment.model
    layers = []
    if model.bias_std:
        return Beyond(f"theory follows {model.init} weights only with biases that are not drawn")
    for block in plan(model, shape):
        if block.pick.kind == "flatten":
            continue
        own = block.pick.values.get("dropout")
        dropped = own if isinstance(own, int | float) else model.dropout
        if block.pick.kind != "dense" or model.normed(block.pick) or dropped:
            return Beyond(f"theory follows {model.init} weights through plain dense layers only, without batch norm and dropout")
        activation = block.pick.pick("activation", model.activation)
        pieces = int(activation.parameters.get("pieces", 1))
        f = curve(Pick("identity") if pieces > 1 else activation)  # equal pieces: the first is the largest
        layers.append(_Dense(block.name, prod(block.inputs), block.outputs[0], f, pieces))
    bias = model.bias_init
    if model.init.kind == EQUAL:
        return _Equal(model.init, bias, inputs, prod(shape), batch, task).traces(layers)
    if task.outputs > min([prod(shape), *(layer.width for layer in layers)]):
        return Beyond("identity weights hand fewer inputs on than there are outputs")
    return _Copied(model.init, bias, inputs, prod(shape), batch, task).traces(layers)


def _initializers(experiment: Experiment, planned: tuple[Planned, ...]) -> list[Pick]:
    own = [block.pick.values.get("init") for block in planned]
    return [experiment.model.init, *(pick for pick in own if isinstance(pick, Pick))]


def _quantiles(std: float) -> Floats:
    """Points of equal probability of a normal number, in random order."""
    normal = NormalDist()
    points = np.array([normal.inv_cdf((n + 0.5) / _POINTS) for n in range(_POINTS)]) * std
    return np.random.default_rng(0).permutation(points)


@dataclass(frozen=True, slots=True)
class _Equal:
    """All units of a layer have the same value: a function of the sum of an example's inputs."""

    pick: Pick
    bias: float
    inputs: Inputs
    features: int
    batch: int
    task: Task

    def traces(self, layers: list[_Dense]) -> list[Trace]:
        value = self.pick["value"]
        total = _quantiles(self.inputs.sum_square**0.5)
        traces, kept, entering = [], [], total
        for layer in layers:
            z = value * total + self.bias
            h = layer.f.value(z)
            trace = Trace(layer.name, 1, z=_alike(z), pre_activations=1, h=_alike(h))
            trace.doubts |= _doubts([("z_std", [(1, z - z.mean())]), ("activation_std", [(1, h - h.mean())])], self.batch)
            trace.weights = Weights(self.pick, 0.0, layer.inputs, layer.width, layer.inputs, layer.width * layer.pieces)
            traces.append(trace)
            kept.append((entering, z))
            entering, total = h, layer.width * h
        width = layers[-1].width if layers else self.features
        top, mean, square = self._output(value * total + self.bias, entering, width)
        outgoing = value
        for number in reversed(range(len(layers))):
            layer, (x, z), trace = layers[number], kept[number], traces[number]
            slope = outgoing * layer.f.slope(z)
            mean, square = mean * slope, square * slope**2
            share = 1 / layer.pieces
            own = Gradient(np.array([square.mean() * share]), np.array([(mean.mean() * share) ** 2]), float(mean.mean()) * share)
            trace.delta = own
            trace.doubts |= _doubts([("gradient_std", [(1, np.sqrt(square))])], self.batch)
            if number == 0:
                trace.weight_gradient = self.inputs.mean_square * float(square.mean()) * share / self.batch
            else:
                of_first = float((x**2 * square).mean()) / self.batch + (1 - 1 / self.batch) * float((x * mean).mean()) ** 2
                trace.weight_gradient = of_first * (share - share**2)
            outgoing = value * layer.width
        return [*traces, top]

    def _output(self, z: Floats, entering: Floats, width: int) -> tuple[Trace, Floats, Floats]:
        """The output layer; mean and mean square of the sum of its gradients at each point, over the targets."""
        task = self.task
        trace = Trace("output", 1, z=_alike(z), pre_activations=task.outputs, centre=centre(task))
        trace.weights = Weights(self.pick, 0.0, width, task.outputs, width, task.outputs)
        if task.output.kind == "softmax":
            square = np.array([1 / task.outputs - 1 / task.outputs**2])
            trace.h = Signal(np.zeros(1), np.zeros(1), np.zeros(1))
            trace.delta = Gradient(square, np.zeros(1), balanced=True)
            trace.weight_gradient = float((entering**2).mean()) * float(square[0]) / self.batch
            return trace, np.zeros_like(z), np.zeros_like(z)
        _, chances = targets_of(task)
        each = gradients_of_one(task, z)
        mean, square = each @ chances, each**2 @ chances
        trace.h = _alike(curve(task.output).value(z))
        trace.delta = Gradient(np.array([square.mean()]), np.array([mean.mean() ** 2]), float(mean.mean()))
        trace.weight_gradient = float((entering**2 * (square - mean**2)).mean()) / self.batch if task.outputs > 1 else 0.0
        if task.classes and task.outputs > 1:
            total = each[:, 1] + (task.outputs - 1) * each[:, 0]
            return trace, total, total**2
        return trace, mean, square


@dataclass(frozen=True, slots=True)
class _Copied:
    """Each unit has what one input has become; those for which no input is left have what the bias has become."""

    pick: Pick
    bias: float
    inputs: Inputs
    features: int
    batch: int
    task: Task

    def traces(self, layers: list[_Dense]) -> list[Trace]:
        gain = self.pick["gain"]
        inputs = layers[0].inputs if layers else self.features
        groups = [(inputs, _quantiles(self.inputs.mean_square**0.5))]
        traces, kept = [], []
        for layer in [*layers, _Dense("output", 0, self.task.outputs, curve(Pick("identity")), 1)]:
            entering, rows = groups, sum(count for count, _ in groups)
            before = [(count, gain * values + self.bias) for count, values in _first(groups, layer.width)]
            groups = [(count, layer.f.value(z)) for count, z in before]
            trace = Trace(layer.name, layer.width, z=_of(before), pre_activations=layer.width, h=_of(groups))
            trace.doubts |= _doubts([("z_std", before), ("activation_std", groups)], self.batch)
            if _is_one_of_many(before):
                trace.z, trace.h = None, Beyond(f"the values of {layer.name} hang on a few of the inputs, the largest")
            share = 1 / max(rows, layer.width)
            trace.weights = Weights(self.pick, gain**2 * share, rows, layer.width, rows, layer.width * layer.pieces)
            traces.append(trace)
            kept.append((entering, before[0][1]))
        mean, square = self._top(traces[-1], groups[0][1])
        if traces[-1].z is None:
            traces[-1].h = Beyond("the outputs hang on a few of the inputs, the largest")
        for number in reversed(range(len(traces))):
            self._gradients(traces[number], kept[number][0], mean, square, layers[number].pieces if number < len(layers) else 1)
            if number:
                slope = layers[number - 1].f.slope(kept[number - 1][1]) * gain
                mean, square = mean * slope, square * slope**2
        return traces

    def _top(self, trace: Trace, z: Floats) -> tuple[Floats, Floats]:
        """The output layer; mean and mean square of the gradient at each point, over the other outputs and the targets."""
        task = self.task
        if task.output.kind != "softmax":
            _, chances = targets_of(task)
            each = gradients_of_one(task, z)
            h = curve(task.output).value(z)
            trace.h = _of([(task.outputs, h)])
            trace.doubts |= _doubts([("activation_std", [(task.outputs, h - h.mean())])], self.batch)
            return each @ chances, each**2 @ chances
        rng = np.random.default_rng(1)
        values = np.concatenate([np.repeat(z[:, None, None], _OTHERS, 1), rng.choice(z, (len(z), _OTHERS, task.outputs - 1))], -1)
        h = softmax(values)[..., 0]
        away = h - 1 / task.outputs
        trace.h, trace.centre = Signal(np.zeros(1), np.array([(away**2).mean()]), np.zeros(1)), centre(task)
        trace.doubts |= _doubts([("activation_std", [(task.outputs, away)])], self.batch)
        return away.mean(-1), (h**2).mean(-1) + (1 - 2 * h.mean(-1)) / task.outputs

    def _gradients(self, trace: Trace, entering: list[tuple[int, Floats]], mean: Floats, square: Floats, pieces: int) -> None:
        """Only as many units as there are outputs have a gradient."""
        assert trace.weights is not None
        rows, columns = trace.weights.rows, trace.weights.columns
        share = self.task.outputs / columns
        top = trace.name == "output" and self.task.output.kind == "softmax"
        d = float(mean.mean())
        trace.delta = Gradient(np.array([square.mean() * share]), np.array([d**2 * share]), d * share, balanced=top)
        x = _of(entering)
        apart, own = 1 - 1 / self.batch, 1 / self.batch
        entries = own * float(x.square[0] * square.mean()) + apart * float(x.cross[0]) * d**2
        entries += apart * float((entering[0][1] * mean).mean()) ** 2 / rows  # the weight from a unit to its copy
        trace.weight_gradient = max(entries * share - (float(x.mean[0]) * d * share) ** 2, 0.0)
        trace.doubts |= _doubts([("gradient_std", [(self.task.outputs, np.sqrt(square))])], self.batch)
        of_signal = _doubts([("", entering)], self.batch)[""]
        of_gradient = trace.doubts["gradient_std"] or 0.0
        by_class = float(x.cross[0] / x.square[0]) / sqrt(2 * max(self.task.outputs - 1, 1)) if x.square[0] > 0 else 0.0
        trace.doubts["weight_gradient_std"] = sqrt(of_signal**2 + of_gradient**2 + by_class**2)
        if of_gradient > FEW or _is_one_of_many([(1, np.sqrt(square))]):
            trace.delta = Beyond(
                f"below {trace.name} the gradient hangs on a few of the numbers of a batch, those that have grown"
            )
            trace.weight_gradient = None
        if _is_one_of_many(entering):
            trace.weight_gradient = None


def _doubts(figures: list[tuple[str, list[tuple[int, Floats]]]], examples: int) -> dict[str, float]:
    """Of roots of mean squares over units in groups and so many examples, all independent: their relative standard deviations.

    Only how the values of single numbers differ; at the top targets do besides.
    """
    found = {}
    for name, groups in figures:
        square = sum(count * float((values**2).mean()) for count, values in groups)
        variance = sum(count * float((values**2).var()) for count, values in groups)
        found[name] = half(np.zeros(1), variance / square**2 / examples) if square > 0 else 0.0
    return found


def _is_one_of_many(groups: list[tuple[int, Floats]]) -> bool:
    """Whether the largest number decides; the numbers that are followed end where there are larger ones among many inputs."""
    values = groups[0][1]
    total = float((values**2).sum())
    return total > 0 and float((values**2).max()) > LARGEST * total


def _first(groups: list[tuple[int, Floats]], width: int) -> list[tuple[int, Floats]]:
    """The first units, as many as there is room for; where there is more room, units that are given nothing."""
    kept, left = [], width
    for count, values in groups:
        kept.append((min(count, left), values))
        left -= min(count, left)
    return [(count, values) for count, values in [*kept, (left, np.zeros(1))] if count]


def _alike(values: Floats) -> Signal:
    """Of a number that all units share."""
    mean = values.mean()
    return Signal(np.array([mean]), np.array([(values**2).mean()]), np.array([mean * mean]))


def _of(groups: list[tuple[int, Floats]]) -> Signal:
    """Of units in groups, whose values for two examples are independent."""
    counts = np.array([count for count, _ in groups])
    means, squares = (np.array([(values**power).mean() for _, values in groups]) for power in (1, 2))
    shares = counts / counts.sum()
    mean, square, cross = (np.array([shares @ each]) for each in (means, squares, means * means))
    return Signal(mean, square, cross)
