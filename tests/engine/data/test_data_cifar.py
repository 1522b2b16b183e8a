"""CIFAR-10 in both versions, whole and damaged, from a folder and from the network."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import struct
import tarfile
from typing import ClassVar

import numpy as np
import pytest

from engine.data import load_dataset
from engine.data.cifar import BINARY, CLASSES, MIRRORS, downloaded
from engine.data.download import RemoteFile
from engine.errors import DataError
from engine.parts import Data
from tests.engine.data.serving import address, serving, silent


def pictures_of(count, seed):
    """Pictures [N, 3072] and labels [N] in which every class occurs."""
    pixels = np.random.default_rng(seed).integers(0, 256, (count, 3072), np.uint8)
    return pixels, (np.arange(count) + seed) % 10


def binary(pixels, labels):
    return np.concatenate([labels[:, None].astype(np.uint8), pixels], axis=1).tobytes()


class AsPython2(pickle._Pickler):
    """Writes bytes as Python 2 wrote its strings, which is how the files were published."""

    dispatch: ClassVar = dict(pickle._Pickler.dispatch)

    def save_bytes(self, text):
        self.write(b"T" + struct.pack("<i", len(text)) + text)

    dispatch[bytes] = save_bytes


def pickled(content, *, as_python_2=True):
    file = io.BytesIO()
    (AsPython2 if as_python_2 else pickle.Pickler)(file, 2).dump(content)
    return file.getvalue()


def python_batch(pixels, labels, **options):
    return pickled({b"batch_label": b"a batch", b"labels": labels.tolist(), b"data": pixels, b"filenames": [b"a.png"]}, **options)


@pytest.fixture
def binary_folder(tmp_path):
    """Two training files of 40 pictures, a test file of 20."""
    for name, count, seed in (("data_batch_1.bin", 40, 1), ("data_batch_2.bin", 40, 2), ("test_batch.bin", 20, 3)):
        (tmp_path / name).write_bytes(binary(*pictures_of(count, seed)))
    return tmp_path


def load(folder, **settings):
    return load_dataset(Data(name="cifar10", dir=str(folder), **{"scaling": "none", "validation": 0.0, **settings}))


def complaint(folder):
    with pytest.raises(DataError) as caught:
        load(folder)
    return str(caught.value)


def test_pictures_and_classes_are_those_of_the_files_channel_by_channel(binary_folder):
    dataset = load(binary_folder)
    pixels, labels = pictures_of(20, 3)
    np.testing.assert_allclose(dataset.test.inputs, pixels / 255, atol=1e-7)
    assert dataset.test.targets.tolist() == labels.tolist()
    assert len(dataset.train) == 80
    assert dataset.shape == dataset.image_shape == (3, 32, 32)
    assert dataset.classes == CLASSES
    corner = dataset.test.inputs[0].reshape(3, 32, 32)[2, 0, 31]
    assert corner == dataset.test.inputs[0, dataset.features.index("blue row 0 column 31")]


def test_training_files_that_are_not_there_are_told(binary_folder):
    missing = "data_batch_3.bin, data_batch_4.bin, data_batch_5.bin"
    assert load(binary_folder).notes == (f"2 of the 5 training files of CIFAR-10 found; missing: {missing}",)
    for number in (3, 4, 5):
        (binary_folder / f"data_batch_{number}.bin").write_bytes(binary(*pictures_of(20, number)))
    assert load(binary_folder).notes == ()


def test_names_of_classes_come_from_the_file_of_names_if_it_has_ten(binary_folder):
    (binary_folder / "batches.meta.txt").write_text("\n".join("abcdefghij") + "\n\n")
    assert load(binary_folder).classes == tuple("abcdefghij")
    (binary_folder / "batches.meta.txt").write_text("a\nb\n")
    assert load(binary_folder).classes == CLASSES


@pytest.mark.parametrize("as_python_2", [True, False])
def test_the_python_version_holds_the_same(binary_folder, tmp_path, as_python_2):
    folder = tmp_path / "other" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for name, count, seed in (("data_batch_1", 40, 1), ("data_batch_2", 40, 2), ("test_batch", 20, 3)):
        (folder / name).write_bytes(python_batch(*pictures_of(count, seed), as_python_2=as_python_2))
    (folder / "batches.meta").write_bytes(pickled({b"label_names": [name.encode() for name in CLASSES], b"num_vis": 3072}))
    one, other = load(binary_folder), load(tmp_path / "other")
    for part in ("train", "test"):
        assert np.array_equal(getattr(one, part).inputs, getattr(other, part).inputs)
        assert np.array_equal(getattr(one, part).targets, getattr(other, part).targets)
    assert other.classes == CLASSES


def test_the_files_are_found_in_the_folder_or_in_the_published_one_below_it(binary_folder, tmp_path):
    (tmp_path / "outer").mkdir()
    inner = tmp_path / "outer" / "cifar-10-batches-bin"
    inner.mkdir()
    for path in binary_folder.glob("*.bin"):
        path.rename(inner / path.name)
    assert len(load(tmp_path / "outer").test) == len(load(inner).test) == 20


class Foreign:
    """Runs a command when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("place", ["labels", "data", "extra"])
