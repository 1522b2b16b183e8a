"""Folders of pictures: what is said of files and folders that cannot be read."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from engine.parts import Data
from tests.engine.data.picture_files import complaint, flat, save


def png_that_claims(width, height):
    """A small PNG file whose header announces another size."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"\0" * 100)
    chunks = (
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in (header, data, b"IEND")
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_a_file_that_is_no_picture_is_named(two_classes):
    wrong = two_classes / "b" / "3.png"
    wrong.write_text("<!DOCTYPE html>")
    assert complaint(two_classes).startswith(f"{wrong}: not a picture, whatever its name says")


@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "bmp", "tiff"])
@pytest.mark.parametrize("share", [0.6, 0.02])
def test_a_truncated_picture_is_named(two_classes, ending, share):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    wrong = save(two_classes / "b" / f"x.{ending}", noise)
    content = wrong.read_bytes()
    wrong.write_bytes(content[: int(share * len(content))])
    message = complaint(two_classes)
    assert message.startswith(f"{wrong}: ")
    assert message.endswith("remove it or get it again")


def test_an_empty_file_is_named(two_classes):
    (two_classes / "a" / "0.png").write_bytes(b"")
    assert complaint(two_classes).startswith(f"{two_classes / 'a' / '0.png'}: not a picture")


@pytest.mark.parametrize("side", [12_000, 60_000])
def test_a_picture_that_would_fill_the_memory_is_named(two_classes, side):
    wrong = two_classes / "a" / "bomb.png"
    wrong.write_bytes(png_that_claims(side, side))
    assert complaint(two_classes).startswith(f"{wrong}: more than 89,478,485 pixels, which no picture should have")


def test_no_warning_of_the_library_reaches_the_screen(two_classes, recwarn):
    (two_classes / "a" / "bomb.png").write_bytes(png_that_claims(12_000, 12_000))
    complaint(two_classes)
    assert [str(warning.message) for warning in recwarn] == []


def test_an_empty_class_is_named(two_classes):
    (two_classes / "c").mkdir()
    (two_classes / "c" / "notes.txt").write_text("words")
    assert complaint(two_classes) == f"{two_classes / 'c'}: no pictures in this class; put some there, or remove the folder"


def test_a_folder_without_classes_is_said(tmp_path):
    assert complaint(tmp_path).startswith(
        f"{tmp_path}: no folders in it; data.dir names a folder with a folder of pictures for each"
    )
    save(tmp_path / "x.png", flat(0))
    assert "no folders in it" in complaint(tmp_path)
    save(tmp_path / "a" / "x.png", flat(0))
    assert f"{tmp_path}: only one class, a, so there is nothing to tell apart" in complaint(tmp_path)
    assert complaint(tmp_path / "no").startswith(f"{tmp_path / 'no'}: there is no such folder")
    assert "is a file, not a folder" in complaint(tmp_path / "x.png")


def test_too_few_pictures_for_the_split_are_said_with_their_class(two_classes):
    for number in range(1, 10):
        (two_classes / "a" / f"{number}.png").unlink()
    assert "too few examples of class a (1)" in complaint(two_classes, validation=0.2)


def test_the_folder_must_be_given_and_the_settings_are_for_folders_alone():
    with pytest.raises(ValueError, match=r"image_folder needs the folder of the pictures \(--data-dir FOLDER\)"):
        Data(name="image_folder")
    with pytest.raises(ValueError, match="colour is for image_folder; digits has no use for it"):
        Data(name="digits", colour="rgb")
