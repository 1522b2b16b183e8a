"""Blocks that are put together by hand, without a screen."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.catalog import BLOCKS, parse_blocks
from tests.engine.network.stacks import ALONE
from workbench.tui.stack import (
    StackError,
    bricks,
    chain_text,
    copy,
    insert,
    lines,
    move,
    move_in,
    move_out,
    new_brick,
    place_of,
    remove,
    repeat,
    size,
)

NESTED = "conv(8), 3*residual(dense(4), dense(5)), split(dense(2) | dense(3), dense(6), join=concat), flatten"


def stack(text):
    return bricks(parse_blocks(text))


@pytest.mark.parametrize("text", [*(blocks for blocks, _ in ALONE), NESTED, "2*residual(2*residual(3*dense(4)))"])
def test_what_is_written_is_read_as_the_same_blocks(text):
    assert parse_blocks(chain_text(stack(text))) == parse_blocks(text)


@pytest.mark.parametrize("kind", BLOCKS)
def test_every_kind_can_be_added(kind):
    made, place = insert(stack("dense(3)"), (0,), new_brick(kind))
    assert place == (1,)
    assert [block.kind for block in parse_blocks(chain_text(made))] == ["dense", kind]


def test_the_lines_are_indented_and_named_as_the_layers_of_the_network():
    found = [(line.depth, line.text, line.name) for line in lines(stack(NESTED))]
    assert found == [
        (0, "conv(8)", "1"),
        (0, "3 × residual", "4"),
        (1, "dense(4)", "2.1"),
        (1, "dense(5)", "2.2"),
        (0, "split(join=concat)", "5"),
        (1, "branch 1", ""),
        (2, "dense(2)", "5.1.1"),
        (1, "branch 2", ""),
        (2, "dense(3)", "5.2.1"),
        (2, "dense(6)", "5.2.2"),
        (0, "flatten", "6"),
    ]


NEW = new_brick("dense")
CHANGES = [
    (lambda s: insert(s, (), NEW), (4,), NESTED + ", dense(64)"),
    (lambda s: insert(s, (0,), NEW, after=False), (0,), "dense(64), " + NESTED),
    (lambda s: insert(s, (2, 1), NEW), (2, 1, 0), NESTED.replace("| dense(3)", "| dense(64), dense(3)")),
    (lambda s: insert(s, (1, 0, 0), NEW), (1, 0, 1), NESTED.replace("dense(4), ", "dense(4), dense(64), ")),
    (lambda s: remove(s, (0,)), (0,), NESTED.removeprefix("conv(8), ")),
    (lambda s: remove(s, (2, 1, 1)), (2, 1, 0), NESTED.replace(", dense(6)", "")),
    (lambda s: remove(s, (3,)), (2,), NESTED.removesuffix(", flatten")),
    (lambda s: copy(s, (0,)), (1,), "conv(8), " + NESTED),
    (lambda s: copy(s, (2, 0)), (2, 1), NESTED.replace("dense(2) |", "dense(2) | dense(2) |")),
    (lambda s: move(s, (0,), 1), (1,), NESTED.removeprefix("conv(8), ").replace(")), split", ")), conv(8), split")),
    (lambda s: move(s, (1, 0, 0), -1), (1,), "conv(8), dense(4), 3*residual(dense(5))" + NESTED[NESTED.index(", split") :]),
    (lambda s: move_out(s, (2, 1, 1)), (3,), NESTED.replace(", dense(6)", "").replace("concat), ", "concat), dense(6), ")),
    (lambda s: move_in(s, (3,)), (2, 1, 2), NESTED.replace("dense(6)", "dense(6), flatten").removesuffix(", flatten")),
]


@pytest.mark.parametrize(("change", "place", "text"), CHANGES, ids=range(len(CHANGES)))
def test_a_change_is_made_at_its_place_and_nowhere_else(change, place, text):
    made, where = change(stack(NESTED))
    assert chain_text(made) == text
    assert where == place


def test_a_block_is_repeated_at_least_once():
    made = repeat(stack("dense(3), flatten"), (0,), 2)
    assert chain_text(made) == "3*dense(3), flatten"
    assert chain_text(repeat(made, (0,), -9)) == "dense(3), flatten"


@pytest.mark.parametrize(
    "change",
    [
        lambda: remove(stack("residual(dense(3))"), (0, 0, 0)),
        lambda: remove(stack("split(dense(3) | dense(4))"), (0, 1, 0)),
        lambda: remove(stack("split(dense(3) | dense(4))"), (0, 1)),
        lambda: repeat(stack("split(dense(3) | dense(4))"), (0, 1), 1),
        lambda: move_out(stack("residual(dense(3))"), (0, 0, 0)),
        lambda: move_out(stack("dense(3)"), (0,)),
        lambda: move_in(stack("dense(3), dense(4)"), (1,)),
        lambda: move_in(stack("dense(3), dense(4)"), (0,)),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(change):
    with pytest.raises(StackError, match=" "):
        change()


def test_a_branch_goes_with_its_last_block_where_others_are_left():
    made, place = remove(stack("split(dense(3) | dense(4) | dense(5))"), (0, 1, 0))
    assert (chain_text(made), place) == ("split(dense(3) | dense(5))", (0,))


def test_the_last_block_can_go():
    assert remove(stack("dense(3)"), (0,)) == ((), ())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("aidcudlr+-"), st.integers(0, 30), st.sampled_from(list(BLOCKS))), max_size=25))
def test_whatever_is_done_the_text_can_be_read_and_the_place_is_there(doings):
    made = stack(NESTED)
    for key, at, kind in doings:
        places = [line.place for line in lines(made)] or [()]
        place = places[at % len(places)]
        acts = {
            "a": lambda s, p, k: insert(s, p, new_brick(k)),
            "i": lambda s, p, k: insert(s, p, new_brick(k), after=False),
            "d": lambda s, p, k: remove(s, p) if p else (s, p),
            "c": lambda s, p, k: copy(s, p) if p else (s, p),
            "u": lambda s, p, k: move(s, p, -1),
            "l": lambda s, p, k: move_out(s, p),
            "r": lambda s, p, k: move_in(s, p),
            "+": lambda s, p, k: (repeat(s, p, 1), p),
            "-": lambda s, p, k: (repeat(s, p, -1), p),
        }
        try:
            made, where = acts[key](made, place, kind)
        except StackError:
            continue
        assert where in {line.place for line in lines(made)} | {()}
        assert len(parse_blocks(chain_text(made))) == sum(brick.count for brick in made)


def test_a_block_is_found_by_the_name_of_its_layer():
    made = stack(NESTED)
    assert [place_of(made, name) for name in ("1", "3", "3.2", "5", "5.2.1", "6")] == [
        (0,),
        (1,),
        (1, 0, 1),
        (2,),
        (2, 1, 0),
        (3,),
    ]
    assert all(place_of(made, line.name) == line.place for line in lines(made) if line.brick)
    assert size(made) == 1 + 3 * 3 + 4 + 1
