"""Every layer of a stack of blocks is measured, whatever it is made of."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.probes.probes import Probes
from engine.training.frames import FrameBuffer
from engine.vocabulary import STATISTICS, WEIGHT_STATISTICS, Statistic
from tests.engine.network.stacks import ALONE, BATCH, FLAT, PICTURE, examples, network

WITHOUT_WEIGHTS_FIRST = [
    ("dropout(0.2), dense(3)", FLAT),
    ("max_pool, flatten, dense(4)", PICTURE),
    ("activation(tanh), dense(4)", FLAT),
    ("max_pool", PICTURE),
    ("batch_norm", FLAT),
    ("residual(dropout(0.1)), dense(3)", FLAT),
    ("split(dropout(0.1) | dense(3), join=concat)", FLAT),
]


@pytest.mark.parametrize(("blocks", "shape"), [*ALONE, *WITHOUT_WEIGHTS_FIRST])
def test_every_layer_of_every_stack_can_be_measured(blocks: str, shape: tuple[int, ...]) -> None:
    net = network(blocks, shape, 2)
    x, y = examples(shape, 2)
    probes = Probes(net, 1)
    net.forward(x, y, training=True)
    net.backward()
    probes.before_update()
    probes.after_update(0)
    (measured,) = probes.take(1)
    assert measured.shape == (2, len(net.layers), len(STATISTICS))
    for position, layer in enumerate(net.layers):
        for statistic, values in zip(STATISTICS, measured[:, position].T, strict=True):
            assert np.isfinite(values).all() == (layer.weight is not None or statistic not in WEIGHT_STATISTICS), (
                layer.name,
                statistic,
            )
    last = measured[:, -1, STATISTICS.index(Statistic.GRADIENT_STD)]
    assert net.output.delta is not None
    np.testing.assert_allclose(last, (net.output.delta * BATCH).numpy().std(axis=(1, 2)), rtol=1e-5)


def test_where_losses_are_not_looked_at_the_layer_of_blocks_that_broke_is_found() -> None:
    net = network("conv(2), max_pool, flatten, dense(3)", PICTURE, 2)
    frames = FrameBuffer(net, 2, looks=False)
    x, y = examples(PICTURE, 2)
    for step in range(3):
        if step == 2:
            layer = next(layer for layer in net.layers if layer.name == "4 dense")
            assert layer.weight is not None
            layer.weight.value[1] = torch.inf
        _, cost = net.forward(x, y, training=True)
        torch.mean(cost, 1, out=frames.next_loss())
        frames.note_activations()
    ((member, step, origin),) = frames.unseen_divergences()
    assert (member, step, origin.layer, origin.quantity) == (1, 3, "4 dense", "activation")


def test_every_layer_of_a_stack_is_measured_under_a_name_of_its_own() -> None:
    net = network(
        "conv(2), max_pool, residual(conv(2), conv(2)), flatten, split(dense(3) | dense(2), join=concat), batch_norm", PICTURE
    )
    names = [layer.name for layer in net.layers]
    assert names == [
        "1 conv", "2 max_pool", "3.1 conv", "3.2 conv", "3 residual", "5.1.1 dense", "5.2.1 dense", "5 split", "6 batch_norm", "output",
    ]  # fmt: skip
    x, y = examples(PICTURE, 1)
    net.forward(x, y, training=True)
    net.backward()
    for layer in net.layers:
        assert layer.h is not None
        assert layer.delta is not None
        assert layer.saturated().shape[layer.unit_axis] >= 1
