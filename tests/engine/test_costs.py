"""Every cost agrees with torch.nn, forward and backward, and survives outputs far from the target."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.catalog import COSTS, OUTPUT_ACTIVATIONS, Pick, parse_pick
from engine.network.activations import make_activation
from engine.network.costs import make_cost
from tests.engine.reference import cost_function

MEMBERS, BATCH, CLASSES = 3, 6, 4
BY_OUTPUT = ["mean_squared", "mean_absolute", "huber(delta=0.7)", "quadratic"]


def pre_activations() -> Tensor:
    return torch.randn(MEMBERS, BATCH, CLASSES, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 2


def targets(kind: str) -> Tensor:
    classes = torch.randint(0, CLASSES, (MEMBERS, BATCH, 1), generator=torch.Generator().manual_seed(1))
    if kind == "cross_entropy":
        return classes
    return torch.zeros(MEMBERS, BATCH, CLASSES, dtype=torch.float64).scatter_(-1, classes, 1.0)


def check(cost: str, output: str) -> None:
    pick = parse_pick(cost, COSTS)
    out = make_activation(parse_pick(output, OUTPUT_ACTIVATIONS), MEMBERS, pre_activations())
    ours = make_cost(pick, out)
    reference = cost_function(pick.kind, output, pick.parameters.get("delta", 1.0))
    y = targets(pick.kind)
    _, costs = ours.forward(pre_activations(), y)
    slope = ours.backward()
    for member in range(MEMBERS):
        z = pre_activations()[member].requires_grad_()
        expected = reference(z, y[member])
        expected.backward()
        assert costs[member].mean().item() == pytest.approx(expected.item(), abs=1e-12)
        torch.testing.assert_close(slope[member], z.grad, rtol=0, atol=1e-12)


def test_every_cost_is_tested_here() -> None:
    assert {text.partition("(")[0] for text in BY_OUTPUT} | {"cross_entropy", "binary_cross_entropy", "auto"} == set(COSTS)


@pytest.mark.parametrize(("cost", "output"), [("cross_entropy", "softmax"), ("binary_cross_entropy", "sigmoid")])
def test_costs_of_probabilities(cost: str, output: str) -> None:
    check(cost, output)


@pytest.mark.parametrize("cost", BY_OUTPUT)
@pytest.mark.parametrize("output", [key for key in OUTPUT_ACTIVATIONS if key != "auto"])
def test_costs_of_values_under_every_output_activation(cost: str, output: str) -> None:
    check(cost, output)


@pytest.mark.parametrize("cost", ["cross_entropy", "binary_cross_entropy"])
def test_a_certain_and_wrong_network_has_a_finite_cost_and_gradient(cost: str) -> None:
    out = make_activation(Pick("softmax" if cost == "cross_entropy" else "sigmoid"), 1, pre_activations())
    ours = make_cost(Pick(cost), out)
    z = torch.tensor([[[-1e4, 1e4, 0.0, 0.0]]], dtype=torch.float64)
    y = torch.tensor([[[0]]]) if cost == "cross_entropy" else torch.tensor([[[1.0, 0.0, 0.0, 0.0]]], dtype=torch.float64)
    _, costs = ours.forward(z, y)
    assert costs.item() == pytest.approx(2e4 if cost == "cross_entropy" else (2e4 + 2 * 0.6931471805599453) / 4)
    assert torch.isfinite(ours.backward()).all()


@pytest.mark.parametrize("scale", [1.0, 10.0, 100.0, 1000.0])
def test_cross_entropy_of_a_sure_network_keeps_its_digits_in_float32(scale: float) -> None:
    z = torch.tensor([[[scale, scale - 9.687, scale - 20.0]]])
    y = torch.tensor([[[0]]])
    _, cost = make_cost(Pick("cross_entropy"), make_activation(Pick("softmax"), 1, z)).forward(z, y)
    assert cost.item() == pytest.approx(torch.nn.functional.cross_entropy(z[0], y[0, 0]).item(), rel=1e-5)
