"""Tables and pictures as rows of text and as pages."""

import xml.etree.ElementTree as ET

import pytest

from workbench.plots.figure import Word
from workbench.plots.vector import svg_of
from workbench.report.drawing import rows_of
from workbench.report.figures import page_of
from workbench.report.records import NothingShown
from workbench.report.showing import shown
from workbench.report.surfaces import Surfaces

PICTURES = (2, 3, 4, 5, 6, 7, 9)


def text_of(rows):
    return "\n".join("".join(text for text, _ in row) for row in rows)


def drawn(made, number):
    return shown(made.recipe.show[number - 1], made.result.plan, made.result.runs, Surfaces() if number == 9 else None)


@pytest.mark.parametrize("width", [40, 80, 130])
def test_rows_are_as_wide_as_they_should_be(made, width):
    for number in range(1, len(made.recipe.show) + 1):
        rows = rows_of(drawn(made, number), width, 12)
        assert {sum(len(text) for text, _ in row) for row in rows} == {width}, number


def test_a_table_marks_what_was_chosen_and_goes_on_below_where_it_is_too_wide(made):
    table = made.shown(1)
    text = text_of(rows_of(table, 80, 0))
    assert "tanh     0.1 *" in text
    assert "* the lr of the best validation error" in text
    for row in table.rows:
        assert row.cells[1].text in text
    narrow = text_of(rows_of(table, 36, 0))
    assert narrow.count("network") == 2
    assert all(row.cells[1].text in narrow for row in table.rows)


def test_a_chart_names_its_lines_and_tells_of_the_seeds(made):
    text = text_of(rows_of(made.shown(2), 80, 12))
    assert "sigmoid, lr=0.1" in text
    assert "epoch" in text
    assert text.rstrip().endswith("Means of 2 runs, with bands from the least to the greatest")


def test_names_of_variations_stand_at_the_axis(made):
    assert text_of(rows_of(made.shown(5), 80, 12)).splitlines()[11].split() == ["sigmoid", "tanh"]


def test_what_is_not_there_is_said(made):
    assert text_of(rows_of(NothingShown("x", "no runs yet"), 30, 12)).rstrip() == "No runs yet"


@pytest.mark.parametrize("number", PICTURES)
def test_pictures_are_small_svg_files(made, number):
    picture = drawn(made, number)
    page = page_of(picture)
    assert page is not None
    file = svg_of(page, picture.title)
    ET.fromstring(file)
    assert len(file) < 100_000
    words = [shape.text for shape in page.shapes if isinstance(shape, Word)]
    assert picture.title in words or number == 9


def test_a_table_is_no_picture(made):
    assert page_of(made.shown(1)) is None
