"""How far single networks lie from the forecast: closed forms, and networks drawn with NumPy alone."""

from __future__ import annotations

import numpy as np
import pytest

from engine.catalog import ACTIVATIONS, Pick, parse_pick
from engine.insight.theory.at_the_top import Task
from engine.insight.theory.curves import curve
from engine.insight.theory.drawn_top import drawn_top
from engine.insight.theory.fluctuation import Causes, added, half, still
from engine.insight.theory.gaussian import passed, passed_pair
from engine.insight.theory.one_unit import unit
from tests.engine.insight.initial import drawn_network, foreseen, measured

WIDTH, EXAMPLES = 100, 32
COST, SOFTMAX = Pick("cross_entropy"), Pick("softmax")


def pick(text):
    return parse_pick(text, ACTIVATIONS)


def tolerances(made, name):
    return np.array([getattr(layer.tolerance, name) for layer in made.layers])


# --- one unit -----------------------------------------------------------------


def test_a_relu_unit_varies_by_five_times_its_squared_mean_square():
    """Var h^2 / (E h^2)^2 = 3 / (1/2) - 1, where all examples are alike; of a linear one 2 (Hanin & Nica 2020)."""
    of_relu, of_line = (unit(pick(kind), 0.0, 4.0, 4.0, 64).covariance[2, 2] for kind in ("relu", "identity"))
    assert of_relu == pytest.approx(5 * 2.0**2, rel=1e-3)
    assert of_line == pytest.approx(2 * 4.0**2, rel=1e-3)


def test_slopes_of_relu_are_on_or_off():
    one = unit(pick("relu"), 0.0, 1.0, 1.0, 64)
    assert (one.same, one.pair, one.common) == pytest.approx((2, 2, 1), rel=1e-3)
    assert one.slope_by_scale == pytest.approx([0, 0], abs=1e-3)


@pytest.mark.parametrize("kind", ["tanh", "silu", "softplus", "maxout"])
@pytest.mark.parametrize(("mean", "variance", "covariance"), [(0.0, 1.0, 0.3), (0.5, 4.0, 3.0)])
def test_what_a_unit_makes_of_longer_signals_is_the_derivative(kind, mean, variance, covariance):
    def moments(q, c):
        of_one, of_two = passed(pick(kind), (mean,), (q,)), passed_pair(pick(kind), mean, q, c)
        return np.array([of_one.mean[0], of_one.square[0], of_two.values])

    step = 1e-3
    one = unit(pick(kind), mean, variance, covariance, 64)
    by_square = (moments(variance + step, covariance) - moments(variance - step, covariance)) / (2 * step)
    by_cross = (moments(variance, covariance + step) - moments(variance, covariance - step)) / (2 * step)
    assert one.by_square == pytest.approx(by_square, abs=2e-3)
    assert one.by_cross == pytest.approx(by_cross, abs=2e-3)
    slopes = [np.log(passed_pair(pick(kind), mean, variance, covariance + way * step).slopes) for way in (-1, 1)]
    assert one.slope_by_cross == pytest.approx((slopes[1] - slopes[0]) / (2 * step), abs=2e-3)


@pytest.mark.parametrize("kind", ["tanh", "relu", "silu"])
def test_means_over_a_batch_vary_as_those_that_are_drawn(kind):
    rng = np.random.default_rng(0)
    z = 0.5 + np.sqrt(0.6) * rng.standard_normal((20_000, 1)) + np.sqrt(0.4) * rng.standard_normal((20_000, EXAMPLES))
    h, steep = curve(pick(kind)).value(z), curve(pick(kind)).slope(z) ** 2
    pairs = (h.sum(1) ** 2 - (h * h).sum(1)) / (EXAMPLES * (EXAMPLES - 1))
    drawn = np.cov([((z - 0.5) ** 2).mean(1), h.mean(1), (h * h).mean(1), pairs, steep.mean(1) / steep.mean()])
    assert unit(pick(kind), 0.5, 1.0, 0.6, EXAMPLES).covariance == pytest.approx(drawn, rel=0.06, abs=0.003)


# --- causes -------------------------------------------------------------------


def test_what_meets_again_has_the_same_causes():
    causes = Causes(64)
    one = still(causes, 2).plus(causes.new(np.diag([0.04, 0.01])))
    other = one.plus(causes.new(np.diag([0.09, 0.0])))
    assert half(one.rows[0], 0.0) == pytest.approx(0.1)
    assert half(other.rows[0], 0.0) == pytest.approx(0.5 * 0.13**0.5)
    assert half(added(other.rows[0], -one.rows[0]), 0.0) == pytest.approx(0.15)


