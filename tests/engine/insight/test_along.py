"""The part of a gradient that goes along with the signal: closed forms, and narrow networks drawn with NumPy alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.catalog import ACTIVATIONS, Pick, parse_pick
from engine.experiment import Experiment
from engine.insight.theory.activation import activate
from engine.insight.theory.at_the_top import Task, at_the_top
from engine.insight.theory.curves import curve
from engine.insight.theory.fluctuation import Causes, Moved, still
from engine.insight.theory.gradient import Along, Gradient, Returned
from engine.insight.theory.inputs import gaussian_inputs
from engine.insight.theory.signal import Signal
from engine.insight.theory.trace import Weights
from engine.insight.theory.walk import Walk
from engine.insight.theory.weight_gradient import weight_gradient_variance
from tests.engine.insight.initial import drawn_network, foreseen, measured, theory

WIDTH, EXAMPLES, DEPTH = 64, 32, 6
NETWORKS = 400
CROSS_ENTROPY, SOFTMAX = Pick("cross_entropy"), Pick("softmax")


def signal(square: float, cross: float) -> Signal:
    return Signal(np.zeros(1), np.array([square]), np.array([cross]))


def lengthwise(gradient: Gradient | Returned, x: Signal, units: int) -> tuple[float, float]:
    """Mean of (x . g)^2, and mean of the product for two examples."""
    return gradient.along.own * float(units * x.square[0]) ** 2, float(gradient.along.pair[0]) * float(units * x.square[0]) ** 2


@pytest.mark.parametrize("kind", ["relu", "identity", "leaky_relu"])
def test_an_activation_without_scale_hands_the_lengthwise_gradient_on_as_it_is(kind):
    """Euler's theorem: z . dC/dz = h . dC/dh where f(a z) = a f(z)."""
    z = signal(1.7, 0.6)
    h, slopes = activate(parse_pick(kind, ACTIVATIONS), z, 100)
    coming = Returned(np.array([2.0]), np.array([0.3]), along=Along(0.1, 0.02, np.array([0.011])))
    behind = slopes.back(coming)
    assert lengthwise(behind, z, 100) == pytest.approx(lengthwise(coming, h, 100), rel=1e-4)
    assert behind.along.mean * 1.7 == pytest.approx(coming.along.mean * float(h.square[0]), rel=1e-4)


def test_a_gradient_that_goes_along_with_the_signal_is_not_cut_by_other_masks():
    """Two examples of ReLU: of c h and c h' all is kept, of independent gradients as much as their units are both on."""
    h, slopes = activate(Pick("relu"), signal(1.0, 0.0))
    along = slopes.back(Returned(np.zeros(1), np.zeros(1), along=Along(1.0, 1.0, np.ones(1))))
    across = slopes.back(Returned(np.ones(1), np.ones(1)))
    assert float(along.cross[0]) == pytest.approx(float(h.cross[0]))
    assert float(across.cross[0]) == pytest.approx(0.25)


def test_what_leaks_in_is_that_of_drawn_gradients():
    """z . (s y) of softplus units, y without what it has of h."""
    units, q, drawn = 200, 2.0, 20_000
    _, slopes = activate(Pick("softplus"), signal(q, 0.5), units)
    behind = slopes.back(Returned(np.array([1.0]), np.array([0.0])))
    rng, f = np.random.default_rng(4), curve(Pick("softplus"))
    z, y = rng.standard_normal((2, drawn, units))
    z *= q**0.5
    h = f.value(z)
    y -= h * ((y * h).sum(1) / (h * h).sum(1))[:, None]
    c = (z * f.slope(z) * y).sum(1) / (units * q)
    assert behind.along.own == pytest.approx(float((c * c).mean()), rel=0.03)


