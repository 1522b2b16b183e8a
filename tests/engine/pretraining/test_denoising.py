"""Denoising auto-encoders against autograd."""

from __future__ import annotations

import pytest
import torch
from scipy import stats
from torch import Tensor
from torch.nn import functional

from engine.catalog import ACTIVATIONS, parse_pick
from engine.generators import generator
from engine.network.activations import make_activation
from engine.network.module import activation_module
from engine.training.pretraining.coder import Tied
from engine.training.pretraining.denoising import DenoisingAutoencoder

P, B, D, W = 3, 5, 6, 4


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def autoencoder(activation: str = "tanh", members: list[int] | None = None, **settings: float) -> DenoisingAutoencoder:
    members = members or list(range(P))
    tied = Tied(*(drawn(P, *shape, seed=s)[members] for s, shape in enumerate([(D, W), (1, W), (1, D)])))
    made = make_activation(parse_pick(activation, ACTIVATIONS), len(members), tied.weight)
    bernoulli = bool(settings.pop("bernoulli", False))
    generators = [generator(member, "pretraining") for member in members]
    return DenoisingAutoencoder(tied, made, generators, bernoulli=bernoulli, **settings)


@pytest.mark.parametrize("bernoulli", [True, False], ids=["cross-entropy", "squared error"])
@pytest.mark.parametrize("activation", [key for key in ACTIVATIONS if key != "maxout"])
def test_gradients_are_those_of_autograd(activation: str, bernoulli: bool) -> None:
    coder = autoencoder(activation, bernoulli=bernoulli)
    x = drawn(P, B, D, seed=10).sigmoid()
    damaged = x * (drawn(P, B, D, seed=11) > -0.5)
    ours = coder.tied.zeros()
    error = coder.backpropagate(x, damaged, ours)

    weight, hidden, visible = (t.clone().requires_grad_() for t in (coder.tied.weight, coder.tied.hidden, coder.tied.visible))
    f = activation_module(make_activation(parse_pick(activation, ACTIVATIONS), P, x))
    out = f(damaged @ weight + hidden) @ weight.mT + visible
    if bernoulli:
        cost = functional.binary_cross_entropy_with_logits(out, x, reduction="none").sum(-1).mean(1).sum()
        out = out.sigmoid()
    else:
        cost = ((out - x) ** 2).sum(-1).div(2).mean(1).sum()
    cost.backward()
    for mine, theirs in zip((ours.weight, ours.hidden, ours.visible), (weight, hidden, visible), strict=True):
        torch.testing.assert_close(mine, theirs.grad, rtol=0, atol=1e-10)
    torch.testing.assert_close(error, ((out - x) ** 2).mean((1, 2)).detach(), rtol=0, atol=1e-12)


def test_a_step_goes_down_the_gradient_at_the_damaged_copy() -> None:
    stepped, still = autoencoder(lr=0.1, corruption=0.4), autoencoder(lr=0.1, corruption=0.4)
    x = drawn(P, B, D, seed=3)
    kept = torch.stack(
        [torch.empty(B, D, dtype=x.dtype).bernoulli_(0.6, generator=generator(m, "pretraining")) for m in range(P)]
    )
    slopes = still.tied.zeros()
    still.backpropagate(x, x * kept, slopes)
    stepped.step(x)
    torch.testing.assert_close(stepped.tied.weight, still.tied.weight - 0.1 * slopes.weight, rtol=0, atol=1e-12)
    torch.testing.assert_close(stepped.tied.hidden, still.tied.hidden - 0.1 * slopes.hidden, rtol=0, atol=1e-12)
    torch.testing.assert_close(stepped.tied.visible, still.tied.visible - 0.1 * slopes.visible, rtol=0, atol=1e-12)


def test_the_asked_share_of_the_inputs_is_set_to_zero_for_each_member_anew() -> None:
    coder = autoencoder(corruption=0.3)
    x = torch.ones(P, 100, 60, dtype=torch.float64)
    damaged = coder._damaged(x)
    assert set(damaged.unique().tolist()) == {0.0, 1.0}
    for member in damaged:
        assert stats.binomtest(int((member == 0).sum()), member.numel(), 0.3).pvalue > 1e-3
    assert not torch.equal(damaged[0], damaged[1])
    assert not torch.equal(damaged, coder._damaged(x))


def test_members_learn_as_they_would_alone() -> None:
    batches = [drawn(P, B, D, seed=s) for s in range(20)]

    def learned(members: list[int]) -> Tensor:
        coder = autoencoder("sigmoid", members, lr=0.05)
        errors = torch.stack([coder.step(batch[members]) for batch in batches])
        return torch.cat([coder.tied.weight.flatten(1), coder.tied.hidden.flatten(1), errors.T], 1)

    together = learned([0, 1, 2])
    for member in range(P):
        torch.testing.assert_close(together[member], learned([member])[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("bernoulli", [True, False])
def test_what_is_damaged_is_restored_better_and_better(bernoulli: bool) -> None:
    coder = autoencoder("sigmoid", bernoulli=bernoulli, lr=0.2, corruption=0.2)
    pattern = (drawn(1, 2, D, seed=5) > 0).double().repeat(P, 20, 1)  # two patterns, each many times
    errors = torch.stack([coder.step(pattern) for _ in range(300)])
    assert (errors[-20:].mean(0) < 0.25 * errors[:5].mean(0)).all()
