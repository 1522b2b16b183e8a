"""Pictures as text and as PNG: what is seen, and that no values make it raise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from rich.console import Console

from workbench.plots.pictures import HALF, NOT_FINITE, RAMP, interleaved, picture_rows, picture_text, save_png, shades


def plain(pictures, width=80, **options):
    return ["".join(text for text, _ in row) for row in picture_rows(pictures, width, colour=False, **options)]


def styles(row):
    """The style of each character of a row."""
    return [style for text, style in row for _ in text]


def square(values):
    return np.asarray([values], float)


# --- range -------------------------------------------------------------------


def test_the_smallest_number_is_black_and_the_largest_white_whatever_the_range():
    pictures = np.array([[[-3.0, 1.0], [2.0, 5.0]], [[0.0, 0.0], [1.0, 1.0]]])
    np.testing.assert_allclose(shades(pictures)[:, 0], (pictures + 3) / 8)
    each = shades(pictures, scaling="each")[:, 0]
    np.testing.assert_allclose(each[1], pictures[1])
    np.testing.assert_allclose(each[0], (pictures[0] + 3) / 8)


def test_a_symmetric_range_has_zero_in_its_middle():
    weights = np.array([[[-1.0, 0.0, 4.0]]])
    np.testing.assert_allclose(shades(weights, symmetric=True)[0, 0], [[3 / 8, 0.5, 1.0]])
    np.testing.assert_allclose(shades(-weights, symmetric=True)[0, 0], [[5 / 8, 0.5, 0.0]])


def test_equal_numbers_are_grey():
    assert (shades(np.full((2, 3, 3), 7.0)) == 0.5).all()
    assert (shades(np.zeros((1, 3, 3)), symmetric=True) == 0.5).all()


def test_channels_that_are_no_colours_are_put_together():
    two = np.stack([np.zeros((2, 2)), np.array([[0.0, 2.0], [4.0, 6.0]])])[None]
    np.testing.assert_allclose(shades(two)[0, 0], [[0, 1 / 3], [2 / 3, 1]])


@pytest.mark.parametrize("shape", [(4,), (3, 3), (1, 1, 1, 2, 2)])
def test_other_axes_are_refused(shape):
    with pytest.raises(ValueError, match=r"\[N, H, W\] or \[N, C, H, W\]"):
        shades(np.zeros(shape))


@given(
    arrays(np.float64, st.sampled_from([(2, 5, 3), (1, 3, 4, 4), (3, 2, 1, 9)]), elements=st.floats(width=64)),
    st.integers(0, 40),
    st.booleans(),
    st.sampled_from(["all", "each"]),
    st.booleans(),
)
def test_no_values_make_it_raise(pictures, width, colour, scaling, symmetric):
    finite = np.isfinite(pictures)
    scaled = shades(pictures, scaling=scaling, symmetric=symmetric)
    if pictures.shape[1:] in ((5, 3), (3, 4, 4)):
        assert np.array_equal(np.isnan(scaled).reshape(pictures.shape), ~finite)
    known = scaled[~np.isnan(scaled)]
    assert ((known >= 0) & (known <= 1)).all()
    assert picture_rows(pictures, width, colour=colour, scaling=scaling, symmetric=symmetric)


# --- as text -----------------------------------------------------------------


def test_in_colour_a_character_shows_two_pixels_the_upper_in_front():
    picture = np.zeros((1, 3, 2, 14))
    picture[0, 0, 0], picture[0, 2, 1, 13] = 1.0, 1.0  # red above; below black, and blue at the right
    (row,) = picture_rows(picture, 80)
    assert "".join(text for text, _ in row) == HALF * 14
    assert styles(row) == ["#ff0000 on #000000"] * 13 + ["#ff0000 on #0000ff"]


def test_an_odd_last_row_has_no_ground():
    rows = picture_rows(np.arange(3 * 14).reshape(1, 3, 14), 80)
    assert len(rows) == 2
    assert all(" on " not in style for style in styles(rows[1]))


def test_without_colour_a_character_is_the_lighter_the_lighter_its_two_pixels_are():
    ramp = np.tile(np.linspace(0, 1, 40), (2, 1))[None]
    (row,) = plain(ramp)
    assert row == "".join(character * 4 for character in RAMP)
    striped = np.stack([np.zeros(20), np.ones(20)])[None]
    assert plain(striped)[0] == RAMP[5] * 20


def test_colours_without_colour_are_as_light_as_they_look():
    green, blue = np.zeros((1, 3, 2, 14)), np.zeros((1, 3, 2, 14))
    green[0, 1, :, 1:], blue[0, 2, :, 1:] = 1, 1
    assert RAMP.index(plain(green)[0][1]) > RAMP.index(plain(blue)[0][1]) > 0


def test_the_picture_is_the_right_way_up():
    picture = np.zeros((1, 20, 20))
    picture[0, :4, :4] = 1
    rows = plain(picture)
    assert rows[0] == "@" * 4 + " " * 16
    assert rows[-1] == " " * 20


def test_pixels_that_are_not_finite_are_marked():
    picture = np.linspace(0, 1, 16 * 16).reshape(1, 16, 16)
    picture[0, 0:2, 5], picture[0, 6, 7] = np.nan, np.inf
    rows = plain(picture)
    assert rows[0][5] == rows[3][7] == NOT_FINITE
    assert sum(row.count(NOT_FINITE) for row in rows) == 2
    assert styles(picture_rows(picture, 80)[0])[5] == "#ff0000 on #ff0000"


def test_as_many_pictures_stand_side_by_side_as_fit():
    pictures = np.random.default_rng(0).random((5, 20, 20))
    rows = picture_rows(pictures, 70)  # 20 + 3 + 20 + 3 + 20 = 66
    assert len(rows) == 2 * 10
    assert [sum(len(text) for text, _ in row) for row in rows] == [66] * 10 + [43] * 10


def test_captions_stand_below_their_pictures_cut_to_their_width():
    rows = plain(np.zeros((3, 20, 20)), 46, captions=["first", "a name that is far too long"])
    assert rows[10] == "first" + " " * 15 + "   " + "a name that is far …"
    assert rows[21].strip() == ""
    wide = plain(np.zeros((2, 20, 20)), 46, captions=["数字数字数字数字数字数字", "b"])
    assert wide[10].endswith("   b" + " " * 19)


def test_small_pictures_are_enlarged_and_large_ones_reduced_by_the_mean():
    checks = np.indices((4, 4)).sum(axis=0) % 2
    assert plain(checks[None])[0] == ("   " + "@@@") * 2
    large = np.zeros((1, 100, 100))
    large[0, :, 50:] = 1
    large[0, ::2, :50] = 0.5  # a quarter in the mean
    rows = plain(large, 26)
    assert {len(row) for row in rows} == {25}
    assert rows[0] == RAMP[2] * 12 + RAMP[6] + RAMP[9] * 12


def test_inputs_and_outputs_stay_together():
    inputs, outputs = np.zeros((3, 20, 20)), np.ones((3, 20, 20))
    pairs = interleaved(inputs, outputs)
    assert pairs[:, 0, 0].tolist() == [0, 1, 0, 1, 0, 1]
    rows = plain(pairs, 88, together=2)  # 20 + 1 + 20 + 3 + 20 + 1 + 20 = 85
    pair = " " * 20 + " " + "@" * 20
    assert rows[0] == pair + "   " + pair
    assert rows[10] == pair
    assert all(len(row) <= 60 for row in plain(pairs, 60, together=2))


def test_no_pictures_are_no_rows():
    assert picture_rows(np.zeros((0, 4, 4)), 80) == ()


def test_the_text_shows_the_same_on_a_terminal():
    pictures = np.random.default_rng(1).random((2, 3, 6, 15))
    console = Console(width=80, force_terminal=True, color_system="truecolor", no_color=False)
    with console.capture() as shown:
        console.print(picture_text(pictures, 80, captions=["one", "two"]))
    red, green, blue = np.rint(shades(pictures)[0, :, 0, 0] * 255).astype(int)
    assert f"38;2;{red};{green};{blue}" in shown.get()
    assert "one" in shown.get()
    assert picture_text(pictures, 80).plain.split("\n")[0] == HALF * 15 + "   " + HALF * 15


# --- as a file ---------------------------------------------------------------


def pixels_of(path):
    with Image.open(path) as image:
        assert (image.format, image.mode) == ("PNG", "RGB")
        return np.asarray(image)


def test_a_png_file_has_every_picture_enlarged_in_its_place(tmp_path):
    pictures = np.random.default_rng(2).random((5, 3, 32, 32))
    save_png(tmp_path / "a.png", pictures, columns=3)
    sheet = pixels_of(tmp_path / "a.png")
    assert sheet.shape == (8 + 2 * (128 + 8), 8 + 3 * (128 + 8), 3)
    expected = np.rint(shades(pictures) * 255).astype(np.uint8).transpose(0, 2, 3, 1)
    for number, picture in enumerate(expected):
        top, left = 8 + number // 3 * 136, 8 + number % 3 * 136
        assert np.array_equal(sheet[top : top + 128 : 4, left : left + 128 : 4], picture)
        assert np.array_equal(sheet[top + 3 : top + 128 : 4, left + 3 : left + 128 : 4], picture)


def test_a_large_picture_keeps_its_size_and_pairs_lie_close(tmp_path):
    save_png(tmp_path / "a.png", np.random.default_rng(2).random((4, 200, 150)), columns=4, together=2)
    assert pixels_of(tmp_path / "a.png").shape == (8 + 208, 8 + 150 + 2 + 150 + 8 + 150 + 2 + 150 + 8, 3)


@pytest.mark.parametrize("caption", ["a caption that is much too long for the picture above", "數字", "π ≈ 3"])
def test_captions_in_a_file_stay_below_their_picture(tmp_path, caption):
    pictures = np.random.default_rng(2).random((2, 32, 32))
    save_png(tmp_path / "a.png", pictures, 2, [caption])
    save_png(tmp_path / "b.png", pictures, 2, [""])
    sheet, without = (pixels_of(tmp_path / name).astype(int) for name in ("a.png", "b.png"))
    changed = np.argwhere((sheet != without).any(axis=2))
    assert len(changed) > 0
    assert changed[:, 0].min() >= 8 + 128
    assert changed[:, 1].max() < 8 + 128 + 2


def test_pixels_that_are_not_finite_are_red_in_a_file(tmp_path):
    pictures = np.random.default_rng(2).random((1, 128, 128))
    pictures[0, 5, 9] = np.nan
    save_png(tmp_path / "a.png", pictures, 1)
    sheet = pixels_of(tmp_path / "a.png")
    assert np.argwhere((sheet == (255, 0, 0)).all(axis=2)).tolist() == [[13, 17]]


def test_a_file_without_pictures_or_place_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no pictures"):
        save_png(tmp_path / "a.png", np.zeros((0, 4, 4)), 3)
    with pytest.raises(OSError, match="No such file"):
        save_png(tmp_path / "no" / "a.png", np.zeros((1, 4, 4)), 3)
