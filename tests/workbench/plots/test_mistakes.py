"""The worst mistakes as text."""

from __future__ import annotations

import numpy as np
import pytest

from engine.pictures import Worst
from workbench.plots.mistakes import CAPTIONS, mistake_rows, notable


def text(rows):
    return ["".join(piece for piece, _ in row) for row in rows]


def worst(count, shape, answer="two"):
    numbers = np.linspace(0, 1, int(np.prod(shape)), dtype=np.float32)
    return [Worst(number, "one", answer, 0.01 * number, numbers) for number in range(count)]


def test_a_picture_has_what_it_is_and_was_taken_for_and_its_probability_below():
    rows = text(mistake_rows(worst(3, (8, 8)), (8, 8), (), 40, 6, colour=False))
    assert len(rows) == 4 + CAPTIONS
    assert rows[4].rstrip() == "one as two   one as two   one as two"
    assert rows[5].split() == ["0%", "1.0%", "2.0%"]
    assert rows[0].startswith(" ")
    assert "@" in rows[3]


@pytest.mark.parametrize(
    ("shape", "count", "width", "height", "high"),
    [
        ((8, 8), 2, 80, 14, 12),  # three times as large
        ((8, 8), 8, 80, 14, 4),  # as they are, in two lines
        ((28, 28), 8, 80, 20, 7),  # half as large, so that six can be seen
        ((28, 28), 1, 80, 20, 14),
        ((28, 28), 8, 40, 8, 5),  # so small that one fits
        ((3, 32, 32), 8, 110, 36, 16),
    ],
)
def test_pictures_are_as_large_as_several_of_them_can_be_seen(shape, count, width, height, high):
    rows = text(mistake_rows(worst(count, shape), shape, (), width, height, colour=True))
    assert len(rows) <= height
    assert {len(row) for row in rows} == {width}
    captions = [line for line, row in enumerate(rows) if "as" in row]
    assert captions[0] == high


def test_right_answers_are_marked_and_those_that_it_is_sure_of_are_no_mistakes():
    unsure, sure = (Worst(1, "one", "one", probability, np.zeros(64, np.float32)) for probability in (0.6, 0.95))
    (wrong,) = worst(1, (8, 8))
    assert notable([wrong, unsure, sure]) == (wrong, unsure)
    assert "one right" in text(mistake_rows([unsure], (8, 8), (), 40, 8, colour=True))[-2]


def test_a_row_of_a_table_tells_its_values_that_are_out_of_the_usual_first():
    inputs = np.array([0.2, -3.1, 1.5, 0.0], np.float32)
    made = [Worst(7, "setosa", "virginica", 0.25, inputs)]
    whole = "  25%  setosa as virginica   b -3.1   c +1.5   a +0.2   x4 +0.0"
    for width, expected in ((70, whole), (60, whole[:-10])):  # what does not fit is left out
        (row,) = text(mistake_rows(made, (), ("a", "b", "c"), width, 5, colour=True))
        assert row == expected.ljust(width)


def test_a_table_has_no_more_lines_than_there_is_room_for():
    rows = mistake_rows(worst(9, (4,)), (), (), 50, 4, colour=True)
    assert len(rows) == 4
    assert {len(row) for row in text(rows)} == {50}
    assert mistake_rows([], (8, 8), (), 50, 4, colour=True) == ()
