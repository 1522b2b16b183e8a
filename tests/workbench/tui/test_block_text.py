"""What the form knows of blocks while they are typed."""

import pytest

from engine.catalog import BLOCKS, parse_blocks
from workbench.tui.block_text import completion, parameter_text, signature, typed


def at(marked):
    """What stands at the | in a text."""
    text, _, rest = marked.partition("^")
    return typed(text + rest, len(text))


@pytest.mark.parametrize(
    ("marked", "block", "parameter"),
    [
        ("^", None, None),
        ("de^", None, None),
        ("dense^", "dense", None),
        ("dense(^", "dense", "width"),
        ("dense(64, ^", "dense", "activation"),
        ("dense(64, dro^", "dense", "dropout"),
        ("dense(64, init=he_^", "dense", "init"),
        ("dense(64, activation=leaky_relu(0^", "dense", "activation"),
        ("dense(^64), conv(16)", "dense", "width"),
        ("ls^tm(8), dense(4)", "lstm", None),
        ("conv(64, ke^rnel=3)", "conv", "kernel"),
        ("dense(64), conv(16^)", "conv", "channels"),
        ("dense(64)^", "dense", None),
        ("dense(64), ^", None, None),
        ("3*max-pool^", "max_pool", None),
        ("residual(^", "residual", None),
        ("residual(dense(64), form^", "residual", "form"),
        ("residual(dense(64), form=pl^", "residual", "form"),
        ("residual(dense(64), dense(^", "dense", "width"),
        ("split(dense(4) | conv(8, 3, ^", "conv", "stride"),
        ("flatten)^", None, None),
        ("dense(64, tanh, he_normal, 0, on, ^", "dense", None),
    ],
)
def test_the_block_and_the_parameter_at_the_caret(marked, block, parameter):
    here = at(marked)
    assert (here.block.key if here.block else None) == block
    assert (here.parameter.name if here.parameter else None) == parameter


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("", None),
        ("den", "dense"),
        ("2*de", "2*dense"),
        ("dense", None),
        ("conv(16, ker", "conv(16, kernel="),
        ("conv(16, padding=v", "conv(16, padding=valid"),
        ("dense(64, activation=lea", "dense(64, activation=leaky_relu"),
        ("residual(de", "residual(dense"),
        ("residual(dense(4), fo", "residual(dense(4), form="),
        ("split(dense(4) | ls", "split(dense(4) | lstm"),
        ("dense(64) xyz", None),
        ("dense(64, conv", None),
    ],
)
def test_a_word_that_is_begun_is_written_out(text, whole):
    assert completion(text) == whole


@pytest.mark.parametrize("key", BLOCKS)
def test_every_block_has_a_signature_with_all_its_parameters(key):
    text = signature(BLOCKS[key])
    assert text.startswith(key)
    for parameter in BLOCKS[key].parameters:
        assert parameter.name in text
        assert parameter_text(parameter).startswith(f"{parameter.name}: {parameter.help}")


def test_a_text_that_was_completed_can_be_read():
    text = completion("dense(64, batch_norm=of")
    assert parse_blocks(f"{text})")[0].values["batch_norm"] == "off"
