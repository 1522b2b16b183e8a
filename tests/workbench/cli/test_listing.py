"""The plain table of `workbench runs`."""

from __future__ import annotations

import pytest

from workbench.cli.listing import Column, listing

COLUMNS = (Column("run", right=True), Column("name", gives_way=True), Column("data", gives_way=True))
ROWS = [["7", "a rather long name", "digits"], ["12", "short", "mnist"]]


def test_columns_are_as_wide_as_they_need_and_numbers_stand_right():
    assert listing(COLUMNS, ROWS).splitlines() == [
        "run  name                data",
        "─" * 31,
        "  7  a rather long name  digits",
        " 12  short               mnist",
    ]


@pytest.mark.parametrize("width", [10, 20, 25, 31, 80])
def test_no_line_is_longer_than_the_terminal(width):
    assert all(len(line) <= width for line in listing(COLUMNS, ROWS, width).splitlines())


def test_the_widest_column_gives_way_and_shows_that_it_was_cut():
    assert "  7  a rather lo…  digits" in listing(COLUMNS, ROWS, 25)


def test_without_rows_there_is_the_head():
    assert listing(COLUMNS, []).startswith("run  name  data\n")
