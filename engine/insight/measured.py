"""What a forecast says, measured: one batch through a network as its first weights make it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data import Progress
from engine.data_outline import DataOutline
from engine.events import Frame
from engine.experiment import Experiment
from engine.insight.forecast_records import Flows, StepTime
from engine.insight.theory.inputs import Inputs, inputs_of
from engine.network.block import Layer
from engine.network.network import Network
from engine.probes.gradients import measure_gradients
from engine.probes.moments import mean_and_deviation
from engine.training.control import Control
from engine.training.loop import Training
from engine.training.penalties import Penalties
from engine.training.prepare import Prepared, prepare

_TIMED = 0.5
"""Seconds for which real steps are made to time them; a frame of a training comes several times as often."""


@dataclass(frozen=True, slots=True)
class MeasuredExperiment:
    """What one batch and a few steps tell."""

    data: DataOutline
    inputs: Inputs
    layers: tuple[Flows, ...]
    time: StepTime | None


def measure_experiment(experiment: Experiment, progress: Progress | None = None, *, timed: bool = True) -> MeasuredExperiment:
    """Make the network, measure the first batch of the training, and time some steps unless not `timed`. Nothing of it is kept.

    Without pre-training: these are the weights with which that would begin.

    Raises:
        ConfigurationError, DataError, DeviceError: as for any training.
    """
    plain = experiment.with_settings({"pretraining": "none", "monitor.distributions": "never"})
    prepared = prepare([plain], progress)
    torch.set_num_threads(prepared.threads)
    x, y = Training(prepared, Control()).batches.next()
    (layers,) = measure_flows(prepared.network, [plain], x, y)
    return MeasuredExperiment(
        data=_outline(prepared),
        inputs=inputs_of(prepared.train.inputs.float().cpu().numpy(), _targets(prepared)),
        layers=tuple(layers),
        time=StepTime(_step_seconds(prepared), measured=True) if timed else None,
    )


def _outline(prepared: Prepared) -> DataOutline:
    data = prepared.data
    shape = prepared.shape
    return DataOutline(shape, data.task, len(data.classes), data.train)


def _targets(prepared: Prepared) -> NDArray[np.int64] | NDArray[np.float64]:
    """Class indices, or standardized numbers, `[N]`."""
    targets = prepared.train.targets.cpu().numpy()
    if prepared.data.task == "regression":
        return targets[:, 0].astype(np.float64)
    return targets.argmax(1) if targets.shape[1] > 1 else targets[:, 0].astype(np.int64)


def _step_seconds(prepared: Prepared) -> float:
    """Of the real training loop, with the measurements that it makes; the very first step is left out where there are others."""
    seconds: list[float] = []
    steps: list[int] = []
    begin = time.perf_counter()
    with closing(Training(prepared, Control()).events()) as events:  # type: ignore[type-var]
        for event in events:
            if isinstance(event, Frame):
                seconds += event.seconds.tolist()
                steps += event.steps.tolist()
                if time.perf_counter() - begin > _TIMED:
                    break
    if len(steps) > 1:
        return float((seconds[-1] - seconds[0]) / (steps[-1] - steps[0]))
    return seconds[0] / steps[0]


def measure_flows(network: Network, experiments: Sequence[Experiment], x: Tensor, y: Tensor) -> list[list[Flows]]:
    """Every layer of every member on one batch, in training mode, as the probes measure them that record a training.

    Args:
        network: of P members.
        experiments: one for each member.
        x: `[P, B, D]`.
        y: `[P, B, C]`.
    """
    batch = x.shape[1]
    heard: dict[str, tuple[Tensor, Tensor]] = {}
    with ExitStack() as stack:
        for layer in network.layers:
            stack.enter_context(_hearing(layer, heard))
        network.forward(x, y, training=True)
    network.backward()
    Penalties(experiments, network.parameters).add_gradients()
    by_layer = [_layer(layer, heard.get(layer.name), batch) for layer in network.layers]
    return [[flows[member] for flows in by_layer] for member in range(network.members)]


@contextmanager
def _hearing(layer: Layer, heard: dict[str, tuple[Tensor, Tensor]]) -> Iterator[None]:
    """Take the moments of a layer's pre-activations before the activation writes over them."""

    def hear(z: Tensor) -> None:
        mean, deviation = mean_and_deviation(z)
        heard[layer.name] = mean, deviation / z[0].numel() ** 0.5

    layer.watch = hear
    yield
    layer.watch = None


def _layer(layer: Layer, z: tuple[Tensor, Tensor] | None, batch: int) -> list[Flows]:
    assert layer.h is not None
    assert layer.delta is not None
    mean, deviation = mean_and_deviation(layer.h)
    of_weights = None if layer.weight is None else torch.empty_like(layer.weight.value)
    _, at_z, _, of_matrix = measure_gradients(layer, of_weights)
    units, values = layer.h[0].numel(), layer.delta[0].numel()
    columns: dict[str, Tensor] = {
        "activation_mean": mean,
        "activation_std": deviation / units**0.5,
        "gradient_std": at_z / values**0.5 * batch,
    }
    if z is not None:
        columns |= {"z_mean": z[0], "z_std": z[1]}
    count = 0 if layer.weight is None else layer.weight.value[0].numel()
    if layer.weight is not None and count > 1:  # one weight alone has no spread
        _, spread = mean_and_deviation(layer.weight.value)
        columns |= {"weight_gradient_std": of_matrix / count**0.5, "weight_std": spread / count**0.5}
    return [Flows(**{name: float(column[member]) for name, column in columns.items()}) for member in range(len(mean))]
