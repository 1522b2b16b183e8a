"""Batches of one example: refused where batch norm finds no spread in them, and only there."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from engine.errors import ConfigurationError
from engine.microscope import examine_step
from engine.network.module import module_of
from engine.population import expand
from engine.training.prepare import prepare
from tests.engine.conftest import experiment, trained
from tests.engine.network.stacks import FLAT, PICTURE, SEQUENCE, examples, network

PICTURES = {"data__name": "digits", "steps": 3, "batch_size": 1}
SPREAD = [
    ("conv(3, batch_norm=on), max_pool, batch_norm", PICTURE),
    ("residual(conv(3, batch_norm=on), conv(2, batch_norm=on), form=pre_activation)", PICTURE),
    ("rnn(4, states=all), batch_norm", SEQUENCE),
    ("lstm(3, states=all), batch_norm", FLAT),  # number by number
]


@pytest.mark.parametrize(("blocks", "shape"), SPREAD)
def test_one_example_with_several_places_or_steps_is_normalized_as_torch_does_it(blocks: str, shape: tuple[int, ...]) -> None:
    net = network(blocks, shape)
    x, y = (values[:, :1] for values in examples(shape, 1))
    module = module_of(net, output_activation=False).train()
    expected = nn.functional.cross_entropy(module(x[0]), y[0, :, 0], reduction="none")
    _, cost = net.forward(x, y, training=True)
    torch.testing.assert_close(cost[0], expected, rtol=0, atol=1e-10)
    for ours, theirs in zip(net.buffers, [b for name, b in module.named_buffers() if "num" not in name], strict=True):
        torch.testing.assert_close(ours[0, 0], theirs, rtol=0, atol=1e-10)


def test_batches_of_one_picture_train_under_batch_norm_of_feature_maps() -> None:
    network = trained([experiment(**PICTURES, model__blocks="conv(3), max_pool, batch_norm", model__batch_norm=True)]).network
    assert all(tensor.isfinite().all() for tensor in [*network.buffers, *(p.value for p in network.parameters)])


@pytest.mark.parametrize(
    "blocks",
    [
        "flatten, batch_norm",
        "split(batch_norm | conv(1, kernel=3), join=concat), flatten, batch_norm",
        "conv(2, kernel=8, padding=valid, batch_norm=on)",  # a map of one place
        "max_pool(8), batch_norm",
    ],
)
def test_a_batch_of_one_is_refused_where_each_unit_has_one_number(blocks: str) -> None:
    with pytest.raises(ConfigurationError, match="a batch of one example has no spread for batch norm to find; use at least 2"):
        prepare([experiment(**PICTURES, model__blocks=blocks)])


def test_a_last_batch_of_one_is_refused_only_where_batch_norm_finds_no_spread() -> None:
    settings = {"data__name": "digits", "data__train_size": 33, "batch_size": 16}
    assert prepare([experiment(**settings, model__blocks="conv(2, batch_norm=on)")]).batch_size == 16
    with pytest.raises(ConfigurationError, match=r"16 leaves a last batch of one of the 33 training examples, .*; use 15"):
        prepare([experiment(**settings, model__batch_norm=True)])


@pytest.mark.parametrize("batch_size", [1, "full"])
def test_members_with_one_example_each_cannot_have_batch_norm(batch_size: object) -> None:
    settings = {"ensemble__members": 100, "ensemble__by": "disjoint", "batch_size": batch_size}
    prepared = prepare(expand(experiment(**settings)))
    assert prepared.batch_size == 1
    assert prepared.data.notes[-1].startswith(
        "each of the 100 members learns from 1 training example of its own; 20 are left out"
    )
    with pytest.raises(ConfigurationError, match="batch norm finds no spread in one training example; learn from more"):
        prepare(expand(experiment(**settings, model__blocks="batch_norm, dense(3)")))


def test_one_example_can_be_looked_at_where_it_has_a_spread() -> None:
    settings = {**PICTURES, "batch_size": 16}
    assert examine_step(experiment(**settings, model__blocks="conv(2, batch_norm=on)"), examples=1).batch.inputs.shape[1] == 64
    with pytest.raises(ConfigurationError, match="a batch of one example has no spread"):
        examine_step(experiment(**settings, model__blocks="flatten, batch_norm"), examples=1)
