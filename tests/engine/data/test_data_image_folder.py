"""Folders of pictures: what is read, and how it is cut and resized."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from engine.data import load_dataset
from engine.parts import Data
from tests.engine.data.picture_files import complaint, flat, load, save


def grey_of(picture, size=8, **settings):
    """One picture as it is read, [size, size] or [3, size, size] from 0 to 1; `picture` is the path of its file."""
    root = picture.parents[1]
    save(root / "zz" / "other.png", flat(0))
    dataset = load(root, image_size=size, **settings)
    (row,) = dataset.train.inputs[dataset.train.targets == dataset.classes.index(picture.parent.name)]
    return row.reshape(dataset.shape).squeeze()


def test_each_folder_is_a_class_and_each_file_an_example(two_classes):
    dataset = load(two_classes)
    assert dataset.classes == ("a", "b")
    assert (dataset.shape, dataset.image_shape, len(dataset.features)) == ((1, 8, 8), (8, 8), 64)
    order = np.argsort(dataset.train.inputs[:, 0])
    expected = np.concatenate([np.arange(10, 20), np.arange(210, 220)]) / 255
    np.testing.assert_allclose(dataset.train.inputs[order], np.repeat(expected[:, None], 64, axis=1), atol=1e-6)
    assert dataset.train.targets[order].tolist() == [0] * 10 + [1] * 10
    assert dataset.notes == ()


def test_the_same_folder_gives_the_same_data_in_whatever_order_it_was_filled(two_classes, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    for path in sorted(two_classes.rglob("*.png"), reverse=True):
        (other / path.parent.name).mkdir(exist_ok=True)
        (other / path.parent.name / path.name).write_bytes(path.read_bytes())
    one, same = load(two_classes, validation=0.2), load(other, validation=0.2)
    assert np.array_equal(one.train.inputs, same.train.inputs)
    assert np.array_equal(one.validation.inputs, same.validation.inputs)


def test_colours_are_three_channels_one_after_the_other(tmp_path):
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[..., 0], pixels[..., 1], pixels[2, 5, 2] = 255, 51, 102
    read = grey_of(save(tmp_path / "a" / "x.png", pixels), colour="rgb")
    assert read.shape == (3, 8, 8)
    np.testing.assert_allclose(read, pixels.transpose(2, 0, 1) / 255, atol=1e-6)


def test_grey_is_the_luminance_of_colours(tmp_path):
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[...] = (200, 100, 50)
    expected = (0.299 * 200 + 0.587 * 100 + 0.114 * 50) / 255  # ITU-R BT.601
    np.testing.assert_allclose(grey_of(save(tmp_path / "a" / "x.png", pixels)), expected, atol=1 / 255)


@pytest.mark.parametrize("upright", [True, False])
def test_the_square_in_the_middle_is_taken(tmp_path, upright):
    pixels = flat(0, 8, 20)
    pixels[:, 6:14] = 200
    read = grey_of(save(tmp_path / "a" / "x.png", pixels.T.copy() if upright else pixels))
    np.testing.assert_allclose(read, 200 / 255, atol=1e-6)


def test_pixels_are_put_together_not_picked_when_a_picture_is_made_smaller(tmp_path):
    stripes = flat(0, 64, 64)
    stripes[:, ::2] = 255
    read = grey_of(save(tmp_path / "a" / "x.png", stripes))
    np.testing.assert_allclose(read[:, 1:-1], 0.5, atol=0.02)


def test_a_small_picture_is_made_larger(tmp_path):
    read = grey_of(save(tmp_path / "a" / "x.png", flat(77, 3, 3)), size=16)
    assert read.shape == (16, 16)
    np.testing.assert_allclose(read, 77 / 255, atol=1e-6)


@pytest.mark.parametrize("ending", ["png", "bmp", "gif", "tiff", "webp", "ppm", "PNG"])
def test_any_usual_format_is_read(tmp_path, ending):
    options = {"lossless": True} if ending == "webp" else {}
    read = grey_of(save(tmp_path / "a" / f"x.{ending}", flat(90), **options))
    np.testing.assert_allclose(read, 90 / 255, atol=2 / 255)


def test_a_large_photograph_is_read_as_its_size_and_kind_suggest(tmp_path):
    rows = np.linspace(0, 255, 1024)
    pixels = np.repeat(rows[:, None], 1024, axis=1).astype(np.uint8)
    read = grey_of(save(tmp_path / "a" / "x.jpg", pixels, quality=95))
    np.testing.assert_allclose(read[:, 4], (np.arange(8) + 0.5) / 8, atol=0.02)


def test_a_photograph_that_was_taken_sideways_is_turned_upright(tmp_path):
    pixels = flat(0, 16, 16)
    pixels[:8] = 255  # light above
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise: what was above comes to the right
    read = grey_of(save(tmp_path / "a" / "x.png", pixels, exif=exif))
    assert read[:, -2:].min() > 0.9
    assert read[:, :2].max() < 0.1


def test_pixels_of_16_bits_keep_their_greys(tmp_path):
    ramp = np.repeat(np.arange(8, dtype=np.uint16)[:, None] * 8192, 8, axis=1)
    np.testing.assert_allclose(grey_of(save(tmp_path / "a" / "x.png", ramp)), ramp / 65535, atol=0.005)


def test_what_is_transparent_is_white(tmp_path):
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[:4, :, 3] = 255
    read = grey_of(save(tmp_path / "a" / "x.png", pixels))
    assert (read[:4].max(), read[4:].min()) == (0, 1)


def test_folders_below_a_class_belong_to_it_and_other_files_are_left_out_with_a_note(two_classes):
    save(two_classes / "a" / "more" / "x.png", flat(33))
    save(two_classes / "a" / ".hidden" / "x.png", flat(33))
    save(two_classes / "a" / ".x.png", flat(33))
    save(two_classes / ".cache" / "x.png", flat(33))
    for name in ("a/notes.txt", "b/.DS_Store", "readme.md", "b/no_ending"):
        (two_classes / name).write_text("words")
    dataset = load(two_classes)
    assert len(dataset.train) == 21
    assert dataset.classes == ("a", "b")
    assert dataset.notes == ("5 files left out: hidden, or no pictures by their names",)


# --- parts as folders --------------------------------------------------------


def test_folders_for_training_and_test_are_used_as_they_are(tmp_path):
    for part, count, base in (("train", 10, 100), ("test", 3, 200)):
        for name in "ab":
            for number in range(count):
                save(tmp_path / part / name / f"{number}.png", flat(base + number))
    dataset = load(tmp_path, validation=0.2, test=0.3)
    assert [len(part) for part in (dataset.train, dataset.validation, dataset.test)] == [16, 4, 6]
    assert dataset.test.targets.tolist() == [0, 0, 0, 1, 1, 1]
    np.testing.assert_allclose(dataset.test.inputs[:, 0] * 255, [200, 201, 202] * 2, atol=1e-3)
    assert dataset.notes == ("parts as they are in the folders: train, test",)


@pytest.mark.parametrize("name", ["val", "valid", "validation"])
def test_so_is_one_for_validation(tmp_path, name):
    for part, count, base in (("train", 10, 50), (name, 4, 150), ("test", 3, 200)):
        for label in "ab":
            for number in range(count):
                save(tmp_path / part / label / f"{number}.png", flat(base + number))
    dataset = load(tmp_path, validation=0.2)
    assert [len(part) for part in (dataset.train, dataset.validation, dataset.test)] == [20, 8, 6]
    assert (dataset.validation.inputs[:, 0] * 255).round().astype(int).tolist() == [150, 151, 152, 153] * 2
    assert (dataset.train.inputs.max() * 255).round() < 100


def test_classes_may_be_called_train_and_test(tmp_path):
    for name in ("train", "test"):
        for number in range(5):
            save(tmp_path / name / f"{number}.png", flat(number))
    assert load(tmp_path).classes == ("test", "train")
    for number in range(5):
        save(tmp_path / "car" / f"{number}.png", flat(number))
        save(tmp_path / "train" / "steam" / f"{number}.png", flat(number))
    dataset = load(tmp_path)
    assert dataset.classes == ("car", "test", "train")
    assert np.bincount(dataset.train.targets).tolist() == [5, 5, 10]


def test_a_class_that_training_does_not_know_is_refused(tmp_path):
    for part, name in (("train", "a"), ("train", "b"), ("test", "c")):
        save(tmp_path / part / name / "x.png", flat(0))
    assert complaint(tmp_path).startswith(f"{tmp_path / 'test'}: c is no class of {tmp_path / 'train'}")


def test_two_folders_for_validation_are_refused(tmp_path):
    for part in ("train", "val", "valid"):
        for name in "ab":
            save(tmp_path / part / name / "x.png", flat(0))
    assert "both val and valid are in it" in complaint(tmp_path)


def test_progress_is_told(two_classes):
    told = []
    load_dataset(
        Data(name="image_folder", dir=str(two_classes), validation=0, test=0),
        lambda what, done, of: told.append((what, done, of)),
    )
    assert told[0] == ("reading pictures", 0, 20)
