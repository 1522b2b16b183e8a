"""The parts of `workbench show` that are pictures: drawn, and written into files."""

from __future__ import annotations

import sqlite3

import pytest

from tests.workbench.cli.conftest import lines_of, nobody_reading, query
from workbench.cli import execute


def test_the_worst_examples_are_listed_and_drawn(command, full):
    text = command("show", "2", "--worst").out
    rows = lines_of(text, "example")
    assert [row.split() for row in rows[2:4]] == [["5", "1", "3", "0.06"], ["4", "1", "3", "0.05"]]
    assert "1 as 3" in rows[-1]
    assert "whose class it found least probable; it answered none of them right\n" in text


def test_worst_examples_that_were_answered_right_are_marked(command, full):
    with sqlite3.connect(full) as connection:
        connection.execute("UPDATE pictures SET answer = label WHERE kind = 'worst' AND run = 2 AND position = 1")
    text = command("show", "2", "--worst").out
    assert "it answered 1 of them right" in text
    rows = lines_of(text, "example")
    assert [row.split()[:4] for row in rows[2:4]] == [["5", "1", "3", "0.06"], ["4", "1", "1", "(right)"]]
    assert "1, right" in rows[-1]


def test_reconstructions_are_drawn_beside_their_inputs(command, full):
    text = command("show", "2", "--reconstructions").out
    titles = [line for line in text.splitlines() if line.startswith("up to")]
    assert titles == [f"up to hidden {n} and down again: mean squared error {(n + 1) ** 2}" for n in (1, 2, 3)]
    assert len(text.splitlines()) == 3 * (1 + 4 + 1 + 1)  # title, eight pixels two by two, captions, a blank


@pytest.mark.parametrize("look", ["--worst", "--reconstructions"])
def test_pictures_are_written_as_png(command, full, tmp_path, look):
    from PIL import Image

    ended = command("show", "2", look, "--png", "made.png")
    assert (ended.code, ended.err) == (0, "Written: made.png\n")
    with Image.open(tmp_path / "made.png") as image:
        assert (image.format, image.width > 64) == ("PNG", True)


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_picture_is_not_replaced_unasked(command, full, tmp_path, form):
    (tmp_path / "old.png").write_text("old")
    words = ("show", "2", "--worst", "--png", "old.png", *form)
    ended = command(*words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "workbench: old.png is there already; name another file, or replace it with --force\n"
    assert (tmp_path / "old.png").read_text() == "old"
    ended = command(*words, "--force")
    assert (ended.code, ended.err) == (0, "Written: old.png\n")
    assert ended.out
    assert (tmp_path / "old.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("path", "fault"), [("no/where.png", "No such file or directory"), (".", "Is a directory")])
def test_a_picture_that_cannot_be_written_is_told_of_before_anything_is_read(command, path, fault):
    ended = command("show", "9", "--worst", "--png", path)  # there is no such run
    assert (ended.code, ended.out, ended.err) == (1, "", f"workbench: {path}: {fault}\n")


def test_a_picture_is_written_though_nobody_reads_the_words(full, tmp_path):
    with nobody_reading():
        execute(["show", "2", "--worst", "--png", "made.png"])
    assert (tmp_path / "made.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_no_picture_cannot_be_written_as_one(command, full):
    with sqlite3.connect(full) as connection:
        connection.execute("UPDATE pictures SET height = NULL, width = NULL")
    for look in ("--worst", "--reconstructions"):
        assert command("show", "2", look).code == 0
        ended = command("show", "2", look, "--png", "x.png")
        assert ended.code == 2
        assert "are no pictures" in ended.err


def test_the_weights_of_the_first_layer_are_pictures_of_what_its_units_look_for(command, db, tmp_path):
    """A real training: the weights come from its checkpoint."""
    small = ("--data", "digits", "--depth", "1", "--width", "50", "--epochs", "1", "--device", "cpu", "--threads", "1")
    assert command("run", *small).code == 0
    ended = command("show", "1", "--weights", "--png", "made.png")
    assert ended.code == 0, ended.err
    assert ended.out.startswith("Run 1: weights of the first layer after step 23, the first 40 of 50 units; 0 is in the middle")
    assert "unit 40" in ended.out
    assert "unit 41" not in ended.out
    assert (tmp_path / "made.png").stat().st_size > 1000
    units = command("show", "1", "--weights", "--json").objects
    assert [(each["what"], each["unit"], each["shape"]) for each in units] == [("weights", n, [8, 8]) for n in range(1, 51)]
    import torch

    from engine.loading import load_network

    (path,) = query(db, "SELECT path FROM checkpoints")[0]
    layers = [module for module in load_network(tmp_path / path).modules() if isinstance(module, torch.nn.Linear)]
    torch.testing.assert_close(torch.tensor([each["values"] for each in units]), layers[0].weight.detach())


def test_weights_that_are_no_pictures_and_those_that_are_gone_are_told_of(command, db, tmp_path):
    import shutil

    small = ("--depth", "1", "--width", "4", "--epochs", "1", "--device", "cpu", "--threads", "1")
    command("run", "--data", "iris", *small)
    ended = command("show", "1", "--weights")
    assert (ended.code, ended.out) == (2, "")
    assert "run 1: the weights of hidden 1 are no pictures" in ended.err
    shutil.rmtree(tmp_path / "history.checkpoints")
    ended = command("show", "1", "--weights")
    assert (ended.code, ended.out) == (2, "")
    assert "the checkpoints of run 1 are no longer in" in ended.err
