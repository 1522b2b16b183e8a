"""`workbench data show`: facts, examples and pictures of a dataset."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from engine.data import load_dataset
from engine.data.shapeset import ShapesetStream
from engine.parts import Data
from tests.workbench.cli.conftest import nobody_reading
from workbench.cli import execute
from workbench.plots.pictures import HALF, RAMP


@pytest.fixture
def folder(tmp_path):
    """Two classes of pictures in colour."""
    draw = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for number in range(12):
            image = Image.fromarray(draw.integers(0, 256, (20, 20, 3), np.uint8))
            image.save(tmp_path / "pictures" / name / f"{number}.png")
    return tmp_path / "pictures"


def test_the_group_names_its_commands_and_they_explain_themselves(command):
    assert "show" in command("data", "--help").out
    ended = command("data", "show", "--help")
    assert ended.code == 0
    for option in ("--data-dir", "--set", "--count", "--png", "--seed", "--part", "--target", "--json"):
        assert option in ended.out
    assert command("data").code == 2


def test_sizes_classes_and_notes_are_told(command, db):
    ended = command("data", "show", "digits", "--set", "data.train_size=500", "--set", "data.label_noise=0.1")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "digits: pictures of 8x8 pixels, grey -> 10 classes"
    assert lines[1] == "500 / 180 / 180 examples to train / validate / test"
    assert "learned from 500 of the 1,437 training examples" in lines
    assert "label noise: 50 of the 500 training examples have another class" in lines
    dataset = load_dataset(Data(train_size=500, label_noise=0.1))
    of_three = [int((part.targets == 3).sum()) for part in (dataset.train, dataset.validation, dataset.test)]
    (row,) = [line.split() for line in lines if line.startswith("3 ")]
    assert [int(row[place]) for place in (1, 3, 5)] == of_three
    assert not db.exists()


def test_pictures_are_drawn_with_their_class_without_colour_where_there_is_no_terminal(command):
    lines = command("data", "show", "shapeset", "--count", "2", "--seed", "5").out.splitlines()
    captions = lines[-1]
    stream = ShapesetStream(5).examples(0, 1000)
    dataset = load_dataset(Data(name="shapeset", seed=5))
    assert captions.split("   ")[0].strip() == dataset.classes[stream.targets[0]]
    assert captions[35:].strip() == dataset.classes[stream.targets[999]]
    drawn = lines[-17:-1]
    assert {len(line) for line in drawn} <= set(range(68))
    first = stream.inputs[0].reshape(32, 32)
    (greys,) = [{line[0] for line in drawn}]
    assert len(greys) == 1  # the frame of a picture is background
    characters = {character for line in drawn for character in line[:32]}
    assert len(characters) >= len(np.unique(first))
    assert characters <= set(RAMP)


@pytest.mark.parametrize(("variable", "coloured"), [("FORCE_COLOR", True), ("NO_COLOR", False)])
def test_colour_is_for_terminals_that_want_it(command, monkeypatch, variable, coloured):
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv(variable, "1")
    text = command("data", "show", "digits", "--count", "1").out
    assert (HALF in text) == coloured
    assert ("\x1b[38;2;255;255;255" in text) == coloured


def test_numbers_are_printed_as_the_network_gets_them(command):
    ended = command("data", "show", "iris", "--count", "3", "--part", "test")
    dataset = load_dataset(Data(name="iris"))
    rows = ended.out.splitlines()[-4:-1]
    for row, place in zip(rows, (0, 7, 14), strict=True):
        words = row.split()
        assert words[0] == dataset.classes[dataset.test.targets[place]]
        np.testing.assert_allclose([float(word) for word in words[1:]], dataset.test.inputs[place], rtol=0.01)


def test_targets_of_a_regression_are_in_their_own_unit(command, tmp_path):
    (tmp_path / "t.csv").write_text("a,b,y\n" + "".join(f"{n},{n % 7},{1000 + n * 2.5}\n" for n in range(40)))
    ended = command("data", "show", "t.csv", "--target", "y", "--count", "40", "--set", "data.features=-b")
    assert ended.code == 0
    assert "1 number -> 1 number" in ended.out
    assert "inputs left out: b" in ended.out
    shown = {float(line.split()[0]) for line in ended.out.splitlines()[-33:-1]}
    assert len(shown) == 32
    assert shown <= {float(f"{1000 + n * 2.5:.0f}") for n in range(40)}


def test_sequences_are_drawn_as_curves(command, tmp_path):
    np.savez(tmp_path / "s.npz", x=np.random.default_rng(0).normal(size=(40, 30, 2)), y=np.arange(40) % 2)
    ended = command("data", "show", "s.npz", "--count", "2")
    assert ended.code == 0
    assert "sequences of 30 steps with 2 numbers each -> 2 classes" in ended.out
    assert len(ended.out.splitlines()[-1].split()[1]) == 24


def test_a_file_of_pictures_is_written(command, folder, tmp_path):
    words = ("data", "show", "image_folder", "--data-dir", str(folder), "--set", "data.colour=rgb", "--set", "data.image_size=16")
    ended = command(*words, "--count", "12", "--png", "out.png")
    assert (ended.code, ended.err) == (0, "Written: out.png\n")
    with Image.open(tmp_path / "out.png") as image:
        assert image.size == (8 + 10 * (128 + 8), 8 + 2 * (128 + 14 + 8))
        sheet = np.asarray(image)[8 : 8 + 128 : 8, 8 : 8 + 128 : 8]
    dataset = load_dataset(Data(name="image_folder", dir=str(folder), colour="rgb", image_size=16))
    rows = np.linspace(0, len(dataset.train) - 1, 12).round().astype(int)
    shown = dataset.train.inputs[rows]
    first = (shown[0] - shown.min()) / (shown.max() - shown.min()) * 255
    np.testing.assert_allclose(sheet, first.reshape(3, 16, 16).transpose(1, 2, 0), atol=1)


def test_a_file_of_pictures_is_not_replaced_unasked(command, tmp_path):
    (tmp_path / "old.png").write_text("old")
    ended = command("data", "show", "digits", "--png", "old.png")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "workbench: old.png is there already; name another file, or replace it with --force\n"
    assert command("data", "show", "digits", "--png", "old.png", "--force").code == 0
    assert (tmp_path / "old.png").read_bytes().startswith(b"\x89PNG")


def test_a_file_of_pictures_is_written_though_nobody_reads_the_words(db, tmp_path):
    with nobody_reading():
        execute(["data", "show", "digits", "--png", "made.png"])
    assert (tmp_path / "made.png").read_bytes().startswith(b"\x89PNG")


def test_the_facts_are_one_json_object(command):
    (facts,) = command("data", "show", "shapeset", "--json", "--set", "data.samples=300").objects
    assert facts["parts"] == {"train": 300, "validation": 30, "test": 30}
    assert facts["shape"] == [1, 32, 32]
    assert facts["online"] is True
    dataset = load_dataset(Data(name="shapeset", samples=300))
    assert facts["counts"]["train"] == np.bincount(dataset.train.targets, minlength=9).tolist()
    (facts,) = command("data", "show", "diabetes", "--json").objects
    assert (facts["task"], facts["classes"], facts["counts"]) == ("regression", [], {})
    assert facts["features"][0] == "age"


def test_a_part_without_examples_is_said(command):
    ended = command("data", "show", "shapeset", "--set", "data.test=0", "--part", "test")
    assert ended.code == 0
    assert ended.out.endswith("There are no test examples.\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nonsense",), "unknown dataset 'nonsense'"),
        (("iris", "--png", "x.png"), "--png: the examples of iris are no pictures"),
        (("shapeset", "--set", "data.test=0", "--part", "test", "--png", "x.png"), "this part has no examples"),
        (("iris", "--set", "epochs=3"), "--set epochs=3: only settings of the data matter here"),
        (("iris", "--set", "data.noise=3"), "noise is for two-dimensional sets"),
        (("iris", "--set", "data.features=petal"), "no input or column is called 'petal'"),
        (("image_folder",), "image_folder needs the folder of the pictures"),
        (("image_folder", "--data-dir", "nowhere"), "there is no such folder"),
        (("missing.npz",), "missing.npz: there is no such file"),
        (("missing.csv",), "missing.csv: there is no such file"),
        (("missing.csv", "--target", "y"), "missing.csv: there is no such file"),
        (("iris", "--count", "0"), "--count"),
    ],
)
def test_what_is_wrong_is_said_with_code_2(command, words, said):
    ended = command("data", "show", *words)
    assert ended.code == 2
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_a_broken_picture_is_named(command, folder):
    (folder / "cat" / "3.png").write_bytes(b"\x89PNG\r\n\x1a\nrest is missing")
    ended = command("data", "show", "image_folder", "--data-dir", str(folder))
    assert ended.code == 2
    assert f"{folder / 'cat' / '3.png'}: not a picture" in ended.err


def test_a_file_that_cannot_be_written_is_named_before_the_data_are_read(command):
    ended = command("data", "show", "missing", "--png", "no/where.png")
    assert "unknown dataset" in ended.err  # what was asked for comes first
    ended = command("data", "show", "mnist", "--data-dir", "missing", "--png", "no/where.png")
    assert ended.code == 1
    assert "no/where.png: No such file or directory" in ended.err


def test_pillow_is_loaded_only_for_pictures_in_files():
    code = (
        "import sys; from workbench.cli import execute\n"
        "assert execute(['data', 'show', 'shapeset', '--count', '1']) == 0\n"
        "print(sorted({'PIL', 'torch', 'textual', 'sklearn'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
