"""Means over Gaussian pre-activations: against scipy's quadrature, closed forms and drawn numbers."""

from __future__ import annotations

from itertools import pairwise
from math import acos, pi, sqrt

import numpy as np
import pytest
from scipy import integrate, stats

from engine.catalog import ACTIVATIONS, parse_pick
from engine.insight.theory.curves import curve
from engine.insight.theory.gaussian import expected_pair, passed, passed_pair
from engine.insight.theory.maxout import largest_moments, same_winner

SMOOTH_OR_BENT = [key for key in ACTIVATIONS if key != "maxout"]


def pick(text):
    return parse_pick(text, ACTIVATIONS)


def by_scipy(function, mean, variance, kinks):
    """E F(z): adaptive quadrature between the kinks and where the activation has its features."""
    std = sqrt(variance)
    ends = sorted({mean - 9 * std, mean + 9 * std, *(x for x in (*kinks, -30, -3, 0, 3, 30) if abs(x - mean) < 9 * std)})
    density = stats.norm(mean, std).pdf

    def weighted(z):
        return function(np.array([z]))[0] * density(z)

    pieces = [integrate.quad(weighted, low, high, limit=200)[0] for low, high in pairwise(ends)]
    return sum(pieces)


@pytest.mark.parametrize("key", SMOOTH_OR_BENT)
@pytest.mark.parametrize(("mean", "variance"), [(0.0, 1.0), (0.0, 1e-6), (0.7, 0.3), (-1.0, 500.0)])
def test_moments_of_values_and_slopes_are_those_of_scipy(key, mean, variance):
    f = curve(pick(key))
    found = passed(pick(key), (mean,), (variance,))
    expected = [
        by_scipy(f.value, mean, variance, f.kinks),
        by_scipy(lambda z: f.value(z) ** 2, mean, variance, f.kinks),
        by_scipy(lambda z: f.slope(z) ** 2, mean, variance, f.kinks),
        by_scipy(lambda z: f.slope(z) * (z - mean) / sqrt(variance), mean, variance, f.kinks),
    ]
    got = [float(each[0]) for each in (found.mean, found.square, found.slope_square, found.slope_with_z)]
    assert got == pytest.approx(expected, rel=2e-5, abs=1e-6 * sqrt(variance) + 1e-9)


@pytest.mark.parametrize("key", SMOOTH_OR_BENT)
@pytest.mark.parametrize(("mean", "variance"), [(0.0, 1.0), (0.7, 0.3), (-1.0, 50.0)])
def test_what_stretching_z_does_to_the_values_is_that_of_scipy(key, mean, variance):
    """The values change by (z - E z) f'(z); of that, a regression on f(z) leaves the rest that `leak` is the mean square of."""
    f = curve(pick(key))

    def expected(function):
        return by_scipy(function, mean, variance, f.kinks)

    both = expected(lambda z: f.value(z) * f.slope(z) * (z - mean))
    stretched, square = expected(lambda z: (f.slope(z) * (z - mean)) ** 2), expected(lambda z: f.value(z) ** 2)
    found = passed(pick(key), (mean,), (variance,), mean)
    got = [float(each[0]) for each in (found.kept, found.value_slope_square, found.leak)]
    along = expected(lambda z: (f.value(z) * f.slope(z)) ** 2)
    assert got == pytest.approx([both / variance, along, stretched - both**2 / square], rel=1e-4, abs=2e-5 * variance)


@pytest.mark.parametrize("key", ["relu", "tanh", "softplus", "maxout", "maxout(pieces=4)"])
def test_a_longer_signal_is_longer_behind_the_activation(key):
    """E f(z) f'(z) z / q = d E f^2 / d q, which Stein's lemma says; of maxout it is that of one of its pieces."""
    of_one, q, step = pick(key), 1.7, 1e-4
    more, less = (float(passed(of_one, (0.0,), (each,)).square[0]) for each in (q + step, q - step))
    pieces = int(of_one.parameters.get("pieces", 1))
    assert pieces * float(passed(of_one, (0.0,), (q,)).kept[0]) == pytest.approx((more - less) / (2 * step), rel=1e-4)


