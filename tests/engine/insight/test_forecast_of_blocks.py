"""The forecast of every kind of block and cost: against measurements, and where theory does not reach."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from engine.catalog import ACTIVATIONS, parse_pick
from engine.data_outline import DataOutline
from engine.experiment import Experiment
from engine.insight.forecast import by_theory, forecast
from tests.engine.insight.initial import foreseen, off

WIDE = {"depth": 4, "width": 300}


@pytest.mark.parametrize(
    ("settings", "tolerance"),
    [
        ({"model": {**WIDE, "batch_norm": True, "activation": "relu"}}, 0.1),
        ({"model": {**WIDE, "batch_norm": True, "activation": "sigmoid", "bias_init": 0.3}}, 0.1),
        ({"model": {**WIDE, "batch_norm": True, "activation": "maxout"}}, 0.1),
        ({"model": {**WIDE, "batch_norm": True, "activation": "tanh"}, "batch_size": 16}, 0.1),
        (
            {
                "model": {"depth": 4, "width": 300, "batch_norm": True, "activation": "relu", "output": "sigmoid"},
                "cost": "quadratic",
            },
            0.1,
        ),
        ({"model": {**WIDE, "batch_norm": True, "batch_norm_eps": 1.0, "activation": "tanh"}}, 0.1),
        ({"model": {**WIDE, "batch_norm": True, "bias_std": 1.0, "activation": "tanh"}}, 0.1),
        ({"model": {**WIDE, "bias_std": 0.5, "activation": "tanh"}}, 0.1),
        ({"model": {**WIDE, "dropout": 0.5, "activation": "tanh"}}, 0.1),
        ({"model": {**WIDE, "dropout": 0.3, "activation": "selu", "init": "lecun_normal"}}, 0.1),
        ({"model": {**WIDE, "dropout": 0.3, "batch_norm": True, "init": "lsuv"}}, 0.1),
        ({"model": {**WIDE, "activation": "tanh"}, "l2": 0.1, "l1": 0.01}, 0.1),
        (
            {
                "model": {
                    "blocks": "dense(300), 3*residual(dense(300), dense(300))",
                    "activation": "tanh",
                    "init": "xavier_normal",
                }
            },
            0.1,
        ),
        ({"model": {"blocks": "dense(300), 3*residual(dense(300), dense(300), form=pre_activation)"}}, 0.12),
        ({"model": {"blocks": "dense(300), 2*residual(dense(300), dense(300), form=pre_activation)", "batch_norm": True}}, 0.12),
        ({"model": {"blocks": "dense(300), residual(dense(300), dense(200)), dense(200)", "activation": "elu"}}, 0.1),
        (
            {
                "model": {
                    "blocks": "split(dense(100) | dense(200), dense(200), join=concat), "
                    "split(dense(300, activation=relu) | dense(300, activation=relu)), dense(200, activation=tanh)",
                    "activation": "elu",
                }
            },
            0.13,
        ),
        ({"model": {"blocks": "dense(300, activation=identity), batch_norm, activation(tanh), dropout(0.4), dense(300)"}}, 0.1),
    ],
    ids=lambda value: str(value.get("model", {}).get("blocks", "")) if isinstance(value, dict) else "",
)
def test_blocks_are_foreseen_to_a_tenth(settings, tolerance):
    """All but the weight gradient of the output layer, which ten outputs of eight networks do not tell so well."""
    found = off(settings, shape=(300,), seeds=8)
    for name in ("z_std", "activation_std", "gradient_std", "weight_gradient_std"):
        assert found[name][:-1].max() < tolerance, name


def test_the_bias_moves_what_enters_the_activation():
    found = off({"model": {**WIDE, "activation": "tanh", "bias_init": 1.0}}, shape=(300,), seeds=8)
    assert max(found[name][:-1].max() for name in ("z_std", "activation_std", "gradient_std")) < 0.1
    assert foreseen({"model": {**WIDE, "bias_init": 1.0}}).layers[0].theory.z_mean == pytest.approx(1.0)


def test_a_convolution_is_foreseen_but_for_the_gradient_of_its_weights():
    settings = {"model": {"blocks": "conv(32), conv(64, stride=2), flatten, dense(300)"}}
    made = foreseen(settings, shape=(1, 8, 8))
    assert made.layers[0].theory.weight_gradient_std is None
    assert "many places" in made.layers[0].reason
    found = off(settings, shape=(1, 8, 8), seeds=8)
    assert max(found[name][:-1].max() for name in ("z_std", "activation_std", "gradient_std")) < 0.1


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"cost": "binary_cross_entropy"}, {}),
        ({"cost": "binary_cross_entropy"}, {"classes": 2}),
        ({"cost": "mean_squared"}, {}),
        ({"cost": "huber(delta=0.5)"}, {}),
        ({"cost": "mean_absolute", "output": "tanh"}, {}),
        ({"cost": "quadratic", "output": "sigmoid"}, {}),
        ({"cost": "quadratic", "output": "softmax"}, {}),
        ({}, {"task": "regression", "classes": 0}),
        ({"cost": "mean_absolute"}, {"task": "regression", "classes": 0}),
    ],
)
def test_costs_are_foreseen_to_a_tenth(settings, where):
    model = {"depth": 2, "width": 300, "activation": "tanh"} | ({"output": settings["output"]} if "output" in settings else {})
    experiment = {"model": model} | ({"cost": settings["cost"]} if "cost" in settings else {})
    found = off(experiment, shape=(300,), seeds=24, **where)
    assert max(found[name].max() for name in ("z_std", "gradient_std")) < 0.1
    assert found["weight_gradient_std"][:-1].max() < 0.12


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"model": {"blocks": "lstm(8), dense(5)"}}, "1 lstm is recurrent"),
        ({"model": {"blocks": "conv(4), max_pool, flatten, dense(5)"}}, "2 max_pool"),
        ({"model": {"blocks": "conv(4, batch_norm=on), flatten, dense(5)"}}, "batch norm of 1 conv"),
        ({"model": {"depth": 2}, "pretraining": "dbn"}, "dbn pre-training"),
        ({"model": {"depth": 2, "init": "constant", "dropout": 0.5}}, "plain dense layers only"),
        ({"model": {"blocks": "dense(8), dense(8, init=identity)"}}, "2 dense begins with identity"),
    ],
)
def test_where_theory_does_not_reach_it_says_so(settings, reason):
    made = foreseen(settings, shape=(1, 8, 8))
    beyond = [layer for layer in made.layers if not layer.reached]
    assert beyond
    assert all(reason in layer.reason for layer in beyond)
    assert made.layers[-1].theory.activation_std is None
    assert all(layer.theory.gradient_std is None for layer in made.layers)  # they would have to come through it
    assert any(reason in sentence for sentence in made.verdict)


def test_layers_before_the_end_of_theory_have_their_signal():
    first = foreseen({"model": {"blocks": "conv(4), max_pool, flatten, dense(5)"}}, shape=(1, 8, 8)).layers[0]
    assert first.theory.activation_std is not None
    assert first.theory.gradient_std is None


def test_layers_stand_in_the_order_of_the_network():
    from engine.training.prepare import prepare

    experiment = Experiment.parse(
        {
            "model": {
                "blocks": "conv(4), max_pool, flatten, residual(dense(8), split(dense(4) | dense(4), join=concat)), "
                "gru(3), dense(2)"
            }
        }
    )
    made = by_theory(experiment, DataOutline((1, 8, 8), "classification", 10, 1437))
    infos = prepare([experiment]).layers
    assert [(layer.name, layer.kind, layer.outputs) for layer in made.layers[:-1]] == [
        (info.name, info.kind, info.outputs) for info in infos[:-1]
    ]
    assert made.layers[-1].name == infos[-1].name


@pytest.mark.parametrize("key", ACTIVATIONS)
def test_every_activation_has_a_forecast(key):
    made = foreseen({"model": {"depth": 2, "width": 20, "activation": str(parse_pick(key, ACTIVATIONS))}}, shape=(30,))
    assert all(layer.reached for layer in made.layers)


# --- real data, and words ---------------------------------------------------------------


def test_data_that_are_read_tell_theory_what_inputs_are_like(tmp_path):
    rows = "".join(f"{n},{3 * n},{n % 2}\n" for n in range(100))
    (tmp_path / "t.csv").write_text("a,b,y\n" + rows)
    experiment = Experiment.parse(
        {"data": {"name": str(tmp_path / "t.csv"), "target": "y", "scaling": "none"}, "model": {"depth": 1}}
    )
    made = forecast(experiment, measure=False)
    assert made.inputs.known
    assert made.inputs.mean_square == pytest.approx(sum(n * n * 5 for n in range(100)) / 100, rel=0.2)
    assert made.notes == ()


def test_what_is_measured_on_real_data_is_near_what_is_foreseen():
    made = forecast(Experiment.parse({"model": {"depth": 3, "width": 300, "activation": "tanh"}, "device": "cpu"}))
    for layer in made.layers[:-1]:
        assert layer.measured is not None
        for name in ("z_std", "activation_std", "gradient_std", "weight_gradient_std"):
            assert getattr(layer.theory, name) == pytest.approx(getattr(layer.measured, name), rel=0.2), (layer.name, name)


def test_the_verdict_names_how_fast_the_gradient_falls_and_from_which_depth_it_is_gone():
    made = foreseen({"model": {"depth": 8, "width": 64, "activation": "sigmoid", "init": "xavier_normal"}}, shape=(64,))
    signal, gradient = made.trends
    assert gradient.ratio == pytest.approx(0.25, abs=0.02)
    sizes = [layer.theory.gradient_std * layer.outputs**0.5 for layer in made.layers]
    assert gradient.left == pytest.approx(sizes[0] / sizes[-1])
    assert gradient.faint_from == next(number for number, size in enumerate(reversed(sizes)) if size < 1e-3 * sizes[-1])
    assert gradient.across == pytest.approx(sizes[0] / sizes[7])
    assert made.verdict[1].startswith("Gradient falls from hidden 8 down to hidden 1: ×0.2")
    assert made.verdict[1].endswith(f"from {gradient.faint_from} hidden layers on it is below 0.001 of that at output.")
    assert signal.faint_from is None
    assert any("look alike" in sentence for sentence in made.verdict)
    assert made.layers[2].gain == pytest.approx((made.layers[2].theory.gradient_std / made.layers[3].theory.gradient_std) ** 2)


def test_beyond_the_network_the_last_ratio_goes_on():
    shallow = foreseen({"model": {"depth": 3, "width": 500, "activation": "tanh", "init": "normal(std=0.01)"}})
    deep = foreseen({"model": {"depth": 8, "width": 500, "activation": "tanh", "init": "normal(std=0.01)"}})
    assert shallow.trends[0].faint_from == deep.trends[0].faint_from == 6
    assert deep.trends[0].left < 1e-3


@pytest.mark.parametrize("widths", [(1024, 32), (512, 256, 128, 64, 32), (32, 1024)], ids=str)
def test_layers_of_many_units_share_a_gradient_that_keeps_its_length(widths):
    """Under He weights n Var W = 2 on the way up; on the way down a unit's share changes with the width, the length does not."""
    made = foreseen({"model": {"widths": widths}}, shape=(784,))
    assert made.verdict[1].startswith("Gradient keeps its size")


