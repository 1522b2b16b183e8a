"""Heat maps for print, and several pages on one."""

import numpy as np

from workbench.plots.abreast import HEAD, abreast
from workbench.plots.figure import Figure, Path, Word, laid_out
from workbench.plots.heat_page import heat_page, shade_of
from workbench.plots.lines import Line

STEPS = np.arange(1.0, 5.0)


def areas(page):
    return [shape for shape in page.shapes if isinstance(shape, Path) and not shape.width]


def cells(page):
    left, _, right, _ = page.plot
    return [shape for shape in areas(page) if left <= shape.points[0][0] < right]


def words(page):
    return [shape.text for shape in page.shapes if isinstance(shape, Word)]


def test_the_first_row_is_at_the_foot_and_neighbours_of_one_colour_are_one_area():
    page = heat_page(np.array([[1.0, 1, 1, 1], [2, 2, 3, 3]]), ("low", "high"), STEPS, title="T", of="what")
    found = cells(page)
    assert [shape.ink for shape in found] == [shade_of(0.0), *[shape.ink for shape in found[1:2]], shade_of(1.0)]
    assert len(found) == 3
    assert found[0].points[0][1] > found[1].points[0][1]
    places = {shape.text: shape.y for shape in page.shapes if isinstance(shape, Word)}
    assert places["low"] > places["high"]
    assert {"T", "what", "step"} <= places.keys()


def test_zero_and_what_is_lost_have_colours_of_their_own():
    page = heat_page(np.array([[1.0, 0.0, np.inf, np.nan]]), ("a",), STEPS, title="", of="", log=True)
    assert [shape.ink for shape in cells(page)][1:] == ["#000000", "#d00000", "#ffffff"]


def test_around_zero_colours_go_to_both_sides():
    page = heat_page(np.array([[-1.0, 0.0, 1.0, 1.0]]), ("a",), STEPS, title="", of="", diverging=True)
    assert len({shape.ink for shape in cells(page)}) == 3
    assert {"-1", "0", "1"} <= set(words(page))


def test_without_measurements_it_says_so():
    assert "not measured" in words(heat_page(np.empty((0, 0)), (), np.empty(0), title="", of=""))


def test_pages_stand_side_by_side_in_lines():
    one = laid_out(Figure("one", "y", "x", [Line("", [0, 1], [0, 1])], width=400, height=200))
    page = abreast([one, one, one], 2, "all")
    assert (page.width, page.height) == (2 * one.width, HEAD + 2 * one.height)
    assert words(page).count("one") == 3
    assert "all" in words(page)
    places = [(shape.x, shape.y) for shape in page.shapes if isinstance(shape, Word) and shape.text == "one"]
    assert places[1][0] - places[0][0] == one.width
    assert places[2][1] - places[0][1] == one.height