def test_sums_keep_the_lengthwise_gradient():
    """By Euler's theorem z . dC/dz is the same at every sum of a network of ReLU units without biases."""
    experiment = Experiment.parse({"model": {"blocks": "dense(64), 4*residual(dense(64), dense(64))"}, "batch_size": EXAMPLES})
    walk = Walk(experiment, gaussian_inputs(64), EXAMPLES, training=True, scaled={})
    walk.through((64,), Task(CROSS_ENTROPY, SOFTMAX, 10, 10))
    sums = [trace for trace in walk.traces if trace.name.endswith("residual")]
    kept = np.array([lengthwise(trace.delta, Signal(*_pooled(trace.z)), 64) for trace in sums])
    assert len(kept) == 4
    assert kept == pytest.approx(np.ones((4, 1)) * kept[-1], rel=0.06)  # examples differ in length


def _pooled(z: Signal) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return z.mean.mean(keepdims=True), z.square.mean(keepdims=True), z.cross.mean(keepdims=True)


@pytest.mark.parametrize("std", [1e-8, 1e-4, 100.0])
@pytest.mark.parametrize("kind", ["relu", "tanh", "softplus", "maxout"])
@pytest.mark.parametrize("depth", [26, 80])
def test_signals_that_vanish_or_explode_are_told_as_such(kind, std, depth):
    model = {"depth": depth, "width": 100, "activation": kind, "init": f"normal(std={std})"}
    of_classes = foreseen({"model": model}, shape=(100,))
    of_numbers = foreseen({"model": model, "cost": "mean_squared"}, shape=(100,), task="regression")
    assert len(of_classes.layers) == len(of_numbers.layers) == depth + 1
    assert of_classes.verdict
    assert of_numbers.verdict


def test_equal_outputs_of_softmax_have_the_curvature_of_equal_shares():
    """The second derivative of cross-entropy is p (1 - p)."""
    _, gradient = at_the_top(Task(CROSS_ENTROPY, SOFTMAX, 10, 10), signal(1e-8, 1e-8))
    assert gradient.along.mean == pytest.approx(0.09, rel=0.02)


def test_the_squared_error_of_one_output():
    """z (2 z - 2 t): its mean is 2 q, its mean square 4 (3 q^2 + q) for targets of variance 1."""
    q, c = 3.0, 1.8
    _, gradient = at_the_top(Task(Pick("mean_squared"), Pick("identity"), 1, 0), signal(q, c))
    assert gradient.along.mean == pytest.approx(2, rel=1e-6)
    assert gradient.along.own == pytest.approx(4 * (3 * q**2 + q) / q**2, rel=1e-4)
    assert float(gradient.along.pair[0]) == pytest.approx(4 * (q**2 + 2 * c**2) / q**2, rel=1e-3)


@pytest.mark.parametrize(("kind", "gain"), [("relu", 2.0), ("softplus", 2.0), ("identity", 1.0), ("tanh", 1.5)])
def test_narrow_networks_are_foreseen(kind, gain):
    """Without the part along the signal, weight gradients of ReLU and softplus would be a third too small here.

    Without the direction less that gradients across it have, those of ReLU would grow by 4 % on their way back.
    """
    std = (gain / WIDTH) ** 0.5
    model = {"depth": DEPTH, "width": WIDTH, "activation": kind, "init": f"normal(std={std!r})"}
    made = foreseen({"model": model, "batch_size": EXAMPLES}, shape=(WIDTH,))
    rng = np.random.default_rng(2)
    f = curve(parse_pick(kind, ACTIVATIONS))
    seen = np.array([drawn_network(rng, f, std, (EXAMPLES, WIDTH, DEPTH)) for _ in range(NETWORKS)])
    near = {"z_std": 0.02, "activation_std": 0.02, "gradient_std": 0.025, "weight_gradient_std": 0.08}
    for row, (name, share) in enumerate(near.items()):
        told = np.array([getattr(layer.theory, name) for layer in made.layers[:-1]])
        assert told / np.sqrt((seen[:, row] ** 2).mean(0)) == pytest.approx(np.ones(DEPTH), abs=share), name


SPLIT = "dense(32), split(dense(32) | dense(32), join=sum), dense(32), split(dense(32) | dense(32), join=sum)"
PRE = "dense(32), 3*residual(dense(32), form=pre_activation)"


