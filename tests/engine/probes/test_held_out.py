"""The held-out examples are fixed by the data alone."""

from __future__ import annotations

import pytest
import torch

from engine.probes.held_out import HELD_OUT, held_out_examples
from engine.training.scores import Part


def part(count: int, offset: int) -> Part:
    """Examples whose numbers tell where they are from."""
    inputs = torch.arange(offset, offset + count, dtype=torch.float32).unsqueeze(1)
    return Part(inputs, inputs.long())


@pytest.mark.parametrize(
    ("validation", "test", "begin", "available"), [(1000, 500, 10_000, 1000), (0, 500, 20_000, 500), (0, 0, 0, 800), (40, 500, 10_000, 40)]
)  # fmt: skip
def test_they_are_from_validation_or_else_test_or_else_training(validation: int, test: int, begin: int, available: int) -> None:
    chosen = held_out_examples(part(800, 0), part(validation, 10_000), part(test, 20_000), 3)
    numbers = chosen.targets.flatten().tolist()
    assert len(numbers) == len(set(numbers)) == min(HELD_OUT, available)
    assert set(numbers) <= set(range(begin, begin + available))
    assert torch.equal(chosen.inputs.long(), chosen.targets)


def test_they_are_the_same_for_a_seed_of_the_data_and_leave_other_chance_alone() -> None:
    before = torch.random.get_rng_state()
    parts = part(5, 0), part(2000, 0), part(5, 0)
    first, again, other = (held_out_examples(*parts, seed).targets for seed in (7, 7, 8))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_the_first_few_are_a_fair_sample() -> None:
    chosen = held_out_examples(part(5, 0), part(2000, 0), part(5, 0), 0).targets.double()
    assert chosen[:30].mean().item() == pytest.approx(1000, abs=3.5 * 577 / 30**0.5)
    assert (chosen.diff(dim=0) < 0).any()
