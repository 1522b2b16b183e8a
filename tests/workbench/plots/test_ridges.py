"""Histograms below each other, as text."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from workbench.plots.ridges import RICH, STYLES, Histogram, ridge_rows, ridge_text


def histogram(counts, low=-1.0, high=1.0, *, label="step 0", std=0.5):
    return Histogram(label, low, high, np.array(counts, np.int64), std)


def lines(rows):
    return ["".join(text for text, _ in row) for row in rows]


def test_the_latest_is_at_the_bottom_each_with_its_step_and_its_deviation():
    rows = ridge_rows(
        [histogram([1, 2, 1], label="step 0"), histogram([1, 1, 1], label="step 40", std=0.58)], 60, 9, title="weights"
    )
    text = lines(rows)
    assert text[0].startswith("weights")
    assert text[3].startswith(" step 0│")
    assert text[3].rstrip().endswith("σ 0.5")
    assert text[6].startswith("step 40│")
    assert text[6].rstrip().endswith("σ 0.58")
    assert {style for _, style in rows[6]} == {"ridge--axis", "ridge--latest"}
    assert text[-1].split() == ["0"]


def test_heights_are_the_square_roots_of_the_shares():
    rows = ridge_rows([histogram([1, 4, 16], 0.0, 3.0)] * 3, 60, 6)
    ridge = lines(rows)[1].split("│")[1][:40]
    assert (ridge[5], ridge[20], ridge[35]) == ("▂", "▃", "▆")  # 1, 2 and 4 of four parts of six eighths


def test_all_ridges_share_one_axis():
    narrow, wide = histogram([5, 5], -1.0, 1.0), histogram([5, 5], -10.0, 10.0)
    text = lines(ridge_rows([narrow, wide], 80, 5))
    drawn = [len(line.split("│")[1].split("σ")[0].strip()) for line in text[1:3]]
    assert 9 * drawn[0] < drawn[1] <= 11 * drawn[0]


def test_of_too_many_some_are_left_out_but_not_the_first_and_the_last():
    many = [histogram([1, 2], label=f"step {step}") for step in range(50)]
    text = lines(ridge_rows(many, 60, 10))
    labels = [line.split("│")[0].strip() for line in text[1:8]]
    assert labels[0] == "step 0"
    assert labels[-1] == "step 49"
    assert len(labels) == 7
    tall = [line.split("│")[0].strip() for line in lines(ridge_rows(many, 60, 23))[1:21]]
    assert [bool(label) for label in tall] == [False, True] * 10
    assert tall[-1] == "step 49"


def test_few_far_values_do_not_squeeze_the_rest():
    heavy = histogram([1, *[0] * 400, 10_000, *[0] * 398], -400.0, 400.0)
    ticks = lines(ridge_rows([heavy], 60, 6))[-1].split()
    assert all(abs(float(tick)) < 10 for tick in ticks)


def test_what_is_not_finite_says_so_and_nothing_at_all_does_too():
    gone = histogram([0, 0], np.nan, np.nan, label="step 9", std=np.nan)
    text = "\n".join(lines(ridge_rows([histogram([1, 1]), gone], 60, 9)))
    assert "× not finite" in text
    assert "nan" not in text
    assert "no values" in "\n".join(lines(ridge_rows([gone], 60, 9)))
    assert "no values" in "\n".join(lines(ridge_rows([], 60, 9)))


def test_the_command_line_gets_the_same_text():
    rows = ridge_rows([histogram([1, 2, 3])], 40, 8)
    assert ridge_text(rows).plain == "\n".join(lines(rows))
    assert set(RICH) == STYLES


@settings(max_examples=100, deadline=None)
@example(counts=[np.array([1, 2])], low=-1.7e308, high=1.7e308, width=40, height=9)
@given(
    counts=st.lists(arrays.arrays(np.int64, st.integers(1, 12), elements=st.integers(0, 10**6)), max_size=6),
    low=st.floats(width=64),
    high=st.floats(width=64),
    width=st.integers(0, 100),
    height=st.integers(0, 20),
)
def test_every_picture_fits_exactly_whatever_the_values(counts, low, high, width, height):
    found = [Histogram(f"step {number}", low, high, each, low) for number, each in enumerate(counts)]
    rows = ridge_rows(found, width, height, title="t", x_label="value", hint="h")
    assert [len(line) for line in lines(rows)] == [width] * height
