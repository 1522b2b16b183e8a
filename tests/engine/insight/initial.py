"""Networks at initialization on drawn data: what theory says of them, and what is measured."""

from __future__ import annotations

from math import prod

import numpy as np
import torch

from engine.catalog import Pick
from engine.data_outline import DataOutline
from engine.experiment import Experiment
from engine.insight.forecast import by_theory
from engine.insight.forecast_records import COMPARED, Forecast
from engine.insight.measured import measure_flows
from engine.insight.theory.curves import Curve
from engine.network.build import build_network
from engine.network.head import output_width, resolve_cost
from engine.network.lsuv import EXAMPLES, lsuv
from engine.network.plan import plan, walk_planned

BATCH = 64


def foreseen(settings: dict, shape: tuple[int, ...] = (500,), task: str = "classification", classes: int = 10) -> Forecast:
    """The forecast of an experiment on independent normal inputs."""
    experiment = Experiment.parse({"batch_size": BATCH, **settings})
    return by_theory(experiment, DataOutline(shape, task, classes, 10_000))


def measured(
    settings: dict, shape: tuple[int, ...] = (500,), task: str = "classification", classes: int = 10, seeds: int = 4
) -> dict[str, np.ndarray]:
    """Each compared statistic, `[layers]`: the root of its mean square over the seeds; not-a-number where a layer has none."""
    experiments = [Experiment.parse({"batch_size": BATCH, "seed": seed, **settings}) for seed in range(seeds)]
    lead = experiments[0]
    batch = lead.batch_size
    assert isinstance(batch, int)
    cost = resolve_cost(lead, task)
    outputs = output_width(cost, task, classes)
    network = build_network(experiments, shape, outputs, cost)
    noise = torch.Generator().manual_seed(1)
    x = torch.randn(seeds, max(batch, EXAMPLES), prod(shape), generator=noise)
    if lead.model.init.kind == "lsuv":
        lsuv(network, x, [[lead.model.init] * seeds] * len(network.layers))
    y = _targets(cost, task, classes, outputs, (seeds, batch), noise)
    members = measure_flows(network, experiments, x[:, :batch].contiguous(), y)
    return {
        name: np.sqrt(np.mean([[_number(getattr(flows, name)) ** 2 for flows in member] for member in members], axis=0))
        for name in COMPARED
    }


def _targets(cost: Pick, task: str, classes: int, outputs: int, shape: tuple[int, int], noise: torch.Generator) -> torch.Tensor:
    if task == "regression":
        return torch.randn(*shape, 1, generator=noise)
    drawn = torch.randint(0, classes, (*shape, 1), generator=noise)
    if cost.kind == "cross_entropy":
        return drawn
    if outputs == 1:
        return drawn.float()
    return torch.zeros(*shape, outputs).scatter_(2, drawn, 1.0)


def theory(made: Forecast) -> dict[str, np.ndarray]:
    """Each compared statistic, `[layers]`."""
    return {name: np.array([_number(getattr(layer.theory, name)) for layer in made.layers]) for name in COMPARED}


def off(settings: dict, **where) -> dict[str, np.ndarray]:
    """How far theory lies from measurements, as a share of them; only where both are known."""
    seeds = where.pop("seeds", 4)
    told, seen = theory(foreseen(settings, **where)), measured(settings, **where, seeds=seeds)
    return {name: np.abs(told[name] / seen[name] - 1)[np.isfinite(told[name] / seen[name])] for name in COMPARED}


def block_names(settings: dict, shape: tuple[int, ...]) -> list[str]:
    """The names of the blocks of a model."""
    return [block.name for block in walk_planned(plan(Experiment.parse(settings).model, shape))]


def drawn_network(rng: np.random.Generator, f: Curve, std: float, size: tuple[int, int, int]) -> np.ndarray:
    """One network and one batch drawn and multiplied by NumPy alone: each compared statistic of the hidden layers, `[statistics, layers]`.

    Args:
        f: the activation.
        std: of the weights.
        size: examples, units of each layer and of the input, layers.
    """
    examples, width, depth = size
    h = rng.standard_normal((examples, width))
    weights = [std * rng.standard_normal((width, width)) for _ in range(depth)]
    passed_through = []
    for weight in weights:
        z = h @ weight
        passed_through.append((h, z))
        h = f.value(z)
    top = std * rng.standard_normal((width, 10))
    outputs = h @ top
    outputs = np.exp(outputs - outputs.max(1, keepdims=True))
    delta = (outputs / outputs.sum(1, keepdims=True) - np.eye(10)[rng.integers(0, 10, examples)]) @ top.T
    rows = []
    for weight, (x, z) in zip(reversed(weights), reversed(passed_through), strict=True):
        delta = delta * f.slope(z)
        rows.append([z.std(), f.value(z).std(), delta.std(), (x.T @ delta / examples).std()])
        delta = delta @ weight.T
    return np.array(rows[::-1]).T


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
