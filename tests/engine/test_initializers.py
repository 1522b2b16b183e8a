"""Sampled weights have the spread and the shape that their formulas say."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats

from engine.catalog import INITIALIZERS, parse_pick
from engine.generators import generator
from engine.network.initializers import initial_weights
from engine.training.prepare import prepare
from tests.engine.conftest import experiment

N_IN, N_OUT = 300, 200


def draw(text: str, n_in: int = N_IN, n_out: int = N_OUT, seed: int = 0) -> np.ndarray:
    return initial_weights(parse_pick(text, INITIALIZERS), n_in, n_out, generator(seed, "weights")).numpy()


NORMAL = {
    "normal": 0.01,
    "normal(std=2)": 2.0,
    "xavier_normal": math.sqrt(2 / (N_IN + N_OUT)),
    "xavier_normal(gain=3)": 3 * math.sqrt(2 / (N_IN + N_OUT)),
    "he_normal": math.sqrt(2 / N_IN),
    "lecun_normal": math.sqrt(1 / N_IN),
}
UNIFORM = {
    "uniform": 0.05,
    "uniform(a=1)": 1.0,
    "standard": 1 / math.sqrt(N_IN),
    "xavier_uniform": math.sqrt(6 / (N_IN + N_OUT)),
    "xavier_uniform(gain=0.5)": 0.5 * math.sqrt(6 / (N_IN + N_OUT)),
    "he_uniform": math.sqrt(6 / N_IN),
    "lecun_uniform": math.sqrt(3 / N_IN),
}
REST = {"zeros", "constant", "orthogonal", "lsuv", "identity"}


def test_every_initializer_is_tested_here() -> None:
    tested = {key.partition("(")[0] for key in (*NORMAL, *UNIFORM)} | REST
    assert tested == set(INITIALIZERS)


@pytest.mark.parametrize(("text", "std"), NORMAL.items())
def test_normal_schemes_are_normal_with_their_standard_deviation(text: str, std: float) -> None:
    sample = draw(text).ravel()
    assert stats.kstest(sample, "norm", args=(0, std)).pvalue > 1e-3
    # The variance of 60,000 normal numbers is within 2.6 % of its mean in all but one case in 100,000.
    assert sample.var() == pytest.approx(std**2, rel=0.026)


@pytest.mark.parametrize(("text", "limit"), UNIFORM.items())
def test_uniform_schemes_fill_their_range_evenly(text: str, limit: float) -> None:
    sample = draw(text).ravel()
    assert stats.kstest(sample, "uniform", args=(-limit, 2 * limit)).pvalue > 1e-3
    assert np.abs(sample).max() <= limit


def test_zeros_and_constant_and_identity_are_what_they_say() -> None:
    np.testing.assert_array_equal(draw("zeros"), np.zeros((N_IN, N_OUT)))
    np.testing.assert_array_equal(draw("constant(value=0.3)"), np.full((N_IN, N_OUT), 0.3))
    np.testing.assert_array_equal(draw("identity(gain=2)", 4, 6), 2 * np.eye(4, 6))


@pytest.mark.parametrize(("n_in", "n_out"), [(40, 40), (60, 30), (30, 60)])
def test_orthogonal_keeps_lengths_on_its_shorter_side(n_in: int, n_out: int) -> None:
    w = draw("orthogonal(gain=2)", n_in, n_out)
    gram = w.T @ w if n_in >= n_out else w @ w.T
    np.testing.assert_allclose(gram, 4 * np.eye(min(n_in, n_out)), atol=1e-12)


def test_orthogonal_matrices_have_no_preferred_sign() -> None:
    signs = [np.linalg.det(draw("orthogonal", 3, 3, seed)) > 0 for seed in range(200)]
    assert stats.binomtest(sum(signs), 200).pvalue > 1e-3


def test_the_same_seed_draws_the_same_weights_and_another_one_others() -> None:
    np.testing.assert_array_equal(draw("he_normal", seed=3), draw("he_normal", seed=3))
    assert not np.array_equal(draw("he_normal", seed=3), draw("he_normal", seed=4))


def test_drawing_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    draw("he_normal")
    draw("orthogonal")
    assert torch.equal(before, torch.get_rng_state())


def test_biases_are_drawn_around_their_first_value_and_leave_the_weights_as_they_are() -> None:
    plain = experiment(model__width=2000, model__depth=2)
    network = prepare(
        [plain.with_settings({"model.bias_init": 1.0, "model.bias_std": 0.5, "seed": seed}) for seed in (0, 1)]
    ).network
    biases = [layer.affine.bias.value for layer in network.hidden]
    for bias in biases:
        assert bias.mean(dim=-1).sub(1).abs().max() < 5 * 0.5 / 2000**0.5
        assert bias.std(dim=-1).sub(0.5).abs().max() < 0.05
    assert not torch.equal(biases[0][0], biases[0][1]), "members draw their own"
    assert not torch.equal(biases[0], biases[1]), "and so do layers"
    alone = prepare([plain.with_settings({"seed": 0})]).network
    for layer, other in zip(network.hidden, alone.hidden, strict=True):
        assert torch.equal(layer.affine.weight.value[0], other.affine.weight.value[0])
