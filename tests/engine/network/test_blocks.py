"""Blocks, alone and stacked, against the same stack of PyTorch's own modules and autograd, in float64."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from engine.catalog import Pick
from engine.errors import ConfigurationError
from engine.experiment import Experiment
from engine.network.build import build_network
from engine.network.module import module_of
from engine.network.network import Network
from engine.probes.probes import Probes
from engine.training.frames import FrameBuffer
from engine.training.penalties import Penalties
from engine.vocabulary import STATISTICS, WEIGHT_STATISTICS, Statistic

CLASSES = 4
BATCH = 5
PICTURE, SEQUENCE, FLAT = (2, 7, 6), (5, 3), (6,)


def population(blocks: str, members: int, **model: object) -> list[Experiment]:
    base = {
        "model": {"blocks": blocks, "activation": "tanh", "init": "normal(std=0.5)", "bias_init": 0.1, **model},
        "dtype": "float64",
    }
    return [Experiment.parse({**base, "seed": seed}) for seed in range(members)]


def network(blocks: str, shape: tuple[int, ...], members: int = 1, **model: object) -> Network:
    return build_network(population(blocks, members, **model), shape, CLASSES, Pick("cross_entropy"))


def examples(shape: tuple[int, ...], members: int) -> tuple[Tensor, Tensor]:
    gen = torch.Generator().manual_seed(7)
    x = torch.randn(members, BATCH, prod(shape), dtype=torch.float64, generator=gen)
    return x, torch.randint(0, CLASSES, (members, BATCH, 1), generator=gen)


def agree(net: Network, shape: tuple[int, ...], members: int, tolerance: float = 1e-8) -> None:
    """Outputs, costs and all gradients of every member against its module, in training mode; outputs in evaluation, too."""
    x, y = examples(shape, members)
    modules = [module_of(net, member, output_activation=False) for member in range(members)]
    _, cost = net.forward(x, y, training=True)
    net.backward()
    for member, module in enumerate(modules):
        expected = nn.functional.cross_entropy(module.train()(x[member]), y[member, :, 0], reduction="none")
        torch.testing.assert_close(cost[member], expected, rtol=0, atol=tolerance)
        expected.mean().backward()
    values = [parameter.value.clone() for parameter in net.parameters]
    h, _ = net.forward(x, y, training=False)
    h = h.clone()
    for member, module in enumerate(modules):
        torch.testing.assert_close(h[member], module.eval()(x[member]).softmax(-1), rtol=0, atol=tolerance)
    for parameter in net.parameters:  # a module made now holds the gradients where the weights were
        parameter.value.copy_(parameter.grad)
    for member, module in enumerate(modules):
        gradients = dict(module_of(net, member, output_activation=False).named_parameters())
        for name, parameter in module.named_parameters():
            if "bias_hh" in name:
                continue  # PyTorch has a second bias; ours stands inside the reset of a GRU alone, and is compared below
            assert parameter.grad is not None
            torch.testing.assert_close(gradients[name], parameter.grad, rtol=0, atol=tolerance, msg=name)
    for parameter, value in zip(net.parameters, values, strict=True):
        parameter.value.copy_(value)


ALONE = [
    ("dense(6)", FLAT),
    ("dense(6, activation=maxout(pieces=3))", PICTURE),
    ("dense(6, batch_norm=on), dense(5, activation=prelu)", FLAT),
    ("residual(dense(6), dense(6))", FLAT),
    ("residual(dense(4), dense(7))", FLAT),
    ("residual(dense(6), dense(6), form=pre_activation)", FLAT),
    ("dense(5), residual(dense(4, batch_norm=on), dense(7, batch_norm=on), form=pre_activation)", FLAT),
    ("residual(conv(3), conv(4, stride=2))", PICTURE),
    ("residual(conv(2), conv(2), form=pre_activation)", PICTURE),
    ("residual(rnn(4, states=all)), lstm(3)", SEQUENCE),
    ("residual(dense(4), dense(6))", PICTURE),
    ("residual(dense(4, batch_norm=on), dense(6, batch_norm=on), form=pre_activation)", PICTURE),
    ("residual(dense(5))", SEQUENCE),
    ("dense(4), activation(prelu), residual(flatten, dense(4), activation)", PICTURE),
    ("split(dense(5) | dense(5), dense(5))", FLAT),
    ("split(dense(5) | dense(4, activation=relu), join=concat)", FLAT),
    ("split(conv(3) | conv(2, kernel=1), join=concat), max_pool", PICTURE),
    ("split(lstm(3, states=all) | gru(2, states=all), join=concat), rnn(3)", SEQUENCE),
    ("rnn(4)", SEQUENCE),
    ("gru(4)", SEQUENCE),
    ("lstm(4)", SEQUENCE),
    ("lstm(4)", PICTURE),
    ("gru(3)", FLAT),
    ("rnn(4, states=all), dense(3)", SEQUENCE),
    ("gru(4, states=all), gru(3, states=all), lstm(3)", SEQUENCE),
    ("conv(3)", PICTURE),
    ("conv(3, kernel=5, stride=2, padding=valid)", PICTURE),
    ("conv(3, batch_norm=on), conv(2, kernel=2, padding=valid)", PICTURE),
    ("conv(3, activation=prelu), average_pool(3, stride=2), dense(4)", PICTURE),
    ("max_pool(2), max_pool(2, stride=1), flatten, dense(4)", PICTURE),
    ("batch_norm, dense(4), activation(relu), batch_norm", FLAT),
    ("batch_norm, conv(2), batch_norm, activation(softsign)", PICTURE),
    ("batch_norm, rnn(3, states=all), batch_norm, activation", SEQUENCE),
    ("activation(prelu), dense(4)", FLAT),
    ("flatten", PICTURE),
]  # fmt: skip


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize(("blocks", "shape"), ALONE)
def test_a_block_agrees_with_torch_forward_and_backward(blocks: str, shape: tuple[int, ...], members: int) -> None:
    agree(network(blocks, shape, members), shape, members)


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
    agree(network(blocks, shape, 3), shape, 3)


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