@pytest.mark.parametrize(
    ("settings", "width", "near"),
    [
        ({"model": {"blocks": SPLIT, "activation": "relu"}}, 32, 0.05),
        ({"model": {"blocks": SPLIT, "activation": "identity"}}, 32, 0.03),
        ({"model": {"blocks": PRE, "activation": "relu"}}, 32, 0.05),
        ({"model": {"blocks": PRE, "activation": "identity"}}, 32, 0.03),
        ({"model": {"depth": 8, "width": 40, "activation": "relu", "init": "lsuv"}}, 40, 0.08),
    ],
)
def test_narrow_sums_and_scaled_weights_are_foreseen(settings, width, near):
    """Gradients of many drawn networks; each is off by 6 to 30 % if what goes along with the signal is not followed through sums."""
    told, seen = theory(foreseen(settings, shape=(width,))), measured(settings, shape=(width,), seeds=200)
    assert told["gradient_std"] / seen["gradient_std"] == pytest.approx(np.ones(len(seen["gradient_std"])), abs=near)


def test_what_pairs_of_examples_have_in_common_by_chance_adds_up_in_sums():
    """Weight gradients of the output behind sums of like signals: a seventh too small if only one of the ways counts."""
    settings = {"model": {"blocks": SPLIT.replace("32", "100"), "activation": "identity"}}
    told, seen = theory(foreseen(settings, shape=(100,))), measured(settings, shape=(100,), seeds=150)
    assert told["weight_gradient_std"][-1] == pytest.approx(seen["weight_gradient_std"][-1], rel=0.05)


def test_a_signal_and_a_gradient_that_are_long_in_the_same_networks_make_longer_weight_gradients():
    """E q p = Q P (1 + a b) of q = Q (1 + a x) and p = P (1 + b x), x being the same number of variance 1."""
    causes = Causes(EXAMPLES)
    x = causes.new(np.eye(1))[0]
    entering = Signal(np.zeros(1), np.array([2.0]), np.zeros(1), moved=Moved(causes, np.stack([0 * x, 2.0 * 0.3 * x, 0 * x])))
    delta = Gradient(np.array([5.0]), np.zeros(1), balanced=True, moved=Moved(causes, np.stack([5.0 * 0.4 * x, 0 * x])))
    weights = Weights(Pick("zeros"), 1.0, 8, 8, 8, 8)
    found = weight_gradient_variance(entering, delta, EXAMPLES, weights)
    assert found * EXAMPLES == pytest.approx(2 * 5 * (1 + 0.3 * 0.4))


def test_steeper_units_where_gradients_are_longer_make_them_longer_still():
    """E p s^2 over networks in which log p and the variance of z go together, by Gauss-Hermite quadrature over that number."""
    causes, f, share = Causes(EXAMPLES), curve(Pick("tanh")), 0.05
    x = causes.new(np.eye(1))[0]
    rows = np.stack([0 * x, share * x, 0 * x])
    _, slopes = activate(Pick("tanh"), replace(signal(1.0, 0.0), moved=Moved(causes, rows)), 10**9)
    coming = Returned(np.ones(1), np.zeros(1), moved=Moved(causes, np.stack([share * x, 0 * x])))
    plain = slopes.back(replace(coming, moved=still(causes, 2)))
    nodes, weight = np.polynomial.hermite_e.hermegauss(60)
    weight = weight / weight.sum()

    def squared_slope(variance: float) -> float:
        return float(weight @ f.slope(np.sqrt(variance) * nodes) ** 2)

    exact = sum(w * (1 + share * n) * squared_slope(1 + share * n) for w, n in zip(weight, nodes, strict=True) if abs(n) < 8)
    alone = sum(w * squared_slope(1 + share * n) for w, n in zip(weight, nodes, strict=True) if abs(n) < 8)
    change = float(slopes.back(coming).square[0] / plain.square[0]) - 1
    assert change == pytest.approx(exact / alone - 1, rel=0.02)