@pytest.mark.parametrize("key", ["relu", "tanh", "maxout", "maxout(pieces=4)"])
def test_fourth_moments_are_those_of_drawn_numbers(key):
    drawn = 0.5 + 1.5 * np.random.default_rng(5).standard_normal((400_000, 4))
    of_one = pick(key)
    h = drawn[:, : int(of_one["pieces"])].max(1) if of_one.kind == "maxout" else curve(of_one).value(drawn[:, 0])
    assert float(passed(of_one, (0.5,), (2.25,)).fourth[0]) == pytest.approx(float((h**4).mean()), rel=0.02)


@pytest.mark.parametrize("key", SMOOTH_OR_BENT)
def test_slopes_are_the_derivatives_of_the_values(key):
    f = curve(pick(key))
    z = np.array([-4.0, -1.3, -0.6, -0.01, 0.02, 0.4, 0.9, 2.0, 5.0])
    differences = (f.value(z + 1e-6) - f.value(z - 1e-6)) / 2e-6
    assert f.slope(z) == pytest.approx(differences, abs=2e-6)


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.9, 0.999, 1.0])
@pytest.mark.parametrize("variance", [1e-8, 2.0, 1e6])
def test_two_correlated_relus_follow_the_arc_cosine_kernels(correlation, variance):
    """Cho & Saul 2009."""
    found = passed_pair(pick("relu"), 0.0, variance, correlation * variance)
    angle = acos(correlation)
    assert found.slopes == pytest.approx((pi - angle) / (2 * pi), rel=2e-3)
    kernel = (sqrt(1 - correlation**2) + (pi - angle) * correlation) / (2 * pi)
    assert found.values == pytest.approx(variance * kernel, rel=2e-4)
    assert found.value_slopes == pytest.approx(found.values, rel=1e-6), "slopes of 1 change nothing"
    assert found.leak == pytest.approx(0, abs=1e-6 * variance)


@pytest.mark.parametrize("key", ["sigmoid", "tanh", "softplus", "gelu", "silu"])
@pytest.mark.parametrize(("mean", "covariance"), [(0.0, 0.6), (0.5, 1.1), (-0.3, -0.5), (0.0, 0.0)])
def test_two_correlated_smooth_activations_follow_a_product_rule(key, mean, covariance):
    """Gauss-Hermite with 80 x 80 nodes, on z and the part of z' that is independent of it."""
    variance, f = 1.2, curve(pick(key))
    u, weight = np.polynomial.hermite_e.hermegauss(80)
    weight = weight / weight.sum()
    z = mean + sqrt(variance) * u[:, None]
    other = mean + covariance / sqrt(variance) * u[:, None] + sqrt(variance - covariance**2 / variance) * u

    def stretched(at):
        return (at - mean) * f.slope(at)

    share = float(weight @ (stretched(z) * f.value(z))[:, 0]) / float(weight @ (f.value(z) ** 2)[:, 0])
    functions = (f.value, f.slope, lambda at: f.value(at) * f.slope(at), lambda at: stretched(at) - share * f.value(at))
    expected = [float(weight @ (function(z) * function(other)) @ weight) for function in functions]
    found = passed_pair(pick(key), mean, variance, covariance, mean)
    got = [found.values, found.slopes, found.value_slopes, found.leak]
    assert got == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_a_function_that_does_not_vary_has_its_square():
    assert expected_pair(lambda z: np.full_like(z, 3.0), (), 0.0, 1.0, 0.4) == pytest.approx(9.0)


def test_the_largest_of_two_and_three_have_known_moments():
    assert largest_moments(2)[:2] == pytest.approx((1 / sqrt(pi), 1.0), rel=1e-5)
    assert largest_moments(3)[0] == pytest.approx(1.5 / sqrt(pi), rel=1e-5)


@pytest.mark.parametrize("pieces", [2, 3, 6])
@pytest.mark.parametrize("correlation", [0.2, 0.7, 0.95])
def test_the_winner_stays_the_winner_as_often_as_in_drawn_numbers(pieces, correlation):
    drawn = np.random.default_rng(3).standard_normal((2, 200_000, pieces))
    z, other = drawn[0], correlation * drawn[0] + sqrt(1 - correlation**2) * drawn[1]
    share, _ = same_winner(pieces, correlation)
    assert share == pytest.approx(float((z.argmax(1) == other.argmax(1)).mean()), abs=0.006)
    values = passed_pair(pick(f"maxout(pieces={pieces})"), 0.0, 1.0, correlation).values
    assert values == pytest.approx(float((z.max(1) * other.max(1)).mean()), abs=0.02)
