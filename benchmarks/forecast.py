"""`python -m benchmarks.forecast`: how well theory forecasts what is measured at initialization; prints the tables of docs/forecast.md."""

from __future__ import annotations

import argparse
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
from torch import Tensor

from engine.catalog import ACTIVATIONS, INITIALIZERS, Pick
from engine.data_outline import DataOutline
from engine.experiment import Experiment
from engine.insight.forecast import by_theory
from engine.insight.forecast_records import CLOSE, COMPARED, Flows, LayerForecast
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
TEN_LAYERS = (
    ("tanh", "normal(std=0.01)"),
    ("relu", "he_normal"),
    ("tanh", "normal(std=1.0)"),
    ("tanh", "xavier_normal"),
    ("relu", "xavier_normal"),
)
SHARP = 0.04
LIKE = 1.5
"""Factor up to which a spread counts as foreseen."""
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


class Figure(NamedTuple):
    """One number of one layer, over the seeds."""

    activation: str
    init: str
    depth: int
    layer: str
    statistic: str
    theory: float  # not-a-number: theory does not reach there
    measured: float  # root of the mean square over the seeds
    error: float  # standard error of that, as a share of it
    tolerance: float = 0.0  # of one network, by theory, as a share; 0: not known
    seeds: int = 8

    @property
    def within(self) -> bool:
        """Whether theory is off by no more than a tenth, or than twice the standard error that it gives for so many networks."""
        return self.off <= max(CLOSE, 2 * self.tolerance / self.seeds**0.5)

    @property
    def off(self) -> float:
        """How far theory lies from the measurement, as a share of it."""
        return abs(self.theory / self.measured - 1)


