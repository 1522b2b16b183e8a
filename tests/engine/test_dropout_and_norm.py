"""Dropout and batch norm, alone: against their definitions and against autograd."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.generators import generator
from engine.network.layers import AlphaDropout, BatchNorm, Dropout


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def layer(kind: type[Dropout], *rates: float) -> Dropout:
    return kind(rates, [generator(seed, "dropout") for seed in range(len(rates))], normal(1), follows_model=True)


def test_units_are_off_as_often_as_asked_and_the_others_scaled_up() -> None:
    h = torch.ones(3, 500, 200, dtype=torch.float64)
    out = layer(Dropout, 0.0, 0.2, 0.7).forward(h)
    assert torch.equal(out[0], h[0])
    for member, rate in ((1, 0.2), (2, 0.7)):
        off = (out[member] == 0).double().mean().item()
        assert off == pytest.approx(rate, abs=0.01)  # six standard errors
        torch.testing.assert_close(out[member][out[member] != 0].unique(), torch.tensor([1 / (1 - rate)], dtype=torch.float64))


def test_the_gradient_flows_where_units_are_on() -> None:
    h = normal(2, 40, 30).requires_grad_()
    drop = layer(Dropout, 0.3, 0.5)
    out = drop.forward(h.detach())
    mask = out / h.detach()
    (h * mask).backward(normal(2, 40, 30, seed=1))
    torch.testing.assert_close(drop.backward(normal(2, 40, 30, seed=1)), h.grad)


def test_each_member_draws_from_its_own_generator() -> None:
    h = torch.ones(2, 20, 20, dtype=torch.float64)
    together = Dropout([0.5, 0.5], [generator(3, "dropout"), generator(4, "dropout")], h, follows_model=True).forward(h)
    alone = Dropout([0.5], [generator(4, "dropout")], h, follows_model=True).forward(h[:1])
    assert torch.equal(together[1], alone[0])
    assert not torch.equal(together[0], together[1])


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_alpha_dropout_agrees_with_torch_given_the_same_units(rate: float) -> None:
    h = normal(1, 300, 200)
    ours = layer(AlphaDropout, rate)
    out = ours.forward(h)
    off = out == out.mode(-1, keepdim=True).values  # the only value that occurs twice in a row
    assert off.double().mean().item() == pytest.approx(rate, abs=0.01)
    # torch.nn.functional.alpha_dropout: a (h mask + alpha' (1 - mask)) + b, its constants from a draw of its own.
    torch.manual_seed(0)
    theirs = torch.nn.functional.alpha_dropout(torch.zeros(1, 300, 200, dtype=torch.float64), rate, training=True)
    low, high = theirs.unique()
    torch.testing.assert_close(out[off].unique(), low.view(1), rtol=1e-6, atol=0)
    torch.testing.assert_close((out[~off] - high) / h[~off], torch.full_like(h[~off], ours._scale.item()), rtol=1e-6, atol=1e-6)


def test_alpha_dropout_keeps_mean_and_variance_of_normal_values() -> None:
    out = layer(AlphaDropout, 0.3).forward(normal(1, 2000, 200))
    assert out.mean().item() == pytest.approx(0, abs=0.02)
    assert out.var().item() == pytest.approx(1, abs=0.03)


def test_batch_norm_agrees_with_torch_through_training_and_evaluation() -> None:
    shift = torch.full((2, 1, 5), 0.3, dtype=torch.float64)
    ours = BatchNorm(shift.clone())
    theirs = [torch.nn.BatchNorm1d(5, dtype=torch.float64) for _ in range(2)]
    for module in theirs:
        torch.nn.init.constant_(module.bias, 0.3)
    for seed in range(4):
        x, grad = normal(2, 9, 5, seed=seed) * 3 + 1, normal(2, 9, 5, seed=seed + 10)
        y, dx = ours.forward(x, training=True), ours.backward(grad)
        for member, module in enumerate(theirs):
            module.zero_grad()
            leaf = x[member].clone().requires_grad_()
            expected = module(leaf)
            expected.backward(grad[member])
            assert leaf.grad is not None
            torch.testing.assert_close(y[member], expected.detach(), rtol=0, atol=1e-12)
            torch.testing.assert_close(dx[member], leaf.grad, rtol=0, atol=1e-12)
            torch.testing.assert_close(ours.gamma.grad[member, 0], module.weight.grad, rtol=0, atol=1e-12)
            torch.testing.assert_close(ours.beta.grad[member, 0], module.bias.grad, rtol=0, atol=1e-12)
    x = normal(2, 9, 5, seed=99)
    for member, module in enumerate(theirs):
        torch.testing.assert_close(ours.forward(x, training=False)[member], module.eval()(x[member]).detach(), rtol=0, atol=1e-12)
