"""Products in the order that suits the processor."""

from __future__ import annotations

import pytest
import torch

from engine.network import layers


@pytest.mark.parametrize("intel", [True, False])
@pytest.mark.parametrize("batch", [1, layers.SMALL_BATCH, layers.SMALL_BATCH + 1])
def test_the_gradient_is_the_same_in_either_order(intel: bool, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "is_intel", lambda: intel)
    gen = torch.Generator().manual_seed(batch)
    x, weight = torch.randn(2, batch, 5, generator=gen).double(), torch.randn(2, 5, 4, generator=gen).double()
    affine = layers.Affine(weight, torch.zeros(2, 1, 4).double())
    before = x.clone().requires_grad_()
    grad = torch.randn(2, batch, 4, generator=gen).double()
    torch.bmm(before, weight).backward(grad)
    affine.forward(x)
    got = affine.backward(grad)
    assert got is not None
    assert before.grad is not None
    torch.testing.assert_close(got, before.grad, rtol=1e-12, atol=1e-12)