def test_what_a_pickle_wants_to_run_is_not_run(tmp_path, place):
    pixels, labels = pictures_of(20, 1)
    trap = tmp_path / "trap"
    content = {b"labels": labels.tolist(), b"data": pixels, place.encode(): Foreign(trap)}
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("data_batch_1", "test_batch"):
        (folder / name).write_bytes(pickled(content, as_python_2=False))
    assert f"{folder / 'data_batch_1'}: not a file of CIFAR-10's python version, or damaged (it wants to run " in complaint(
        folder
    )
    assert not trap.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({b"labels": [1, 2]}, "no array 'data' of bytes with 3,072 columns"),
        ({b"data": np.zeros((2, 3072), np.uint8), b"labels": [1]}, "no list 'labels' with a number for each of the 2 pictures"),
        ({b"data": np.zeros((2, 3072), np.uint8), b"labels": [1, b"x"]}, "no list 'labels'"),
        ({b"data": np.zeros((2, 3072), np.uint8), b"labels": [1, 10]}, "label 10 of picture 2 is not one of 0 to 9"),
        ({b"data": np.zeros((2, 3072), np.uint8), b"labels": [-1, 1]}, "label -1 of picture 1 is not one of 0 to 9"),
        ({b"data": np.zeros((2, 100), np.uint8), b"labels": [1, 2]}, "no array 'data' of bytes with 3,072 columns"),
        ({b"data": np.zeros((2, 3072)), b"labels": [1, 2]}, "an array of other numbers than bytes"),
        ([1, 2], "holds no dictionary"),
    ],
)
def test_a_wrong_pickle_is_named_with_its_fault(tmp_path, content, said):
    (tmp_path / "data_batch_1").write_bytes(pickled(content))
    (tmp_path / "test_batch").write_bytes(python_batch(*pictures_of(20, 1)))
    message = complaint(tmp_path)
    assert message.startswith(f"{tmp_path / 'data_batch_1'}: ")
    assert said in message


def test_a_pickle_that_ends_too_soon_or_is_none_is_named(tmp_path):
    whole = python_batch(*pictures_of(20, 1))
    (tmp_path / "test_batch").write_bytes(whole)
    for content in (whole[:-100], whole[:30], b"", b"<!DOCTYPE html>"):
        (tmp_path / "data_batch_1").write_bytes(content)
        assert f"{tmp_path / 'data_batch_1'}: not a file of CIFAR-10's python version, or damaged (" in complaint(tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (binary(*pictures_of(20, 1))[:-100], "61,360 bytes, not a multiple of 3,073"),
        (b"", "0 bytes, not a multiple of 3,073"),
        (b"\x0a" + bytes(3072), "label 10 of picture 1 is not one of 0 to 9"),
        (binary(*pictures_of(20, 1)) + b"\xff" + bytes(3072), "label 255 of picture 21 is not one of 0 to 9"),
    ],
)
@pytest.mark.parametrize("name", ["data_batch_2.bin", "test_batch.bin"])
def test_a_wrong_file_is_named_with_its_fault(binary_folder, name, content, said):
    (binary_folder / name).write_bytes(content)
    message = complaint(binary_folder)
    assert message.startswith(f"{binary_folder / name}: {said}")


