"""Restricted Boltzmann machines against sums over all their states."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.generators import generator
from tests.engine.pretraining.machines import Machine, machine_of, rbm_of, sigmoid, states

DATA = {
    True: np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0], [1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0]]),
    False: np.array([[1.2, 0.9, -0.3, -1.0], [-0.8, -1.1, 0.9, 0.4], [0.5, -0.2, 1.3, -0.6]]),
}
either_kind = pytest.mark.parametrize("bernoulli", [True, False], ids=["bernoulli", "gaussian"])


@either_kind
def test_free_energy_is_that_of_a_sum_over_all_hidden_states(bernoulli: bool) -> None:
    machines = [Machine.drawn(seed, bernoulli=bernoulli) for seed in range(2)]
    data = DATA[bernoulli]
    ours = rbm_of(machines, [0, 1]).free_energy(torch.from_numpy(data).expand(2, -1, -1))
    theirs = [[machine.free_energy(v) for v in data] for machine in machines]
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=0, atol=1e-12)


@either_kind
def test_the_exact_gradient_is_the_slope_of_the_exact_log_likelihood(bernoulli: bool) -> None:
    """The yardstick of the next test, against central differences."""
    machine, data, step = Machine.drawn(3, bernoulli=bernoulli), DATA[bernoulli], 1e-6
    for exact, values in zip(machine.gradient(data), (machine.w, machine.a, machine.b), strict=True):
        for place in np.ndindex(values.shape):
            here = values[place]
            values[place] = here + step
            above = machine.log_likelihood(data)
            values[place] = here - step
            below = machine.log_likelihood(data)
            values[place] = here
            assert exact[place] == pytest.approx((above - below) / (2 * step), abs=1e-8)


@either_kind
def test_many_long_chains_estimate_the_exact_gradient(bernoulli: bool) -> None:
    machine, data = Machine.drawn(5, bernoulli=bernoulli), DATA[bernoulli]
    chains = 60_000
    v = torch.from_numpy(np.tile(data, (chains // len(data), 1))).unsqueeze(0)
    estimate = rbm_of([machine], [0], k=40).gradient(v)
    ours = (estimate.weight[0], estimate.visible[0, 0], estimate.hidden[0, 0])
    # Five standard errors of the mean over all chains.
    error = 5 * np.sqrt(machine.largest_second_moment() / v.shape[1])
    for mine, exact in zip(ours, machine.gradient(data), strict=True):
        np.testing.assert_allclose(mine.numpy(), exact, rtol=0, atol=error)
    assert max(np.abs(exact).max() for exact in machine.gradient(data)) > 8 * error, "the test could not tell it from nothing"


@either_kind
def test_one_step_of_sampling_points_uphill_without_being_the_gradient(bernoulli: bool) -> None:
    machine, data = Machine.drawn(5, bernoulli=bernoulli), DATA[bernoulli]
    v = torch.from_numpy(np.tile(data, (20_000, 1))).unsqueeze(0)
    cd1 = rbm_of([machine], [0], k=1).gradient(v)
    ours = np.concatenate([cd1.weight.flatten(), cd1.visible.flatten(), cd1.hidden.flatten()])
    exact = np.concatenate([part.ravel() for part in machine.gradient(data)])
    assert ours @ exact / np.linalg.norm(ours) / np.linalg.norm(exact) > 0.5
    assert np.abs(ours - exact).max() > 0.05


@either_kind
def test_a_step_is_the_recipe_with_probabilities_momentum_and_weight_cost(bernoulli: bool) -> None:
    machine, data = Machine.drawn(1, bernoulli=bernoulli), DATA[bernoulli]
    lr, momentum, cost = 0.1, 0.8, 0.01
    rbm = rbm_of([machine], [7], lr=lr, momentum=momentum, weight_cost=cost)
    w, a, b = machine.w.copy(), machine.a.copy(), machine.b.copy()
    changes = [np.zeros_like(w), np.zeros_like(a), np.zeros_like(b)]
    chance = generator(7, "pretraining")
    v0 = data
    for step, epoch in enumerate((1, 1, 1, 2, 2)):
        if step in (0, 3):
            rbm.begin_epoch(epoch)
        error = rbm.step(torch.from_numpy(data).unsqueeze(0))
        q0 = sigmoid(v0 @ w + b)
        h0 = torch.rand(1, *q0.shape, generator=chance, dtype=torch.float64)[0].numpy() < q0
        v1 = h0 @ w.T + a
        if bernoulli:
            v1 = sigmoid(v1)
        q1 = sigmoid(v1 @ w + b)
        n = len(v0)
        slopes = ((v0.T @ q0 - v1.T @ q1) / n - cost * w, (v0 - v1).mean(0), (q0 - q1).mean(0))
        keep = momentum / 2 if epoch == 1 else momentum
        changes = [keep * change + lr * slope for change, slope in zip(changes, slopes, strict=True)]
        w, a, b = w + changes[0], a + changes[1], b + changes[2]
        assert error.item() == pytest.approx(((v0 - v1) ** 2).mean(), abs=1e-12)
        now = machine_of(rbm)
        for mine, theirs in zip((now.w, now.a, now.b), (w, a, b), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-12)


@either_kind
@pytest.mark.parametrize("k", [1, 2, 4])
def test_the_chain_has_k_steps_and_ends_in_probabilities(bernoulli: bool, k: int) -> None:
    machine, v0 = Machine.drawn(1, bernoulli=bernoulli), DATA[bernoulli]
    chance = generator(7, "pretraining")

    def sampled(p: np.ndarray) -> np.ndarray:
        return (torch.rand(1, *p.shape, generator=chance, dtype=torch.float64)[0].numpy() < p).astype(float)

    v = v0
    for _ in range(k):
        mean = sampled(sigmoid(v @ machine.w + machine.b)) @ machine.w.T + machine.a
        if bernoulli:
            mean = sigmoid(mean)
        if k == 1:
            v = mean
        elif bernoulli:
            v = sampled(mean)
        else:
            v = mean + torch.empty(mean.shape, dtype=torch.float64).normal_(generator=chance).numpy()
    q0, qk = sigmoid(v0 @ machine.w + machine.b), sigmoid(v @ machine.w + machine.b)
    ours = rbm_of([machine], [7], k=k).gradient(torch.from_numpy(v0).unsqueeze(0))
    np.testing.assert_allclose(ours.weight[0].numpy(), (v0.T @ q0 - v.T @ qk) / len(v0), rtol=0, atol=1e-12)
    np.testing.assert_allclose(ours.visible[0, 0].numpy(), (v0 - v).mean(0), rtol=0, atol=1e-12)
    np.testing.assert_allclose(ours.hidden[0, 0].numpy(), (q0 - qk).mean(0), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("bernoulli", "lr"), [(True, 0.1), (False, 0.02)], ids=["bernoulli", "gaussian"])
@pytest.mark.parametrize("k", [1, 3])
def test_training_raises_the_exact_log_likelihood(bernoulli: bool, lr: float, k: int) -> None:
    rbm = rbm_of([Machine.drawn(seed, bernoulli=bernoulli, scale=0.1) for seed in range(2)], [0, 1], k=k, lr=lr, momentum=0.5)
    data = DATA[bernoulli]
    before = [machine_of(rbm, member).log_likelihood(data) for member in range(2)]
    for _ in range(1500):
        rbm.step(torch.from_numpy(data).expand(2, -1, -1))
    for member in range(2):
        gained = machine_of(rbm, member).log_likelihood(data) - before[member]
        # Binary units that are all fair coins give every example -4 ln 2; the data themselves, 3 patterns, have -1.04.
        assert gained > (0.8 if bernoulli else 0.3)


@either_kind
@pytest.mark.parametrize("k", [1, 3])
def test_members_learn_as_they_would_alone(bernoulli: bool, k: int) -> None:
    rng = np.random.default_rng(0)
    batches = [torch.from_numpy(rng.random((3, 6, 4))) for _ in range(20)]

    def learned(members: list[int]) -> torch.Tensor:
        machines = [Machine.drawn(member, bernoulli=bernoulli) for member in members]
        rbm = rbm_of(machines, members, k=k, momentum=0.9, weight_cost=0.001)
        errors = torch.stack([rbm.step(batch[members]) for batch in batches])
        return torch.cat([rbm.tied.weight.flatten(1), rbm.tied.hidden.flatten(1), rbm.tied.visible.flatten(1), errors.T], 1)

    together = learned([0, 1, 2])
    for member in range(3):
        torch.testing.assert_close(together[member], learned([member])[0], rtol=0, atol=1e-12)


def test_reconstructions_are_the_means_given_the_code() -> None:
    for bernoulli in (True, False):
        machine = Machine.drawn(2, bernoulli=bernoulli)
        rbm = rbm_of([machine], [0])
        codes = rbm.encode(torch.from_numpy(DATA[bernoulli]).unsqueeze(0))
        np.testing.assert_allclose(codes[0].numpy(), sigmoid(DATA[bernoulli] @ machine.w + machine.b), atol=1e-12)
        means = states(3) @ machine.w.T + machine.a
        ours = rbm.decode(torch.from_numpy(states(3)).unsqueeze(0))[0].numpy()
        np.testing.assert_allclose(ours, sigmoid(means) if bernoulli else means, atol=1e-12)
