"""How signal and gradient will pass a network, before its first step: by theory, from the experiment alone.

Needs no torch unless it measures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite, prod, sqrt
from statistics import NormalDist

import numpy as np

from engine.catalog import Pick
from engine.data import Progress, load_dataset
from engine.data_outline import DataOutline, known, outline_of
from engine.experiment import Experiment
from engine.insight.forecast_records import FEWEST, LOST, Flows, Forecast, LayerForecast, StepTime
from engine.insight.forecast_words import trends, verdict
from engine.insight.theory.alike import traces_without_chance, without_chance
from engine.insight.theory.at_the_top import Task
from engine.insight.theory.curves import curve
from engine.insight.theory.first_weights import SCALED_ON_DATA, mean_size
from engine.insight.theory.inputs import Inputs, gaussian_inputs, inputs_of
from engine.insight.theory.trace import Beyond, Trace
from engine.insight.theory.walk import Walk
from engine.insight.thresholds import FLAT
from engine.layer_outline import LayerOutline
from engine.network.head import output_width, resolve_cost, resolve_output
from engine.network.plan import Planned, Shape, plan, walk_planned
from engine.outline import Outline, outline
from engine.probes.schedule import Size, step_seconds

_STEEPEST = {"sigmoid": 0.25, "tanh": 1.0, "hard_tanh": 1.0, "softsign": 1.0}
"""Slopes of squashing activations at 0."""
_NORMAL = np.array([NormalDist().inv_cdf((place + 0.5) / 400) for place in range(400)])
"""Points of equal probability."""
NARROW = 32
"""Units below which a layer of one network may be far from the mean of many."""
_HANGING = {
    "activation_std": ("z_mean", "z_std", "activation_mean", "activation_std"),
    "gradient_std": ("gradient_std", "weight_gradient_std"),
}
"""What is not known either where one of these is not."""
_TOO_DEEP = "layers of so few units differ too much from network to network for so many of them"


def forecast(
    experiment: Experiment, *, measure: bool = True, inputs: Inputs | None = None, progress: Progress | None = None
) -> Forecast:
    """What is to be expected of an experiment.

    Theory follows means over the draw of the first weights (`engine.insight.theory.signal`) through the layers and back. It
    takes inputs as they are where the data are read, else as standardized.

    Args:
        experiment: what would be trained; of an ensemble, any of its members.
        measure: whether the network is made, and one batch and some steps of the real training are measured as well; loads torch.
        inputs: what theory takes the inputs to be; None: as above.
        progress: told of downloads and long loads.

    Raises:
        ConfigurationError: the experiment does not fit the data.
        DataError, DeviceError: as for any training; DeviceError only if it is measured.
    """
    if not measure:
        found = known(experiment.data)
        if found is None:
            dataset = load_dataset(experiment.data, progress)
            found, inputs = outline_of(dataset), inputs or inputs_of(dataset.train.inputs, dataset.train.targets)
        return by_theory(experiment, found, inputs)
    from engine.insight.measured import measure_experiment

    seen = measure_experiment(experiment, progress)
    told = by_theory(experiment, seen.data, inputs or seen.inputs)
    layers = tuple(replace(layer, measured=flows) for layer, flows in zip(told.layers, seen.layers, strict=True))
    return _concluded(replace(told, layers=layers, time=seen.time or told.time))


def by_theory(experiment: Experiment, data: DataOutline, inputs: Inputs | None = None) -> Forecast:
    """The forecast without a measurement; `inputs` None: standardized.

    Raises:
        ConfigurationError: experiment and data do not fit.
    """
    made = outline(experiment, data)
    shape = data.shape if experiment.model.blocks else (prod(data.shape),)
    taken = inputs or gaussian_inputs(prod(shape))
    cost = resolve_cost(experiment, data.task)
    outputs = output_width(cost, data.task, data.classes)
    task = Task(cost, resolve_output(experiment, cost), outputs, data.classes, taken.agreement)
    with np.errstate(all="ignore"):  # what explodes is told as such
        traces = _traces(experiment, taken, made.batch_size, shape, task)
    outlined = _outlined(made.layers)
    layers = tuple(_layer(experiment, outlined[trace.name], trace, made.batch_size) for trace in traces)
    if _has_few_units(layers, traces) and not without_chance(experiment, shape):
        layers = tuple(replace(layer, tolerance=None) for layer in layers)
    return _concluded(
        Forecast(
            experiment=experiment,
            outline=made,
            inputs=taken,
            layers=_with_gains(layers),
            notes=_notes(experiment, taken, layers, made.batch_size),
            time=StepTime(_estimated(made, len(layers)), measured=False),
        )
    )


def _traces(experiment: Experiment, inputs: Inputs, batch: int, shape: Shape, task: Task) -> Sequence[Trace]:
    if experiment.pretraining.kind != "none":
        reason = f"{experiment.pretraining.kind} pre-training makes the weights with which training begins"
        return _all_beyond(experiment, shape, Beyond(reason))
    if without_chance(experiment, shape):
        traces = traces_without_chance(experiment, inputs, batch, shape, task)
        return _all_beyond(experiment, shape, traces) if isinstance(traces, Beyond) else traces
    scaled: dict[str, float] = {}
    if any(pick == SCALED_ON_DATA for pick in _initializers(experiment, shape)):
        Walk(experiment, inputs, batch, training=False, scaled=scaled).through(shape, task)
    walk = Walk(experiment, inputs, batch, training=True, scaled=scaled)
    walk.through(shape, task)
    return walk.traces


def _initializers(experiment: Experiment, shape: Shape) -> list[str]:
    own = [block.pick.values.get("init") for block in walk_planned(plan(experiment.model, shape))]
    return [experiment.model.init.kind, *(str(pick).partition("(")[0] for pick in own if pick is not None)]


def _has_few_units(layers: Sequence[LayerForecast], traces: Sequence[Trace]) -> bool:
    """Whether there is a hidden layer that theory would reach, but not how far single networks lie from it."""
    hidden = zip(layers[:-1], traces[:-1], strict=True)
    return any(layer.outputs < FEWEST and not isinstance(trace.h, Beyond) for layer, trace in hidden)


def _all_beyond(experiment: Experiment, shape: Shape, beyond: Beyond) -> list[Trace]:
    """Nothing is known of any layer. The order is that of the network: inner blocks before the one that holds them."""
    found: list[Trace] = []

    def add(blocks: Sequence[Planned]) -> None:
        for block in blocks:
            for chain in block.chains:
                add(chain)
            if block.pick.kind != "flatten":
                found.append(Trace(block.name, 1, h=beyond, delta=beyond))

    add(plan(experiment.model, shape))
    return [*found, Trace("output", 1, h=beyond, delta=beyond)]


def _outlined(layers: Sequence[LayerOutline]) -> dict[str, LayerOutline]:
    """All layers by name, however deep."""
    named: dict[str, LayerOutline] = {}
    for layer in layers:
        named[layer.name] = layer
        for chain in layer.chains:
            named |= _outlined(chain)
    return named


def _layer(experiment: Experiment, outlined: LayerOutline, trace: Trace, batch: int) -> LayerForecast:
    beyond = next((each.reason for each in (trace.h, trace.delta) if isinstance(each, Beyond)), "")
    flows = _flows(experiment, trace, batch)
    if not beyond and (flows.activation_std is None or flows.gradient_std is None):
        beyond = "signal or gradient is larger than any number"
    lost = [name for name in ("activation_std", "gradient_std") if (trace.doubts.get(name) or 0.0) > LOST]
    if lost:
        flows, beyond = replace(flows, **{name: None for each in lost for name in _HANGING[each]}), beyond or _TOO_DEEP
    return LayerForecast(
        name=trace.name,
        kind=outlined.kind,
        activation=outlined.activation,
        inputs=prod(outlined.inputs),
        outputs=prod(outlined.outputs),
        theory=flows,
        tolerance=Flows(**{name: doubt for name, doubt in trace.doubts.items() if doubt is not None and isfinite(doubt)}),
        flat=_flat(outlined.activation, trace),
        likeness=_likeness(trace),
        reason=beyond or trace.note,
    )


def _flows(experiment: Experiment, trace: Trace, batch: int) -> Flows:
    """The moments as they are measured."""
    h, delta, weights = trace.h, trace.delta, trace.weights
    flows: dict[str, float] = {}
    if trace.z is not None:
        flows["z_mean"] = float(trace.z.mean.mean())
        flows["z_std"] = sqrt(trace.z.variance_over(batch, trace.pre_activations))
    if not isinstance(h, Beyond):
        flows["activation_mean"] = float(h.mean.mean()) + trace.centre
        flows["activation_std"] = sqrt(h.variance_over(batch, trace.units))
    if not isinstance(delta, Beyond):
        flows["gradient_std"] = sqrt(delta.variance_over(batch, trace.pre_activations or trace.units))
    if weights is not None and weights.rows * weights.columns > 1:
        flows["weight_std"] = sqrt(weights.variance)
        if trace.weight_gradient is not None:
            l1, l2 = experiment.l1, 2 * experiment.l2
            size = mean_size(weights.pick, weights.variance)
            penalty = l1**2 * (weights.variance > 0) + l2**2 * weights.variance + 2 * l1 * l2 * size
            flows["weight_gradient_std"] = sqrt(trace.weight_gradient + penalty)
    return Flows(**{name: value for name, value in flows.items() if isfinite(value)})


def _flat(activation: str, trace: Trace) -> float | None:
    """The share of values in the flat parts of a squashing activation, z being Gaussian."""
    if activation not in _STEEPEST or trace.z is None:
        return None
    mean, variance = float(trace.z.mean.mean()), float((trace.z.square - trace.z.mean**2).mean())
    if not (isfinite(mean) and isfinite(variance)):
        return None
    z = mean + sqrt(max(variance, 0.0)) * _NORMAL
    return float((curve(Pick(activation)).slope(z) < FLAT * _STEEPEST[activation]).mean())


def _likeness(trace: Trace) -> float | None:
    """How alike the values of two examples are, as the cosine between them."""
    if isinstance(trace.h, Beyond) or trace.centre:
        return None
    square, cross = float(trace.h.square.mean()), float(trace.h.cross.mean())
    if not (isfinite(square) and isfinite(cross)):
        return None
    return cross / square if square > 0 else 1.0


def _with_gains(layers: Sequence[LayerForecast]) -> tuple[LayerForecast, ...]:
    """Each with the ratio of its gradient's variance to that of the layer that follows."""
    gained = []
    for position, layer in enumerate(layers):
        above = layers[position + 1].theory.gradient_std if position + 1 < len(layers) else None
        own = layer.theory.gradient_std
        gained.append(replace(layer, gain=None if own is None or not above else (own / above) ** 2))
    return tuple(gained)


