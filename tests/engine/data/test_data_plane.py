from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.datasets import make_circles, make_moons

from engine.data import load_dataset
from engine.data.registry import LOADERS
from engine.parts import Data

NAMES = ["xor", "circles", "moons", "spirals", "gaussians"]


def points(name, **values):
    """Unscaled points and labels, class after class, in the order in which they were made."""
    source = LOADERS[name](Data(name=name, **values), lambda *_: None)
    return source.encode(np.arange(0), ()).values, source.targets


@pytest.mark.parametrize(
    ("name", "make"),
    [("circles", lambda n: make_circles(n, shuffle=False, factor=0.5)), ("moons", lambda n: make_moons(n, shuffle=False))],
)
@pytest.mark.parametrize("samples", [100, 101])
def test_without_noise_they_are_the_points_of_scikit_learn(name, make, samples):
    theirs, labels = make(samples)
    ours, targets = points(name, samples=samples, noise=0)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)
    assert np.array_equal(targets, labels)


def test_194_points_without_noise_are_the_two_spirals_of_lang_and_witbrock():
    ours, targets = points("spirals", samples=194, noise=0)
    for i in range(97):
        radius, angle = 6.5 * (104 - i) / 104, i * math.pi / 16
        np.testing.assert_allclose(ours[i], (radius * math.sin(angle), radius * math.cos(angle)), atol=1e-12)
    np.testing.assert_allclose(ours[97:], -ours[:97], atol=1e-12)
    assert targets.tolist() == [0] * 97 + [1] * 97


def test_xor_is_the_sign_of_the_product():
    ours, targets = points("xor", samples=200, noise=0)
    assert np.array_equal(targets, (ours.prod(axis=1) < 0).astype(int))
    assert {tuple(point) for point in ours} == {(1, 1), (-1, -1), (1, -1), (-1, 1)}
    assert min(np.unique(ours, axis=0, return_counts=True)[1]) == 50


def test_the_best_line_between_the_gaussians_errs_as_often_as_the_normal_distribution_says():
    ours, targets = points("gaussians", samples=200_000, noise=1.0)
    errors = ((ours.sum(axis=1) > 0) != targets).mean()
    assert errors == pytest.approx(0.5 * math.erfc(1 / math.sqrt(2)), abs=0.004)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("samples", [1000, 1001])
def test_classes_are_balanced(name, samples):
    _, targets = points(name, samples=samples)
    assert np.bincount(targets).tolist() == [500, samples - 500]


@pytest.mark.parametrize("name", NAMES)
def test_noise_has_the_standard_deviation_asked_for(name):
    clean, _ = points(name, samples=20_000, noise=0)
    noisy, _ = points(name, samples=20_000, noise=0.3)
    assert (noisy - clean).std(axis=0) == pytest.approx([0.3, 0.3], rel=0.03)
    assert (noisy - clean).mean(axis=0) == pytest.approx([0, 0], abs=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_equal_settings_give_equal_data_and_another_seed_gives_other_data(name):
    first, again, other = (load_dataset(Data(name=name, samples=100, validation=0.2, seed=seed)) for seed in (3, 3, 2**62))
    assert np.array_equal(first.train.inputs, again.train.inputs)
    assert np.array_equal(first.test.targets, again.test.targets)
    assert not np.array_equal(first.train.inputs, other.train.inputs)


def test_they_leave_the_global_generator_alone():
    before = np.random.get_state()[1].tolist()
    load_dataset(Data(name="moons"))
    assert np.random.get_state()[1].tolist() == before