# --- the top ------------------------------------------------------------------


def test_equal_outputs_leave_the_count_of_the_classes_to_chance():
    """The squared deviation of the shares of C classes is chi-squared with C - 1 degrees of freedom: variance 2 / (C - 1)."""
    drawn = drawn_top(Task(COST, SOFTMAX, 10, 10), 0.0, 1e-12, 1e-12, 64)
    assert drawn.covariance[3, 3] == pytest.approx(2 / 9, rel=0.3)
    assert drawn.covariance[2, 2] == pytest.approx(0, abs=1e-6)
    assert drawn.alike == pytest.approx(1 / 9, rel=0.1)


# --- networks -----------------------------------------------------------------


def test_in_deep_relu_networks_variance_of_5_over_n_adds_up_layer_by_layer():
    """From where examples look alike on; the standard deviation of a root is half that of the square."""
    made = foreseen({"model": {"depth": 40, "width": 500, "activation": "relu", "init": "he_normal"}})
    variance = (2 * tolerances(made, "activation_std")[:-1]) ** 2
    assert np.diff(variance)[20:] == pytest.approx(5 / 500, rel=0.12)


@pytest.mark.parametrize(("kind", "gain"), [("relu", 2.0), ("tanh", 1.0), ("elu", 1.3)])
def test_the_spread_of_networks_is_foreseen(kind, gain):
    """Weights and inputs drawn and multiplied here; gradients of softmax and cross-entropy, back-propagated by hand."""
    std = (gain / WIDTH) ** 0.5
    settings = {
        "model": {"depth": 6, "width": WIDTH, "activation": kind, "init": f"normal(std={std!r})"},
        "batch_size": EXAMPLES,
    }
    made = foreseen(settings, shape=(WIDTH,))
    rng = np.random.default_rng(1)
    seen = np.array(
        [drawn_network(rng, curve(pick(kind)), std, (EXAMPLES, WIDTH, 6)) for _ in range(120)]
    )  # [networks, figures, layers]
    spread = seen.std(0) / np.sqrt((seen**2).mean(0))
    for row, name in enumerate(("z_std", "activation_std", "gradient_std", "weight_gradient_std")):
        ratio = spread[row] / tolerances(made, name)[:-1]
        assert 1 / 1.5 < np.median(ratio) < 1.5, name
        assert ratio.min() > 0.5, name
        assert ratio.max() < 2, name


def test_batch_norm_orthogonal_weights_and_lsuv_take_the_length_out_of_chance():
    model = {"depth": 6, "width": 200, "activation": "relu", "init": "he_normal"}
    plain = tolerances(foreseen({"model": model}), "z_std")[5]
    for more in ({"batch_norm": True}, {"init": "orthogonal"}, {"init": "lsuv"}):
        assert tolerances(foreseen({"model": {**model, **more}}), "z_std")[5] < 0.8 * plain, more


def test_residual_blocks_hand_on_what_moves_around_them():
    model = {"blocks": "dense(100), 4*residual(dense(100), dense(100))"}
    made = foreseen({"model": model}, shape=(100,))
    sums = np.array([layer.tolerance.activation_std for layer in made.layers if layer.kind == "residual"])
    assert (np.diff(sums) > 0).all()
    seen = np.array([measured({"model": model, "seed": seed}, (100,), seeds=1)["activation_std"] for seed in range(24)])
    rows = [row for row, layer in enumerate(made.layers) if layer.kind == "residual"]
    assert seen[:, rows].std(0) / seen[:, rows].mean(0) == pytest.approx(sums, rel=0.5)


# --- where theory does not reach ----------------------------------------------


def test_gradients_below_lengths_that_run_apart_are_not_guessed():
    made = foreseen({"model": {"depth": 20, "width": 500, "activation": "gelu", "init": "lsuv"}})
    assert made.layers[-1].theory.gradient_std is not None
    assert all(layer.theory.gradient_std is None and layer.theory.activation_std is not None for layer in made.layers[:-1])
    assert any("depend on which examples and networks" in sentence for sentence in made.verdict)
    steady = foreseen({"model": {"depth": 20, "width": 500, "activation": "relu", "init": "lsuv"}})
    assert all(layer.reached for layer in steady.layers)


def test_copying_units_whose_gradients_hang_on_a_few_numbers_are_not_guessed():
    made = foreseen({"model": {"depth": 20, "width": 500, "activation": "silu", "init": "identity"}})
    assert made.layers[0].theory.gradient_std is None
    assert "hangs on a few" in made.layers[0].reason
