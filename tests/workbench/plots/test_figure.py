"""Curves as figures for print: the places of points, as SVG and as pixels."""

import math
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageColor, ImageFont

from workbench.plots.figure import COLOURS, GRID, Figure, Word, laid_out
from workbench.plots.figure_png import SCALE, dashed, png
from workbench.plots.lines import MARKERS, Band, Line
from workbench.plots.signs import forms_of, plain_words
from workbench.plots.vector import svg

SVG = "{http://www.w3.org/2000/svg}"


def figure(*lines, **about):
    return Figure("Run 3", "cost", "step", lines, **about)


def polylines(drawn, colour=COLOURS[0]):
    """The points of each line of a colour."""
    root = ElementTree.fromstring(svg(drawn).encode())
    found = [each for each in root.iter(f"{SVG}polyline") if each.get("stroke") == colour]
    return [[tuple(map(float, pair.split(","))) for pair in each.get("points").split()] for each in found]


def words(drawn):
    return [each.text for each in ElementTree.fromstring(svg(drawn).encode()).iter(f"{SVG}text")]


def ticks(drawn):
    """The height of each label of the y axis."""
    root = ElementTree.fromstring(svg(drawn).encode())
    return {float(each.text): float(each.get("y")) - 4 for each in root.iter(f"{SVG}text") if each.get("text-anchor") == "end"}


def test_points_lie_where_their_values_are():
    drawn = figure(Line("a", [0, 5, 10], [0.0, 3.0, 4.0]))
    left, top, right, bottom = laid_out(drawn).plot
    *_, curve = polylines(drawn)
    assert [x for x, _ in curve] == pytest.approx([left, (left + right) / 2, right], abs=0.01)
    assert [y for _, y in curve] == pytest.approx([ticks(drawn)[value] for value in (0, 3, 4)], abs=0.02)
    assert curve[0][1] == bottom
    assert curve[-1][1] > top


def test_a_logarithmic_axis_has_equal_distances_for_equal_ratios():
    drawn = figure(Line("a", [1, 2, 3, 4], [0.001, 0.01, 0.1, 1.0]), log=True)
    *_, curve = polylines(drawn)
    assert np.diff([y for _, y in curve]) == pytest.approx([np.diff([y for _, y in curve]).mean()] * 3, abs=0.02)
    assert curve[2][1] == pytest.approx(ticks(drawn)[0.1], abs=0.02)


def test_it_needs_nothing_besides_itself_and_says_what_it_shows():
    drawn = figure(Line("a < b & c\x00", [1, 2], [1.0, 2.0]), Line("σ", [1, 2], [2.0, 1.0]), marks=[1.5], share=True)
    text = svg(drawn)
    assert text.count("http") == text.count('xmlns="http://www.w3.org/2000/svg"') == 1
    assert not any(each in text for each in ("url(", "@font-face", "href", "<script", "<image"))
    told = words(drawn)
    assert {"Run 3", "cost", "step", "a < b & c", "σ", "changed", "100%"} <= set(told)


def test_lines_differ_in_colour_dashes_and_signs():
    drawn = figure(*(Line(str(number), [1, 2, 3], [number, number, number + 1.0]) for number in range(7)))
    root = ElementTree.fromstring(svg(drawn).encode())
    looks = {
        (each.get("stroke"), each.get("stroke-dasharray"))
        for each in root.iter(f"{SVG}polyline")
        if each.get("stroke-width") == "1.6"
    }
    assert len(looks) == 7
    assert len({dash for _, dash in looks}) == 4
    assert all(forms_of(marker) for marker in MARKERS[1:])


def test_a_line_has_gaps_where_it_is_not_finite_and_is_marked_where_it_ends():
    drawn = figure(Line("a", range(6), [1.0, 2.0, np.nan, 2.0, 3.0, np.inf]))
    stretches = [line for line in polylines(drawn) if len(line) == 2 and line[0][0] != line[1][0]]
    assert len([line for line in stretches if line[0][1] != line[1][1] and abs(line[0][0] - line[1][0]) > 50]) == 2
    assert "a (until not finite)" in words(drawn)


@pytest.mark.parametrize("values", [(), (math.nan, math.nan), (0.0, -1.0), (1e308, -1e308), (5.0,), (1e-320, 1e-320)])
@pytest.mark.parametrize("log", [False, True])
def test_no_values_are_too_much(values, log):
    drawn = figure(Line("a", range(len(values)), values), bands=[Band("b", range(len(values)), values, values)], log=log)
    assert ElementTree.fromstring(svg(drawn).encode()).tag == f"{SVG}svg"
    assert Image.open(BytesIO(png(drawn))).size[0] == SCALE * laid_out(drawn).width


