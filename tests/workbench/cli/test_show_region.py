"""What `workbench show` tells of regions, and of runs that were only looked at between their epochs."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

from tests.workbench.cli.conftest import lines_of, record
from tests.workbench.cli.test_history_commands import Terminal
from workbench.cli import execute


def test_the_region_is_drawn_with_its_examples_and_what_it_was_before(command, full):
    text = command("show", "2", "--region").out
    assert text.startswith("Run 2: what it answers everywhere on the plane\n\nstep 110, epoch 5   latest of 7 kept\n")
    assert all(sign in text for sign in "●▲○△·░")
    assert "step 60" in text
    assert "▸ step 110" in text


def test_on_a_terminal_the_region_has_colours_unless_there_are_to_be_none(full, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    for no_colour in (False, True):
        if no_colour:
            monkeypatch.setenv("NO_COLOR", "1")
        else:
            monkeypatch.delenv("NO_COLOR", raising=False)
        screen = Terminal()
        monkeypatch.setattr("sys.stdout", screen)
        assert execute(["show", "2", "--region"]) == 0
        assert ("\x1b[38;2;" in screen.getvalue()) != no_colour


def test_regions_are_written_as_pictures_in_colours(command, full, tmp_path):
    from PIL import Image

    assert command("show", "2", "--region", "--png", "made.png").code == 0
    with Image.open(tmp_path / "made.png") as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3).astype(int)
    assert (pixels[:, 2] > pixels[:, 0] + 30).any()  # blue
    assert (pixels[:, 0] > pixels[:, 2] + 30).any()  # and orange


def test_regions_as_json_are_a_row_for_each_moment(command, full):
    rows = command("show", "2", "--region", "--json").objects
    assert [row["step"] for row in rows] == [0, 20, 40, 60, 80, 100, 110]
    assert {len(row["answers"]) for row in rows} == {len(row["strengths"]) for row in rows} == {6 * 8}
    assert all(0.5 <= strength <= 1 for strength in rows[0]["strengths"])
    assert rows == [{"what": "regions", **row} for row in command("export", "2", "--what", "regions", "--json").objects]


@pytest.mark.parametrize("form", [(), ("--json",), ("--png", "x.png")])
def test_of_a_run_without_a_plane_that_is_said(command, db, form):
    record(db, [{}])
    ended = command("show", "1", "--region", *form)
    assert (ended.code, ended.out) == (2, "")
    assert "there are no regions of run 1: its inputs are not two numbers" in ended.err


def test_a_run_that_was_broken_off_shows_what_it_took_for_what_last(command, full):
    with sqlite3.connect(full) as connection:
        connection.execute("DELETE FROM confusion")
        connection.execute("DELETE FROM pictures WHERE kind = 'worst'")
    text = command("show", "2", "--confusion").out
    assert text.startswith("Run 2: what the validation examples after epoch 5 were taken for")
    assert lines_of(text, "0 ")[0].split()[:6] == ["0", "11", "·", "·", "15", "·"]
    assert "the validation examples whose class it found least probable" in command("show", "2", "--worst").out
    whats = {each["what"] for each in command("show", "2", "--confusion", "--worst", "--json").objects}
    assert whats == {"mistaken", "mistakes"}
