"""What a check speaks of must be there: nothing that is unknown is ever judged."""

from __future__ import annotations

import pytest

from tests.workbench.claims.memory import DEPTH, LR, NETWORK, recipe
from workbench.claims import ClaimError, parse, parse_quantity
from workbench.recipes.records import Axis, Selection, Variation

GRID = recipe(NETWORK, DEPTH)

UNDERSTOOD = [
    "test_error(sigmoid, depth=8) > test_error(relu, depth=8)",
    "test_error(network=sigmoid, depth=8) < 5 %",
    "test_error(8, sigmoid) < 5",  # 8 is a variation of one axis only
    "test_error(sigmoid, depth=8.0) < 5",
    "gradient_std(sigmoid, depth=8, layer=8) < gradient_std(sigmoid, depth=8, layer=output)",
    "gradient_std(sigmoid, depth=8, layer=1) at epoch 10 < 1",
    "activation_p98(sigmoid, depth=8, layer=1) at start < 1",
    "for every depth: test_error(sigmoid) > test_error(relu)",
    "for every depth, network: train_cost at epoch 1 < 3",
    "for every depth: diverges(relu) or finds no vanishing-gradient in (relu)",
    "test_error(relu) rises over depth",
    "gradient_std(relu, depth=4) is flat over layers within 20 %",
    "mean(jacobian(relu, depth=8, layer=2..last)) between 0.5 and 0.8",
    "validation_error(relu, depth=2) falls below 10 before epoch 10",
    "saturated(sigmoid, depth=4, layer=4) rises above 50 % before 50 %",
    "steps_until(loss(relu, depth=2) < 1) < steps_until(loss(sigmoid, depth=2) < 1)",
    "test_error(relu, depth=2) < test_error(sigmoid, depth=2) at p 0.01 by proportions",
]


@pytest.mark.parametrize("check", UNDERSTOOD)
def test_what_is_there_can_be_spoken_of(check):
    parse(check, GRID)


WRONG = [
    ("test_eror(relu, depth=2) < 5", 0, "Did you mean 'test_error'?"),
    ("test_error(rellu, depth=2) < 5", 11, "Did you mean 'relu'?"),
    ("test_error(relu, depht=2) < 5", 17, "Did you mean 'depth'?"),
    ("test_error(relu, depth=3) < 5", 17, "unknown variation of depth '3'"),
    ("test_error(relu) < 5", 0, "several groups fit: depth=2, depth=4, depth=8"),
    ("test_error < 5", 0, "several groups fit: sigmoid, relu, tanh"),
    ("test_error(relu, sigmoid, depth=2) < 5", 17, "network is given twice"),
    ("test_error(relu, depth=2, layer=1) < 5", 26, "is of the whole run"),
    ("gradient_std(relu, depth=2) < 5", 0, "one of each layer"),
    ("gradient_std(relu, depth=2, layer=all) < 5", 0, "one of each layer"),
    ("gradient_std(relu, depth=2, layer=3) < 5", 28, "layer 3 is beyond the 2 hidden layers of relu, depth=2"),
    ("mean(gradient_std(relu, depth=8, layer=4..2)) < 5", 33, "lies above the first"),
    ("mean(test_error(relu, depth=2)) < 5", 0, "takes a quantity of several layers"),
    ("for every depth: gradient_std(relu, layer=4) < 1", 36, "beyond the 2 hidden layers of relu, depth=2"),
    ("for every dpeth: test_error(relu) < 1", 0, "Did you mean 'depth'?"),
    ("for every depth: for every depth: test_error(relu) < 1", 17, "gone over twice"),
    ("for every depth, depth: test_error(relu) < 1", 0, "gone over twice"),
    ("test_error(relu) rises over dpeth", 0, "Did you mean 'depth'?"),
    ("test_error(relu, depth=2) rises over depth", 0, "nothing here follows depth"),
    ("test_error(relu, depth=2) rises over layers", 0, "over layers goes a quantity of layers"),
    ("gradient_std(relu, depth=2, layer=1) rises over layers", 0, "over layers goes a quantity of layers"),
    ("test_error(relu, depth=2) at epoch 3 < 5", 29, "known only at the end"),
    ("steps(relu, depth=2) at start < 5", 24, "known only at the end"),
    ("train_cost(relu, depth=2) at start < 5", 29, "write `at epoch 1`"),
    ("train_cost(relu, depth=2) at epoch 11 < 5", 29, "training ends with epoch 10"),
    ("loss(relu, depth=2) at 120 % < 5", 23, "ends at 100 %"),
    ("loss(relu, depth=2) stays below 5 until epoch 11", 40, "training ends with epoch 10"),
    ("test_error(relu, depth=2) falls below 5", 0, "has no course"),
    ("loss(relu, depth=2) at end falls below 5", 23, "leave `at end` out"),
    ("steps_until(test_error(relu, depth=2) < 5) < 7", 12, "has no course"),
    ("finds vanishing-gradients in (relu, depth=2)", 0, "Did you mean 'vanishing-gradient'?"),
    ("finds vanishing-gradient in (relu)", 0, "several groups fit"),
    ("diverges(rel, depth=2)", 9, "Did you mean 'relu'?"),
    ("1 < 2", 0, "speaks of no run"),
    ("3 between 1 and 2", 0, "speaks of no run"),
    ("loss(relu, depth=2) within 0 of 1", 27, "above 0"),
    ("loss(relu, depth=2) < 1 at p 0.05 by welch", 24, "not a number"),
    ("loss(relu, depth=2) <= loss(tanh, depth=2) at p 0.05 by welch", 43, "one < or >"),
    ("loss(relu, depth=2) < loss(tanh, depth=2) at p 0.05 by proportions", 0, "errors or accuracies"),
    ("diverges(relu, depth=2) or test_error(what) < 1", 38, "unknown variation 'what'"),
    ("not finds something in (relu, depth=2)", 4, "unknown rule 'something'"),
]


