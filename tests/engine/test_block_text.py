"""How blocks are written and read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.catalog import BLOCKS, blocks_text, parse_blocks
from engine.errors import ConfigurationError
from engine.experiment import Experiment


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("dense(64)", ["dense(64)"]),
        ("dense( width = 64 , activation=tanh )", ["dense(64, activation=tanh)"]),
        ("3*dense(4)", ["dense(4)"] * 3),
        ("dense(4, tanh)", ["dense(4, activation=tanh)"]),
        ("dense(4, activation=leaky_relu(slope=0.2), dropout=0.5)", ["dense(4, activation=leaky_relu(slope=0.2), dropout=0.5)"]),
        ("max-pool, max_pool(3), max_pool(2, stride=1)", ["max_pool", "max_pool(size=3)", "max_pool(stride=1)"]),
        ("residual(dense(4), 2*dense(5), form=pre_activation)", ["residual(dense(4), dense(5), dense(5), form=pre_activation)"]),
        (
            "split(dense(1)|dense(2),dense(3)|flatten,join=concat)",
            ["split(dense(1) | dense(2), dense(3) | flatten, join=concat)"],
        ),
        ("activation(relu), activation", ["activation(kind=relu)", "activation"]),
        ("", []),
    ],
)
def test_blocks_have_one_text(text: str, canonical: list[str]) -> None:
    assert [str(block) for block in parse_blocks(text)] == canonical
    assert parse_blocks(", ".join(canonical)) == parse_blocks(text) == parse_blocks(blocks_text(parse_blocks(text)))


def test_equal_neighbours_are_written_once() -> None:
    assert blocks_text(parse_blocks("conv(16), dense(4), 2*dense(4), conv(16)")) == "conv(16), 3*dense(4), conv(16)"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dens(3)", "Did you mean 'dense'"),
        ("dense", "dense needs its width"),
        ("dense(0)", "width must be at least 1"),
        ("dense(2.5)", "whole number"),
        ("dense(x)", "width must be a number, not 'x'"),
        ("dense(3, colour=1)", "dense has no parameter 'colour'; its parameters: width, activation"),
        ("dense(3, activation=rellu)", "Did you mean 'relu'"),
        ("dense(3, width=4)", "width is given twice"),
        ("dense(3", "closing bracket is missing"),
        ("dense(3))", "closed that was not opened"),
        ("dense(3)x", "unexpected text after the closing bracket"),
        ("conv(3, padding=full)", "unknown padding 'full'"),
        ("residual()", "residual needs blocks inside"),
        ("residual(dense(3) | dense(3))", "residual needs blocks inside"),
        ("split(dense(3))", "at least 2 branches"),
        ("split(dense(3) | join=concat)", "at least 2 branches"),
        ("flatten(dense(3))", "flatten has no parameter"),
        ("dense(3 | 4)", "dense holds no other blocks"),
        ("20000*dense(1)", "more than 10,000 blocks"),
        ("residual(" * 5000 + "dense(1)" + ")" * 5000, "brackets stand more than 32 deep within each other; take some out"),
    ],
)
def test_what_is_wrong_with_blocks_is_explained(text: str, words: str) -> None:
    with pytest.raises(ValueError) as error:
        parse_blocks(text)
    assert words in str(error.value)


@given(st.text(alphabet="dense(3), |=*residual_split.", max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        blocks = parse_blocks(text)
    except ValueError:  # any other error fails the test
        return
    assert parse_blocks(", ".join(map(str, blocks))) == blocks


def test_every_kind_of_block_says_what_it_is() -> None:
    for choice in BLOCKS.values():
        assert choice.help.endswith(".")
        assert choice.formula
        assert all(parameter.help for parameter in choice.parameters)


def test_blocks_travel_through_toml_and_take_the_place_of_depth_and_width() -> None:
    e = Experiment.parse({"model": {"blocks": "conv(4), split(dense(3) | dense(3))"}})
    assert Experiment.from_toml(e.to_toml()) == e
    assert e.with_settings({"model.depth": 2}).model.blocks == ()
    assert Experiment.parse({"model": {"depth": 5}}).with_settings({"model.blocks": "flatten"}).model.depth == 3
    with pytest.raises(ConfigurationError, match="leave depth out"):
        Experiment.parse({"model": {"blocks": "flatten", "depth": 2}})


def test_settings_of_the_model_that_no_block_heeds_are_refused() -> None:
    for values in ({"dropout": 0.5}, {"batch_norm": True}):
        with pytest.raises(ConfigurationError, match="no block has the"):
            Experiment.parse({"model": {"blocks": "lstm(4), dense(3, dropout=0.1, batch_norm=off)", **values}})
        Experiment.parse({"model": {"blocks": "lstm(4), residual(dense(3), dense(4))", **values}})


def test_blocks_and_depth_in_one_breath_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"leave model\.depth out"):
        Experiment().with_settings({"model.blocks": "flatten", "model.depth": 3})
