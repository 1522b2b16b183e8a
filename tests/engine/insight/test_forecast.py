"""Theory against measurements at initialization, and against published tables."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.insight.initial import foreseen, measured, off, theory

CENTRED = ("tanh", "softsign", "hard_tanh", "identity", "selu")
"""Their examples stay unlike each other, so that a few networks tell the gradient of the weights well enough."""


@pytest.mark.parametrize(
    "init", ["he_normal", "normal", "standard", "xavier_uniform", "orthogonal", "lsuv", "identity", "normal(std=1)"]
)
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_initializers_are_foreseen_to_a_tenth(activation, init):
    seeds = 32 if init == "lsuv" else 4  # LSUV scales the last weights by what ten outputs happen to be
    found = off({"model": {"depth": 4, "width": 500, "activation": activation, "init": init}}, seeds=seeds)
    for name in ("z_std", "activation_std", "gradient_std"):
        assert found[name][:-1].max() < 0.1, name
    assert found["gradient_std"][-1] < 0.05


@pytest.mark.parametrize(
    "activation",
    [
        "sigmoid",
        "softsign",
        "hard_tanh",
        "softplus",
        "prelu",
        "leaky_relu",
        "elu",
        "selu",
        "gelu",
        "silu",
        "maxout",
        "maxout(pieces=3)",
    ],
)
def test_activations_are_foreseen_to_a_tenth(activation):
    found = off({"model": {"depth": 4, "width": 500, "activation": activation, "init": "lecun_normal"}})
    for name in ("z_std", "activation_std", "gradient_std"):
        assert found[name][:-1].max() < 0.1, name
    if activation in CENTRED:
        assert found["weight_gradient_std"][:-1].max() < 0.1


def test_depth_does_not_add_up_errors():
    found = off({"model": {"depth": 20, "width": 500, "activation": "tanh", "init": "xavier_normal"}}, seeds=2)
    assert max(figures[:-1].max() for figures in found.values()) < 0.1


TANH = [0.2131, 0.0476, 0.0106, 0.00238, 0.000532, 0.000119, 0.000026, 0.000006, 0.000001]
RELU = [0.825, 0.828, 0.814, 0.827, 0.834, 0.860, 0.871, 0.889, 0.845, 0.845]
TANH_XAVIER = [0.627, 0.486, 0.408, 0.357, 0.321, 0.294, 0.272, 0.255, 0.241, 0.228]
RELU_XAVIER = [0.583, 0.410, 0.283, 0.197, 0.138, 0.098, 0.069, 0.048, 0.034, 0.024]


@pytest.mark.parametrize(
    ("activation", "init", "published", "tolerance"),
    [
        ("tanh", "normal(std=0.01)", TANH, 0.04),  # CS231n prints the last ones with one digit
        ("relu", "he_normal", RELU, 0.1),  # one network: layers vary by 0.08 from one to the next
        ("tanh", "normal(std=1.0)", [0.98] * 10, 0.01),
        ("tanh", "xavier_normal", TANH_XAVIER, 0.02),
        ("relu", "xavier_normal", RELU_XAVIER, 0.1),
    ],
)
def test_the_ten_layer_tables_of_cs231n(activation, init, published, tolerance):
    """Standard deviations of the activations of ten layers of 500 units on 500 normal inputs: published, by theory, measured."""
    settings = {"model": {"depth": 10, "width": 500, "activation": activation, "init": init}}
    told, seen = theory(foreseen(settings))["activation_std"], measured(settings, seeds=3)["activation_std"]
    exact = [value for value in published if value >= 1e-4 or init != "normal(std=0.01)"]
    assert told[: len(exact)] == pytest.approx(exact, rel=tolerance)
    assert seen[:10] == pytest.approx(told[:10], rel=0.1)


def test_relu_means_are_those_of_cs231n():
    made = foreseen({"model": {"depth": 10, "width": 500, "activation": "relu", "init": "he_normal"}})
    means = [layer.theory.activation_mean for layer in made.layers[:-1]]
    assert means == pytest.approx([0.562, 0.554, 0.546, 0.565, 0.548, 0.587, 0.597, 0.623, 0.567, 0.553], rel=0.12)


def test_the_linear_regime_is_that_of_glorot_and_bengio():
    """Equations 5, 6 and 14: the variances multiply by n Var W, and weight gradients have the same variance in all layers."""
    made = foreseen({"model": {"depth": 5, "width": 300, "activation": "identity", "init": "standard"}}, shape=(300,))
    flows = [layer.theory for layer in made.layers[:-1]]
    signal = np.array([flow.activation_std for flow in flows])
    gradient = np.array([flow.gradient_std for flow in flows])
    of_weights = np.array([flow.weight_gradient_std for flow in flows])
    assert signal[1:] / signal[:-1] == pytest.approx(3**-0.5, rel=1e-3)
    assert gradient[:-1] / gradient[1:] == pytest.approx(3**-0.5, rel=1e-3)
    assert of_weights == pytest.approx(of_weights[0], rel=0.01)


def test_zeros_leave_only_the_output_layer_something_to_learn():
    made = foreseen({"model": {"depth": 2, "width": 50, "activation": "sigmoid", "init": "zeros"}})
    assert [layer.theory.gradient_std for layer in made.layers] == pytest.approx([0, 0, 0.3])
    assert "only the output layer learns" in made.verdict[0]


def test_equal_weights_keep_all_units_equal():
    settings = {"model": {"depth": 3, "width": 50, "activation": "tanh", "init": "constant(value=0.01)"}, "cost": "mean_squared"}
    made = foreseen(settings)
    assert "one unit" in made.verdict[0]
    told, seen = theory(made), measured(settings, seeds=24)
    for name in ("z_std", "activation_std", "gradient_std"):
        assert told[name] == pytest.approx(seen[name], rel=0.1), name
    assert told["weight_gradient_std"][1:3] == pytest.approx(0)
    assert seen["weight_gradient_std"][1:3] == pytest.approx(0, abs=1e-6)
    assert told["weight_gradient_std"][[0, 3]] == pytest.approx(seen["weight_gradient_std"][[0, 3]], rel=0.1)


def test_copying_units_with_fewer_inputs_than_units():
    settings = {"model": {"depth": 3, "width": 100, "activation": "tanh", "init": "identity", "bias_init": 0.5}}
    found = off(settings, shape=(20,), seeds=24)
    assert max(figures.max() for figures in found.values()) < 0.04


@pytest.mark.parametrize("activation", ["identity", "tanh"])
def test_copying_units_whose_errors_go_along_with_what_they_are_given(activation):
    """In large batches most of the gradient of the weights is on the diagonal: from a unit to its copy."""
    model = {"depth": 2, "width": 40, "activation": activation, "init": "identity", "output": "identity"}
    found = off({"model": model, "cost": "quadratic", "batch_size": 512}, shape=(20,), seeds=12)
    assert max(figures.max() for figures in found.values()) < 0.04


def test_signals_that_no_number_can_hold_are_told_as_such():
    made = foreseen({"model": {"depth": 400, "width": 64, "activation": "relu", "init": "normal(std=5)"}})
    assert "larger than any number" in made.verdict[0]
    assert made.layers[0].theory.activation_std == pytest.approx(5 * 500**0.5 * 0.584, rel=0.01)


def test_the_time_of_theory_alone_loads_no_torch():
    from tests.contracts.test_imports import loaded_by

    code = "from engine import Experiment, forecast\nassert forecast(Experiment(), measure=False).layers"
    assert "torch" not in loaded_by(code)


def test_a_training_measures_the_same_as_its_forecast():
    """The statistics of the first step of a real training, as they are recorded."""
    from engine import forecast, train
    from engine.events import Frame
    from engine.experiment import Experiment
    from engine.vocabulary import STATISTICS, Statistic

    experiment = Experiment.parse(
        {"model": {"depth": 2, "width": 32, "dropout": 0.2, "batch_norm": True}, "steps": 1, "device": "cpu", "l2": 0.01}
    )
    made = forecast(experiment)
    frame = next(event for event in train([experiment]) if isinstance(event, Frame))
    for statistic in (Statistic.ACTIVATION_STD, Statistic.GRADIENT_STD, Statistic.WEIGHT_GRADIENT_STD, Statistic.WEIGHT_STD):
        recorded = frame.layers[0, 0, :, STATISTICS.index(statistic)]
        assert [getattr(layer.measured, statistic) for layer in made.layers] == pytest.approx(recorded, rel=1e-5)
    assert made.time.measured
    assert made.inputs.known