@pytest.mark.parametrize(("check", "column", "words"), WRONG)
def test_what_is_not_there_is_an_error_with_its_place(check, column, words):
    with pytest.raises(ClaimError) as caught:
        parse(check, GRID)
    assert words in caught.value.message
    assert caught.value.column == column


def test_without_axes_there_is_one_group_that_is_not_named():
    alone = recipe()
    parse("test_error < 5 and finds no not-learning and not diverges", alone)
    with pytest.raises(ClaimError, match="one group only"):
        parse("test_error(relu) < 5", alone)
    with pytest.raises(ClaimError, match="no axes"):
        parse("test_error rises over depth", alone)


def test_what_a_scale_leaves_out_is_an_error_unless_the_claim_is_not_judged_there():
    smaller = recipe(NETWORK, DEPTH, only={"depth": ("2", "4")})
    check = "test_error(relu, depth=8) > 5"
    with pytest.raises(ClaimError, match="the scale quick leaves depth=8 out"):
        parse(check, smaller)
    parse(check, smaller, scales=("full",))
    parse("for every depth: gradient_std(relu, layer=2) > 5", smaller)


def test_over_one_variation_nothing_can_rise():
    single = recipe(NETWORK, DEPTH, only={"depth": ("2",)})
    with pytest.raises(ClaimError, match="one variation of depth"):
        parse("test_error(relu) rises over depth", single)
    parse("test_error(relu) < 5", single, scales=("quick",))  # and it need not be named


def test_a_name_of_two_axes_says_which():
    other = Axis("output", (Variation("relu", {"model.width": 8}), Variation("none", {})))
    two = recipe(NETWORK, other)
    with pytest.raises(ClaimError, match="write network=relu or output=relu"):
        parse("test_error(relu, none) < 5", two)
    parse("test_error(network=relu, output=relu) < 5", two)


def test_the_axis_of_which_the_best_is_taken_need_not_be_named():
    chosen = recipe(NETWORK, LR, choose=Selection("lr", "validation_error"))
    parse("test_error(relu) < test_error(relu, lr=0.1)", chosen)
    parse("test_error(relu) rises over lr", chosen)


def test_layers_of_blocks_count_where_they_have_weights_however_deep():
    blocks = "conv(4), max_pool, flatten, residual(dense(64), dense(64)), dense(8)"
    deep = recipe(base={"model.blocks": blocks, "data.name": "digits"})
    parse("gradient_std(layer=4) < 1", deep)
    with pytest.raises(ClaimError, match="beyond the 4 hidden layers"):
        parse("gradient_std(layer=5) < 1", deep)


@pytest.mark.parametrize(
    ("text", "more", "words"),
    [
        ("test_error", {}, ""),
        ("gradient_std(layer=1) at start", {}, ""),
        ("test_error - train_error", {}, ""),
        ("ratio(gradient_std at start)", {}, ""),
        ("gradient_std at start", {"layers": True}, ""),
        ("validation_error", {"course": True}, ""),
        ("saturated(layer=1)", {"course": True}, ""),
        ("gradient_std", {}, "one of each layer"),
        ("test_error", {"layers": True}, "not one of several layers"),
        ("test_error", {"course": True}, "has no course"),
        ("validation_error at best", {"course": True}, "leave `at` out"),
        ("test_error(relu)", {}, "leave the group out"),
        ("test_eror", {}, "Did you mean 'test_error'"),
        ("test_error < 5", {}, "nothing more"),
    ],
)
def test_quantities_that_are_shown_name_no_group(text, more, words):
    if not words:
        assert str(parse_quantity(text, GRID, **more)) == text
        return
    with pytest.raises(ClaimError, match=words):
        parse_quantity(text, GRID, **more)
