"""What `workbench show --curves` draws of a stored run."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from PIL import Image

from workbench.history import History


def test_the_curves_are_drawn_with_their_axes(command, full):
    text = command("show", "2", "--curves").out
    assert text.startswith("run 2: cost  ── training  ─● validation")
    assert text.rstrip().endswith("step")
    assert "●" in "".join(text.splitlines()[1:])


def test_the_keys_of_the_interface_have_their_equals(command, full):
    text = command("show", "2", "--curves", "--log", "--smooth", "0.9", "--axis", "epochs", "--zoom", "1:3").out
    assert text.startswith("run 2: cost (log, smoothed 0.9)")
    labels = text.splitlines()[-1].split()
    assert (labels[0], labels[-1]) == ("1.0", "epoch")
    assert float(labels[-2]) <= 3
    assert command("show", "2", "--curves", "--axis", "seconds").out.split()[-1] == "s"
    accuracy = command("show", "2", "--curves", "--metric", "score", "--log").out
    assert accuracy.startswith("run 2: accuracy  ──")
    assert "%┤" in accuracy
    assert command("show", "2", "--curves", "--metric", "learning_rate").out.startswith("run 2: learning rate")
    assert command("show", "2", "--curves", "--metric", "reconstruction").out.startswith("run 2: reconstruction error")


def test_the_curves_are_written_as_figures(command, full, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = command("show", "2", "--curves", "--log", "--smooth", "0.9", "--png", "made.png", "--svg", "made.svg")
    assert (ended.code, ended.err) == (0, "Written: made.png\nWritten: made.svg\n")
    texts = [each.text for each in ElementTree.parse(tmp_path / "made.svg").iter("{http://www.w3.org/2000/svg}text")]
    assert {"Run 2", "training", "validation", "cost, smoothed 0.9 (log)", "step"} <= set(texts)
    with Image.open(tmp_path / "made.png") as image:
        assert image.getpixel((2, 2)) == (255, 255, 255)
    assert command("show", "2", "--curves", "--svg", "made.svg").code == 2
    assert command("show", "2", "--curves", "--svg", "made.svg", "--force").code == 0


def test_points_are_told_as_json(command, full):
    with History.open(full) as history:
        steps = [row for row in history.steps(2) if 10 <= row.step <= 20]
    points = command("show", "2", "--curves", "--zoom", "10:20", "--json").objects
    training = [point for point in points if point["curve"] == "training"]
    assert [(point["steps"], point["value"]) for point in training] == [(row.step, row.loss) for row in steps]
    smooth = command("show", "2", "--curves", "--smooth", "0.9", "--zoom", "10:20", "--json").objects
    assert [point["raw"] for point in smooth if point["curve"] == "training"] == [row.loss for row in steps]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--log",), "--log goes with --curves"),
        (("--curves", "--smooth", "1"), "--smooth must be from 0 to below 1, such as 0.9 (given: 1)"),
        (
            ("--curves", "--zoom", "20:10"),
            "--zoom must be FROM:TO with the smaller number first, such as 100:500 or 100: (given: 20:10)",
        ),
        (("--curves", "--zoom", "10"), "--zoom must be FROM:TO"),
        (("--curves", "--zoom", "5000:"), "run 2 goes from step 1 to 110; --zoom must lie within it"),
        (("--curves", "--metric", "error"), "run 2 has no error; --metric can be cost, score, learning_rate"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_drawn_is_said(command, full, words, said):
    ended = command("show", "2", *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