def test_a_little_in_every_layer_adds_up():
    """Batch norm of ReLU multiplies gradients by 1.21 a layer (Yang et al. 2019: pi / (pi - 1) of the variance)."""
    made = foreseen({"model": {"depth": 40, "width": 100, "batch_norm": True}}, shape=(64,))
    assert made.trends[1].ratio == pytest.approx((np.pi / (np.pi - 1)) ** 0.5, rel=0.03)
    assert made.verdict[1].startswith("Gradient grows from hidden 40 down to hidden 1: ×1.2 a layer")


def test_saturation_before_the_first_step_is_told():
    """Of z with the variance 100, tanh is flat beyond |z| = 2.18, where its slope is 5 %."""
    made = foreseen({"model": {"depth": 2, "width": 100, "activation": "tanh", "init": "normal(std=1)"}}, shape=(100,))
    assert made.layers[0].flat == pytest.approx(2 * NormalDist(0, 10).cdf(-np.arccosh(20**0.5)), abs=0.01)
    assert any(sentence.startswith("Saturated from the first step on: up to 83%") for sentence in made.verdict)
    assert not any(sentence.startswith("Saturated") for sentence in foreseen({"model": {"activation": "tanh"}}).verdict)


@pytest.mark.parametrize(
    ("activation", "learns"), [("relu", "only the biases of the output"), ("sigmoid", "only the output layer")]
)
def test_what_learns_under_zero_weights_is_told(activation, learns):
    made = foreseen({"model": {"init": "zeros", "activation": activation}})
    assert learns in made.verdict[0]