def _notes(experiment: Experiment, inputs: Inputs, layers: Sequence[LayerForecast], batch: int) -> tuple[str, ...]:
    """What is to be known of the figures, without a full stop."""
    notes = []
    if experiment.pretraining.kind != "none":
        notes.append("what is measured are the first weights, with which pre-training begins")
    elif any(layer.outputs < NARROW for layer in layers[:-1]) and all(layer.tolerance is not None for layer in layers):
        notes.append(f"layers of fewer than {NARROW} units differ much from network to network; theory tells the mean of many")
    single = [layer.name for layer in layers if layer.outputs * batch == 1]
    if single:
        notes.append(f"a batch of one example has one number at {', '.join(single)}, which has no spread")
    dense = [layer for layer in layers if layer.kind in ("dense", "output") and layer.theory.weight_std is None]
    alone = [layer.name for layer in dense if layer.inputs * layer.outputs == 1]
    if alone:
        notes.append(f"one weight alone has no spread: {', '.join(alone)}")
    if not inputs.known:
        notes.append("inputs are taken as independent, of mean 0 and variance 1: the data have not been read")
        if experiment.data.scaling == "none":
            notes.append("the data are not scaled, so that signals may be larger or smaller than this by a factor")
    return tuple(notes)


def _concluded(made: Forecast) -> Forecast:
    """With the trends and the verdict that follow from the layers."""
    found = trends(made.layers, made.outline.batch_size)
    return replace(made, trends=found, verdict=verdict(made, found))


def _estimated(made: Outline, layers: int) -> float:
    products = made.forward // (2 * made.batch_size)
    return step_seconds(Size(1, made.batch_size, layers, made.parameters, 0, products))
