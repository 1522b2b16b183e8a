from __future__ import annotations

import numpy as np
import pytest
from sklearn import datasets

from engine.data import load_dataset
from engine.parts import Data


def together(dataset):
    """All parts as one table, inputs and target, in an order that does not depend on the split."""
    parts = (dataset.train, dataset.validation, dataset.test)
    table = np.concatenate([np.column_stack([part.inputs, part.targets]) for part in parts])
    return table[np.lexsort(table.T)]


@pytest.mark.parametrize("name", ["digits", "iris", "wine", "breast_cancer"])
def test_every_example_of_scikit_learn_is_there_with_its_class(name):
    theirs = getattr(datasets, f"load_{name}")()
    dataset = load_dataset(Data(name=name, scaling="none"))
    inputs = theirs.data / 16 if name == "digits" else theirs.data
    table = np.column_stack([inputs.astype(np.float32), theirs.target])
    assert np.array_equal(together(dataset), table[np.lexsort(table.T)])
    assert dataset.classes == tuple(str(label) for label in theirs.target_names)


def test_digits_are_the_same_where_their_file_is_not_found(monkeypatch):
    found = together(load_dataset(Data(name="digits")))
    monkeypatch.setattr("engine.data.bundled.find_spec", lambda name: None)
    assert np.array_equal(together(load_dataset(Data(name="digits"))), found)


def test_feature_names_are_those_of_scikit_learn():
    assert load_dataset(Data(name="iris")).features == tuple(datasets.load_iris().feature_names)


def test_digits_are_pictures_of_8_by_8_pixels():
    dataset = load_dataset(Data(name="digits"))
    assert dataset.image_shape == (8, 8)
    assert (dataset.features[0], dataset.features[-1]) == ("row 0 column 0", "row 7 column 7")
    assert load_dataset(Data(name="iris")).image_shape is None


def test_diabetes_comes_in_the_units_of_the_measurements_not_scaled_by_all_patients():
    dataset = load_dataset(Data(name="diabetes", scaling="none"))
    parts = (dataset.train, dataset.validation, dataset.test)
    ours = np.concatenate([part.inputs for part in parts])
    theirs = datasets.load_diabetes(scaled=False).data.astype(np.float32)
    assert np.array_equal(ours[np.lexsort(ours.T)], theirs[np.lexsort(theirs.T)])
    assert set(np.unique(ours[:, dataset.features.index("sex")])) == {1, 2}


def test_progress_is_told():
    told = []
    load_dataset(Data(name="iris"), lambda what, done, total: told.append((what, done, total)))
    assert told == [("loading iris", 0, None)]
