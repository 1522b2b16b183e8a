"""On a GPU: the same numbers as on the CPU, to rounding. Skipped, and said so, where there is none."""

from __future__ import annotations

import pytest
import torch

from engine.events import Finished, Started
from engine.training.control import Control
from engine.training.loop import Training, train
from engine.training.prepare import prepare
from engine.vocabulary import Status
from tests.engine.conftest import experiment, trained

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine"),
]


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "softsign", "elu", "gelu", "maxout", "prelu"])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_fifty_steps_agree_with_the_cpu_in_float32(activation: str, batch_norm: bool) -> None:
    e = experiment(dtype="float32", model__activation=activation, model__batch_norm=batch_norm, optimizer="sgd", lr=0.05)
    cpu = trained([e]).network.parameters
    gpu = trained([e.with_settings({"device": "cuda"})]).network.parameters
    for ours, theirs in zip(cpu, gpu, strict=True):
        torch.testing.assert_close(ours.value, theirs.value.cpu(), rtol=0, atol=1e-4)


def test_a_population_with_dropout_on_the_gpu_is_as_each_member_alone() -> None:
    experiments = [experiment(device="cuda", seed=k, lr=0.01 * (k + 1), model__dropout=0.3, optimizer="sgd") for k in range(4)]
    together = trained(experiments)
    for member, e in enumerate(experiments):
        for ours, theirs in zip(together.network.parameters, trained([e]).network.parameters, strict=True):
            torch.testing.assert_close(ours.value[member], theirs.value[0], rtol=0, atol=1e-10)


def test_the_same_experiment_twice_gives_the_same_numbers() -> None:
    e = experiment(device="cuda", dtype="float32", model__dropout=0.3)
    for ours, theirs in zip(trained([e]).network.parameters, trained([e]).network.parameters, strict=True):
        assert torch.equal(ours.value, theirs.value)


def test_divergence_is_found_on_the_gpu() -> None:
    e = experiment(device="cuda", optimizer="sgd", lr=1000.0, model__activation="identity", cost="quadratic", dtype="float32",
                   steps=3000)  # fmt: skip
    training = Training(prepare([e]), Control())
    *_, last = training.events()
    assert isinstance(last, Finished)
    assert last.outcomes[0].status is Status.DIVERGED
    assert last.outcomes[0].step < 3000


def test_the_device_is_named() -> None:
    started = next(iter(train([experiment(device="cuda")])))
    assert isinstance(started, Started)
    assert started.device.startswith("cuda:0 (")
