"""What is measured agrees with autograd, torch.std and plain counting on the same network and batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.events import Finished, Frame, Started
from engine.experiment import Experiment
from engine.network.activations import FLAT
from engine.probes.moments import mean_and_deviation, norm_from, std_from
from engine.probes.schedule import Size, is_measured, measured_every, probe_seconds, steps_between_losses
from engine.training.loop import train
from engine.training.prepare import prepare
from engine.vocabulary import STATISTICS, Statistic
from tests.engine.conftest import experiment, trained
from tests.engine.reference import batches, optimizer, sequential


def first_record(e: Experiment) -> tuple[Frame, np.ndarray]:
    frame = next(event for event in train([e]) if isinstance(event, Frame))
    return frame, frame.layers[0, 0]  # [L, K]


def reference_statistics(e: Experiment) -> list[dict[Statistic, float]]:
    """Every statistic of the first step, from hooks-free autograd on an nn.Sequential."""
    prepared = prepare([e])
    net = sequential(prepared)
    x, y, _ = next(batches(prepared))
    linears = [m for m in net if isinstance(m, nn.Linear)]
    zs: list[Tensor] = []
    hs: list[Tensor] = []
    for module in net:
        x = module(x)
        if isinstance(module, nn.Linear):
            zs.append(x)
        else:
            hs.append(x)
    hs.append(torch.softmax(x, -1))
    for z in zs:
        z.retain_grad()
    per_example = nn.functional.cross_entropy(x, y.squeeze(-1), reduction="none")
    before = [m.weight.detach().clone() for m in linears]
    penalty = sum(e.l2 * m.weight.square().sum() for m in linears)
    (per_example.mean() + penalty).backward()
    steps = optimizer(e, net.parameters())
    steps.step()
    rows = []
    for position, (linear, z, h, w) in enumerate(zip(linears, zs, hs, before, strict=True)):
        hidden = position < len(linears) - 1
        flat = (1 - h**2 < FLAT) if hidden else torch.zeros_like(h, dtype=torch.bool)
        grad = z.grad * len(y)
        rows.append({
            Statistic.ACTIVATION_MEAN: h.mean(), Statistic.ACTIVATION_STD: h.std(correction=0),
            Statistic.SATURATED: flat.double().mean(), Statistic.DEAD: flat.all(0).double().mean(),
            Statistic.GRADIENT_MEAN: grad.mean(), Statistic.GRADIENT_STD: grad.std(correction=0),
            Statistic.WEIGHT_GRADIENT_NORM: linear.weight.grad.norm(),
            Statistic.WEIGHT_GRADIENT_STD: linear.weight.grad.std(correction=0),
            Statistic.WEIGHT_NORM: w.norm(), Statistic.WEIGHT_STD: w.std(correction=0),
            Statistic.UPDATE_RATIO: (linear.weight - w).norm() / w.norm(),
            Statistic.NEAR_ZERO: (linear.weight.abs() < 1e-3).double().mean(),
        })  # fmt: skip
    return [{key: float(value.detach()) for key, value in row.items()} for row in rows]


def test_every_statistic_of_every_layer_agrees_with_autograd() -> None:
    # Weights of all sizes, so that some units are saturated, some dead, some weights near zero.
    e = experiment(model__activation="tanh", model__init="normal(std=1.5)", l2=0.01, model__width=30)
    _, measured = first_record(e)
    expected = reference_statistics(e)
    assert measured.shape == (3, len(STATISTICS))
    for layer, row in enumerate(expected):
        for position, statistic in enumerate(STATISTICS):
            assert measured[layer, position] == pytest.approx(row[statistic], rel=1e-5, abs=1e-9), (layer, statistic)
    saturated = [row[Statistic.SATURATED] for row in expected[:2]]
    assert min(saturated) > 0.05
    assert max(row[Statistic.DEAD] for row in expected) > 0
    assert max(row[Statistic.NEAR_ZERO] for row in expected) > 0


def test_a_relu_unit_that_is_never_on_is_dead() -> None:
    e = experiment(model__bias_init=-100.0, steps=1)
    _, measured = first_record(e)
    dead = STATISTICS.index(Statistic.DEAD)
    np.testing.assert_array_equal(measured[:2, dead], [1.0, 1.0])


@pytest.mark.parametrize(
    ("cost", "output", "counts"),
    [("cross_entropy", "softmax", False), ("quadratic", "sigmoid", True), ("quadratic", "softmax", True)],
)
def test_outputs_are_saturated_only_under_a_cost_that_feels_it(cost: str, output: str, counts: bool) -> None:
    e = experiment(cost=cost, model__output=output, model__init="normal(std=20)", model__activation="tanh", steps=1)
    _, measured = first_record(e)
    assert (measured[-1, STATISTICS.index(Statistic.SATURATED)] > 0.5) is np.bool_(counts)


def test_gradients_far_below_the_square_root_of_float32_are_measured() -> None:
    e = experiment(dtype="float32", model__depth=12, model__activation="sigmoid", model__init="normal(std=0.001)", steps=1)
    _, measured = first_record(e)
    std = measured[:, STATISTICS.index(Statistic.GRADIENT_STD)]
    assert 0 < std[0] < 1e-30
    ratios = std[1:-1] / std[:-2]
    assert (ratios > 100).all()


@pytest.mark.parametrize("offset", [0.0, 3.0, 1e4])
def test_moments_agree_with_numpy_far_from_zero(offset: float) -> None:
    x = torch.randn(2, 30, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) + offset
    mean, deviation = (t.numpy() for t in mean_and_deviation(x))
    flat = x.flatten(1).numpy()
    np.testing.assert_allclose(mean, flat.mean(1), rtol=1e-12)
    np.testing.assert_allclose(std_from(deviation, np.array(600.0)), flat.std(1), rtol=1e-9)
    np.testing.assert_allclose(norm_from(mean, deviation, np.array(600.0)), np.linalg.norm(flat, axis=1), rtol=1e-12)


@pytest.mark.parametrize(
    ("optimizer", "rates", "l2"),
    [
        ("adam", (0.01,), 0.0),
        ("sgd", (0.1,), 0.0),
        ("sgd", (0.1, 0.01, 0.1), 0.0),
        ("sgd", (0.1,), 0.01),
        ("momentum", (0.1, 0.01), 0.0),
    ],
)
def test_measuring_changes_nothing_in_training(optimizer: str, rates: tuple[float, ...], l2: float) -> None:
    def weights(every: object) -> list[Tensor]:
        e = experiment(monitor__every=every, model__dropout=0.2, model__batch_norm=True, model__activation="prelu")
        e = e.with_settings({"optimizer": optimizer, "l2": l2, "monitor.distributions": 1})
        members = [e.with_settings({"lr": lr, "seed": seed}) for seed, lr in enumerate(rates)]
        return [p.value for p in trained(members).network.parameters]

    for often, seldom in zip(weights(1), weights(1000), strict=True):
        assert torch.equal(often, seldom)


def test_asking_for_every_step_measures_every_step() -> None:
    frames = [event for event in train([experiment(monitor__every=1)]) if isinstance(event, Frame)]
    steps = np.concatenate([frame.layer_steps for frame in frames])
    np.testing.assert_array_equal(steps, np.arange(1, 51))


def test_the_losses_recorded_are_the_means_since_the_last_record() -> None:
    """A population of eight is recorded every second step; alone every step is. The means must agree."""
    e = experiment(steps=40)

    def losses(members: int) -> tuple[np.ndarray, np.ndarray]:
        frames = [f for f in train([e] * members) if isinstance(f, Frame)]
        return np.concatenate([f.steps for f in frames]), np.concatenate([f.loss[:, 0] for f in frames])

    steps, all_losses = losses(1)
    np.testing.assert_array_equal(steps, np.arange(1, 41))
    some_steps, means = losses(8)
    assert len(some_steps) < 40
    begin = 0
    for step, mean in zip(some_steps, means, strict=True):
        assert mean == pytest.approx(all_losses[begin:step].mean(), abs=1e-12)
        begin = step


def test_first_and_last_step_are_measured_and_so_are_powers_of_two() -> None:
    assert [step for step in range(1, 101) if is_measured(step, 30)] == [1, 2, 4, 8, 16, 30, 60, 90]
    frames = [f for f in train([experiment(monitor__every=30)]) if isinstance(f, Frame)]
    assert np.concatenate([f.layer_steps for f in frames]).tolist() == [1, 2, 4, 8, 16, 30, 50]


def test_the_interval_is_decided_by_the_experiment_alone() -> None:
    e = Experiment()
    small = Size(members=1, batch=64, layers=4, weights=13_000, units=202, products=13_000)
    assert measured_every(e, small) == measured_every(e, small)
    generous = e.with_settings({"monitor.budget": 0.5})
    assert measured_every(generous, small) < measured_every(e, small)
    assert measured_every(e.with_settings({"monitor.every": 7}), small) == 7


@pytest.mark.parametrize("grown", ["layers", "weights", "units", "batch", "members"])
def test_more_of_anything_is_expected_to_take_longer_to_measure(grown: str) -> None:
    size = Size(members=2, batch=64, layers=4, weights=13_000, units=202, products=13_000)
    assert probe_seconds(replace(size, **{grown: 10 * getattr(size, grown)})) > 1.1 * probe_seconds(size)


def test_a_long_run_is_recorded_about_nine_thousand_times_per_decade() -> None:
    def records(first: int, last: int) -> int:
        count, step = 0, first
        while step < last:
            count, step = count + 1, step + steps_between_losses(step, 1)
        return count

    assert records(1, 10_000) == 9_999
    assert records(10_000, 100_000) == 9_000
    assert records(100_000, 1_000_000) == 9_000


def test_the_share_of_time_spent_measuring_is_told() -> None:
    def share(every: int) -> float:
        *_, last = train([experiment(steps=400, monitor__every=every)])
        assert isinstance(last, Finished)
        return last.measuring

    assert 0 < share(400) < share(1) < 1


def test_layers_are_named_from_the_input_to_the_output() -> None:
    started = next(iter(train([experiment(model__widths=[9, 4], model__activation="maxout(pieces=3)")])))
    assert isinstance(started, Started)
    assert [(i.name, i.inputs, i.outputs, i.parameters) for i in started.layers] == [
        ("hidden 1", 4, 9, 4 * 27 + 27), ("hidden 2", 9, 4, 9 * 12 + 12), ("output", 4, 3, 15),
    ]  # fmt: skip
    assert started.parameters == sum(layer.parameters for layer in started.layers)
