"""The parameters of one block, without a screen."""

import pytest

from engine.catalog import BLOCKS, parse_blocks
from engine.catalog.blocks import Picked
from tests.engine.network.stacks import ALONE
from workbench.tui.brick_draft import BrickDraft
from workbench.tui.nudge import nudged
from workbench.tui.stack import bricks, new_brick


def every(chain):
    for brick in chain:
        yield brick
        for inner in brick.chains:
            yield from every(inner)


@pytest.mark.parametrize("text", [blocks for blocks, _ in ALONE])
def test_the_rows_of_a_block_mean_that_block(text):
    for brick in every(bricks(parse_blocks(text))):
        assert BrickDraft.of(brick).check() == (brick, {})


@pytest.mark.parametrize("kind", BLOCKS)
def test_every_parameter_has_a_row_that_can_be_moved_or_left_to_the_model(kind):
    draft = BrickDraft.of(new_brick(kind))
    rows = {row.path: row for row in draft.rows()}
    assert [*rows] == [*(each.name for each in BLOCKS[kind].parameters), "count"]
    for parameter in BLOCKS[kind].parameters:
        if isinstance(parameter, Picked):
            assert draft[parameter.name] == "model"
        moved = nudged(rows[parameter.name], draft[parameter.name], 1)
        assert draft.with_text(parameter.name, moved).check()[1] == {}


def test_a_choice_brings_its_parameters_and_takes_them_with_it():
    draft = BrickDraft.of(new_brick("dense")).with_text("activation", "leaky_relu").with_text("activation.slope", "0.3")
    assert draft.check()[0].text == "dense(64, activation=leaky_relu(slope=0.3))"
    assert "activation.slope" not in {row.path for row in draft.with_text("activation", "tanh").rows()}
    assert draft.with_text("activation", "model").check()[0].text == "dense(64)"


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("channels", "", "needs a value"),
        ("channels", "many", "must be a number"),
        ("kernel", "0", "at least 1"),
        ("dropout", "1", "below 1"),
        ("count", "0", "from 1 to"),
    ],
)
def test_what_is_wrong_is_told_at_its_row(path, text, said):
    brick, problems = BrickDraft.of(new_brick("conv")).with_text(path, text).check()
    assert brick is None
    assert set(problems) == {path}
    assert said in problems[path]


def test_a_blank_leaves_a_number_to_the_model_or_to_its_default():
    draft = BrickDraft.of(new_brick("conv")).with_text("kernel", "").with_text("dropout", "")
    assert draft.check()[0].text == "conv(16)"
