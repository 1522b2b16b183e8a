"""Percentiles and histograms against NumPy's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.probes import spread as module
from engine.probes.spread import BINS, in_order, spread, stride_of
from engine.vocabulary import PERCENTILES

NUMBERS = st.floats(-1e6, 1e6, width=32)


def numpy_agrees(rows: np.ndarray) -> None:
    found = spread([in_order(torch.tensor(rows))])
    exact = rows.astype(np.float64)
    for member, numbers in enumerate(exact):
        expected = np.percentile(numbers, PERCENTILES).astype(np.float32)
        np.testing.assert_allclose(found.percentiles[member, 0], expected, rtol=1e-6, atol=1e-7 * np.abs(numbers).max())
        counts, edges = np.histogram(numbers, BINS)
        np.testing.assert_array_equal(found.counts[member, 0], counts)
        np.testing.assert_array_equal(found.edges[member, 0], edges[[0, -1]])


@given(st.lists(NUMBERS, min_size=1, max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_numbers(numbers: list[float]) -> None:
    numpy_agrees(np.array([numbers], np.float32))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1.0, 1e-30, 1e20])
def test_many_numbers_of_several_members(dtype: type, scale: float) -> None:
    numbers = np.random.default_rng(0).standard_normal((3, 5001)) * scale
    numbers[1] = np.maximum(numbers[1], 0)  # as behind a ReLU: half of them are the same
    numpy_agrees(numbers.astype(dtype))


def test_numbers_on_the_edges_of_bins() -> None:
    numpy_agrees(np.arange(0, 41, dtype=np.float32)[None])
    numpy_agrees((np.arange(0, 401, dtype=np.float32) * np.float32(0.1))[None])


@pytest.mark.parametrize("value", [0.0, -3.5, 1000.0])
def test_equal_numbers_get_a_range_of_one(value: float) -> None:
    numpy_agrees(np.full((2, 7), value, np.float32))
    found = spread([np.full((1, 7), value)])
    np.testing.assert_array_equal(found.edges, [[[value - 0.5, value + 0.5]]])
    assert found.counts.sum() == found.counts.max() == 7


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_spoils_its_own_member_only(bad: float) -> None:
    numbers = np.random.default_rng(0).standard_normal((3, 50)).astype(np.float32)
    clean = spread([in_order(torch.tensor(numbers))])
    numbers[1, 17] = bad
    found = spread([in_order(torch.tensor(numbers))])
    assert np.isnan(found.percentiles[1]).all()
    assert np.isnan(found.edges[1]).all()
    assert found.counts[1].sum() == 0
    for ours, theirs in ((found.percentiles, clean.percentiles), (found.edges, clean.edges), (found.counts, clean.counts)):
        np.testing.assert_array_equal(ours[[0, 2]], theirs[[0, 2]])


@pytest.mark.parametrize("width", [1, 7, 64, 1000, 1024, 1200, 784])
def test_every_unit_is_among_those_that_are_taken(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_VALUES", 2**14)
    values = 300 * width
    stride = stride_of(values, width)
    taken = np.arange(0, values, stride)
    assert len(taken) <= 2**14
    assert len(taken) == values or len(taken) > 2**14 / 4
    assert len(np.unique(taken % width)) == width


def test_the_percentiles_of_a_sample_are_those_of_all_as_near_as_chance_allows() -> None:
    numbers = torch.randn(1, 1_000_000, generator=torch.Generator().manual_seed(0))
    sample = numbers[:, :: stride_of(1_000_000, 1000)].clone()
    found = spread([in_order(sample)]).percentiles[0, 0]
    shares = [(numbers[0] < value).double().mean().item() for value in found]
    for share, percent in zip(shares, PERCENTILES, strict=True):
        error = (percent / 100 * (1 - percent / 100) / sample.shape[1]) ** 0.5
        assert abs(share - percent / 100) < 4 * error
