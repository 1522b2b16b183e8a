"""A member of a population trains exactly as it would alone."""

from __future__ import annotations

import itertools

import pytest
import torch

from engine.population import populations
from engine.training.prepare import prepare
from tests.engine.conftest import experiment, trained


def assert_members_are_as_alone(experiments: list, tolerance: float = 1e-10) -> None:
    together = trained(experiments)
    for member, e in enumerate(experiments):
        alone = trained([e])
        for ours, theirs in zip(together.network.parameters, alone.network.parameters, strict=True):
            torch.testing.assert_close(ours.value[member], theirs.value[0], rtol=0, atol=tolerance)
        for layer, single in zip(together.network.hidden, alone.network.hidden, strict=True):
            if layer.norm is not None and single.norm is not None:
                torch.testing.assert_close(layer.norm.running_var[member], single.norm.running_var[0], rtol=0, atol=tolerance)


@pytest.mark.parametrize("activation", ["relu", "tanh", "selu", "maxout", "prelu"])
def test_eight_members_with_their_own_seed_rate_penalties_and_dropout(activation: str) -> None:
    assert_members_are_as_alone([
        experiment(seed=k, lr=0.001 * (k + 1), l1=1e-4 * k, l2=1e-3 * (7 - k), model__dropout=0.1 * (k % 4),
                   model__batch_norm=True, model__activation=activation)
        for k in range(8)
    ])  # fmt: skip


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "rmsprop", "nadam", "adadelta", "adagrad", "rprop", "adamw"])
def test_optimizers_keep_members_apart(optimizer: str) -> None:
    assert_members_are_as_alone([experiment(seed=k, lr=0.01 / (k + 1), optimizer=optimizer) for k in range(3)])


def test_members_with_equal_settings_share_one_update_and_are_still_as_alone() -> None:
    assert_members_are_as_alone([experiment(seed=k, model__dropout=0.3) for k in range(4)])


def test_own_initializers_schedules_and_optimizer_parameters() -> None:
    inits = ["zeros", "normal(std=0.1)", "orthogonal", "xavier_uniform"]
    schedules = ["constant", "cosine", "step(every=1, factor=0.5)", "on_plateau(factor=0.5, patience=0)"]
    momenta = ["momentum(momentum=0.1)", "momentum(momentum=0.5)", "momentum(momentum=0.9)", "momentum(momentum=0)"]
    assert_members_are_as_alone(
        [
            experiment(seed=k, model__init=init, schedule=schedule, optimizer=momentum, lr=0.01)
            for k, (init, schedule, momentum) in enumerate(zip(inits, schedules, momenta, strict=True))
        ]
    )


def test_a_diverging_member_leaves_the_others_alone() -> None:
    experiments = [experiment(seed=1), experiment(seed=2, lr=1000.0, l2=1000.0), experiment(seed=3)]
    experiments = [e.with_settings({"optimizer": "sgd", "lr": e.lr}) for e in experiments]
    together = trained(experiments)
    for member in (0, 2):
        alone = trained([experiments[member]])
        for ours, theirs in zip(together.network.parameters, alone.network.parameters, strict=True):
            torch.testing.assert_close(ours.value[member], theirs.value[0], rtol=0, atol=1e-10)
    assert not torch.isfinite(together.network.parameters[0].value[1]).all()


def test_populations_group_what_has_the_same_shapes() -> None:
    free = [experiment(seed=1), experiment(lr=0.5), experiment(l1=0.1), experiment(model__dropout=0.2),
            experiment(model__init="zeros"), experiment(optimizer="adam(beta1=0.5)"), experiment(schedule="cosine")]  # fmt: skip
    other = [experiment(model__width=8), experiment(model__activation="tanh"), experiment(optimizer="sgd"),
             experiment(batch_size=8), experiment(model__batch_norm=True), experiment(data__seed=1)]  # fmt: skip
    assert populations(free) == [list(range(len(free)))]
    assert populations([free[0], *other]) == [[k] for k in range(len(other) + 1)]
    assert populations([*itertools.islice(other, 1), *free[:2], other[0]]) == [[0, 3], [1, 2]]


def test_a_population_of_different_shapes_is_refused() -> None:
    with pytest.raises(ValueError, match="same shapes"):
        prepare([experiment(), experiment(model__width=8)])