def test_missing_files_and_folders_are_said_with_what_to_do(binary_folder):
    (binary_folder / "test_batch.bin").unlink()
    assert complaint(binary_folder).startswith(f"{binary_folder}: no test_batch.bin in it")
    (binary_folder / "test_batch.bin").write_bytes(binary(*pictures_of(20, 1)))
    for path in binary_folder.glob("data_batch*"):
        path.unlink()
    assert "none of the training files data_batch_1.bin to 5 is in it" in complaint(binary_folder)
    (binary_folder / "test_batch.bin").rename(binary_folder / "else.bin")
    assert "no files of CIFAR-10 in it" in complaint(binary_folder)
    assert complaint(binary_folder / "no") == (
        f"{binary_folder / 'no'}: there is no such folder; --data-dir names the folder of the files of CIFAR-10"
    )
    assert "is a file, not a folder" in complaint(binary_folder / "else.bin")


# --- from the network --------------------------------------------------------


def archive_of(count=20, leave_out=()):
    """The bytes of an archive as it is published, with a member that would land elsewhere."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as packed:
        members = {name: binary(*pictures_of(count, 1)) for name in (*BINARY.train, BINARY.test)}
        members[BINARY.names] = "\n".join(CLASSES).encode()
        members["../../escaped"] = b"outside"
        for name, content in members.items():
            if name not in leave_out:
                info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
                info.size = len(content)
                packed.addfile(info, io.BytesIO(content))
    return file.getvalue()


def remote(content):
    return RemoteFile("cifar.tar.gz", f"md5:{hashlib.md5(content).hexdigest()}")


def test_the_archive_is_downloaded_checked_unpacked_and_kept(tmp_path):
    content = archive_of()
    with serving({"cifar.tar.gz": content}) as server:
        mirrors = [address(server, "wrong"), address(server, "good")]
        folder = downloaded(tmp_path / "cache", silent, mirrors, remote(content))
        assert server.asked == ["wrong", "good"]
    assert downloaded(tmp_path / "cache", silent, ["http://127.0.0.1:9/"], remote(content)) == folder  # nobody is asked again
    dataset = load(folder)
    assert (len(dataset.train), len(dataset.test), dataset.notes) == (100, 20, ())
    assert sorted(path.name for path in folder.iterdir()) == sorted([*BINARY.train, BINARY.test, BINARY.names])
    assert not list(tmp_path.rglob("escaped"))


def test_a_wrong_checksum_is_refused(tmp_path):
    with serving({"cifar.tar.gz": archive_of()}) as server, pytest.raises(DataError, match="wrong checksum"):
        downloaded(tmp_path, silent, [address(server, "good")], RemoteFile("cifar.tar.gz", "md5:" + "0" * 32))
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_archive_is_said(tmp_path):
    content = archive_of()[:-5000]
    with serving({"cifar.tar.gz": content}) as server, pytest.raises(DataError, match="damaged archive"):
        downloaded(tmp_path, silent, [address(server, "good")], remote(content))


def test_the_published_address_is_that_of_the_authors():
    assert MIRRORS[0] == "https://www.cs.toronto.edu/~kriz/"


def test_the_real_files_are_read(real_data):
    folder = real_data / "cifar10"
    if not folder.is_dir():
        pytest.skip("needs CIFAR-10 in the folder of real data")
    dataset = load(folder, validation=0.1)
    assert [len(part) for part in (dataset.train, dataset.validation, dataset.test)] == [9000, 1000, 10_000]
    assert np.bincount(dataset.test.targets).tolist() == [1000] * 10
    assert dataset.classes == CLASSES
    means = dataset.train.inputs.reshape(-1, 3, 1024).mean(axis=(0, 2))
    np.testing.assert_allclose(means, [0.4914, 0.4822, 0.4465], atol=0.01)  # the well-known means of red, green and blue
