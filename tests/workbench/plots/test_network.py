"""The drawing of a network, and the numbers below it."""

from __future__ import annotations

import pytest

from engine.data_outline import DataOutline, known
from engine.experiment import Experiment
from engine.outline import outline
from workbench.plots.network import STYLES, amount, bytes_text, centred_bar, network_rows, number_rows, shape_text


def drawn(settings, width=80, members=1, data=None):
    experiment = Experiment().with_settings(settings)
    made = outline(experiment, data or known(experiment.data), members)
    rows = (*network_rows(made, width), *number_rows(made, width))
    assert {style for row in rows for _, style in row} <= set(STYLES)
    return ["".join(text for text, _ in row) for row in rows]


def test_layers_stand_below_each_other_as_wide_as_what_leaves_them():
    lines = drawn({"model.widths": [64, 32], "model.activation": "tanh", "model.batch_norm": True, "model.dropout": 0.2})
    assert [line.split("█")[0].split()[0] for line in lines[:4]] == ["input", "hidden", "hidden", "output"]
    bars = [line.count("█") * 2 + line.count("▐") + line.count("▌") for line in lines[:4]]
    assert bars[0] == bars[1] == 2 * bars[2] > 0
    assert "tanh norm drop 0.2" in lines[1]
    assert lines[1].rstrip().endswith("4,224")  # 64 * 64 weights, 64 scales and 64 shifts


def test_what_a_block_holds_is_indented_and_says_how_it_goes_on():
    lines = drawn({"model.blocks": "residual(dense(8), dense(9)), split(dense(4) | flatten, dense(2), join=concat)"})
    heads = [line[:22].rstrip() for line in lines]
    assert heads[1].startswith("1 residual")
    assert [head.split("█")[0].rstrip(" ▐") for head in heads[2:5]] == ["│ 1.1 dense", "│ 1.2 dense", "└ + input, projected"]
    assert "├ branch 2" in heads
    assert "└ side by side" in heads


def test_of_many_layers_that_are_alike_the_first_and_the_last_are_drawn():
    lines = drawn({"model.depth": 30})
    assert len([line for line in lines if line.startswith("hidden")]) == 2
    assert any("28 more like it" in line and f"{28 * 4160:,}" in line for line in lines)
    assert len([line for line in drawn({"model.depth": 3}) if line.startswith("hidden")]) == 3


@pytest.mark.parametrize("width", [20, 36, 58, 80, 200])
@pytest.mark.parametrize("settings", [{}, {"model.blocks": "2*residual(split(conv(8) | conv(4), conv(8)), form=plain), lstm(9)"}])
def test_no_line_is_wider_than_there_is_room(settings, width):
    assert max(map(len, drawn(settings, width, members=5))) <= width


def test_numbers_are_told_with_what_they_are_made_of():
    text = "\n".join(drawn({}, 120, members=7))
    assert "13,130 in each of 7 networks" in text
    assert "gradients 359 KiB, adam 718 KiB" in text
    assert "23 an epoch, 690 in all   1,437 examples in batches of 64" in text
    narrow = "\n".join(drawn({}, 60, members=7))
    assert "adam 718" in narrow


def test_shapes_amounts_and_bytes_in_few_characters():
    assert [shape_text(shape) for shape in ((1200,), (28, 64), (16, 8, 9))] == ["1,200", "28 × 64", "16@8×9"]
    assert [amount(number) for number in (12, 13_130, 2.5e9, 3e12)] == ["12 ", "13.1 k", "2.5 G", "3 T"]
    assert [bytes_text(number) for number in (12, 1536, 5 * 2**20, 2**31)] == ["12 B", "1.5 KiB", "5 MiB", "2 GiB"]


def test_four_digits_of_a_unit_are_written_as_the_next_larger_one():
    assert [bytes_text(kib * 1024) for kib in (999, 999.6, 1010, 1024)] == ["999 KiB", "0.976 MiB", "0.986 MiB", "1 MiB"]
    assert [amount(number) for number in (999, 999_400, 999_600, 1e9)] == ["999 ", "999 k", "1 M", "1 G"]


def test_a_bar_has_as_much_space_on_both_sides_and_never_vanishes():
    assert centred_bar(1, 8) == "████████"
    assert centred_bar(0.5, 8) == "  ████  "
    assert centred_bar(0.4, 8) == "  ▐██▌  "
    assert centred_bar(1e-9, 8) == "   ▐▌   "


def test_a_network_without_hidden_layers_is_drawn():
    lines = drawn({"model.depth": 0}, data=DataOutline((3,), "regression", 0, 100))
    assert lines[1].startswith("output")
    assert "identity" in lines[1]