def main() -> None:
    """Measure, then print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8, help="networks of each kind")
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
    print_tables(figures)
    print_ten_layers(arguments.seeds)
    print_others(4 * arguments.seeds)


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


# --- tables ---------------------------------------------------------------------------


def print_tables(figures: Sequence[Figure]) -> None:
    """As Markdown."""
    known = [figure for figure in figures if figure.theory > 0]
    sharp = [figure for figure in known if figure.error < SHARP]
    nothing = [figure for figure in figures if figure.theory == 0]
    zero = sum(figure.measured == 0 for figure in nothing)
    print(f"{len(figures):,} figures. Theory says 0 for {len(nothing):,}, and {zero:,} of these are measured as exactly 0.")
    print(f"It does not reach {sum(np.isnan(figure.theory) for figure in figures):,}.\n")
    hidden = [figure for figure in known if figure.layer != "output"]
    parts = ("hidden layers", hidden), ("output layer", [figure for figure in known if figure.layer == "output"])
    for how, counted in HOW.items():
        for title, some in parts:
            print(f"Within {how}, {title}:\n")
            _table(some, "depth", [str(depth) for depth in DEPTHS], lambda figure: str(figure.depth), counted)
    print(
        f"Within 10 %, only where the measurement itself is known to {100 * SHARP:.0f} % (its standard error over the seeds):\n"
    )
    _table(sharp, "depth", [str(depth) for depth in DEPTHS], lambda figure: str(figure.depth))
    _print_ratios(hidden)
    for title, some in parts:
        _print_spreads(title, some)
    print("Within 10 %, hidden layers, by initializer:\n")
    _table(hidden, "initializer", list(INITS), lambda figure: figure.init)
    print("Within 10 % or twice the standard error by theory, hidden layers, by initializer:\n")
    _table(hidden, "initializer", list(INITS), lambda figure: figure.init, _is_within)
    print("Within 10 %, hidden layers, by activation:\n")
    _table(hidden, "activation", list(ACTIVATIONS), lambda figure: figure.activation)
    print("Within 10 % or twice the standard error by theory, hidden layers, by activation:\n")
    _table(hidden, "activation", list(ACTIVATIONS), lambda figure: figure.activation, _is_within)
    _print_worst(known)
    _print_unreached(figures)


def _is_close(figure: Figure) -> bool:
    return figure.off <= CLOSE


def _is_within(figure: Figure) -> bool:
    return figure.within


HOW = {"10 % of the measurement": _is_close, "10 %, or twice the standard error that theory gives": _is_within}


def _table(
    figures: Sequence[Figure],
    head: str,
    rows: Sequence[str],
    row_of: Callable[[Figure], str],
    counted: Callable[[Figure], bool] = _is_close,
) -> None:
    print(f"| {head} | {' | '.join(COMPARED)} | all | figures |")
    print(f"| --- {'| ---: ' * (len(COMPARED) + 2)}|")
    for row in (*rows, "all"):
        some = [figure for figure in figures if row in ("all", row_of(figure))]
        parts = [*([figure for figure in some if figure.statistic == name] for name in COMPARED), some]
        print(f"| {row} | {' | '.join(_share(part, counted) for part in parts)} | {len(some):,} |")
    print()


def _share(figures: Sequence[Figure], counted: Callable[[Figure], bool]) -> str:
    return f"{100 * sum(map(counted, figures)) / len(figures):.1f} %" if figures else "–"


def _print_spreads(title: str, figures: Sequence[Figure]) -> None:
    """How far single networks lie apart, beside what theory says of that; the layers of a network together."""
    groups: dict[tuple[str, str, str, int], list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.tolerance > 0 and figure.error > 0:
            groups[figure.statistic, figure.activation, figure.init, figure.depth].append(figure)
    print(f"Spread of single networks and batches over what theory says of it, {title} of each combination:\n")
    print(f"| statistic | 5 % | median | 95 % | within a factor of {LIKE:g} | combinations |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in COMPARED:
        ratios = [_spread_ratio(some) for key, some in groups.items() if key[0] == name]
        low, middle, high = np.quantile(ratios, [0.05, 0.5, 0.95])
        like = np.mean([1 / LIKE <= ratio <= LIKE for ratio in ratios])
        print(f"| {name} | {low:.2f} | {middle:.2f} | {high:.2f} | {100 * like:.1f} % | {len(ratios):,} |")
    print()


def _spread_ratio(figures: Sequence[Figure]) -> float:
    seen, told = ([getattr(figure, name) for figure in figures] for name in ("error", "tolerance"))
    return float(np.mean(np.square(seen)) ** 0.5 * figures[0].seeds ** 0.5 / np.mean(np.square(told)) ** 0.5)


def _print_unreached(figures: Sequence[Figure]) -> None:
    groups: dict[tuple[str, str, int], int] = defaultdict(int)
    for figure in figures:
        groups[figure.activation, figure.init, figure.depth] += bool(np.isnan(figure.theory))
    print("\nFigures that theory does not reach:\n")
    print("| activation | initializer | depth | figures |")
    print("| --- | --- | ---: | ---: |")
    for (activation, init, depth), count in groups.items():
        if count:
            print(f"| {activation} | {init} | {depth} | {count} |")


def _print_ratios(figures: Sequence[Figure]) -> None:
    print("Theory over measurement, hidden layers:\n")
    print("| statistic | 5 % | median | 95 % | median standard error of the measurement |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name in COMPARED:
        some = [figure for figure in figures if figure.statistic == name]
        low, middle, high = np.quantile([figure.theory / figure.measured for figure in some], [0.05, 0.5, 0.95])
        error = np.median([figure.error for figure in some])
        print(f"| {name} | {low:.2f} | {middle:.3f} | {high:.2f} | {100 * error:.1f} % |")
    print()


def _print_worst(figures: Sequence[Figure]) -> None:
    off = [figure for figure in figures if not figure.within]
    far = [figure for figure in figures if figure.off > CLOSE]
    noise = sum(figure.off <= 2 * figure.error for figure in far)
    print(f"{len(far):,} figures are off by more than 10 %; {noise:,} of them by less than two standard errors as measured,")
    print(f"{len(far) - len(off):,} by less than two as theory gives them.\n")
    print("Combinations with the most figures off by more than both, and the farthest of each:\n")
    print("| activation | initializer | depth | off | farthest | layer | theory | measured | standard error |")
    print("| --- | --- | ---: | ---: | --- | --- | ---: | ---: | ---: |")
    groups: dict[tuple[str, str, int], list[Figure]] = defaultdict(list)
    for figure in off:
        groups[figure.activation, figure.init, figure.depth].append(figure)
    for (activation, init, depth), some in sorted(groups.items(), key=lambda item: -len(item[1]))[:15]:
        worst = max(some, key=lambda figure: figure.off)
        numbers = f"{worst.theory:.3g} | {worst.measured:.3g} | {100 * worst.error:.0f} %"
        print(f"| {activation} | {init} | {depth} | {len(some)} | {worst.statistic} | {worst.layer} | {numbers} |")


if __name__ == "__main__":
    main()
