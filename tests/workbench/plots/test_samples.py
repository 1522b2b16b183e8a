"""A few examples of data, and how they are drawn."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import DataError
from engine.experiment import Experiment
from workbench.plots.samples import SIGNS, sample_rows, sizes_text
from workbench.samples import take_sample


def sample(**settings):
    return take_sample(Experiment().with_settings({f"data.{name}": value for name, value in settings.items()}).data)


def texts(rows):
    return ["".join(text for text, _ in row) for row in rows]


def test_points_have_the_sign_and_the_colour_of_their_class():
    moons = sample(name="moons", noise=0.0)
    rows = sample_rows(moons, 60)
    *field, legend = texts(rows)
    assert legend.split() == [SIGNS[0], "0", SIGNS[1], "1"]
    assert max(map(len, field)) <= 60
    assert all(style == f"net--{SIGNS.index(sign)}" for row in rows[:-1] for sign, style in row if sign != " ")
    top, bottom = "".join(field[:3]), "".join(field[-3:])
    assert set(top) - {" "} == {SIGNS[0]}  # the upper moon is the first class, the lower the second
    assert set(bottom) - {" "} == {SIGNS[1]}


def test_pictures_are_drawn_with_their_class_below():
    digits = sample(name="digits")
    rows = sample_rows(digits, 60, colour=False)
    lines = texts(rows)
    captions = [lines[4].split(), lines[9].split()]
    assert [*captions[0], *captions[1]] == list(digits.names[: len(captions[0]) * 2])
    assert any("#" in style for row in sample_rows(digits, 60) for _, style in row)
    assert max(map(len, lines)) <= 60


def test_a_table_shows_numbers_as_the_network_gets_them_and_how_many_are_left_out():
    diabetes = sample(name="diabetes")
    head, first, *_, note = texts(sample_rows(diabetes, 50))
    assert head.split()[:3] == ["target", "age", "sex"]
    assert len(first.split()) == 4
    assert note == "as the network gets them; 7 more inputs"
    assert sizes_text(diabetes) == "354 to train, 44 to validate, 44 to test; numbers to predict"


def test_sequences_are_drawn_as_curves(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    steps = np.sin(np.linspace(0, 9, 30))[None, :, None] * np.arange(1, 41)[:, None, None]
    np.savez("waves.npz", x=steps.astype(np.float32), y=np.arange(40) % 2)
    lines = texts(sample_rows(sample(name="waves.npz"), 60))
    assert len(lines) == 8
    assert set("▁█") <= set(lines[0])


def test_data_that_would_have_to_be_downloaded_are_not(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_DATA", str(tmp_path))
    with pytest.raises(DataError, match="is downloaded when a training begins"):
        sample(name="mnist")
    (tmp_path / "mnist").mkdir()
    monkeypatch.setattr("pooch.retrieve", lambda *a, downloader, **k: downloader.progressbar.update(1))
    with pytest.raises(DataError, match="not on this machine yet"):
        sample(name="mnist", seed=1)


@pytest.mark.parametrize("width", [12, 30, 200])
@pytest.mark.parametrize("name", ["xor", "digits", "iris"])
def test_any_width_will_do(name, width):
    assert max(map(len, texts(sample_rows(sample(name=name), width)))) <= width
