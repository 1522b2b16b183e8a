"""Many curves over each other: what is seen without colours, and that nothing makes it raise."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from workbench.plots.overlay import AXIS, FAINT, SIGNS, STRONG, STYLES, OverlayLine, overlay_rows, rich_styles, sign_of, style_of

X = np.arange(200.0)


def line(number=0, y=None, x=X, **more):
    return OverlayLine(
        f"run {number}", x, np.full(len(x), float(number)) if y is None else y, sign_of(number), style_of(number), style_of(number, FAINT), **more
    )  # fmt: skip


def texts(rows):
    return ["".join(text for text, _ in row) for row in rows]


def body(lines, width=60, height=13, **more):
    """The rows of the plot, right of the y axis."""
    rows = texts(overlay_rows(lines, width, height, **more))[1:-2]
    return [row[row.index(next(each for each in row if each in "│┤")) + 1 :] for row in rows]


def dots(rows):
    return sum((ord(each) - 0x2800).bit_count() for row in rows for each in row if 0x2800 < ord(each) <= 0x28FF)


def owned(rows, style):
    """Whatever is drawn in a style within the plot."""
    return "".join(text for row in rows[1:-2] for text, of in row[1:] if of == style)


def test_fifty_curves_have_fifty_signs():
    assert len(set(SIGNS)) == len(SIGNS) >= 50
    rows = body([line(number) for number in range(50)], 200, 60)
    assert all(any(sign_of(number) in row for row in rows) for number in range(50))


def test_the_strong_curve_is_drawn_over_the_others_and_thicker():
    first, second = line(0, X), line(1, X[::-1])
    for strong, other in ((first, second), (second, first)):
        rows = overlay_rows([replace(strong, strong=True, style=f"strong {strong.sign}"), other], 60, 13)
        assert rows[0][0][0].startswith(f"─{strong.sign}━")
        assert len(owned(rows, f"strong {strong.sign}")) > len(owned(rows, other.style))
    thin, thick = (dots(body([line(0, np.ones(200), strong=strong)])) for strong in (False, True))
    assert thick > 2.5 * thin


def test_the_legend_names_the_strong_curve_first_and_is_cut_to_the_width():
    lines = [*(line(number) for number in range(30)), replace(line(30), strong=True)]
    head = texts(overlay_rows(lines, 60, 13, title="loss"))[0]
    assert head.startswith(f"loss  ─{sign_of(30)}━ run 30  ─●─ run 0")
    assert head.endswith("…")
    assert len(head) == 60


def test_raw_values_are_seen_behind_the_smoothed_curve_and_do_not_stretch_the_axis():
    noisy = np.where(X == 100, 50.0, 1.0 + 0.3 * (-1) ** X)
    smooth = line(0, np.linspace(1.5, 0.5, 200), raw=noisy)
    rows = overlay_rows([smooth], 60, 13)
    assert len(owned(rows, style_of(0, FAINT))) > 20
    assert not any("50" in text for text in texts(rows)[1:-2])


def test_a_band_is_between_its_ends():
    middle = np.full(200, 5.0)
    rows = body([line(0, middle, low=middle - 4, high=middle + 4)], 60, 23)
    filled = sum(sum(each != " " for each in row) > 40 for row in rows)
    assert 16 <= filled <= 18  # from 1 to 9 of 0 to 9, in 20 rows
    alone = body([line(0, middle), line(1, np.array([0.0, 9.0]), np.array([0.0, 1.0]))], 60, 23)
    assert sum(sum(each != " " for each in row) > 40 for row in alone) == 1


def test_a_band_whose_low_end_is_zero_is_drawn_on_a_logarithmic_axis():
    middle = np.full(200, 1.0)
    rows = overlay_rows([line(0, middle, low=middle * 0, high=middle * 10), line(1, middle / 100)], 60, 23, log=True)
    assert len(owned(rows, style_of(0, FAINT))) > 400


def test_a_curve_that_rises_far_above_the_others_does_not_flatten_them():
    wild = np.where(X < 10, 1.0, np.exp(X / 4))
    rows = texts(overlay_rows([line(0, 2 - X / 200), line(1, 2.5 - X / 200), line(2, wild)], 60, 13))
    assert "2" in "".join(rows[1:4])
    assert "e+" not in "".join(rows)
    assert "e+" in "".join(texts(overlay_rows([line(2, wild)], 60, 13)))


def test_a_curve_that_stops_being_finite_ends_with_a_sign():
    y = np.where(X < 100, 1 + X, np.inf)
    rows = texts(overlay_rows([line(0, y)], 60, 13))
    assert "× not finite" in rows[0]
    assert sum(row.count("×") for row in rows[1:]) == 1


def test_shares_and_labels_are_written_on_the_axes():
    rows = texts(overlay_rows([line(0, X / 200)], 60, 13, share=True, x_label="epoch"))
    assert any("50%┤" in row for row in rows)
    assert rows[-1].endswith("epoch")


def test_without_points_it_says_so():
    assert any("no finite values yet" in row for row in texts(overlay_rows([line(0, X * np.nan)], 60, 13)))
    assert any("no finite values yet" in row for row in texts(overlay_rows([], 60, 13)))


def test_every_style_is_known_to_rich_and_to_the_screen():
    rows = overlay_rows([line(7, X, raw=X + 1, low=X - 1, high=X + 1), replace(line(3), style=style_of(3, STRONG))], 60, 13)
    styles = {style for row in rows for _, style in row}
    assert {AXIS, style_of(7), style_of(7, FAINT), style_of(3, STRONG)} <= styles <= STYLES | {""}
    assert set(rich_styles()) == STYLES


def test_raw_values_where_the_curve_has_none_are_left_out():
    y, raw = np.where(X < 100, 1 + X, np.nan), np.where(X < 150, X, np.nan)
    beyond = overlay_rows([line(0, y, raw=raw)], 60, 13)
    assert beyond == overlay_rows([line(0, y, raw=np.where(X < 100, X, np.nan))], 60, 13)


numbers = arrays(np.float64, st.integers(0, 30), elements=st.floats())


@given(
    st.lists(st.tuples(numbers, st.booleans(), st.booleans()), max_size=4), st.integers(0, 80), st.integers(0, 24), st.booleans()
)
def test_any_values_make_a_picture_of_the_right_size(curves, width, height, log):
    lines = []
    for number, (y, strong, banded) in enumerate(curves):
        ends = {"low": y, "high": y[::-1]} if banded else {"raw": y[::-1]}
        lines.append(line(number, y, np.arange(float(y.size)), strong=strong, **ends))
    rows = overlay_rows(lines, width, height, log=log, title="loss", x_label="step")
    assert len(rows) == height
    assert all(len(text) == width for text in texts(rows))
