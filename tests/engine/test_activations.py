"""Every activation agrees with torch.nn, forward and backward, and says truly where it is flat."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from engine.catalog import ACTIVATIONS, OUTPUT_ACTIVATIONS, Pick, parse_pick
from engine.network.activations import FLAT, make_activation
from tests.engine.reference import activation_module

HIDDEN = [*ACTIVATIONS, "leaky_relu(slope=0.2)", "elu(alpha=0.5)", "elu(alpha=2)", "maxout(pieces=3)", "prelu(slope=-0.3)"]
OUTPUT = [key for key in OUTPUT_ACTIVATIONS if key not in ACTIVATIONS and key != "auto"]


def picked(text: str) -> Pick:
    return parse_pick(text, OUTPUT_ACTIVATIONS if text in OUTPUT else ACTIVATIONS)


def values(seed: int = 0, width: int = 12) -> Tensor:
    return torch.randn(3, 5, width, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)) * 3


@pytest.mark.parametrize("text", [*HIDDEN, *OUTPUT])
def test_forward_and_backward_agree_with_torch_nn(text: str) -> None:
    ours = make_activation(picked(text), 3, values())
    z = values().requires_grad_()
    expected = activation_module(picked(text)).double()(z)
    grad = values(1, expected.shape[-1])
    expected.backward(grad)
    mine = z.detach().clone()
    h = ours.forward(mine)
    torch.testing.assert_close(h, expected.detach(), rtol=0, atol=1e-12)
    torch.testing.assert_close(ours.backward(grad.clone(), mine, h), z.grad, rtol=0, atol=1e-12)


@pytest.mark.parametrize("text", [key for key in HIDDEN if not key.startswith("maxout")])
def test_saturated_is_where_the_slope_is_below_a_twentieth_of_the_steepest(text: str) -> None:
    activation = make_activation(picked(text), 1, values())
    grid = torch.linspace(-12, 12, 9601, dtype=torch.float64).view(1, 1, -1)
    z = grid.clone().requires_grad_()
    activation_module(picked(text)).double()(z).sum().backward()
    assert z.grad is not None
    slope = z.grad.abs()
    mine = grid.clone()
    h = activation.forward(mine)
    limit = FLAT * slope.max()
    clear = (slope - limit).abs() > 1e-3  # at the very limit rounding decides
    torch.testing.assert_close(activation.saturated(mine, h)[clear], (slope < limit)[clear])


def test_maxout_is_never_saturated() -> None:
    activation = make_activation(parse_pick("maxout", ACTIVATIONS), 1, values())
    z = torch.randn(1, 50, 20, generator=torch.Generator().manual_seed(0))
    assert not activation.saturated(z, activation.forward(z)).any()


def test_prelu_learns_one_slope_per_member_as_torch_does_per_network() -> None:
    activation = make_activation(parse_pick("prelu", ACTIVATIONS), 3, values())
    z, grad = values(), values(1)
    h = activation.forward(z)
    activation.backward(grad.clone(), z, h)
    for member in range(3):
        reference = torch.nn.PReLU(dtype=torch.float64)
        reference(z[member]).backward(grad[member])
        torch.testing.assert_close(activation.parameters[0].grad[member].view(1), reference.weight.grad, rtol=0, atol=1e-10)


@given(st.floats(-700, 700), st.sampled_from([*ACTIVATIONS, "softmax"]))
def test_no_activation_makes_a_finite_value_not_finite(value: float, key: str) -> None:
    activation = make_activation(picked(key), 1, values())
    z = torch.full((1, 1, 2), value, dtype=torch.float64)
    h = activation.forward(z)
    assert torch.isfinite(h).all()
    assert torch.isfinite(activation.backward(torch.ones_like(h), z, h)).all()
