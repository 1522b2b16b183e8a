"""Fewer training examples, wrong labels, fewer inputs: what changes, and what does not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from engine.data import load_dataset
from engine.data.base import Source, already_numbers
from engine.data.features import chosen
from engine.data.training_part import portion, training_targets
from engine.errors import ConfigurationError, DataError
from engine.experiment import Experiment
from engine.parts import Data


def source_of(targets, classes=3, task="classification"):
    targets = np.asarray(targets)
    names = tuple(f"class {k}" for k in range(classes)) if task == "classification" else ()
    return Source(task, already_numbers(np.zeros((len(targets), 1)), ("x",)), targets, names)


def problem(settings_of_data) -> tuple[str, str]:
    with pytest.raises(ConfigurationError) as caught:
        load_dataset(settings_of_data)
    (found,) = caught.value.problems
    return found.path, found.message


# --- fewer examples ----------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(counts=st.lists(st.integers(1, 200), min_size=2, max_size=5), draw=st.randoms(use_true_random=False), data=st.data())
def test_a_smaller_portion_is_part_of_a_larger_one_and_keeps_the_proportions(counts, draw, data):
    targets = np.repeat(np.arange(len(counts)), counts)
    rows = list(range(len(targets)))
    draw.shuffle(rows)
    train = np.array(rows)
    sizes = sorted(data.draw(st.lists(st.integers(len(counts), len(rows)), min_size=2, max_size=4)))
    portions = [portion(train, source_of(targets, len(counts)), size) for size in sizes]
    for size, rows_of in zip(sizes, portions, strict=True):
        assert len(set(rows_of)) == size
        of_class = np.bincount(targets[rows_of], minlength=len(counts))
        assert of_class.min() >= 1
        assert (np.abs(of_class - size * np.array(counts) / len(targets)) <= len(counts)).all()
    for smaller, larger in itertools.pairwise(portions):
        assert set(smaller) <= set(larger)


def test_less_to_learn_from_leaves_validation_and_test_as_they_are():
    whole, small = (load_dataset(Data(name="digits", train_size=size, scaling="none")) for size in (None, 100))
    assert (len(whole.train), len(small.train)) == (1437, 100)
    for part in ("validation", "test"):
        assert np.array_equal(getattr(whole, part).inputs, getattr(small, part).inputs)
        assert np.array_equal(getattr(whole, part).targets, getattr(small, part).targets)
    all_of_them = {row.tobytes() for row in whole.train.inputs}
    assert {row.tobytes() for row in small.train.inputs} <= all_of_them
    assert np.bincount(small.train.targets).tolist() == pytest.approx([10] * 10, abs=1)
    assert "learned from 100 of the 1,437 training examples" in small.notes


def test_all_examples_are_the_same_as_no_number_given():
    whole, given_all = (load_dataset(Data(name="iris", train_size=size)) for size in (None, 120))
    assert np.array_equal(whole.train.inputs, given_all.train.inputs)


def test_scaling_is_learned_from_the_examples_that_are_left():
    small = load_dataset(Data(name="diabetes", train_size=50))
    np.testing.assert_allclose(small.train.inputs.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(small.train.inputs.std(axis=0), 1, atol=1e-5)
    assert small.train.targets.mean() == pytest.approx(0, abs=1e-9)
    assert len(small.train) == 50


def test_so_is_what_stands_for_missing_values(write_csv):
    path = write_csv("x,y\n" + "\n".join(f"{'' if n % 10 == 0 else n * n},{n}" for n in range(200)))
    small = load_dataset(Data(name=path, target="y", task="regression", train_size=20, scaling="none"))
    own = small.train.inputs[(small.train.inputs % 1 == 0) & (np.sqrt(small.train.inputs) % 1 == 0)]
    (note,) = [note for note in small.notes if "training median" in note]
    whole = load_dataset(Data(name=path, target="y", task="regression", scaling="none"))
    assert note not in whole.notes
    assert float(note.split()[-1]) == pytest.approx(np.median(own), rel=1e-4)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": "iris", "train_size": 121}, "121 is more than the 120 training examples that the split leaves"),
        ({"name": "digits", "train_size": 9}, "9 is too few: 10 classes need at least one each"),
        ({"name": "diabetes", "train_size": 1}, "1 is too few: a regression needs at least 2"),
    ],
)
def test_a_portion_that_cannot_be_taken_is_a_wrong_configuration(values, said):
    path, message = problem(Data(**values))
    assert path == "data.train_size"
    assert message.startswith(said)


# --- wrong labels ------------------------------------------------------------


def noisy(targets, share, seed=0, classes=3):
    source = source_of(targets, classes)
    return training_targets(np.arange(len(targets)), source, Data(name="iris", label_noise=share, seed=seed))


def test_as_many_labels_are_wrong_as_were_asked_for_each_other_class_as_often():
    targets = np.arange(30_000) % 5
    changed = noisy(targets, 0.4, classes=5)
    wrong = changed != targets
    assert wrong.sum() == 12_000
    steps = (changed - targets)[wrong] % 5
    assert stats.chisquare(np.bincount(steps, minlength=5)[1:]).pvalue > 1e-4
    assert stats.chisquare(np.bincount(targets[wrong])).pvalue > 1e-4  # no class is spared
    assert set(changed) == set(range(5))


def test_more_noise_adds_to_less_noise_and_another_seed_is_other_noise():
    targets = np.arange(3000) % 3
    little, much, other = noisy(targets, 0.1), noisy(targets, 0.3), noisy(targets, 0.1, seed=1)
    was_wrong = little != targets
    assert np.array_equal(much[was_wrong], little[was_wrong])
    assert not np.array_equal(little, other)
    assert np.array_equal(little, noisy(targets, 0.1))


def test_only_training_labels_are_wrong():
    plain, wrong = (load_dataset(Data(name="digits", label_noise=share)) for share in (0.0, 0.25))
    assert np.array_equal(plain.train.inputs, wrong.train.inputs)
    assert (plain.train.targets != wrong.train.targets).sum() == round(0.25 * 1437)
    assert np.array_equal(plain.validation.targets, wrong.validation.targets)
    assert np.array_equal(plain.test.targets, wrong.test.targets)
    assert "label noise: 359 of the 1,437 training examples have another class" in wrong.notes


def test_a_regression_has_no_labels_to_make_wrong():
    path, message = problem(Data(name="diabetes", label_noise=0.1))
    assert (path, message) == ("data.label_noise", "is for classes, but the target is a number; leave it at 0")


# --- fewer inputs ------------------------------------------------------------

NAMES = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (["petal width (cm)", "sepal length (cm)"], [0, 3]),
        (["-petal width (cm)"], [0, 1, 2]),
        (["sepal*"], [0, 1]),
        (["*width*"], [1, 3]),
        (["-sepal*", "-petal width (cm)"], [2]),
        ([], [0, 1, 2, 3]),
    ],
)
def test_inputs_are_kept_or_left_out_by_name_in_the_order_of_the_data(wanted, kept):
    assert chosen(wanted, NAMES).tolist() == kept
    whole = load_dataset(Data(name="iris"))
    some = load_dataset(Data(name="iris", features=wanted))
    assert some.features == tuple(NAMES[place] for place in kept)
    assert some.shape == (len(kept),)
    assert np.array_equal(some.train.inputs, whole.train.inputs[:, kept])
    assert np.array_equal(some.test.inputs, whole.test.inputs[:, kept])


def test_a_name_that_looks_like_a_pattern_is_first_taken_as_it_stands():
    assert chosen(["a*"], ("a*", "ab")).tolist() == [0]
    assert chosen(["a[0]*"], ("a[0]", "a[0]b", "a0")).tolist() == [0, 1]


def test_an_unknown_name_is_answered_with_the_nearest():
    path, message = problem(Data(name="iris", features="petal lenght (cm)"))
    assert path == "data.features"
    assert "no input or column is called 'petal lenght (cm)'. Did you mean 'petal length (cm)'?" in message
    assert message.endswith("There are: " + ", ".join(NAMES))
    assert problem(Data(name="digits", features="-row 9 *"))[1].endswith(" and 44 more")


def test_leaving_everything_out_is_refused():
    assert problem(Data(name="iris", features="-*l*"))[1] == "every input is left out; keep at least one"


def test_names_to_keep_and_names_to_leave_out_do_not_go_together():
    with pytest.raises(ConfigurationError, match=r"data.features: names either the inputs to keep, or those to leave out"):
        Experiment.parse({"data": {"name": "iris", "features": ["a", "-b"]}})


def test_the_same_names_in_any_order_and_form_are_the_same_experiment():
    forms = ("a, b", "b,a", ["b", " a"], ("a", "b", "a"))
    assert len({Experiment.parse({"data": {"name": "iris", "features": form}}).hash for form in forms}) == 1
    with pytest.raises(ConfigurationError, match=r"data.features: must be text such as"):
        Experiment.parse({"data": {"name": "iris", "features": 3}})


def test_a_picture_of_which_pixels_are_left_out_is_none_any_more():
    dataset = load_dataset(Data(name="digits", features="-row 0 *"))
    assert (dataset.shape, dataset.image_shape) == ((56,), None)
    whole = load_dataset(Data(name="digits", scaling="none"))
    some = load_dataset(Data(name="digits", scaling="none", features="-row 0 *"))
    assert np.array_equal(some.train.inputs, whole.train.inputs[:, 8:])


TABLE = "size,colour,age,id,y\n" + "\n".join(
    f"{n},{('red', 'green', 'blue')[n % 3]},{'' if n == 5 else n % 9},name{n},{n * 0.5}" for n in range(150)
)


def test_of_a_table_columns_are_named_as_in_the_file_or_as_they_are_encoded(write_csv):
    path = write_csv(TABLE)

    def features(wanted):
        return load_dataset(Data(name=path, target="y", features=wanted)).features

    assert features("") == ("size", "colour=blue", "colour=green", "colour=red", "age")
    assert features("colour") == ("colour=blue", "colour=green", "colour=red")
    assert features("-colour") == ("size", "age")
    assert features("colour=red, age") == ("colour=red", "age")
    assert features("-colour=red,-size") == ("colour=blue", "colour=green", "age")


def test_what_is_said_of_a_column_is_not_said_of_one_that_is_left_out(write_csv):
    path = write_csv(TABLE)
    notes = load_dataset(Data(name=path, target="y", features="-age,-colour")).notes
    assert not any("age filled" in note or "one-hot" in note for note in notes)
    assert any(note.startswith("column id left out") for note in notes)
    assert "inputs left out: age, colour" in notes
    assert not any("column id" in note for note in load_dataset(Data(name=path, target="y", features="-id")).notes)
    assert not any("column id" in note for note in load_dataset(Data(name=path, target="y", features="size")).notes)


def test_a_column_of_which_nothing_can_be_made_cannot_be_kept(write_csv):
    path, message = problem(Data(name=write_csv(TABLE), target="y", features="id,size"))
    assert path == "data.features"
    assert message == "column id left out: text with 150 different values, more than 100"


def test_houses_are_learned_from_without_their_place(real_data):
    settings_of_data = {"name": str(real_data / "housing" / "california.csv"), "target": "median_house_value"}
    whole = load_dataset(Data(**settings_of_data))
    some = load_dataset(Data(**settings_of_data, features="-longitude,-latitude,-ocean_proximity", train_size=1000))
    assert len(some.features) == len(whole.features) - 7
    assert not {"longitude", "latitude"} & set(some.features)
    assert [len(part) for part in (some.train, some.validation, some.test)] == [1000, 2064, 2064]


def test_a_target_that_does_not_vary_in_the_portion_is_refused(write_csv):
    path = write_csv("x,y\n" + "\n".join(f"{n},{0.5 if n else 7.5}" for n in range(40)))
    with pytest.raises(DataError, match="so there is nothing to learn"):
        load_dataset(Data(name=path, target="y", train_size=2, validation=0, test=0))
