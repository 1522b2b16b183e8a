"""`python -m benchmarks.forecast`: how well theory forecasts what is measured at initialization; prints the tables of docs/forecast.md."""

from __future__ import annotations

import argparse
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
from torch import Tensor

from benchmarks.forecast_figures import Figure, print_tables
from engine.catalog import ACTIVATIONS, INITIALIZERS, Pick
from engine.data_outline import DataOutline
from engine.experiment import Experiment
from engine.insight.forecast import by_theory
from engine.insight.forecast_records import COMPARED, Flows, LayerForecast
from engine.insight.measured import measure_experiment, measure_flows
from engine.network.activations import make_activation
from engine.network.build import build_network
from engine.network.lsuv import EXAMPLES, lsuv
from engine.network.network import Network

WIDTH = INPUTS = 500
CLASSES = 10
BATCH = 64
DEPTHS = (2, 5, 10, 20)
INITS = (*INITIALIZERS, "normal(std=1.0)")
"""Every initializer with its defaults, and weights that saturate."""
DATA = DataOutline((INPUTS,), "classification", CLASSES, 60_000)
COST = Pick("cross_entropy")
OTHER_SEEDS = 32
"""Networks of each of the others, and of the ten layers of CS231n."""
TEN_LAYERS = (
    ("tanh", "normal(std=0.01)"),
    ("relu", "he_normal"),
    ("tanh", "normal(std=1.0)"),
    ("tanh", "xavier_normal"),
    ("relu", "xavier_normal"),
)
OTHERS: dict[str, dict[str, object]] = {
    "digits, 5x200 ReLU": {"model": {"depth": 5, "width": 200}},
    "digits, 5x200 tanh": {"model": {"depth": 5, "width": 200, "activation": "tanh"}},
    "digits, 5x200 sigmoid": {"model": {"depth": 5, "width": 200, "activation": "sigmoid"}},
    "digits, batch norm": {"model": {"depth": 5, "width": 200, "batch_norm": True}},
    "digits, dropout 0.5": {"model": {"depth": 5, "width": 200, "dropout": 0.5}},
    "digits, SELU, alpha dropout": {
        "model": {"depth": 5, "width": 200, "activation": "selu", "init": "lecun_normal", "dropout": 0.2}
    },
    "digits, bias 1": {"model": {"depth": 5, "width": 200, "activation": "tanh", "bias_init": 1.0}},
    "digits, residual": {"model": {"blocks": "dense(200), 5*residual(dense(200), dense(200))"}},
    "digits, pre-activation, batch norm": {
        "model": {"blocks": "dense(200), 5*residual(dense(200), dense(200), form=pre_activation)", "batch_norm": True}
    },
    "digits, split and merge": {
        "model": {"blocks": "dense(200), split(dense(100) | dense(200), dense(100), join=concat), dense(50)"}
    },
    "digits, convolution": {"model": {"blocks": "conv(16), conv(32, stride=2), flatten, dense(200)"}},
    "digits, quadratic cost": {
        "model": {"depth": 3, "width": 200, "activation": "tanh", "output": "sigmoid"},
        "cost": "quadratic",
    },
    "wine, 3x100 ReLU": {"data": {"name": "wine"}, "model": {"depth": 3, "width": 100}},
    "breast_cancer, one output": {
        "data": {"name": "breast_cancer"},
        "model": {"depth": 3, "width": 100},
        "cost": "binary_cross_entropy",
    },
    "diabetes, 3x100 ReLU": {"data": {"name": "diabetes"}, "model": {"depth": 3, "width": 100}},
    "spirals, 3x100 tanh": {"data": {"name": "spirals"}, "model": {"depth": 3, "width": 100, "activation": "tanh"}},
}
"""Other networks, on real data."""


