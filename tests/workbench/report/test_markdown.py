"""Text that nothing in Markdown takes for something else."""

import pytest

from workbench.report.markdown import cell, plain, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a | b\nc", "a \\| b c"),
        ("x <b> y < 3", "x &lt;b> y < 3"),
        ("cannot read /home/me/data/a.csv: gone", "cannot read …/a.csv: gone"),
        ("gradient_std(a) / gradient_std(b) 1/2/3", "gradient_std(a) / gradient_std(b) 1/2/3"),
        ("f(a)/g(b)/h(c)", "f(a)/g(b)/h(c)"),
        ("see `workbench show`", "see `workbench show`"),
        ("a ` alone", "a ' alone"),
    ],
)
def test_cells(text, shown):
    assert cell(text) == shown


def test_outside_of_tables_a_stroke_is_a_stroke():
    assert plain("a | b") == "a | b"


def test_figures_are_aligned_to_the_right():
    assert table(("a", "b"), [("x", "1")], numbers=1) == "| a | b |\n| --- | --: |\n| x | 1 |"
