"""Mean singular values against autograd and a full decomposition, closed forms and published numbers."""

from __future__ import annotations

from math import prod, sqrt
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.autograd.functional import jacobian

from engine.catalog import Pick
from engine.experiment import Experiment
from engine.network.build import build_network
from engine.network.module import _affine, _module, activation_module
from engine.network.network import Network
from engine.network.shaping import Arrange, Rows
from engine.probes import jacobian as module
from engine.probes.distributions import DistributionProbe
from engine.probes.held_out import held_out_examples
from engine.probes.jacobian import jacobian_examples, mean_singular_values
from engine.training.prepare import prepare

PICTURE, SEQUENCE, FLAT = (2, 6, 5), (5, 3), (6,)
BATCH = 12


def network(
    text: str, shape: tuple[int, ...] = FLAT, *, seeds: tuple[int, ...] = (0, 1), cost: str = "cross_entropy", **model: object
) -> Network:
    """A network whose batch norms have seen a few batches."""
    base = {
        "model": {"blocks": text, "activation": "tanh", "init": "normal(std=0.6)", "bias_init": 0.2, **model},
        "cost": cost, "dtype": "float64",
    }  # fmt: skip
    net = build_network([Experiment.parse({**base, "seed": seed}) for seed in seeds], shape, 4, Pick(cost))
    for _ in range(3):
        forward(net, shape, training=True)
    for parameter in net.parameters:
        if parameter.name in ("gamma", "slope"):
            parameter.value.uniform_(-1.5, 1.5, generator=torch.Generator().manual_seed(3))
    return net


def forward(net: Network, shape: tuple[int, ...], *, training: bool) -> Tensor:
    """A forward pass; returns the examples."""
    x = torch.randn(BATCH, prod(shape), dtype=torch.float64, generator=torch.Generator().manual_seed(7))
    y = torch.zeros(BATCH, 1, dtype=torch.int64) if net.cost.classes_as_numbers else torch.zeros(BATCH, 4, dtype=torch.float64)
    net.forward(x.expand(net.members, -1, -1), y.expand(net.members, -1, -1), training=training)
    return x


def expected(net: Network, member: int, x: Tensor) -> list[float]:
    """Of the blocks one after another and the output layer: autograd's Jacobian, and all of its singular values."""
    output = net.output
    steps: list[nn.Module] = []
    arrange: list[nn.Module] = []
    for block in net.body.blocks:
        if isinstance(block, Arrange | Rows):
            arrange.append(_module(block, member))
        else:
            steps.append(nn.Sequential(*arrange, _module(block, member)))
            arrange = []
    steps.append(nn.Sequential(*arrange, _affine(output.affine, member), activation_module(output.activation, member)))
    found = []
    for step in steps:
        step = step.double().eval()
        values = []
        for example in x[: module.JACOBIAN_EXAMPLES]:
            matrix = jacobian(lambda one, step=step: step(one.unsqueeze(0)).flatten(), example)
            values.append(torch.linalg.svdvals(matrix.flatten(1)).mean().item())
        found.append(float(np.mean(values)))
        x = step(x).detach()
    return found


DENSE = [
    ("dense(7), dense(5)", {}),
    ("dense(7), dense(5)", {"activation": "relu"}),
    ("dense(7, activation=maxout(pieces=3)), dense(5, activation=prelu), dense(9, activation=selu)", {}),
    ("dense(7, batch_norm=on, dropout=0.5), dense(5, activation=gelu)", {}),
    ("batch_norm, dense(7, activation=identity), activation(softsign), dropout(0.3), dense(4, activation=sigmoid)", {}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "model"), DENSE)
def test_dense_layers_and_single_operations_agree_with_autograd(text: str, model: dict[str, object]) -> None:
    net = network(text, **model)
    x = forward(net, FLAT, training=False)
    found = mean_singular_values(net)
    for member in range(2):
        np.testing.assert_allclose(found[member], expected(net, member, x), rtol=1e-7)


@pytest.mark.parametrize(
    ("cost", "output"), [("cross_entropy", "softmax"), ("quadratic", "softmax"), ("quadratic", "tanh"), ("binary_cross_entropy", "auto")]
)  # fmt: skip
def test_the_output_layer_is_measured_behind_its_own_activation(cost: str, output: str) -> None:
    net = network("dense(7)", cost=cost, output=output)
    x = forward(net, FLAT, training=False)
    np.testing.assert_allclose(mean_singular_values(net)[1], expected(net, 1, x), rtol=1e-7)


JOINTS = [
    "residual(dense(6), dense(6))",
    "residual(dense(5), dense(7, batch_norm=on))",
    "residual(dense(5), dense(6), form=pre_activation)",
    "residual(dense(4), dense(7, batch_norm=on), form=pre_activation)",
    "split(dense(5) | dense(3), dense(5))",
    "split(dense(5) | batch_norm, residual(dense(4), dense(6)) | dropout(0.1), join=concat)",
]