def main() -> None:
    """Measure, then print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seeds",
        type=int,
        default=128,
        help="networks of each combination; of the ten layers and of the others on real data there are always 32",
    )
    parser.add_argument(
        "--keep", type=Path, help="a JSON file of all figures: written, or if it is there, what was measured is read from it"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.keep is not None and arguments.keep.exists():
        figures = _told_anew([Figure(*row) for row in json.loads(arguments.keep.read_text())])
    else:
        figures = list(verify(list(ACTIVATIONS), INITS, DEPTHS, arguments.seeds))
        if arguments.keep is not None:
            arguments.keep.write_text(json.dumps(figures))
    print_tables(figures, DEPTHS, INITS)
    print_ten_layers(OTHER_SEEDS)
    print_others(OTHER_SEEDS)


def print_ten_layers(seeds: int) -> None:
    """The experiment of CS231n: what ten layers of 500 units make of 500 normal inputs."""
    print("\nStandard deviation of the activations, layer by layer:\n")
    print(f"| | | {' | '.join(str(layer) for layer in range(1, 11))} |")
    print(f"| --- | --- {'| ---: ' * 10}|")
    for activation, init in TEN_LAYERS:
        figures = [figure for figure in verify([activation], [init], [10], seeds) if figure.statistic == "activation_std"][:10]
        for title, values in (("theory", [f.theory for f in figures]), ("measured", [f.measured for f in figures])):
            print(f"| {activation}, {init} | {title} | {' | '.join(f'{value:.3g}' for value in values)} |")


def print_others(seeds: int) -> None:
    """Other networks on real data: how far the layers are off, in the mean over seeds."""
    print(f"\nOther networks on real data, {seeds} seeds: theory over measurement, the smallest and the largest of all layers.\n")
    print(f"| | {' | '.join(COMPARED)} |")
    print(f"| --- {'| ---: ' * len(COMPARED)}|")
    for title, settings in OTHERS.items():
        experiments = [Experiment.parse({"device": "cpu", "threads": 1, **settings, "seed": seed}) for seed in range(seeds)]
        seen = [measure_experiment(experiment, timed=False) for experiment in experiments]
        told = by_theory(experiments[0], seen[0].data, seen[0].inputs)
        print(
            f"| {title} | {' | '.join(_range(told.layers, [each.layers for each in seen], name) for name in COMPARED)} |",
            flush=True,
        )


def _range(layers: Sequence[LayerForecast], seen: Sequence[Sequence[Flows]], name: str) -> str:
    ratios = []
    for row, layer in enumerate(layers):
        theory, measured = getattr(layer.theory, name), [getattr(flows[row], name) for flows in seen]
        if theory and measured[0]:
            ratios.append(theory / np.mean(np.square(measured)) ** 0.5)
    return f"{min(ratios):.2f} – {max(ratios):.2f}"


def verify(activations: Sequence[str], inits: Sequence[str], depths: Sequence[int], seeds: int) -> Iterator[Figure]:
    """All figures of all combinations, on standard normal inputs and random classes."""
    for depth in depths:
        for init in inits:
            squares: dict[str, list[np.ndarray]] = defaultdict(list)
            for seed in range(seeds):
                base = _experiment("identity", init, depth, seed)
                network = build_network([base], (INPUTS,), CLASSES, COST)
                drawn = [layer.weight.value.clone() for layer in network.layers if layer.weight is not None]
                for activation in activations:
                    experiment = _experiment(activation, init, depth, seed)
                    squares[activation].append(_measured(_network(experiment, network, drawn), experiment))
            for activation in activations:
                yield from _figures(_experiment(activation, init, depth, 0), activation, init, np.stack(squares[activation]))


def _told_anew(figures: Sequence[Figure]) -> list[Figure]:
    """The same measurements beside what theory says now."""
    told: dict[tuple[str, str, int], dict[str, LayerForecast]] = {}
    renewed = []
    for figure in figures:
        key = figure.activation, figure.init, figure.depth
        if key not in told:
            told[key] = {layer.name: layer for layer in by_theory(_experiment(*key, 0), DATA).layers}
        layer = told[key][figure.layer]
        renewed.append(
            figure._replace(theory=_theory(layer, figure.statistic), tolerance=getattr(layer.tolerance, figure.statistic) or 0.0)
        )
    return renewed


def _theory(layer: LayerForecast, name: str) -> float:
    value = getattr(layer.theory, name)
    return float("nan") if value is None else float(value)


def _experiment(activation: str, init: str, depth: int, seed: int) -> Experiment:
    model = {"depth": depth, "width": WIDTH, "activation": activation, "init": init}
    return Experiment.parse({"model": model, "batch_size": BATCH, "seed": seed})


def _network(experiment: Experiment, base: Network, drawn: Sequence[Tensor]) -> Network:
    """The network that was drawn, with another activation: drawing takes most of the time. Maxout has weights of its own."""
    pick = experiment.model.activation
    if pick.kind == "maxout":
        return build_network([experiment], (INPUTS,), CLASSES, COST)
    for layer, weight in zip(base.layers, drawn, strict=True):
        assert layer.weight is not None
        layer.weight.value.copy_(weight)
    for layer in base.hidden:
        layer.activation = make_activation(pick, 1, weight)
    return base


def _measured(network: Network, experiment: Experiment) -> np.ndarray:
    """The squares of what is compared, `[layers, statistics]`."""
    noise = torch.Generator().manual_seed(experiment.seed)
    x = torch.randn(1, max(BATCH, EXAMPLES), INPUTS, generator=noise)
    y = torch.randint(0, CLASSES, (1, BATCH, 1), generator=noise)
    if experiment.model.init.kind == "lsuv":
        lsuv(network, x, [[experiment.model.init]] * len(network.layers))
    (flows,) = measure_flows(network, [experiment], x[:, :BATCH], y)
    return np.array([[getattr(layer, name) for name in COMPARED] for layer in flows]) ** 2


def _figures(experiment: Experiment, activation: str, init: str, squares: np.ndarray) -> Iterator[Figure]:
    """Theory beside the measurements `[seeds, layers, statistics]`."""
    told = by_theory(experiment, DATA)
    means, spread = squares.mean(0), squares.std(0, ddof=1) / np.sqrt(len(squares))
    for row, layer in enumerate(told.layers):
        for column, name in enumerate(COMPARED):
            mean = float(means[row, column])
            error = float(spread[row, column]) / mean / 2 if mean > 0 else 0.0
            numbers = _theory(layer, name), mean**0.5, error, getattr(layer.tolerance, name) or 0.0
            yield Figure(activation, init, len(told.layers) - 1, layer.name, name, *numbers, seeds=len(squares))


if __name__ == "__main__":
    main()
