"""NPZ files: names, shapes and targets, and what is said of files that hold something else."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data import load_dataset
from engine.errors import ConfigurationError, DataError
from engine.parts import Data

DRAW = np.random.default_rng(0)
NUMBERS = DRAW.normal(size=(60, 4))
CLASSES = np.arange(60) % 3


@pytest.fixture
def load(tmp_path):
    """Writes arrays into a file and loads it without scaling, or with the settings given."""

    def write_and_load(arrays, **settings):
        np.savez(tmp_path / "arrays.npz", **arrays)
        values = {"scaling": "none", "validation": 0.0, "test": 0.0, **settings}
        return load_dataset(Data(name=str(tmp_path / "arrays.npz"), **values))

    return write_and_load


@pytest.fixture
def complaint(load, tmp_path):
    """What is said of arrays that cannot be learned from; the message begins with the file."""

    def told(arrays, **settings):
        with pytest.raises(DataError) as caught:
            load(arrays, **settings)
        message = str(caught.value)
        assert message.startswith(f"{tmp_path / 'arrays.npz'}: ")
        return message.removeprefix(f"{tmp_path / 'arrays.npz'}: ")

    return told


def in_order(dataset, column=0):
    """The training inputs sorted by one of them."""
    return dataset.train.inputs[np.argsort(dataset.train.inputs[:, column])]


@pytest.mark.parametrize(
    ("inputs", "targets"), [("x", "y"), ("X", "Y"), ("inputs", "targets"), ("data", "labels"), ("images", "labels")]
)
def test_arrays_are_found_under_their_usual_names(load, inputs, targets):
    dataset = load({inputs: NUMBERS, targets: CLASSES, "other": np.zeros(3)})
    np.testing.assert_allclose(in_order(dataset), NUMBERS[np.argsort(NUMBERS[:, 0])], rtol=1e-6)
    assert (dataset.shape, dataset.image_shape, dataset.features) == ((4,), None, ("x0", "x1", "x2", "x3"))
    assert dataset.classes == ("0", "1", "2")


@pytest.mark.parametrize("name", ["{}_train", "train_{}"])
def test_a_test_set_of_the_files_own_keeps_its_order(load, name):
    other = name.replace("train", "test")
    arrays = {
        name.format("x"): NUMBERS,
        name.format("y"): CLASSES,
        other.format("x"): -NUMBERS[:9],
        other.format("y"): CLASSES[:9],
    }
    dataset = load(arrays, validation=0.2, test=0.5)
    assert [len(part) for part in (dataset.train, dataset.validation, dataset.test)] == [48, 12, 9]
    np.testing.assert_allclose(dataset.test.inputs, -NUMBERS[:9], rtol=1e-6)
    assert dataset.test.targets.tolist() == CLASSES[:9].tolist()


@pytest.mark.parametrize("word", ["val", "valid", "validation"])
def test_so_does_a_validation_set(load, word):
    arrays = {"x_train": NUMBERS, "y_train": CLASSES}
    arrays |= {f"x_{word}": NUMBERS[:6] + 1, f"y_{word}": CLASSES[:6], "x_test": NUMBERS[:9] + 2, "y_test": CLASSES[:9]}
    dataset = load(arrays, validation=0.3)
    assert [len(part) for part in (dataset.train, dataset.validation, dataset.test)] == [60, 6, 9]
    np.testing.assert_allclose(dataset.validation.inputs, NUMBERS[:6] + 1, rtol=1e-6)
    np.testing.assert_allclose(dataset.test.inputs, NUMBERS[:9] + 2, rtol=1e-6)


# --- shapes of inputs --------------------------------------------------------


def test_one_number_for_each_example_is_an_input(load):
    assert load({"x": NUMBERS[:, 0], "y": CLASSES}).shape == (1,)


def test_three_axes_of_numbers_are_sequences(load):
    sequences = DRAW.normal(size=(60, 5, 2))
    dataset = load({"x": sequences, "y": CLASSES})
    assert (dataset.shape, dataset.image_shape) == ((5, 2), None)
    assert dataset.features[:3] == ("x0 step 0", "x1 step 0", "x0 step 1")
    np.testing.assert_allclose(in_order(dataset), sequences.reshape(60, 10)[np.argsort(sequences[:, 0, 0])], rtol=1e-6)
    assert "x read as sequences of 5 steps" in dataset.notes


def test_three_axes_of_bytes_are_pictures_from_0_to_1(load):
    pixels = DRAW.integers(0, 256, (60, 6, 5), np.uint8)
    dataset = load({"x": pixels, "y": np.arange(60) % 2})
    assert (dataset.shape, dataset.image_shape) == ((1, 6, 5), (6, 5))
    np.testing.assert_allclose(
        np.sort(dataset.train.inputs.sum(axis=1)), np.sort(pixels.reshape(60, -1).sum(axis=1) / 255), rtol=1e-5
    )
    assert "x read as pictures, as they are bytes" in dataset.notes


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_four_axes_are_pictures_channel_by_channel(load, channels, last, kind):
    pixels = DRAW.integers(0, 256, (60, channels, 6, 7)).astype(kind)
    pixels[:, 0, 0, 0] = np.arange(60)
    dataset = load({"x": pixels.transpose(0, 2, 3, 1) if last else pixels, "y": CLASSES})
    assert dataset.shape == (channels, 6, 7)
    assert dataset.image_shape == ((6, 7) if channels == 1 else (channels, 6, 7))
    np.testing.assert_allclose(in_order(dataset), pixels.reshape(60, -1) / (255 if kind == np.uint8 else 1), rtol=1e-5)
    assert any("[height, width, channels]" in note for note in dataset.notes) == last


def test_where_both_ends_could_be_channels_the_last_is_taken_and_said(load):
    dataset = load({"x": DRAW.normal(size=(60, 3, 6, 3)), "y": CLASSES})
    assert dataset.image_shape == (3, 3, 6)
    assert any("the last of its axes taken for the channels" in note for note in dataset.notes)


# --- targets -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("targets", "classes", "labels", "note"),
    [
        ([7, 3, 5] * 20, ("3", "5", "7"), [2, 0, 1], "y has 3 different whole numbers and is taken for classes"),
        ([[1.0], [2.0], [4.0]] * 20, ("1", "2", "4"), [0, 1, 2], "y has 3 different whole numbers and is taken for classes"),
        (list(range(30)) * 2, tuple(sorted(map(str, range(30)), key=int)), [0, 1, 2], "y has 30 different whole numbers and is taken for classes"),
        (np.eye(4, dtype=np.float32)[[2, 3, 0] * 20], ("0", "1", "2", "3"), [2, 3, 0], "y is one-hot: 4 classes"),
        (["cat", "ape", "dog"] * 20, ("ape", "cat", "dog"), [1, 0, 2], None),
        ([b"cat", b"ape", b"dog"] * 20, ("ape", "cat", "dog"), [1, 0, 2], None),
        ([True, False] * 30, ("False", "True"), [1, 0, 1], None),
    ],
)  # fmt: skip
def test_classes_are_whole_numbers_words_or_one_hot_rows(load, targets, classes, labels, note):
    dataset = load({"x": np.arange(60.0), "y": targets})
    assert (dataset.task, dataset.classes) == ("classification", classes)
    first_three = [dataset.train.targets[dataset.train.inputs[:, 0] == number].item() for number in range(3)]
    assert first_three == labels
    assert [each.partition(";")[0] for each in dataset.notes] == ([note] if note else [])


@pytest.mark.parametrize(
    ("targets", "task"),
    [(np.linspace(0, 1, 60), "auto"), (np.arange(60.0), "auto"), (CLASSES / 2, "auto"), (CLASSES, "regression")],
)
def test_other_numbers_are_a_regression(load, targets, task):
    dataset = load({"x": NUMBERS, "y": targets}, task=task)
    assert (dataset.task, dataset.classes) == ("regression", ())
    assert (dataset.target_mean, dataset.target_std) == pytest.approx((targets.mean(), targets.std()))


def test_a_task_that_is_given_is_taken_without_a_note(load):
    assert load({"x": NUMBERS, "y": CLASSES}, task="classification").notes == ()
    assert load({"x": NUMBERS, "y": (np.arange(60) % 25) / 4}, task="classification").classes[:3] == ("0", "0.25", "0.5")


# --- what cannot be learned from ---------------------------------------------


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"a": NUMBERS, "y": CLASSES}, "y has no inputs beside it; name the arrays x and y, or x_train"),
        ({"x": NUMBERS, "b": CLASSES}, "x has no targets beside it"),
        ({"a": NUMBERS, "b": CLASSES}, "no inputs and targets in it; name the arrays x and y, or x_train, y_train, x_test, y_test. There are: a, b"),
        ({"x_test": NUMBERS, "y_test": CLASSES}, "no inputs and targets in it"),
        ({"x_train": NUMBERS, "y_train": CLASSES, "x_test": NUMBERS}, "x_test has no targets beside it"),
        ({"x": NUMBERS, "y": CLASSES[:50]}, "x has 60 examples and y has 50; they must be as many"),
        ({"x": np.float64(3), "y": CLASSES}, "x has no examples and y has 60"),
        ({"x": NUMBERS[:0], "y": CLASSES[:0]}, "x has no examples"),
        ({"x": np.zeros((60, 0)), "y": CLASSES}, "x has no numbers in its examples (shape [60, 0])"),
        ({"x": NUMBERS.astype(complex), "y": CLASSES}, "x holds complex128, not real numbers"),
        ({"x": np.array(["a"] * 60), "y": CLASSES}, "x holds <U1, not real numbers"),
        ({"x": np.where(np.arange(60)[:, None] == 41, np.nan, NUMBERS), "y": CLASSES}, "x is not finite, or too large for 32 bits, in example 42"),
        ({"x": NUMBERS * 1e300, "y": CLASSES}, "x is not finite, or too large for 32 bits, in example 1"),
        ({"x": np.zeros((60, 5, 6, 7)), "y": CLASSES}, "x has the shape [60, 5, 6, 7], which is none of"),
        ({"x": np.zeros((60, 2, 2, 2, 2)), "y": CLASSES}, "x has the shape [60, 2, 2, 2, 2], which is none of"),
        ({"x": NUMBERS, "y": np.zeros((60, 2, 2))}, "y has the shape [60, 2, 2]; a target is one number or word"),
        ({"x": NUMBERS, "y": NUMBERS[:, :2]}, "y has 2 columns that are not one-hot"),
        ({"x": NUMBERS, "y": np.where(np.arange(60) == 7, np.inf, CLASSES)}, "y is inf for example 8"),
        ({"x": NUMBERS, "y": CLASSES + 1j}, "y holds complex128, neither numbers nor words"),
        ({"x": NUMBERS, "y": np.ones(60, int)}, "y is 1 in every example, so there is nothing to learn"),
        ({"x_train": NUMBERS, "y_train": CLASSES, "x_test": NUMBERS[:, :3], "y_test": CLASSES}, "x_test holds float64 [3] for each example, x_train float64 [4]"),
        ({"x_train": NUMBERS, "y_train": CLASSES, "x_test": NUMBERS, "y_test": CLASSES + 1}, "y_test has class 3, which y_train has not"),
        ({"x_train": NUMBERS, "y_train": CLASSES, "x_test": NUMBERS, "y_test": np.eye(3)[CLASSES]}, "the targets of the parts have different shapes"),
    ],
)  # fmt: skip
def test_arrays_that_do_not_fit_are_named_with_their_fault(complaint, arrays, said):
    assert complaint(arrays).startswith(said)


def test_words_and_one_hot_rows_are_no_regression(complaint):
    assert "y holds words, but a regression needs numbers" in complaint(
        {"x": NUMBERS, "y": np.array(["a", "b"] * 30)}, task="regression"
    )
    assert "y is one-hot, which names classes" in complaint({"x": NUMBERS, "y": np.eye(3)[CLASSES]}, task="regression")


def test_python_objects_are_not_read(complaint):
    said = complaint({"x": NUMBERS, "y": np.array([print] * 60, dtype=object)})
    assert said.startswith("holds Python objects, which are not read because they could run foreign code")


def test_a_damaged_file_is_said(tmp_path):
    np.save(tmp_path / "single.npy", NUMBERS)
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=NUMBERS, y=CLASSES)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[200] ^= 0xFF
    for content, said in (
        (whole[:-100], "a damaged NPZ file"),
        (bytes(flipped), "a damaged NPZ file"),
        (b"<!DOCTYPE html>", "not an NPZ file (it begins with b'<!DOCT'"),
        (b"", "not an NPZ file (it begins with b''"),
        ((tmp_path / "single.npy").read_bytes(), "a single array (NPY), not several under names"),
    ):
        path.write_bytes(content)
        with pytest.raises(DataError) as caught:
            load_dataset(Data(name=str(path)))
        assert str(caught.value).startswith(f"{path}: {said}")


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(DataError, match="there is no such file"):
        load_dataset(Data(name=str(tmp_path / "no.npz")))
    with pytest.raises(DataError, match="cannot be read"):
        load_dataset(Data(name=f"{tmp_path.name}.npz", dir=str(_folder_called(tmp_path, f"{tmp_path.name}.npz"))))


def _folder_called(parent, name):
    (parent / name).mkdir()
    return parent


def test_a_file_is_found_relative_to_the_folder(tmp_path):
    np.savez(tmp_path / "a.npz", x=NUMBERS, y=CLASSES)
    assert len(load_dataset(Data(name="a.npz", dir=str(tmp_path))).features) == 4


def test_inputs_can_be_left_out_and_labels_made_wrong(load):
    dataset = load({"x": NUMBERS, "y": CLASSES}, features="-x1,-x3", label_noise=0.5)
    assert (dataset.features, dataset.shape) == (("x0", "x2"), (2,))
    np.testing.assert_allclose(in_order(dataset), NUMBERS[np.argsort(NUMBERS[:, 0])][:, [0, 2]], rtol=1e-6)
    with pytest.raises(ConfigurationError, match=r"data.label_noise: is for classes"):
        load({"x": NUMBERS, "y": NUMBERS[:, 0]}, label_noise=0.5)
