"""Distributions of members together and alone, in portions and of diverged members; and that training does not feel them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.events import Distributions, EpochEnded
from engine.probes import distributions as module
from engine.probes import spread
from engine.probes.distributions import DistributionProbe
from engine.training.control import Control
from engine.training.loop import Training
from engine.training.prepare import Prepared, prepare
from tests.engine.conftest import experiment
from tests.engine.probes.networks import FLAT_SHAPE, PICTURE, SEQUENCE, blocks, probe_of, some_steps

STACKS = [
    ("dense(6, activation=maxout(pieces=2)), batch_norm, dense(5, dropout=0.5)", FLAT_SHAPE),
    ("residual(dense(6, batch_norm=on), dense(6))", FLAT_SHAPE),
    ("conv(3, batch_norm=on), max_pool(2), split(conv(2) | conv(3), join=concat), dense(4)", PICTURE),
    ("gru(4, states=all), activation(relu), lstm(3)", SEQUENCE),
]  # fmt: skip


def assert_same(ours: Distributions, theirs: Distributions, member: int, other: int, tolerance: float = 1e-12) -> None:
    for name in ("percentiles", "moments", "edges", "jacobian"):
        np.testing.assert_allclose(
            getattr(ours, name)[member], getattr(theirs, name)[other], rtol=1e-6, atol=tolerance, err_msg=name
        )
    for mine, others in zip(ours.saturated, theirs.saturated, strict=True):
        np.testing.assert_array_equal(mine[member], others[other])
    assert np.abs(ours.counts[member] - theirs.counts[other]).sum() <= 4  # numbers on an edge of a bin


@pytest.mark.parametrize(("text", "shape"), STACKS)
def test_members_together_are_as_alone(text: str, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "MOST_VALUES", 50)
    net, examples = blocks(text, shape, (0, 1, 2))
    together = DistributionProbe(net, examples, jacobian=True).take(0, 0)
    for member in range(3):
        alone, _ = blocks(text, shape, (member,))
        assert_same(together, DistributionProbe(alone, examples, jacobian=True).take(0, 0), member, 0)


@pytest.mark.parametrize(("text", "shape"), STACKS)
def test_portions_of_the_examples_make_no_difference(text: str, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "MOST_VALUES", 70)
    net, examples = blocks(text, shape, (0, 1))
    whole = DistributionProbe(net, examples, jacobian=False).take(0, 0)
    monkeypatch.setattr(module, "PORTION_VALUES", 7 * 2 * net.widest)
    portions = DistributionProbe(net, examples, jacobian=False)
    assert portions._portion == 7
    portioned = portions.take(0, 0)
    for member in range(2):
        assert_same(whole, portioned, member, member)


def state(prepared: Prepared) -> list[Tensor]:
    network = prepared.network
    generators = [generator.get_state() for generator in network.generators]
    return [*(p.value.clone() for p in network.parameters), *(b.clone() for b in network.buffers), *generators]


def test_nothing_that_training_goes_by_is_touched() -> None:
    prepared = some_steps(
        *(experiment(seed=s, model__dropout=0.4, model__batch_norm=True, model__activation="prelu") for s in range(2))
    )
    before, chance, numpy_chance = state(prepared), torch.random.get_rng_state(), np.random.get_state()[1].copy()
    probe_of(prepared)[0].take(1, 1)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(state(prepared), before, strict=True))
    assert torch.equal(torch.random.get_rng_state(), chance)
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_chance)


@pytest.mark.parametrize("model", [
    {"model__batch_norm": True, "model__dropout": 0.3, "model__activation": "prelu"},
    {"model__blocks": "lstm(5, states=all), batch_norm, dropout(0.2), gru(4)"},
    {"model__blocks": "residual(dense(4), dense(7, batch_norm=on), form=pre_activation), dense(5, activation=maxout(pieces=2))"},
])  # fmt: skip
def test_a_training_with_distributions_ends_with_the_same_weights(model: dict[str, object]) -> None:
    def trained(*, distributions: bool) -> Prepared:
        prepared = prepare([experiment(seed=seed, l1=0.001, monitor__every=7, **model) for seed in range(2)])
        probe = DistributionProbe(prepared.network, probe_of(prepared)[1], jacobian=True)
        for event in Training(prepared, Control()).events():
            if distributions and isinstance(event, EpochEnded):
                probe.take(event.step, event.epoch)
        return prepared

    for ours, theirs in zip(state(trained(distributions=True)), state(trained(distributions=False)), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize(("text", "shape"), [*STACKS, ("dense(5), residual(dense(4), dense(7)), rnn(3)", FLAT_SHAPE)])
@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_a_diverged_member_has_no_numbers_and_leaves_the_others_alone(text: str, shape: tuple[int, ...], bad: float) -> None:
    net, examples = blocks(text, shape, (0, 1, 2))
    clean = DistributionProbe(net, examples, jacobian=True).take(0, 0)
    for parameter in net.parameters:
        parameter.value[1] = bad
    event = DistributionProbe(net, examples, jacobian=True).take(0, 0)
    for member in (0, 2):
        assert_same(event, clean, member, member)
    with_weights = [position for position, layer in enumerate(net.layers) if layer.weight is not None]
    assert np.isnan(event.percentiles[1, with_weights, 3]).all()
    assert event.counts[1, with_weights, 3].sum() == 0
    assert np.isnan(event.percentiles[1, -1]).all()
    assert event.counts[1, -1].sum() == 0
    measured = np.isfinite(clean.jacobian[0]) & [layer.weight is not None for layer in net.layers]
    assert np.isnan(event.jacobian[1, measured]).all()
