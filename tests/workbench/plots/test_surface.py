"""Cost surfaces as text and as pages."""

from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from engine.insight.surface_records import Surface, SurfaceAxis
from workbench.plots.figure import Path, Word
from workbench.plots.figure_png import SCALE, png_of
from workbench.plots.heat import STYLES
from workbench.plots.surface import GAP, LEAST_WIDTH, surface_rows, surfaces_rows
from workbench.plots.surface_page import SIDE, surface_page
from workbench.plots.vector import svg_of

ACROSS, UP = np.linspace(-2, 2, 9), np.linspace(0, 10, 11)


def surface(costs=None, slopes=None):
    """A plane that rises to the top: its costs are the values of the y axis."""
    costs = np.repeat(UP[:, None], 9, 1) if costs is None else costs
    slopes = np.ones(costs.shape) if slopes is None else slopes
    axes = SurfaceAxis("hidden 1[0, 0]", ACROSS, 1.0), SurfaceAxis("output[0, 0]", UP, 5.0)
    return Surface("quadratic", *axes, costs, np.array([slopes, np.zeros_like(slopes)]), 5.0, 7)


def texts(rows):
    return ["".join(text for text, _ in row) for row in rows]


@pytest.mark.parametrize("size", [(60, 15), (44, 25), (20, 8), (16, 5), (10, 3)])
def test_a_map_has_the_size_that_it_was_given(size):
    rows = surface_rows(surface(), *size)
    assert [len(text) for text in texts(rows)] == [size[0]] * size[1]
    assert {style for row in rows for _, style in row} <= STYLES | {""}


def test_the_largest_y_is_on_top_and_signs_tell_where_the_network_stands():
    rows = texts(surface_rows(surface(), 60, 15))
    assert rows[0].startswith("quadratic  plateau 0%")
    assert rows[1].startswith("↑ output[0, 0]  0 ·:-=+*#%@ 10  ▲ here")
    body = rows[2:13]
    assert [line.strip()[:2].strip("│▐") for line in body] == [str(value) for value in range(10, -1, -1)]
    assert ["▐" in line for line in body] == [value == 5 for value in range(10, -1, -1)]
    assert body[0].endswith("@" * 50)
    assert body[-1].endswith("·" * 50)
    left = body[0].index("│") + 1
    assert rows[13].index("▲") - left == round(3 / 4 * (60 - left - 1))
    assert rows[14].rstrip().endswith("hidden 1[0, 0]")


def test_fewer_lines_show_rows_at_equal_distances():
    rows = texts(surface_rows(surface(), 60, 10))
    assert [line.strip()[:2].strip("│▐") for line in rows[2:8]] == ["10", "8", "6", "4", "2", "0"]


def test_several_stand_side_by_side_where_there_is_room():
    width = 2 * LEAST_WIDTH + GAP
    rows = texts(surfaces_rows([surface()] * 3, width, 10))
    assert len(rows) == 2 * 10 + 1
    assert {len(text) for text in rows} == {width}
    assert rows[0].count("quadratic") == 2
    assert rows[11].count("quadratic") == 1
    assert len(surfaces_rows([surface()] * 2, width - 1, 10)) == 2 * 10 + 1


def test_a_page_has_a_dot_for_each_point_of_a_plateau_and_a_cross_on_the_network():
    slopes = np.ones((11, 9))
    slopes[10, 0] = slopes[3, 4:6] = 0.005
    page = surface_page([surface(slopes=slopes)], "A title")
    left, top, _, bottom = page.plot
    white = [shape for shape in page.shapes if isinstance(shape, Path) and shape.ink == "#ffffff"]
    dots = [shape for shape in white if shape.width == 0]
    middles = [tuple(np.mean(dot.points, axis=0)) for dot in dots]
    cell = SIDE / 9, SIDE / 11
    expected = [(left + 4.5 * cell[0], bottom - 3.5 * cell[1]), (left + 5.5 * cell[0], bottom - 3.5 * cell[1])]
    assert middles == [pytest.approx(place) for place in [*expected, (left + 0.5 * cell[0], top + 0.5 * cell[1])]]
    cross = [np.mean(shape.points, axis=0) for shape in white if shape.width > 0]
    assert cross == [pytest.approx((left + 6.5 * cell[0], bottom - 5.5 * cell[1]))] * 2
    words = [shape.text for shape in page.shapes if isinstance(shape, Word)]
    assert {"A title", "quadratic: plateau 3.0%", "across: hidden 1[0, 0], up: output[0, 0]", "10", "0"} <= set(words)


def test_files_show_the_colours_of_the_scale_and_what_is_not_finite_is_white():
    costs = np.repeat(UP[:, None], 9, 1)
    costs[5, 8] = np.nan
    page = surface_page([surface(costs), surface()], "A & B")
    picture = Image.open(BytesIO(png_of(page))).convert("RGB")
    left, top, right, bottom = (SCALE * edge for edge in page.plot)
    assert picture.getpixel((left + 20, top + 10)) == (249, 227, 61)
    assert picture.getpixel((left + 20, bottom - 10)) == (10, 44, 96)
    assert picture.getpixel((right - 20, (top + bottom) // 2)) == (255, 255, 255)
    root = ElementTree.fromstring(svg_of(page, "A & B").encode())
    assert root[0].text == "A & B"
    assert float(root.get("width")) == page.width > 2 * SIDE


@pytest.mark.parametrize("value", [np.nan, np.inf, 3.0, 1e300])
def test_nothing_raises_for_any_costs(value):
    costs = np.full((11, 9), value)
    costs[0, 0] = -value
    drawn = surface(costs, np.full((11, 9), value))
    surface_rows(drawn, 60, 15)
    assert svg_of(surface_page([drawn], ""), "").endswith("</svg>\n")
