from __future__ import annotations

import gzip
import hashlib
import os
import struct
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.data import idx, load_dataset
from engine.data.idx_sets import FASHION_MNIST, MNIST
from engine.errors import DataError
from engine.parts import Data

NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def images_bytes(count, height=28, width=28, magic=2051):
    pixels = bytes((7 * n) % 256 for n in range(count * height * width))
    return struct.pack(">IIII", magic, count, height, width) + pixels


def labels_bytes(labels, magic=2049):
    return struct.pack(">II", magic, len(labels)) + bytes(labels)


GOOD = (images_bytes(60), labels_bytes([n % 10 for n in range(60)]), images_bytes(20), labels_bytes([n % 10 for n in range(20)]))


def folder_of(tmp_path, contents=GOOD, names=NAMES, **changed):
    """A folder with the four files; `changed` replaces the bytes of one (train_images, …)."""
    for name, content in zip(names, contents, strict=True):
        key = "_".join(name.replace(".", "-").split("-")[:2])
        (tmp_path / name).write_bytes(changed.get(key, content))
    return Data(name="mnist", dir=str(tmp_path), scaling="none", validation=0.5)


def complaint(settings):
    with pytest.raises(DataError) as caught:
        load_dataset(settings)
    return str(caught.value)


@given(arrays(np.uint8, st.tuples(st.integers(0, 4), st.just(5), st.just(3))), st.booleans())
def test_pictures_come_back_as_they_were_written_packed_or_not(images, packed):
    content = struct.pack(">HBBIII", 0, 8, 3, *images.shape) + images.tobytes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "pictures")
        path.write_bytes(gzip.compress(content) if packed else content)
        assert np.array_equal(idx.read_images(path, 5, 3), images)


def test_the_test_files_are_the_test_part_and_validation_is_taken_from_training_by_class(tmp_path):
    dataset = load_dataset(folder_of(tmp_path))
    pixels = (7 * np.arange(20 * 784) % 256).reshape(20, 784)
    np.testing.assert_allclose(dataset.test.inputs, pixels / 255, atol=1e-7)
    assert dataset.test.inputs.dtype == np.float32
    assert dataset.test.targets.tolist() == [n % 10 for n in range(20)]
    assert np.bincount(dataset.validation.targets).tolist() == np.bincount(dataset.train.targets).tolist() == [3] * 10
    assert dataset.image_shape == (28, 28)


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("dotted", [False, True])
def test_files_are_found_under_all_their_usual_names(tmp_path, ending, dotted):
    contents = [gzip.compress(content) for content in GOOD] if ending else GOOD
    names = [(name.replace("-idx", ".idx") if dotted else name) + ending for name in NAMES]
    assert len(load_dataset(folder_of(tmp_path, contents, names)).test) == 20


def test_a_file_is_unpacked_by_what_it_is_not_by_its_name(tmp_path):
    assert len(load_dataset(folder_of(tmp_path, names=[f"{name}.gz" for name in NAMES])).test) == 20


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"train_images": GOOD[0][:-100]}, "train-images-idx3-ubyte: truncated: 60x28x28 = 47,040 bytes announced, 46,940 found"),
        ({"t10k_labels": GOOD[3] + b"\0"}, "t10k-labels-idx1-ubyte: too long: 20 = 20 bytes announced, 21 found"),
        ({"train_images": GOOD[0][:10]}, "train-images-idx3-ubyte: ends within its header, after 10 bytes"),
        ({"train_labels": b"\0\0"}, "train-labels-idx1-ubyte: only 2 bytes"),
        ({"train_images": b""}, "train-images-idx3-ubyte: only 0 bytes"),
        ({"train_images": GOOD[1]}, "train-images-idx3-ubyte: holds labels (magic number 2049), not images (magic number 2051)"),
        ({"t10k_labels": GOOD[2]}, "t10k-labels-idx1-ubyte: holds images (magic number 2051), not labels (magic number 2049)"),
        ({"train_images": images_bytes(60, magic=0x0D03)}, "train-images-idx3-ubyte: holds float32 (magic number 3331)"),
        ({"train_images": b"<!DOCTYPE html>"}, "train-images-idx3-ubyte: not an IDX file (it begins with b'<!DOCTYP')"),
        ({"train_images": images_bytes(60, 32, 32)}, "train-images-idx3-ubyte: the images are 32x32 pixels, not 28x28"),
        ({"t10k_images": images_bytes(19)}, "t10k-labels-idx1-ubyte: 20 labels for the 19 images of t10k-images-idx3-ubyte"),
        ({"train_labels": labels_bytes([0] * 59 + [10])}, "train-labels-idx1-ubyte: label 10 of example 60 is not one of 0 to 9"),
        ({"train_images": gzip.compress(GOOD[0])[:-50]}, "train-images-idx3-ubyte: damaged gzip file"),
        ({"train_images": gzip.compress(b"")[:10] + b"\xff" * 50}, "train-images-idx3-ubyte: damaged gzip file"),
        ({"train_images": b"\x1f\x8b" + b"junk" * 9}, "train-images-idx3-ubyte: damaged gzip file"),
        ({"t10k_images": images_bytes(0), "t10k_labels": labels_bytes([])}, "t10k-images-idx3-ubyte: no images in it"),
    ],
)
def test_a_wrong_file_is_named_with_its_fault(tmp_path, changed, said):
    message = complaint(folder_of(tmp_path, **changed))
    assert message.startswith(f"{tmp_path}{os.sep}{said}")


