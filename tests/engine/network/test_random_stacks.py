"""Blocks stacked at random against PyTorch's own modules, and members of a population against networks alone."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.catalog import Pick
from engine.network.build import build_network
from tests.engine.network.stacks import CLASSES, FLAT, PICTURE, SEQUENCE, assert_agree, examples, network, population

ACTIVATIONS = st.sampled_from(["tanh", "relu", "sigmoid", "elu(alpha=1.0)", "softsign", "gelu"])


@st.composite
def flat_blocks(draw: st.DrawFn, depth: int = 2) -> str:
    kinds = ["dense", "dense", "batch_norm", "activation", "lstm"] + ["residual", "split"] * (depth > 0)
    kind = draw(st.sampled_from(kinds))
    width = draw(st.integers(1, 5))
    if kind == "dense":
        return f"dense({width}, activation={draw(ACTIVATIONS)}, batch_norm={draw(st.sampled_from(['on', 'off']))})"
    if kind == "activation":
        return f"activation({draw(ACTIVATIONS)})"
    if kind == "lstm":
        return f"lstm({width})"
    if kind == "residual":
        inside = ", ".join(draw(st.lists(flat_blocks(depth - 1), min_size=1, max_size=2)))
        return f"residual({inside}, form={draw(st.sampled_from(['plain', 'pre_activation']))})"
    if kind == "split":
        branches = " | ".join(", ".join(draw(st.lists(flat_blocks(depth - 1), min_size=1, max_size=2))) for _ in range(2))
        return f"split({branches}, join=concat)"
    return kind


@st.composite
def picture_blocks(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(["conv", "conv", "max_pool(2, stride=1)", "batch_norm", "activation", "residual", "split"]))
    maps, kernel = draw(st.integers(1, 3)), draw(st.sampled_from([1, 3]))
    conv = f"conv({maps}, kernel={kernel}, batch_norm={draw(st.sampled_from(['on', 'off']))})"
    if kind == "conv":
        return conv
    if kind == "residual":
        return f"residual(conv(2), {conv}, form={draw(st.sampled_from(['plain', 'pre_activation']))})"
    if kind == "split":
        return f"split({conv} | conv(2, kernel=1), join=concat)"
    return kind


@st.composite
def stacks(draw: st.DrawFn) -> tuple[str, tuple[int, ...]]:
    flat = draw(st.lists(flat_blocks(), min_size=1, max_size=3))
    start = draw(st.sampled_from(["flat", "picture", "sequence"]))
    if start == "flat":
        return ", ".join(flat), FLAT
    if start == "picture":
        return ", ".join([*draw(st.lists(picture_blocks(), min_size=1, max_size=3)), "flatten", *flat]), PICTURE
    kinds = st.sampled_from(["rnn(3, states=all)", "gru(2, states=all)", "lstm(3, states=all)", "batch_norm", "activation"])
    return ", ".join([*draw(st.lists(kinds, min_size=1, max_size=2)), "rnn(3)", *flat]), SEQUENCE


@settings(max_examples=60, deadline=None, derandomize=True)
@given(stacks())
def test_random_stacks_agree_with_torch_alone_and_in_populations_of_three(stack: tuple[str, tuple[int, ...]]) -> None:
    blocks, shape = stack
    assert_agree(network(blocks, shape, 3), shape, 3)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(stacks())
def test_each_member_of_random_stacks_is_as_alone(stack: tuple[str, tuple[int, ...]]) -> None:
    blocks, shape = stack
    experiments = population(blocks, 3)
    together = build_network(experiments, shape, CLASSES, Pick("cross_entropy"))
    x, y = examples(shape, 3)
    together.forward(x, y, training=True)
    together.backward()
    for member in range(3):
        alone = build_network(experiments[member : member + 1], shape, CLASSES, Pick("cross_entropy"))
        alone.forward(x[member : member + 1], y[member : member + 1], training=True)
        alone.backward()
        for mine, other in zip(together.parameters, alone.parameters, strict=True):
            torch.testing.assert_close(mine.value[member], other.value[0], rtol=0, atol=0)
            torch.testing.assert_close(mine.grad[member], other.grad[0], rtol=0, atol=1e-10)
