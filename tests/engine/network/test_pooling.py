"""Pooling against PyTorch's, windows that overlap and values that are equal among them."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from engine.network.convolution import AveragePool, MaxPool


def pictures(seed: int) -> Tensor:
    """Three members, two examples, four channels; few different numbers, so that many are equal."""
    gen = torch.Generator().manual_seed(seed)
    return torch.randint(0, 3, (3, 2, 4, 9, 8), generator=gen).double()


@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (3, 1), (2, 3), (3, 3), (8, 8), (1, 1), (1, 2)])
@pytest.mark.parametrize(("pool", "reference"), [(MaxPool, functional.max_pool2d), (AveragePool, functional.avg_pool2d)])
def test_pooling_is_that_of_pytorch(pool: type[MaxPool], reference, size: int, stride: int) -> None:
    block, x = pool("pool", size, stride), pictures(size)
    flat = x.flatten(0, 1).requires_grad_()
    expected = reference(flat, size, stride)
    y = block.forward(x, training=True)
    grad = torch.randn(y.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(stride))
    expected.backward(grad.flatten(0, 1))
    torch.testing.assert_close(y.flatten(0, 1), expected.detach(), rtol=0, atol=1e-14)
    assert flat.grad is not None
    torch.testing.assert_close(block.backward(grad).flatten(0, 1), flat.grad, rtol=0, atol=1e-14)


@pytest.mark.parametrize("pool", [MaxPool, AveragePool])
def test_pooling_leaves_what_it_is_given_as_it_is(pool: type[MaxPool]) -> None:
    x = pictures(0)
    before = x.clone()
    block = pool("pool", 2, 2)
    grad = torch.ones_like(block.forward(x, training=True))
    block.backward(grad)
    assert torch.equal(x, before)
    assert torch.equal(grad, torch.ones_like(grad))
    assert block.h is not None
    assert block.h.data_ptr() != x.data_ptr()


@pytest.mark.parametrize("place", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_a_number_that_is_none_stays_none(place: tuple[int, int]) -> None:
    x = torch.zeros(1, 1, 1, 2, 2)
    x[(0, 0, 0, *place)] = torch.nan
    assert MaxPool("pool", 2, 2).forward(x, training=True).isnan().all()
