"""Regions as text: what stands in which cell."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from engine.pictures import NO_ANSWER, Plane
from tests.workbench.scripted_details import scripted_plane, scripted_region
from workbench.plots.palette import DARK, blend, hex_of
from workbench.plots.region import legend, picture_size, region_colours, region_rows
from workbench.plots.region_view import SMALL, Moment, region_view

HEX = re.compile(r"#[0-9a-f]{6}")


def text(rows):
    return ["".join(piece for piece, _ in row) for row in rows]


def halves(rows, columns):
    """A plane of which the upper half is of one class and surely so, and the lower half of another, the left of it guessed."""
    answers = np.repeat([[0], [1]], columns, axis=1).repeat(rows // 2, axis=0).astype(np.uint8)
    strengths = np.full((rows, columns), 255, np.uint8)
    strengths[rows // 2 :, : columns // 2] = 128
    return answers, strengths


def plane(*points, held_out=()):
    """A plane from -1 to 1 with points (x, y, target)."""
    numbers = np.array(points, np.float32).reshape(-1, 3)
    flags = np.array([number in held_out for number in range(len(points))], np.bool_)
    return Plane(-1, 1, -1, 1, 8, 8, 0.0, 1.0, numbers[:, :2], numbers[:, 2], flags)


def test_without_colours_regions_have_textures_and_what_is_guessed_is_blank():
    assert text(region_rows(plane(), *halves(8, 8), 2, (8, 4), None)) == ["········", "········", "    ░░░░", "    ░░░░"]


def test_examples_stand_where_they_lie_with_a_sign_of_their_class_hollow_where_held_out():
    points = [(-0.95, 0.95, 0), (0.95, 0.95, 1), (-0.95, -0.95, 2), (0.95, -0.95, 3), (0.1, 0.1, 0), (-0.1, -0.1, 1), (3, 0, 0)]
    cells = np.zeros((8, 8), np.uint8)
    drawn = text(region_rows(plane(*points, held_out=(4, 5)), cells, cells + 255, 5, (16, 8), None))
    assert drawn[0] == "●··············▲"
    assert drawn[3] == "········○·······"
    assert drawn[4] == "·······△········"
    assert drawn[7] == "■··············◆"


def test_the_colour_of_a_cell_is_that_of_its_class_and_the_surer_the_stronger():
    colours = region_colours(*halves(8, 8), 2, DARK)
    full = [blend(DARK.ground, DARK.classes[number], 0.55) for number in (0, 1)]
    assert tuple(colours[0, 0]) == full[0]
    assert tuple(colours[7, 7]) == full[1]
    guessed = np.abs(colours[7, 0].astype(int) - DARK.ground).sum()
    assert 0 < guessed < np.abs(colours[7, 7].astype(int) - DARK.ground).sum() / 2


def test_half_blocks_show_two_rows_of_pixels_each_in_its_colour():
    rows = region_rows(plane(), *halves(8, 8), 2, (8, 4), DARK)
    sure = [hex_of(blend(DARK.ground, DARK.classes[number], 0.55)) for number in (0, 1)]
    assert rows[0] == (("▀" * 8, f"{sure[0]} on {sure[0]}"),)
    assert rows[2][-1] == ("▀" * 4, f"{sure[1]} on {sure[1]}")
    middle = region_rows(plane(), *halves(6, 6), 2, (6, 3), DARK)[1]
    assert middle[-1] == ("▀" * 3, f"{sure[0]} on {sure[1]}")


def test_an_example_has_the_full_colour_of_its_class():
    rows = region_rows(plane((0, 0, 1)), np.zeros((8, 8), np.uint8), np.full((8, 8), 255, np.uint8), 2, (16, 4), DARK)
    (style,) = (style for row in rows for sign, style in row if sign == "▲")
    assert style.startswith(f"bold {hex_of(DARK.classes[1])} on ")


def test_a_picture_that_is_smaller_than_the_grid_shows_means():
    answers = np.tile(np.array([[0, 1]], np.uint8), (8, 4))
    strengths = np.full((8, 8), 255, np.uint8)
    (upper, lower) = HEX.findall(region_rows(plane(), answers, strengths, 2, (4, 2), DARK)[0][0][1])
    assert upper == lower
    both = [blend(DARK.ground, DARK.classes[number], 0.55) for number in (0, 1)]
    mean = np.mean(both, axis=0)
    assert np.abs([int(upper[at : at + 2], 16) for at in (1, 3, 5)] - mean).max() <= 5


def test_numbers_are_shades_from_the_low_end_to_the_high_one():
    strengths = np.arange(8, dtype=np.uint8)[None, :].repeat(8, axis=0) * 36
    answers = np.zeros((8, 8), np.uint8)
    numbers = replace(plane((0.95, 0.95, 40.0)), low=10.0, high=50.0)
    drawn = text(region_rows(numbers, answers, strengths, 0, (8, 4), None))
    assert drawn[1] == " .:=+#%@"
    assert drawn[0][-1] == "●"
    colours = region_colours(answers, strengths, 0, DARK)
    assert len({tuple(colour) for colour in colours[0]}) == 8
    assert text(legend(numbers, (), None, 30)) == ["10  .:-=+*#%@ 50", "● learned  ○ held out"]


@pytest.mark.parametrize("palette", [None, DARK])
def test_where_there_is_no_answer_there_is_no_class(palette):
    answers = np.full((8, 8), NO_ANSWER, np.uint8)
    rows = region_rows(plane(), answers, np.zeros((8, 8), np.uint8), 2, (8, 4), palette)
    if palette is None:
        assert text(rows) == ["×" * 8] * 4
    else:
        assert {style for row in rows for _, style in row} == {f"{hex_of(DARK.ground)} on {hex_of(DARK.ground)}"}


def test_not_so_many_examples_are_drawn_that_the_region_is_hidden():
    rng = np.random.default_rng(5)
    points = np.column_stack([rng.uniform(-1, 1, (400, 2)), rng.integers(0, 2, 400)])
    crowded = plane(*points, held_out=range(200, 400))
    drawn = "".join(text(region_rows(crowded, np.zeros((8, 8), np.uint8), np.full((8, 8), 255, np.uint8), 2, (40, 20), None)))
    learned, held_out = (sum(drawn.count(sign) for sign in signs) for signs in ("●▲", "○△"))
    assert 50 < learned <= 800 / 7 * 2 / 3
    assert 20 < held_out <= 800 / 7 / 3


@pytest.mark.parametrize(("width", "height", "size"), [(100, 10, (20, 10)), (10, 100, (10, 5)), (1, 1, (1, 1)), (3, 1, (2, 1))])
def test_a_picture_is_as_large_as_there_is_room_and_keeps_its_shape(width, height, size):
    assert picture_size(plane(), width, height) == size


# --- with its legend and what was before ------------------------------------------


def moments(count):
    told = [scripted_region(scripted_plane(), 25 * n, n, 1) for n in range(count)]
    return [Moment(each.step, each.epoch, each.answers[0], each.strengths[0]) for each in told]


@pytest.mark.parametrize("palette", [None, DARK])
@pytest.mark.parametrize(("width", "height"), [(110, 36), (76, 13), (56, 8), (40, 10), (12, 3), (1, 1)])
def test_a_view_is_never_larger_than_its_place(width, height, palette):
    for count in (1, 2, 12):
        view = region_view(scripted_plane(), moments(count), count - 1, ("zero", "one"), width, height, palette)
        assert len(view.rows) <= height
        assert {len(row) for row in text(view.rows)} == {width}


def test_small_pictures_of_earlier_moments_can_be_pointed_at():
    view = region_view(scripted_plane(), moments(7), 6, ("zero", "one"), 110, 36, None, hint=" <- ->")
    lines = text(view.rows)
    assert lines[0].startswith("step 150, epoch 6   latest of 7 kept <- ->")
    assert {place for _, _, place in view.spots} == {0, 3, 6}
    for rows, columns, place in view.spots:
        caption = lines[rows[-1]][columns[0] : columns[-1] + 1].strip()
        assert caption == f"{'▸ ' if place == 6 else ''}step {25 * place}"
        assert (len(rows), len(columns)) == (SMALL[1] + 1, SMALL[0])
        assert view.at(columns[0], rows[0]) == view.at(columns[-1], rows[-1]) == place
    assert view.at(0, 0) is None


def test_where_there_is_little_room_the_legend_is_one_line_and_the_first_and_latest_are_shown():
    view = region_view(scripted_plane(), moments(7), 3, ("zero", "one"), 76, 13, None)
    lines = text(view.rows)
    assert lines[0].startswith("step 75, epoch 3   4 of 7 kept")
    assert "●○ zero" in lines[1]
    assert "▲△ one" in lines[1]
    assert [place for _, _, place in view.spots] == [0, 6]


def test_many_classes_have_a_legend_that_says_how_many_there_are():
    lines = text(legend(plane(), [f"class {number}" for number in range(40)], None, 24))
    assert lines[11].endswith("class 11")
    assert lines[12] == "and 28 more classes"
