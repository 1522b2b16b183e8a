"""The cost over two weights and along two directions, against PyTorch's modules and finite differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from engine.errors import ConfigurationError
from engine.insight import surface as surface_module
from engine.insight.surface import random_direction, surface_of
from engine.insight.surface_records import FLAT, Directions, Surface, SurfaceAxis, WeightAt
from engine.network.module import module_of
from engine.training.prepare import prepare
from tests.engine.conftest import experiment

NOISE = {"data__name": "noise", "data__inputs": 6, "data__samples": 200, "model__depth": 1, "model__activation": "tanh"}
CNN = {"data__name": "digits", "model__blocks": "conv(3), max_pool, flatten, dense(5)"}


def torch_cost(outputs, targets, cost):
    """The cost by PyTorch: of the last pre-activations."""
    if cost == "cross_entropy":
        return functional.cross_entropy(outputs, targets[:, 0])
    if cost == "mean_squared":
        return functional.mse_loss(outputs, targets)
    return (outputs.softmax(-1) - targets).square().sum(-1).mean() / 2


@pytest.mark.parametrize(
    ("settings", "along", "members"),
    [
        ({**NOISE}, None, ("body.hidden 1.affine", "output")),
        ({**NOISE, "cost": "quadratic", "model__output": "softmax"}, None, ("body.hidden 1.affine", "output")),
        (
            {"data__name": "diabetes", "model__depth": 2, "cost": "mean_squared"},
            (WeightAt("hidden 2", (3, 1)), WeightAt("hidden 1", (9, 6))),
            ("body.hidden 2.affine", "body.hidden 1.affine"),
        ),
        (CNN, (WeightAt("1 conv", (2, 0, 1, 2)), WeightAt("output", (4, 9))), ("body.1 conv.affine", "output")),
    ],
)
def test_the_cost_of_each_point_is_that_of_the_module_with_those_two_weights(settings, along, members):
    described = experiment(**settings)
    surface = surface_of(described, along, reach=3, points=5, examples=40)
    prepared = prepare([described])
    module = module_of(prepared.network, output_activation=False)
    layers = [module.get_submodule(name) for name in members]
    across, up = along or (WeightAt("hidden 1", (0, 0)), WeightAt("output", (0, 0)))
    places = [at.position if len(at.position) == 4 else at.position[::-1] for at in (across, up)]  # theirs is [out, in]
    assert [surface.x.here, surface.y.here] == [layer.weight[place].item() for layer, place in zip(layers, places, strict=True)]
    inputs, targets = prepared.train.inputs[:40], prepared.train.targets[:40]
    for row, y in enumerate(surface.y.values):
        for column, x in enumerate(surface.x.values):
            with torch.no_grad():
                for layer, place, value in zip(layers, places, (x, y), strict=True):
                    layer.weight[place] = value
                expected = torch_cost(module(inputs), targets, surface.cost)
            assert surface.costs[row, column] == pytest.approx(expected.item(), rel=1e-9)
    assert surface.costs[2, 2] == pytest.approx(surface.here, rel=1e-12)
    assert (surface.examples, str(across)) == (40, surface.x.label)


@pytest.mark.parametrize("along", [None, Directions()])
@pytest.mark.parametrize(
    "settings",
    [
        NOISE,
        {**NOISE, "cost": "quadratic", "model__depth": 3, "model__output": "sigmoid"},
        {"model__batch_norm": True, "model__activation": "sigmoid"},
        {**CNN, "model__activation": "elu"},
        {"data__name": "digits", "model__blocks": "lstm(4), dense(3), batch_norm"},
        {"model__depth": 0},
    ],
)
def test_gradients_are_the_slopes_of_finite_differences(settings, along):
    described = experiment(**settings)
    wide = surface_of(described, along, reach=1, points=3, examples=30)
    assert wide.gradients.shape == (2, 3, 3)
    near = surface_of(described, along, reach=1e-5, points=3, examples=30)
    across = (near.costs[1, 2] - near.costs[1, 0]) / 2e-5
    up = (near.costs[2, 1] - near.costs[0, 1]) / 2e-5
    assert near.gradients[:, 1, 1] == pytest.approx([across, up], rel=1e-5, abs=1e-8)
    assert near.gradients[:, 1, 1] == pytest.approx(wide.gradients[:, 1, 1], rel=1e-9)
    assert wide.slopes[1, 1] > 0


@pytest.mark.parametrize("along", [None, Directions()])
def test_points_that_are_worked_on_a_few_at_a_time_are_the_same(monkeypatch, along):
    described = experiment(**NOISE)
    together = surface_of(described, along, points=7)
    monkeypatch.setattr(surface_module, "PIECE_VALUES", 40_000)
    told = []
    apart = surface_of(described, along, points=7, progress=lambda *words: told.append(words))
    assert told[-1][0] == "cost surface"
    assert len(told) > 3
    assert apart.costs == pytest.approx(together.costs, rel=1e-12)
    assert apart.gradients == pytest.approx(together.gradients, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("settings", [{}, {**CNN, "model__batch_norm": True, "model__activation": "prelu"}])
def test_a_direction_has_the_norm_of_each_filter_and_leaves_all_else_alone(settings):
    network = prepare([experiment(**settings)]).network
    steps = random_direction(network, torch.Generator().manual_seed(1))
    for parameter, step in zip(network.parameters, steps, strict=True):
        assert (step is not None) == (parameter.name == "weight")
        if step is not None:
            filters = [each[0].flatten(1) if each.ndim == 5 else each[0].T for each in (parameter.value, step)]
            assert filters[1].norm(dim=1).tolist() == pytest.approx(filters[0].norm(dim=1).tolist())
            assert not torch.allclose(*filters)


def test_directions_are_normalized_so_that_rescaling_relu_layers_changes_nothing():
    def about(first, second):
        blocks = f"dense(8, init=normal(std={first})), dense(8, init=normal(std={second}))"
        return surface_of(experiment(model__blocks=blocks, model__activation="relu"), Directions(), points=5)

    one, other = about(0.5, 0.2), about(0.1, 1.0)
    assert one.costs == pytest.approx(other.costs, rel=1e-9)
    assert np.ptp(one.costs) > 0.01


def test_directions_go_by_their_seed_and_are_repeated():
    described = experiment()
    one, again, other = (surface_of(described, Directions(seed), points=3) for seed in (None, 0, 1))
    assert np.array_equal(one.costs, again.costs)
    assert one.here == other.here
    assert not np.allclose(one.costs, other.costs)
    assert (one.x.values.tolist(), one.x.here) == ([-1, 0, 1], 0)


def test_dropout_is_off_and_batch_norm_takes_the_moments_of_the_batch():
    blocks = "dense(9), dropout(0.5), dense(9, dropout=0.3), dense(9)"
    normed = {"model__batch_norm": True}
    without = surface_of(experiment(**normed, model__blocks="dense(9), dense(9), dense(9)"), points=3)
    dropped = surface_of(experiment(**normed, model__blocks=blocks, model__dropout=0.4), points=3)
    assert dropped.costs == pytest.approx(without.costs, rel=1e-12)
    described = experiment(**normed)
    prepared = prepare([described])
    x, y = prepared.train.inputs[None, :50], prepared.train.targets[None, :50]
    _, cost = prepared.network.forward(x, y, training=True)
    assert surface_of(described, points=3, examples=50).here == pytest.approx(cost.mean().item(), rel=1e-12)


@pytest.mark.parametrize("width", [1, 10])
def test_the_quadratic_cost_has_worse_plateaus_than_cross_entropy(width):
    """Glorot & Bengio 2010, figure 5: one hidden layer of tanh, random inputs and targets."""
    settings = {**NOISE, "data__samples": 1000, "model__width": width, "model__init": "standard", "model__output": "softmax"}
    entropy, quadratic = (surface_of(experiment(**settings, cost=cost)) for cost in ("cross_entropy", "quadratic"))
    assert quadratic.plateau > 2 * entropy.plateau
    assert np.array_equal(entropy.x.values, quadratic.x.values)


def made(costs, across, up):
    axis = SurfaceAxis("w", np.arange(3.0), 1.0)
    return Surface("mean_squared", axis, axis, np.array(costs), np.array([across, up]), 0.0, 1)


def test_a_plateau_is_where_the_slope_is_a_hundredth_of_the_steepest():
    nothing = np.zeros((3, 3))
    across, up = nothing.copy(), nothing.copy()
    across[0] = 300, 3, -30
    up[0] = -400, 4, 40
    surface = made(nothing, across, up)
    assert surface.slopes[0].tolist() == [500, 5, 50]
    assert surface.steepest * FLAT == 5
    assert surface.flat.tolist() == [[False, True, False], [True] * 3, [True] * 3]
    assert surface.plateau == pytest.approx(7 / 9)
    assert made(nothing, nothing, nothing).plateau == 1
    across[1] = np.nan, np.inf, 0
    assert made(nothing, across, up).flat.tolist() == [[False, True, False], [False, False, True], [True] * 3]
    assert made(nothing, np.full((3, 3), np.nan), up).plateau == 0


@pytest.mark.parametrize(
    ("settings", "along", "options", "words"),
    [
        ({}, (WeightAt("hiden 1", (0, 0)), WeightAt("output", (0, 0))), {}, "unknown layer 'hiden 1'. Did you mean 'hidden 1'?"),
        (
            {},
            (WeightAt("hidden 1", (4, 0)), WeightAt("output", (0, 0))),
            {},
            r"no hidden 1\[4, 0\]; .* are 4 x 7, counted from 0",
        ),
        ({}, (WeightAt("hidden 1", (0,)), WeightAt("output", (0, 0))), {}, "4 x 7"),
        ({}, (WeightAt("output", (1, 1)), WeightAt("output", (1, 1))), {}, "two different weights"),
        ({}, None, {"points": 2}, "points: must be from 3"),
        ({}, None, {"reach": 0.0}, "range: must be a number above 0"),
        ({}, None, {"examples": 0}, "examples: must be at least 1"),
    ],
)
def test_what_cannot_be_drawn_is_said(settings, along, options, words):
    with pytest.raises(ConfigurationError, match=words):
        surface_of(experiment(**settings), along, **options)
