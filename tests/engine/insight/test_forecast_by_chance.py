"""What a forecast says where networks differ by chance: how far, which measurements are marked, and what that means."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from engine.insight.forecast_records import COMPARED, FEWEST, LOST, TELLING, Flows, Forecast, LayerForecast
from engine.insight.forecast_words import trends, verdict
from engine.insight.measured import measure_flows
from engine.network.build import build_network
from tests.engine.insight.initial import BATCH, foreseen
from tests.engine.insight.initial import measured as measured_roots


def layer(tolerance: float, measured: float) -> LayerForecast:
    """A layer of which one figure was measured beside a theory of 1."""
    flows = (Flows(activation_std=value) for value in (1.0, tolerance, measured))
    return LayerForecast("hidden 1", "dense", "relu", 8, 8, *flows)


@pytest.mark.parametrize(
    ("tolerance", "inside", "outside"),
    [
        (0.01, (0.92, 1.0, 1.09), (0.89, 1.11)),
        (0.1, (0.83, 1.2), (0.79, 1.23)),
        (0.5, (0.3, 2.1), (0.27, 2.2)),
        (0.9, (0.08, 2.65), (0.07, 2.75)),
        (1.4, (0.01, 4.0), (0.008, 4.2)),
    ],
)
def test_a_measurement_is_marked_on_either_side_of_where_chance_puts_it(tolerance, inside, outside):
    assert all(layer(tolerance, value).outside == () for value in inside)
    assert all(layer(tolerance, value).outside == ("activation_std",) for value in (*outside, 0.0, 1e9))


def test_where_networks_differ_by_more_than_theory_can_follow_nothing_is_marked():
    assert layer(TELLING + 0.1, 0.0).outside == layer(TELLING + 0.1, 1e9).outside == ()
    assert layer(TELLING + 0.1, 1.0).left_to_chance("activation_std")
    assert not layer(TELLING, 1.0).left_to_chance("activation_std")
    assert not layer(TELLING + 0.1, 1.0).left_to_chance("z_std")  # of which theory knows nothing


@cache
def networks(depth: int, seeds: int = 60) -> tuple[Forecast, list[list[Flows]]]:
    """ReLU networks of 32 units on normal inputs, and what theory says of them."""
    import torch

    from engine.experiment import Experiment
    from engine.network.head import resolve_cost

    settings = {"model": {"depth": depth, "width": 32, "activation": "relu"}, "batch_size": BATCH}
    experiments = [Experiment.parse({**settings, "seed": seed}) for seed in range(seeds)]
    network = build_network(experiments, (100,), 10, resolve_cost(experiments[0], "classification"))
    noise = torch.Generator().manual_seed(3)
    x, y = torch.randn(seeds, BATCH, 100, generator=noise), torch.randint(0, 10, (seeds, BATCH, 1), generator=noise)
    return foreseen(settings, shape=(100,)), measure_flows(network, experiments, x, y)


@pytest.mark.parametrize("depth", [5, 20])
def test_chance_seldom_marks_a_measurement_and_on_both_sides(depth):
    made, members = networks(depth)
    marks = {
        (row, name, getattr(flows[row], name) < getattr(told.theory, name))
        for flows in members
        for row, told in enumerate(made.layers)
        for name in replace(told, measured=flows[row]).outside
    }
    count = sum(len(replace(told, measured=flows[row]).outside) for flows in members for row, told in enumerate(made.layers))
    assert 0.01 < count / (len(members) * len(made.layers) * len(COMPARED)) < 0.1
    assert {below for *_, below in marks} == {False, True}


def test_half_of_the_networks_lie_below_theory_by_the_square_of_the_tolerance():
    made, members = networks(20)
    told = made.layers[10]
    middle = np.median([flows[10].activation_std for flows in members])
    assert told.tolerance.activation_std > 0.4
    assert middle / told.theory.activation_std == pytest.approx(np.exp(-(told.tolerance.activation_std**2)), rel=0.1)


# --- too few units ----------------------------------------------------------------------


def test_layers_of_fewer_than_four_units_have_no_tolerance():
    for width in range(1, 7):
        made = foreseen({"model": {"blocks": f"dense(100), dense({width}), dense(100)"}})
        assert all((each.tolerance is None) == (width < FEWEST) for each in made.layers), width
        assert any("One network tells nothing of another" in each for each in made.verdict) == (width < FEWEST)
        assert any("fewer than 32 units" in note for note in made.notes) == (width >= FEWEST)


def test_a_few_channels_have_many_places_and_equal_units_leave_nothing_to_chance():
    assert foreseen({"model": {"blocks": "conv(2), flatten, dense(50)"}}, shape=(1, 8, 8)).layers[0].tolerance is not None
    assert foreseen({"model": {"depth": 2, "width": 2, "init": "constant"}}).layers[0].tolerance is not None
    assert foreseen({"model": {"depth": 2, "width": 2}, "pretraining": "dbn"}).layers[0].tolerance is not None


def test_one_weight_alone_has_no_spread():
    made = foreseen({"model": {"depth": 3, "width": 1}})
    assert [each.theory.weight_gradient_std is None for each in made.layers] == [False, True, True, False]
    assert [each.theory.weight_std is None for each in made.layers] == [False, True, True, False]
    assert np.isnan(measured_roots({"model": {"depth": 3, "width": 1}})["weight_gradient_std"]).tolist() == [
        False,
        True,
        True,
        False,
    ]
    assert "one weight alone has no spread: hidden 2, hidden 3" in made.notes


def test_where_not_even_the_mean_over_networks_is_known_there_is_no_figure():
    made = foreseen({"model": {"depth": 100, "width": 4, "activation": "tanh"}})
    first, last = made.layers[0], made.layers[99]
    assert first.theory.gradient_std is None
    assert first.theory.weight_gradient_std is None
    assert first.theory.activation_std is not None
    assert first.tolerance.gradient_std > LOST
    assert last.theory.gradient_std is not None
    assert "Theory does not reach: layers of so few units differ too much" in " ".join(made.verdict)


def test_that_chance_decides_is_told_of_deep_and_narrow_networks_alone():
    assert "Chance decides" in foreseen({"model": {"depth": 60, "width": 16}}).verdict[-1]
    assert not any("Chance" in each for each in foreseen({"model": {"depth": 30, "width": 64}}).verdict)


# --- measurements against the verdict -----------------------------------------------------


def seen(made: Forecast, factor: float, *, top: float = 1.0) -> tuple[str, ...]:
    """The verdict on a forecast whose signal was measured to change by a factor from layer to layer."""
    layers = tuple(
        replace(each, measured=replace(each.theory, activation_std=top * (each.theory.activation_std or 0) * factor**row))
        for row, each in enumerate(made.layers)
    )
    made = replace(made, layers=layers)
    return verdict(made, trends(layers, BATCH))


def test_a_measurement_that_contradicts_the_verdict_is_told_in_one_sentence():
    made = foreseen({"model": {"depth": 6, "width": 500, "activation": "relu"}})
    assert not any("measured" in each for each in (*seen(made, 1.0), *seen(made, 0.85), *seen(made, 1.0, top=100.0)))
    fallen, grown = seen(made, 0.5), seen(made, 2.0)
    assert fallen[1].startswith("But as measured, signal falls from hidden 1 to hidden 6: ×0.5 a layer, ×0.03")
    assert grown[1].startswith("But as measured, signal grows from hidden 1 to hidden 6: ×2 a layer, ×")
    assert seen(made, 0.0)[1] == "But as measured, no signal comes to hidden 6."
    assert sum("measured" in each for each in fallen) == 1


def test_less_of_what_falls_anyway_is_no_contradiction():
    made = foreseen({"model": {"depth": 6, "width": 500, "activation": "tanh", "init": "normal(std=0.01)"}})
    assert made.verdict[0].startswith("Signal falls from hidden 1 to hidden 6")
    assert not any("measured" in each for each in (*seen(made, 0.3), *seen(made, 0.0)))


def test_a_little_more_or_less_is_no_contradiction():
    made = foreseen({"model": {"depth": 3, "width": 500, "activation": "relu"}})
    assert not any("measured" in each for each in (*seen(made, 0.75), *seen(made, 1.35)))
    assert any("measured" in each for each in seen(made, 0.5))


def test_what_rounding_leaves_of_nothing_is_no_contradiction():
    made = foreseen({"model": {"depth": 3, "width": 500, "init": "constant"}})
    rounding = tuple(
        replace(each, measured=replace(each.theory, gradient_std=1e-10 * 10.0**-row)) for row, each in enumerate(made.layers)
    )
    said = verdict(replace(made, layers=rounding), trends(rounding, BATCH))
    assert "No gradient comes to hidden 1." in said
    assert not any("as measured" in each for each in said)
