from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_diabetes, load_digits, load_wine
from sklearn.preprocessing import StandardScaler

from engine.data import load_dataset, scaling
from engine.parts import Data


@given(arrays(np.float64, st.tuples(st.integers(2, 30), st.integers(1, 5)), elements=st.integers(-1000, 1000).map(float)))
def test_standardizing_agrees_with_scikit_learn(inputs):
    reference = StandardScaler().fit_transform(inputs)
    ours = scaling.fit(inputs, "standardize").apply(inputs.copy())
    np.testing.assert_allclose(ours, reference, atol=1e-6)


def test_moments_are_right_for_more_numbers_than_are_added_up_at_a_time():
    inputs = np.random.default_rng(0).normal(3.0, 2.0, (3_000_001, 1))
    scaler = scaling.fit(inputs, "standardize")
    assert scaler.mean[0] == pytest.approx(inputs.mean(), rel=1e-12)
    assert scaler.std[0] == pytest.approx(inputs.std(), rel=1e-12)


def test_a_feature_that_does_not_vary_is_centred_and_divided_by_one():
    inputs = np.stack([np.full(10, 0.1), np.arange(10.0)], axis=1)
    scaler = scaling.fit(inputs, "standardize")
    assert (scaler.std[0], scaler.constant) == (1.0, 1)
    assert np.abs(scaler.apply(inputs)[:, 0]).max() < 1e-7


def test_large_numbers_that_differ_little_keep_their_differences():
    years = 1e9 + np.arange(100.0)[:, None]
    scaled = scaling.fit(years, "standardize").apply(years.copy())
    np.testing.assert_allclose(scaled[:, 0], (np.arange(100) - 49.5) / np.arange(100).std(), rtol=1e-6)


def test_features_are_standardized_by_the_training_part_alone():
    dataset = load_dataset(Data(name="wine", validation=0.3, test=0.3))
    np.testing.assert_allclose(dataset.train.inputs.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(dataset.train.inputs.std(axis=0), 1, atol=1e-6)
    for part in (dataset.validation, dataset.test):
        assert np.abs(part.inputs.mean(axis=0)).max() > 0.01


def test_without_scaling_the_numbers_are_those_of_scikit_learn():
    dataset = load_dataset(Data(name="wine", scaling="none"))
    ours = np.concatenate([part.inputs for part in (dataset.train, dataset.validation, dataset.test)])
    theirs = load_wine().data.astype(np.float32)
    assert np.array_equal(ours[np.lexsort(ours.T)], theirs[np.lexsort(theirs.T)])


def test_pictures_are_scaled_by_one_mean_and_deviation_unless_told_otherwise():
    automatic, plain = (load_dataset(Data(name="digits", scaling=kind)) for kind in ("auto", "none"))
    assert plain.train.inputs.min() == 0
    assert plain.train.inputs.max() == 1
    wanted = (plain.test.inputs - plain.train.inputs.mean()) / plain.train.inputs.std()
    np.testing.assert_allclose(automatic.test.inputs, wanted, atol=1e-5)
    each = load_dataset(Data(name="digits", scaling="standardize"))
    np.testing.assert_allclose(each.train.inputs.std(axis=0)[1:5], 1, atol=1e-5)


def test_inputs_that_do_not_vary_are_told_of():
    each = load_dataset(Data(name="digits", scaling="standardize"))
    constant = int((np.ptp(each.train.inputs, axis=0) == 0).sum())
    assert constant > 0
    assert each.notes == (f"{constant} inputs are the same in all training examples, and not divided by a standard deviation",)


def test_targets_of_a_regression_are_standardized_by_the_training_part_and_can_be_had_back():
    dataset = load_dataset(Data(name="diabetes"))
    assert dataset.train.targets.mean() == pytest.approx(0, abs=1e-12)
    assert dataset.train.targets.std() == pytest.approx(1)
    assert abs(dataset.test.targets.mean()) > 1e-3
    parts = (dataset.train, dataset.validation, dataset.test)
    back = np.concatenate([part.targets * dataset.target_std + dataset.target_mean for part in parts])
    np.testing.assert_allclose(np.sort(back), np.sort(load_diabetes().target))


def test_class_indices_are_not_scaled():
    dataset = load_dataset(Data(name="digits"))
    assert (dataset.target_mean, dataset.target_std) == (0.0, 1.0)
    assert np.array_equal(
        np.bincount(np.concatenate([p.targets for p in (dataset.train, dataset.validation, dataset.test)])),
        np.bincount(load_digits().target),
    )