@pytest.mark.parametrize("text", JOINTS)
def test_residuals_and_splits_of_dense_layers_agree_with_autograd(text: str) -> None:
    net = network(f"dense(6), {text}")
    x = forward(net, FLAT, training=False)
    outermost = [name for name in (layer.name for layer in net.layers) if "." not in name]
    found = dict(zip([layer.name for layer in net.layers], mean_singular_values(net)[1], strict=True))
    np.testing.assert_allclose([found[name] for name in outermost], expected(net, 1, x), rtol=1e-7)


@pytest.mark.parametrize(
    ("text", "shape", "measured"),
    [
        ("conv(3), max_pool(2), average_pool(2), dense(4)", PICTURE, [False, False, False, True, True]),
        ("residual(conv(2), conv(2)), batch_norm, activation, dropout(0.1), dense(4)", PICTURE, [False, False, False, True, True, True, True, True]),
        ("split(conv(2) | conv(3), join=concat)", PICTURE, [False, False, False, True]),
        ("rnn(4, states=all), batch_norm, activation, lstm(3), dense(4)", SEQUENCE, [False, True, True, False, True, True]),
        ("residual(batch_norm, activation), dense(4)", PICTURE, [True, True, False, True, True]),
        ("residual(dense(4), gru(6))", FLAT, [True, False, False, True]),
    ],
)  # fmt: skip
def test_what_is_too_large_is_not_measured_and_the_rest_is(text: str, shape: tuple[int, ...], measured: list[bool]) -> None:
    net = network(text, shape)
    forward(net, shape, training=False)
    np.testing.assert_array_equal(np.isfinite(mean_singular_values(net)), [measured] * 2)


@pytest.mark.parametrize(("init", "width"), [("orthogonal", 6), ("orthogonal", 4), ("identity", 6), ("orthogonal", 9)])
def test_orthogonal_weights_without_a_bend_keep_every_length(init: str, width: int) -> None:
    net = network(f"dense({width}, activation=identity)", init=init)
    forward(net, FLAT, training=False)
    np.testing.assert_allclose(mean_singular_values(net)[:, 0], 1.0, rtol=1e-12)


def test_batch_norm_multiplies_by_gamma_over_the_running_deviation() -> None:
    net = network("dense(6, activation=identity, batch_norm=on)", init="orthogonal")
    norm = net.layers[0].norm
    norm.gamma.value.fill_(3.0)
    norm.running_var.fill_(4.0 - norm.eps)
    forward(net, FLAT, training=False)
    np.testing.assert_allclose(mean_singular_values(net)[:, 0], 1.5, rtol=1e-12)


def test_the_number_of_examples_and_the_memory_for_them_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    net = network("dense(7), dense(5)")
    forward(net, FLAT, training=False)
    whole = mean_singular_values(net)
    monkeypatch.setattr(module, "MATRIX_VALUES", 1)
    np.testing.assert_allclose(mean_singular_values(net), whole, rtol=1e-12)
    monkeypatch.setattr(module, "WIDE", 6)
    assert [jacobian_examples(width) for width in (5, 6, 7)] == [10, 10, 3]
    few = mean_singular_values(net)
    assert (few[:, 0] != whole[:, 0]).all()
    np.testing.assert_allclose(few[:, 1:], whole[:, 1:], rtol=1e-12)


@pytest.mark.slow
def test_glorot_and_bengio_a_half_by_standard_and_near_0_8_by_normalized_initialization(real_data: Path) -> None:
    """The square hidden layers of 5x1000 tanh units on MNIST, before training.

    The first layer is left out: it is not square, so that 784 singular values of 1000 outputs are counted.
    """

    def layers(init: str, scaling: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        prepared = prepare([Experiment.parse({
            "data": {"name": "mnist", "dir": str(real_data / "mnist"), "scaling": scaling}, "batch_size": 10, "steps": 1, "device": "cpu",
            "model": {"depth": 5, "width": 1000, "activation": "tanh", "init": init}, "optimizer": "sgd",
        })])  # fmt: skip
        examples = held_out_examples(prepared.train, prepared.validation, prepared.test, 0)
        event = DistributionProbe(prepared.network, examples, jacobian=True).take(0, 0)
        square = slice(1, 5)
        ratios = event.activation_ratio[0, square], event.gradient_ratio[0, slice(0, 4)]
        return event.jacobian[0, square], np.sqrt(ratios[0]), np.sqrt(ratios[1])

    singular, forward_ratio, backward_ratio = layers("standard", "auto")
    assert 0.455 < singular.min() <= singular.max() < 0.495
    assert 0.53 < forward_ratio.min() <= forward_ratio.max() < 0.59
    singular, forward_ratio, backward_ratio = layers("xavier_uniform", "auto")
    assert 0.66 < singular.min() <= singular.max() < 0.78
    assert 0.77 < forward_ratio.min() <= forward_ratio.max() < 0.92
    assert (backward_ratio > 0.69).all()
    # With pixels in [0, 1] the units stay in the linear part, and all layers are near the paper's 0.5 and 0.8.
    assert layers("standard", "none")[0] == pytest.approx(8 / (3 * np.pi) / sqrt(3), abs=0.01)
    assert layers("xavier_uniform", "none")[0] == pytest.approx(0.8, abs=0.015)
