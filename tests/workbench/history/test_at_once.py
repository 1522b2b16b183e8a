"""Rows that SQLite hands over as one."""

import sqlite3

import pytest

from workbench.history.at_once import as_one_row, ids_as_one_row, rows_of

ROWS = [
    (3, "it's \"one\"\nor\tanother, \\ ' ''", 0.1 + 0.2),
    (1, "", 1e-320),
    (2, None, -1.7976931348623157e308),
    (-(2**63), "NULL", 5.0),
    (2**63 - 1, "Größe ▲", None),
    (7, "1.5", 1 / 3),
]


@pytest.fixture
def connection():
    with sqlite3.connect(":memory:") as opened:
        opened.execute("CREATE TABLE things (id INTEGER, text TEXT, number REAL)")
        opened.executemany("INSERT INTO things VALUES (?, ?, ?)", ROWS)
        yield opened
    opened.close()


def test_values_come_back_to_the_last_digit_in_the_order_of_the_query(connection):
    query = "SELECT id, text, number AS n FROM things ORDER BY id DESC"
    (row,) = connection.execute(as_one_row(query, ("id", "text", "n"))).fetchall()
    found = list(rows_of(row))
    assert found == sorted(ROWS, reverse=True)
    assert [tuple(map(type, each)) for each in found] == [tuple(map(type, each)) for each in sorted(ROWS, reverse=True)]


def test_no_rows_are_no_rows(connection):
    (row,) = connection.execute(as_one_row("SELECT id, text FROM things WHERE id = 99", ("id", "text"))).fetchall()
    assert list(rows_of(row)) == []
    assert connection.execute(ids_as_one_row("SELECT id FROM things WHERE id = 99")).fetchone() == ("[]",)
