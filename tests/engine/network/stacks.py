"""Small networks of blocks in float64, and what they must agree with: the same stack of PyTorch's own modules, by autograd."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, nn

from engine.catalog import Pick
from engine.experiment import Experiment
from engine.network.build import build_network
from engine.network.module import module_of
from engine.network.network import Network

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


def assert_agree(net: Network, shape: tuple[int, ...], members: int, tolerance: float = 1e-8) -> None:
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