def test_a_flipped_bit_in_a_gzip_file_is_found_by_its_checksum(tmp_path):
    packed = bytearray(gzip.compress(GOOD[0]))
    packed[-8] ^= 1  # the checksum itself, so that unpacking goes well until the end
    assert "damaged gzip file" in complaint(folder_of(tmp_path, train_images=bytes(packed)))


def test_a_missing_file_or_folder_is_said_with_what_to_do(tmp_path):
    settings = folder_of(tmp_path)
    (tmp_path / NAMES[1]).unlink()
    what_to_do = "Put all four there, or leave --data-dir out to download them."
    assert complaint(settings) == f"{tmp_path}: no train-labels-idx1-ubyte of MNIST in it, with or without .gz. {what_to_do}"
    for name in (NAMES[0], *NAMES[2:]):
        (tmp_path / name).unlink()
    none = "none of the four files (train-images-idx3-ubyte …) of MNIST in it, with or without .gz."
    assert complaint(settings) == f"{tmp_path}: {none} {what_to_do}"
    (tmp_path / NAMES[0]).touch()
    absent = complaint(settings.model_copy(update={"dir": str(tmp_path / "no")}))
    assert absent == f"{tmp_path / 'no'}: there is no such folder; --data-dir names the folder of the four files of MNIST"
    assert "is a file, not a folder" in complaint(settings.model_copy(update={"dir": str(tmp_path / NAMES[0])}))


@pytest.mark.parametrize(("name", "folder"), [("mnist", "mnist"), ("fashion_mnist", "fashion-mnist")])
def test_the_real_sets_are_read_whole(real_data, name, folder):
    dataset = load_dataset(Data(name=name, dir=str(real_data / folder), scaling="none"))
    assert [len(part) for part in (dataset.train, dataset.validation, dataset.test)] == [54_000, 6_000, 10_000]
    assert dataset.train.inputs.shape == (54_000, 784)
    assert (dataset.train.inputs.min(), dataset.train.inputs.max()) == (0, 1)
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949] if name == "mnist" else [6000] * 10
    assert (np.bincount(dataset.train.targets) + np.bincount(dataset.validation.targets)).tolist() == counts
    np.testing.assert_allclose(np.bincount(dataset.validation.targets), np.array(counts) / 10, atol=1)


@pytest.mark.parametrize(
    ("name", "folder", "said"), [("mnist", "fashion-mnist", "Fashion-MNIST"), ("fashion_mnist", "mnist", "MNIST")]
)
@pytest.mark.parametrize("packed", [True, False])
def test_the_files_of_the_other_set_are_told_from_ones_own(real_data, tmp_path, name, folder, said, packed):
    for stem in NAMES:
        content = (real_data / folder / f"{stem}.gz").read_bytes() if "labels" in stem else b""
        (tmp_path / stem).write_bytes(content if packed or not content else gzip.decompress(content))
    message = complaint(Data(name=name, dir=str(tmp_path)))
    assert message.startswith(f"{tmp_path / NAMES[1]}: these are the labels of {said}; name the folder of ")
    (tmp_path / NAMES[1]).write_bytes(GOOD[1])
    assert complaint(Data(name=name, dir=str(tmp_path))).startswith(f"{tmp_path / NAMES[3]}: these are the labels of {said}")


def test_pixels_of_mnist_have_their_well_known_mean_and_deviation(real_data):
    dataset = load_dataset(Data(name="mnist", dir=str(real_data / "mnist"), scaling="none", validation=0))
    assert dataset.train.inputs.mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)
    assert dataset.train.inputs.std(dtype=np.float64) == pytest.approx(0.3081, abs=5e-5)
    scaled = load_dataset(Data(name="mnist", dir=str(real_data / "mnist"), validation=0))
    assert scaled.train.inputs.mean(dtype=np.float64) == pytest.approx(0, abs=1e-6)
    assert scaled.train.inputs.std(dtype=np.float64) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(("idx_set", "folder"), [(MNIST, "mnist"), (FASHION_MNIST, "fashion-mnist")])
def test_the_checksums_are_those_of_the_published_files(real_data, idx_set, folder):
    # The copy of the training images of MNIST may have been compressed anew; its own checksum then proves nothing.
    files = [file for file in idx_set.files if not (folder == "mnist" and file.name.startswith("train-images"))]
    digests = {file.name: hashlib.sha256((real_data / folder / file.name).read_bytes()).hexdigest() for file in files}
    assert digests == {file.name: file.digest for file in files}


def test_a_set_names_four_files_and_at_least_two_mirrors():
    for idx_set in (MNIST, FASHION_MNIST):
        assert [file.name for file in idx_set.files] == [f"{name}.gz" for name in NAMES]
        assert len(set(idx_set.mirrors)) >= 2
        assert all(mirror.startswith(("https://", "http://")) and mirror.endswith("/") for mirror in idx_set.mirrors)
        assert len({*(file.digest for file in idx_set.files), *idx_set.labels}) == 6
        assert len(set(idx_set.classes)) == 10
