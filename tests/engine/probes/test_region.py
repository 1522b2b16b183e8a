"""Regions against what PyTorch's own modules answer cell by cell."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.network.module import module_of
from engine.pictures import NO_ANSWER, Plane
from engine.probes import region as module
from engine.probes.region import COLUMNS, ROWS, RegionProbe, plane_of
from engine.training import scores
from engine.training.prepare import Prepared, prepare
from tests.engine.conftest import experiment, trained


def population(**settings: object):
    base = {"data__name": "moons", "data__samples": 200, "steps": 40}
    return [experiment(seed=seed, **{**base, **settings}) for seed in range(3)]


def outputs(prepared: Prepared, plane: Plane, member: int) -> np.ndarray:
    """What a member answers in the middle of each cell, [R, K, C]; the cells are gone through one by one."""
    network = module_of(prepared.network, member)
    told = np.zeros((plane.rows, plane.columns, prepared.data.outputs))
    for row in range(plane.rows):
        y = plane.top + (plane.bottom - plane.top) * (row + 0.5) / plane.rows
        x = np.linspace(plane.left, plane.right, 2 * plane.columns + 1)[1::2]
        cells = torch.from_numpy(np.stack([x, np.full_like(x, y)], axis=1))
        told[row] = network(cells).detach().numpy()
    return told


def taken(prepared: Prepared):
    plane = plane_of(prepared)
    assert plane is not None
    return plane, RegionProbe(prepared, plane).take(7, 3)


def test_answers_and_probabilities_of_several_classes() -> None:
    prepared = trained(population(model__dropout=0.3, model__batch_norm=True))
    plane, region = taken(prepared)
    assert (region.step, region.epoch, region.answers.shape) == (7, 3, (3, ROWS, COLUMNS))
    for member in range(3):
        told = outputs(prepared, plane, member)
        np.testing.assert_array_equal(region.answers[member], told.argmax(-1))
        np.testing.assert_allclose(region.strengths[member] / 255, told.max(-1), atol=0.5001 / 255)
    assert len(np.unique(region.answers)) == 2
    assert not np.array_equal(region.strengths[0], region.strengths[1])


def test_a_single_output_that_says_yes_or_no() -> None:
    prepared = trained(population(cost="binary_cross_entropy"))
    plane, region = taken(prepared)
    told = outputs(prepared, plane, 1)[..., 0]
    np.testing.assert_array_equal(region.answers[1], told > 0.5)
    np.testing.assert_allclose(region.strengths[1] / 255, np.maximum(told, 1 - told), atol=0.5001 / 255)


def numbers(tmp_path):
    """A plane of numbers: z = 100 + 20 x."""
    x, y = np.meshgrid(np.linspace(-3, 5, 20), np.linspace(0, 1, 10))
    path = tmp_path / "numbers.csv"
    lines = [f"{a},{b},{100 + 20 * a}" for a, b in zip(x.ravel(), y.ravel(), strict=True)]
    path.write_text("\n".join(["x,y,z", *lines]), encoding="utf-8")
    return experiment(data__name=str(path), data__target="z", data__task="regression", steps=100, lr=0.01)


def test_numbers_are_shades_between_the_least_and_the_largest_target(tmp_path) -> None:
    prepared = trained([numbers(tmp_path)])
    plane, region = taken(prepared)
    train = prepared.train.targets * prepared.target_std + prepared.target_mean
    assert (plane.low, plane.high) == pytest.approx((train.min(), train.max()))
    assert 40 <= plane.low < plane.high <= 200
    assert not region.answers.any()
    value = outputs(prepared, plane, 0)[..., 0] * prepared.target_std + prepared.target_mean
    share = np.clip((value - plane.low) / (plane.high - plane.low), 0, 1)
    np.testing.assert_allclose(region.strengths[0] / 255, share, atol=0.5001 / 255)
    assert len(np.unique(region.strengths)) > 100
    known = plane.targets[~plane.held_out]
    assert known.min() == pytest.approx(plane.low)


def test_the_examples_lie_in_the_plane_whose_cells_are_as_high_as_wide() -> None:
    prepared = prepare(population(data__test=0.3, data__validation=0))
    plane = plane_of(prepared)
    assert (plane.right - plane.left) / COLUMNS == pytest.approx((plane.top - plane.bottom) / ROWS)
    x, y = plane.points[~plane.held_out].T
    assert plane.left < x.min() < x.max() < plane.right
    assert plane.bottom < y.min() < y.max() < plane.top
    told = {(*point, target) for point, target in zip(plane.points.tolist(), plane.targets.tolist(), strict=True)}
    for part, flags in ((prepared.train, ~plane.held_out), (prepared.test, plane.held_out)):
        assert flags.sum() == len(part)
        assert {(*x, y) for x, [y] in zip(part.inputs.float().tolist(), part.targets.tolist(), strict=True)} <= told


def test_of_many_examples_some_are_told_and_always_the_same() -> None:
    prepared = prepare(population(data__samples=5000))
    plane, again = plane_of(prepared), plane_of(prepared)
    assert (len(plane.points), plane.held_out.sum()) == (module.LEARNED + module.HELD_OUT, module.HELD_OUT)
    np.testing.assert_array_equal(plane.points, again.points)
    assert 0.3 < plane.targets.mean() < 0.7


def test_data_that_is_no_plane_has_none() -> None:
    assert plane_of(prepare([experiment()])) is None
    assert plane_of(prepare([experiment(data__name="moons")])) is not None
    assert plane_of(prepare([experiment(data__features=["petal length (cm)", "petal width (cm)"])])) is not None


def test_chunks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = trained(population())
    _, whole = taken(prepared)
    monkeypatch.setattr(scores, "CHUNK_VALUES", 7 * 3 * prepared.network.widest)
    _, chunked = taken(prepared)
    np.testing.assert_array_equal(chunked.answers, whole.answers)
    np.testing.assert_allclose(chunked.strengths.astype(float), whole.strengths, atol=1)


def test_a_diverged_member_has_no_answers_and_the_others_have_theirs() -> None:
    prepared = trained(population())
    _, whole = taken(prepared)
    prepared.network.parameters[-1].value[1] = torch.nan
    _, region = taken(prepared)
    assert (region.answers[1] == NO_ANSWER).all()
    assert not region.strengths[1].any()
    np.testing.assert_array_equal(region.answers[[0, 2]], whole.answers[[0, 2]])


def test_buffers_and_chance_are_left_alone() -> None:
    prepared = trained(population(model__batch_norm=True, model__dropout=0.5))
    before = [t.clone() for t in prepared.network.buffers] + [g.get_state() for g in prepared.network.generators]
    taken(prepared)
    after = [*prepared.network.buffers, *(g.get_state() for g in prepared.network.generators)]
    assert len(before) > 3
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(after, before, strict=True))
