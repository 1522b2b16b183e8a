"""Scales and dials: notches that a person would take, and how they are drawn."""

import pytest

from workbench.tui.scales import RATE, SCALES, Scale, one_two_five
from workbench.tui.widgets.dial import dial_pieces

FOUR = Scale((0.0, 1.0, 2.0, 5.0))


def test_one_two_five():
    assert one_two_five(-2, 0) == (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@pytest.mark.parametrize(
    ("number", "by", "expected"),
    [(1.0, 1, 2.0), (1.0, -1, 0.0), (1.5, 1, 2.0), (1.5, -1, 1.0), (1.0, 2, 5.0), (5.0, 1, 5.0), (0.0, -1, 0.0), (9.0, 1, 9.0), (9.0, -1, 5.0)],
)  # fmt: skip
def test_a_step_goes_to_the_next_notch_and_never_back(number, by, expected):
    assert FOUR.stepped(number, by) == expected


def test_there_and_back_along_the_learning_rates():
    rate = 0.001
    seen = [rate := RATE.stepped(rate, 1) for _ in range(4)]
    assert seen == [0.002, 0.005, 0.01, 0.02]
    back = [rate := RATE.stepped(rate, -1) for _ in range(4)]
    assert back == [0.01, 0.005, 0.002, 0.001]


def test_places_and_notches_are_each_others_inverse():
    for scale in SCALES.values():
        assert [scale.at(scale.share(notch)) for notch in scale.notches] == list(scale.notches)
    assert FOUR.share(3.5) == pytest.approx(5 / 6)
    assert (FOUR.share(-1), FOUR.share(99), FOUR.at(-0.5), FOUR.at(7)) == (0, 1, 0, 5)


def drawn(text, **how):
    return "".join(piece for piece, _ in dial_pieces("dropout", text, FOUR, 45, **{"typing": False, "changed": False, **how}))


def test_a_dial_has_its_knob_where_the_number_is():
    bars = [drawn(text)[15:33] for text in ("0", "2", "5")]
    assert bars == ["●" + "─" * 17, "━" * 11 + "●" + "─" * 6, "━" * 17 + "●"]
    assert drawn("2", changed=True).endswith("  •2")
    assert drawn("0.", typing=True).endswith("0.▏")


def test_what_is_no_number_has_no_knob():
    assert "●" not in drawn("full")
    assert drawn("full").endswith("full")