def test_an_explosion_is_told():
    made = foreseen({"model": {"depth": 4, "width": 500, "activation": "relu", "init": "normal(std=0.5)"}})
    assert made.trends[1].huge_from is not None
    assert made.verdict[0].startswith("Signal grows from hidden 1 to hidden 4: ×7.9 a layer, ×4.9e+02 in all; from ")
    assert made.verdict[1].startswith("Gradient grows from hidden 4 down to hidden 1: ×7.9 a layer, ×")


def test_without_a_hidden_layer_there_is_nothing_to_pass():
    made = foreseen({"model": {"depth": 0}})
    assert made.verdict == ("There is no hidden layer: signal and gradient have no way to go.",)
    assert made.layers[0].theory.gradient_std == pytest.approx(0.3, abs=0.05)


@pytest.mark.parametrize("measured", [False, True])
def test_one_number_in_a_batch_of_one_has_no_spread_from_which_a_gradient_could_fall(measured):
    settings = {"data": {"name": "diabetes"}, "batch_size": 1, "device": "cpu", "steps": 3}
    made = forecast(Experiment.parse(settings | {"model": {"depth": 3, "width": 64}}), measure=measured)
    assert made.layers[-1].theory.gradient_std == 0
    assert [(trend.quantity, trend.origin, trend.end) for trend in made.trends] == [
        ("signal", "hidden 1", "hidden 3"),
        ("gradient", "hidden 3", "hidden 1"),
    ]
    assert made.verdict[1].startswith("Gradient keeps its size from hidden 3 down to hidden 1: ×1")
    assert "a batch of one example has one number at output, which has no spread" in made.notes
    shallow = forecast(Experiment.parse(settings | {"model": {"depth": 1, "width": 64}}), measure=measured)
    assert shallow.verdict == ("There are no two layers whose spread could be compared.",)


def test_notes_say_what_figures_rest_on():
    assert foreseen({"model": {"depth": 1, "width": 64}}).notes == (
        "inputs are taken as independent, of mean 0 and variance 1: the data have not been read",
    )
    assert "fewer than 32 units" in foreseen({"model": {"depth": 1, "width": 8}}).notes[0]
    assert "pre-training begins" in foreseen({"model": {"depth": 1}, "pretraining": "dbn"}).notes[0]
    assert any("not scaled" in note for note in foreseen({"data": {"scaling": "none"}}).notes)


@pytest.mark.parametrize(("blocks", "told"), [("3*dense(50), batch_norm, dense(50)", True), ("dense(50), batch_norm", False)])
def test_batch_norm_behind_rectified_units_that_differ_is_told_of(blocks, told):
    """Units that are off for nearly all examples are those that batch norm scales up."""
    made = foreseen({"model": {"blocks": blocks}}, shape=(50,))
    assert any("batch norm scales units up" in layer.reason for layer in made.layers) == told
