"""Rows of characters as pixels."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from workbench.plots.raster import HEIGHT, WIDTH, png

INK, GROUND = (250, 10, 20), (5, 6, 7)


def pixels(*rows):
    return np.asarray(Image.open(BytesIO(png([[(text, INK, GROUND)] for text in rows]))).convert("RGB"))


def inked(cell):
    return (cell == INK).all(axis=-1)


def test_each_character_has_a_cell():
    picture = pixels("ab", "c")
    assert picture.shape == (2 * HEIGHT, 2 * WIDTH, 3)
    assert (picture[HEIGHT:, WIDTH:] == 0).all()


@pytest.mark.parametrize(
    ("character", "share"), [(" ", 0.0), ("█", 1.0), ("▀", 0.5), ("▄", 0.5), ("▌", 0.5), ("▐", 0.5), ("▂", 0.25)]
)
def test_blocks_fill_their_part(character, share):
    assert inked(pixels(character)).mean() == pytest.approx(share, abs=0.06)


def test_halves_are_where_they_belong():
    assert inked(pixels("▀"))[: HEIGHT // 2 - 1].all()
    assert inked(pixels("▄"))[HEIGHT // 2 + 1 :].all()
    assert inked(pixels("▌"))[:, : WIDTH // 2 - 1].all()
    assert inked(pixels("▐"))[:, WIDTH // 2 + 1 :].all()


def test_the_dots_of_braille():
    first, last = inked(pixels("⠁")), inked(pixels("⢀"))
    assert first[: HEIGHT // 4, : WIDTH // 2].any()
    assert not first[HEIGHT // 4 :].any()
    assert not first[:, WIDTH // 2 :].any()
    assert last[3 * HEIGHT // 4 :, WIDTH // 2 :].any()
    assert not last[: 3 * HEIGHT // 4].any()
    assert not inked(pixels("⠀")).any()


def test_lines_meet_at_the_edges_of_cells():
    cross = inked(pixels("┼"))
    assert cross[0].any()
    assert cross[-1].any()
    assert cross[:, 0].any()
    assert cross[:, -1].any()
    corner = inked(pixels("└"))
    assert corner[0].any()
    assert corner[:, -1].any()
    assert not corner[-1].any()
    assert not corner[:, 0].any()


def test_letters_are_written_and_stay_in_their_cells():
    for character in "aσμWM@%é漢":
        cell = pixels(f" {character} ")
        assert (cell[:, WIDTH : 2 * WIDTH] != GROUND).any(), character
        assert (cell[:, :WIDTH] == GROUND).all(), character
        assert (cell[:, 2 * WIDTH :] == GROUND).all(), character


def test_letters_that_the_font_lacks_are_replaced():
    assert (pixels("σ–²é") == pixels("s–2e")).all()
    assert (pixels("✓") != pixels("漢")).any()


@pytest.mark.parametrize(("full", "hollow"), ["●○", "■□", "◆◇", "▲△", "▼▽"])
def test_signs_are_drawn_full_or_hollow(full, hollow):
    middle = (HEIGHT // 2, WIDTH // 2)
    assert inked(pixels(full))[middle]
    assert not inked(pixels(hollow))[middle]
    assert (pixels(hollow) != GROUND).any()


def test_arrows_point_where_they_should():
    right, left, up, down = ((pixels(arrow) != GROUND).any(axis=-1) for arrow in "→←↑↓")
    assert right[:, WIDTH // 2 :].sum() > right[:, : WIDTH // 2].sum()
    assert left[:, : WIDTH // 2].sum() > left[:, WIDTH // 2 :].sum()
    assert up[: HEIGHT // 2].sum() > up[HEIGHT // 2 :].sum()
    assert down[HEIGHT // 2 :].sum() > down[: HEIGHT // 2].sum()


def test_nothing_is_a_picture_too():
    assert Image.open(BytesIO(png([]))).size == (WIDTH, HEIGHT)
