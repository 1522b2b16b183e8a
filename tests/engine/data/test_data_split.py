from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from engine.data.base import Source, already_numbers
from engine.data.split import split
from engine.errors import ConfigurationError, DataError
from engine.experiment import Experiment
from engine.parts import Data


def source_of(targets, *, task="classification", test_from=None) -> Source:
    targets = np.asarray(targets)
    classes = tuple(f"class {k}" for k in range(int(targets.max()) + 1)) if task == "classification" else ()
    return Source(task, already_numbers(np.zeros((len(targets), 1)), ("x",)), targets, classes, test_from=test_from)


def wanting(**values) -> Data:
    return Data(name="iris", **values)


@settings(max_examples=60)
@given(
    counts=st.lists(st.integers(20, 200), min_size=2, max_size=6),
    validation=st.sampled_from([0.0, 0.1, 0.25, 0.4]),
    test=st.sampled_from([0.0, 0.1, 0.2, 0.45]),
    seed=st.integers(0, 2**63 - 1),
)
def test_every_example_is_in_one_part_and_classes_keep_their_shares(counts, validation, test, seed):
    targets = np.repeat(np.arange(len(counts)), counts)
    parts = split(source_of(targets), wanting(validation=validation, test=test, seed=seed))
    everything = np.concatenate([parts.train, parts.validation, parts.test])
    assert np.array_equal(np.sort(everything), np.arange(len(targets)))
    for rows, share in ((parts.validation, validation), (parts.test, test)):
        assert len(rows) == round(share * len(targets))
        assert np.abs(np.bincount(targets[rows], minlength=len(counts)) - share * np.array(counts)).max() <= 2


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_as_many_of_each_class_as_scikit_learn_takes(share):
    targets = np.repeat([0, 1, 2], [500, 300, 200])
    parts = split(source_of(targets), wanting(validation=0.0, test=share))
    _, theirs = train_test_split(targets, test_size=share, stratify=targets, random_state=0)
    assert np.array_equal(np.bincount(targets[parts.test]), np.bincount(theirs))


def test_a_rare_class_is_in_every_part():
    targets = np.repeat([0, 1], [997, 3])
    parts = split(source_of(targets), wanting(validation=0.1, test=0.1))
    assert [int((targets[rows] == 1).sum()) for rows in (parts.train, parts.validation, parts.test)] == [1, 1, 1]


@pytest.mark.parametrize(("validation", "test", "rare"), [(0.2, 0.7, [1, 1, 1]), (0.9, 0.0, [1, 1, 0]), (0.0, 0.9, [1, 0, 1])])
def test_a_large_share_leaves_some_of_a_rare_class_to_the_other_parts(validation, test, rare):
    targets = np.repeat([0, 1], [100 - sum(rare), sum(rare)])
    parts = split(source_of(targets), wanting(validation=validation, test=test))
    assert [int((targets[rows] == 1).sum()) for rows in (parts.train, parts.validation, parts.test)] == rare


def test_examples_are_drawn_at_random():
    targets = np.repeat([0, 1], 5000)
    drawn = split(source_of(targets), wanting(test=0.5, validation=0.0)).test
    assert abs(drawn[targets[drawn] == 0].mean() - 2500) < 100  # uniform: deviation of the mean 20
    assert not np.array_equal(drawn, np.sort(drawn))


def test_the_split_follows_the_data_seed_and_not_the_seed_of_the_experiment():
    source = source_of(np.repeat([0, 1], 200))

    def drawn(**values):
        return split(source, Experiment.parse({"data": {"name": "iris", **values.pop("data", {})}, **values}).data).test.tolist()

    assert drawn(seed=1) == drawn(seed=2)
    assert drawn(data={"seed": 1}) == drawn(data={"seed": 1})
    assert drawn(data={"seed": 1}) != drawn(data={"seed": 2})


def test_the_split_leaves_the_global_generator_alone():
    before = np.random.get_state()[1].tolist()
    split(source_of(np.repeat([0, 1], 200)), wanting())
    assert np.random.get_state()[1].tolist() == before


def test_a_test_set_of_the_datas_own_is_the_test_part_and_validation_comes_from_the_rest():
    parts = split(source_of(np.arange(300) % 3, test_from=200), wanting(validation=0.25, test=0.5))
    assert parts.test.tolist() == list(range(200, 300))
    assert len(parts.validation) == 50
    assert sorted([*parts.train, *parts.validation]) == list(range(200))


def test_a_regression_is_split_at_random():
    parts = split(source_of(np.linspace(0, 1, 1000), task="regression"), wanting(validation=0.2, test=0.1))
    assert [len(rows) for rows in (parts.train, parts.validation, parts.test)] == [700, 200, 100]
    assert len({*parts.train, *parts.validation, *parts.test}) == 1000
    assert abs(parts.validation.mean() - 499.5) < 100


def test_shares_of_zero_give_empty_parts():
    parts = split(source_of(np.arange(30) % 3), wanting(validation=0.0, test=0.0))
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (30, 0, 0)


def test_classes_without_any_example_do_not_matter():
    source = source_of(np.repeat([0, 4], 50))
    assert len(split(source, wanting()).train) == 80


def test_too_few_examples_of_a_class_are_said_with_class_and_number():
    with pytest.raises(DataError, match=r"iris: too few examples of class class 1 \(2\); each class needs 3"):
        split(source_of(np.repeat([0, 1], [100, 2])), wanting())


@pytest.mark.parametrize(
    ("shares", "path", "said"),
    [
        ({"validation": 0.01}, "data.validation", "0.01 of 90 examples is 1"),
        ({"test": 0.02, "validation": 0.2}, "data.test", "0.02 of 90 examples is 2"),
        ({"test": 0.5, "validation": 0.49}, "data.validation", "are left to train on"),
    ],
)
def test_a_part_too_small_for_its_classes_is_a_wrong_configuration(shares, path, said):
    with pytest.raises(ConfigurationError) as caught:
        split(source_of(np.arange(90) % 3), wanting(**shares))
    (problem,) = caught.value.problems
    assert problem.path == path
    assert said in problem.message


def test_a_regression_part_needs_two_examples():
    with pytest.raises(ConfigurationError, match=r"data.test: 0.1 of 12 examples is 1, too few: it needs at least 2"):
        split(source_of(np.arange(12.0), task="regression"), wanting(validation=0.2))
