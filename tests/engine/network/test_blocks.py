"""Each kind of block against PyTorch's own modules and autograd, in float64; and what does not fit together."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from engine.catalog import Pick
from engine.errors import ConfigurationError
from engine.experiment import Experiment
from engine.network.build import build_network
from engine.network.module import module_of
from engine.training.penalties import Penalties
from tests.engine.network.stacks import ALONE, CLASSES, FLAT, PICTURE, SEQUENCE, assert_agree, examples, network, population


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize(("blocks", "shape"), ALONE)
def test_a_block_agrees_with_torch_forward_and_backward(blocks: str, shape: tuple[int, ...], members: int) -> None:
    assert_agree(network(blocks, shape, members), shape, members)


@pytest.mark.parametrize("blocks", ["gru(4)", "gru(4, states=all), gru(3)"])
def test_the_inner_bias_of_a_gru_has_pytorchs_gradient(blocks: str) -> None:
    net = network(blocks, SEQUENCE)
    x, y = examples(SEQUENCE, 1)
    module = module_of(net, output_activation=False).train()
    nn.functional.cross_entropy(module(x[0]), y[0, :, 0]).backward()
    net.forward(x, y, training=True)
    net.backward()
    ours = [p.grad[0, 0] for p in net.parameters if p.name == "inner bias"]
    theirs = [p.grad[2 * len(p) // 3 :] for name, p in module.named_parameters() if "bias_hh" in name and p.grad is not None]
    assert len(ours) == len(theirs) > 0
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("blocks", "shape"),
    [
        ("dense(4, batch_norm=on), dropout(0.5), dense(3, dropout=0.4), batch_norm", FLAT),
        ("conv(3, batch_norm=on, dropout=0.3), batch_norm, conv(2)", PICTURE),
        ("lstm(3, states=all), batch_norm, rnn(3)", SEQUENCE),
        ("residual(dense(4, batch_norm=on, dropout=0.5), dense(6), form=pre_activation)", FLAT),
    ],
)
def test_the_backward_pass_after_one_in_evaluation_is_that_of_evaluation(blocks: str, shape: tuple[int, ...]) -> None:
    net = network(blocks, shape)
    x, y = examples(shape, 1)
    for _ in range(3):  # running means that are neither those of the start nor of the batch
        net.forward(x * 1.5, y, training=True)
    net.forward(x, y, training=False)
    net.backward()
    module = module_of(net, output_activation=False).eval()
    nn.functional.cross_entropy(module(x[0]), y[0, :, 0]).backward()
    for parameter in net.parameters:
        parameter.value.copy_(parameter.grad)
    gradients = dict(module_of(net, output_activation=False).named_parameters())
    for name, parameter in module.named_parameters():
        if "bias_hh" not in name:
            torch.testing.assert_close(gradients[name], parameter.grad, rtol=0, atol=1e-10, msg=name)


def test_depth_and_width_are_the_short_form_of_dense_blocks() -> None:
    model = {"activation": "tanh", "init": "he_normal", "batch_norm": True, "dropout": 0.3}
    short = Experiment.parse({"model": {"depth": 2, "width": 5, **model}, "dtype": "float64"})
    long = Experiment.parse({"model": {"blocks": "2*dense(5)", **model}, "dtype": "float64"})
    nets = [build_network([e], FLAT, CLASSES, Pick("cross_entropy")) for e in (short, long)]
    x, y = examples(FLAT, 1)
    outputs = [net.forward(x, y, training=True)[0].clone() for net in nets]
    assert torch.equal(outputs[0], outputs[1])
    assert [layer.name for layer in nets[1].layers] == ["1 dense", "2 dense", "output"]


def test_each_members_penalties_reach_the_weights_of_convolutions() -> None:
    experiments = [e.with_settings({"l1": 0.1 * k, "l2": 0.3 * k}) for k, e in enumerate(population("conv(4), flatten", 3))]
    net = build_network(experiments, (3, 7, 6), CLASSES, Pick("cross_entropy"))
    for parameter in net.parameters:
        parameter.grad.zero_()
    Penalties(experiments, net.parameters).add_gradients()
    for parameter in net.parameters:
        for member, e in enumerate(experiments):
            weight = parameter.value[member].clone().requires_grad_()
            penalty = e.l1 * weight.abs().sum() + e.l2 * weight.square().sum() if parameter.penalized else 0 * weight.sum()
            penalty.backward()
            torch.testing.assert_close(parameter.grad[member], weight.grad, rtol=0, atol=1e-12)


@pytest.mark.parametrize("channels", [2, 3])
def test_a_convolution_that_begins_as_the_identity_copies_its_input(channels: int) -> None:
    net = network(
        f"conv({channels}, activation=identity, init=identity, batch_norm=off), conv(2, activation=identity)",
        PICTURE,
        bias_init=0.0,
    )
    x, y = examples(PICTURE, 1)
    net.forward(x, y, training=True)
    h = net.layers[0].h
    assert h is not None
    torch.testing.assert_close(h[:, :, :2].flatten(2), x, rtol=0, atol=0)
    assert not h[:, :, 2:].any()


@pytest.mark.parametrize(
    ("blocks", "shape", "words"),
    [
        ("conv(3)", FLAT, "block 1, conv(3): a picture is needed, but 6 flat numbers come in"),
        ("dense(4), max_pool", PICTURE, "block 2, max_pool: a picture is needed"),
        ("conv(3, kernel=9, padding=valid)", PICTURE, "block 1, conv(3, kernel=9, padding=valid): a kernel of 9 does not fit"),
        ("conv(3, kernel=2)", PICTURE, "a kernel of 2 has no middle"),
        ("max_pool, max_pool, max_pool", PICTURE, "block 3, max_pool: squares of 2 do not fit"),
        ("split(dense(3) | dense(4))", FLAT, "block 1, split(dense(3) | dense(4)): its branches end in 3 flat numbers and 4"),
        ("split(conv(3) | dense(4), join=concat)", PICTURE, "cannot stand side by side"),
        (
            "dense(3), residual(lstm(3, states=all))",
            FLAT,
            "block 2, residual(lstm(3, states=all)): 3 flat numbers cannot be added",
        ),
        ("residual(dense(3, activation=maxout))", FLAT, "maxout cannot follow the sum"),
        (
            "residual(dense(3, activation=maxout), dense(6), form=pre_activation)",
            FLAT,
            "maxout cannot stand before an affine map",
        ),
        ("residual(dense(3), conv(2))", FLAT, "block 1.2, conv(2): a picture is needed"),
    ],
)
def test_blocks_that_do_not_fit_are_named(blocks: str, shape: tuple[int, ...], words: str) -> None:
    with pytest.raises(ConfigurationError, match="block") as error:
        network(blocks, shape)
    assert words in str(error.value)