def test_a_band_is_the_area_between_its_edges():
    drawn = figure(Line("a", [0, 10], [1.0, 2.0]), bands=[Band("range", [0, 10], [0.0, 0.0], [4.0, 4.0])])
    root = ElementTree.fromstring(svg(drawn).encode())
    area = [each for each in root.iter(f"{SVG}polygon") if each.get("opacity")][-1]
    corners = {tuple(map(float, pair.split(","))) for pair in area.get("points").split()}
    left, _, right, bottom = laid_out(drawn).plot
    high = ticks(drawn)[4]
    assert {(left, bottom), (right, bottom)} <= corners
    assert max(y for _, y in corners) == bottom
    assert min(y for _, y in corners) == pytest.approx(high, abs=0.02)
    assert "range" in words(drawn)


def test_many_points_are_thinned_and_no_spike_is_lost():
    y = np.zeros(100_000)
    y[31_234] = 1.0
    *_, curve = polylines(figure(Line("a", np.arange(y.size), y)))
    assert len(curve) < 6000
    spike = min(curve, key=lambda point: point[1])
    left, _, right, _ = laid_out(figure(Line("a", np.arange(y.size), y))).plot
    assert spike[0] == pytest.approx(left + 31_234 / 99_999 * (right - left), abs=0.01)


def test_signs_stand_at_what_was_measured():
    drawn = figure(
        Line("a", [0, 1, 2], [0.0, 0.0, 0.0]),
        Line("b", [0, 1, 2], [1.0, 1.0, 1.0], measured=[1.0, 3.0, 1.0]),
        Line("", [0, 1, 2], [1.0, 3.0, 1.0], faint=True, hue=1),
    )
    root = ElementTree.fromstring(svg(drawn).encode())
    centres = []
    for each in root.iter(f"{SVG}polygon"):
        points = np.array([tuple(map(float, pair.split(","))) for pair in each.get("points").split()])
        centres.append(points.mean(axis=0))
    assert centres[-2][1] == pytest.approx(ticks(drawn)[3], abs=0.1)


def test_the_pixels_are_those_of_the_same_places():
    drawn = figure(Line("a", [0, 10], [0.0, 4.0]), Line("b", [0, 5, 10], [0.0, 0.0, 0.0], hue=2))
    picture = np.asarray(Image.open(BytesIO(png(drawn))).convert("RGB")).astype(int)
    left, top, right, bottom = laid_out(drawn).plot
    four = ticks(drawn)[4]

    def near(x, y, colour):
        part = picture[round(SCALE * y) - 2 : round(SCALE * y) + 3, round(SCALE * x) - 2 : round(SCALE * x) + 3]
        return bool((abs(part - ImageColor.getrgb(colour)).sum(axis=-1) < 30).any())

    for share in (0.25, 0.5, 0.75):
        assert near(left + share * (right - left), bottom + share * (four - bottom), COLOURS[0])
    assert near((left + right) / 2, bottom, COLOURS[2])
    assert near(right - 50, four, GRID)
    assert (picture[2, 2] == 255).all()
    assert not near(left + 0.25 * (right - left), top + 30, COLOURS[0])


def test_dashes_leave_out_as_much_as_they_say():
    pieces = list(dashed([(0, 0), (5, 0), (20, 0)], (7, 3)))
    assert [(piece[0][0], piece[-1][0]) for piece in pieces] == [(0, 7), (10, 17)]
    assert list(dashed([(0, 0), (1, 1)], ())) == [[(0, 0), (1, 1)]]


def test_letters_that_the_font_lacks_are_replaced():
    assert plain_words("σ × 2 – é R² → ‖g‖") == "sigma x 2 - e R2 -> |g|"
    font = ImageFont.load_default(20)
    lacking = bytes(font.getmask("\ufffe"))
    for character in "σμ∂×−–✓●★▸→‖²ñ“”…⇧⏎≈漢":
        assert all(bytes(font.getmask(each)) != lacking for each in plain_words(character)), character


def test_ticks_that_are_given_stand_at_their_places():
    figure = Figure(
        "", "", "", [Line("", [0, 1, 2], [1, 2, 3])], ticks=[(0, "none"), (2, "two"), (9, "far")], width=500, height=100
    )
    page = laid_out(figure)
    places = {shape.text: shape.x for shape in page.shapes if isinstance(shape, Word)}
    assert (places["none"], places["two"]) == (page.plot[0], page.plot[2])
    assert "far" not in places
    assert page.width == 500
    assert page.plot[3] - page.plot[1] == 100
