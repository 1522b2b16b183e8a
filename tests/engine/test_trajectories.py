"""Fifty steps of training agree with a plain nn.Sequential loop under autograd, in float64 to 1e-8."""

from __future__ import annotations

import math
import warnings

import pytest
import torch

from engine.catalog import ACTIVATIONS, COSTS, INITIALIZERS, OPTIMIZERS, SCHEDULES
from engine.experiment import Experiment
from engine.training.optimizers import Optimizer
from engine.training.prepare import prepare
from tests.engine.conftest import experiment, trained
from tests.engine.reference import learned, train_plainly


def check(e: Experiment, rate: object = None) -> None:
    reference = train_plainly(prepare([e]), rate=rate)  # type: ignore[arg-type]
    ours = trained([e]).network.parameters
    start = prepare([e]).network.parameters
    assert ours[0].value.dtype == torch.float64
    for parameter, expected in zip(ours, learned(reference), strict=True):
        torch.testing.assert_close(parameter.value[0].view_as(expected), expected, rtol=0, atol=1e-8)
    assert not torch.equal(ours[-1].value, start[-1].value), "nothing was learned"


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations(activation: str) -> None:
    check(experiment(model__activation=activation))


@pytest.mark.parametrize("init", INITIALIZERS)
def test_initializers(init: str) -> None:
    check(experiment(model__init=init, model__activation="tanh", model__bias_init=0.1))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers(optimizer: str) -> None:
    check(experiment(optimizer=optimizer, model__activation="tanh"))


@pytest.mark.parametrize(
    "optimizer",
    ["momentum(momentum=0.5)", "adam(beta1=0.5, beta2=0.9, eps=0.001)", "adamw(weight_decay=0.3)", "rmsprop(alpha=0.5)",
     "rprop(eta_minus=0.3, eta_plus=1.5)", "nadam(momentum_decay=0.1)", "adadelta(rho=0.5)", "adagrad(eps=0.01)"],
)  # fmt: skip
def test_parameters_of_optimizers(optimizer: str) -> None:
    check(experiment(optimizer=optimizer, model__activation="tanh"))


@pytest.mark.parametrize("cost", [key for key in COSTS if key != "auto"])
def test_costs(cost: str) -> None:
    output = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}.get(cost, "tanh")
    check(experiment(cost=cost, model__output=output))


def test_l1_and_l2_enter_as_terms_of_the_cost() -> None:
    check(experiment(l1=0.01, l2=0.02, optimizer="sgd"))


def test_batch_norm() -> None:
    check(experiment(model__batch_norm=True, model__bias_init=0.1))


@pytest.mark.parametrize("batch_norm", [False, True])
def test_biases_that_are_drawn_and_another_eps(batch_norm):
    check(experiment(model__batch_norm=batch_norm, model__bias_std=0.5, model__batch_norm_eps=0.01))


@pytest.mark.parametrize("batch_size", ["full", 1, 16, 60])
def test_batch_sizes(batch_size: object) -> None:
    check(experiment(batch_size=batch_size))


def test_widths_that_differ_and_no_hidden_layer() -> None:
    check(experiment(model__widths=[9, 4, 6]))
    check(experiment(model__depth=0))


def torch_schedule(text: str, lr: float, per_epoch: int, steps: int) -> list[float]:
    """The learning rate of each step by torch.optim.lr_scheduler."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr)
    schedulers = torch.optim.lr_scheduler
    by_epoch: torch.optim.lr_scheduler.LRScheduler | None = None
    by_step: torch.optim.lr_scheduler.LRScheduler | None = None
    match text.partition("(")[0]:
        case "step":
            by_epoch = schedulers.StepLR(optimizer, 2, 0.5)
        case "exponential":
            by_epoch = schedulers.ExponentialLR(optimizer, 0.8)
        case "cosine":
            by_step = schedulers.CosineAnnealingLR(optimizer, steps, eta_min=0.1 * lr)
        case "warm_up":
            by_step = schedulers.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / 20))
    rates = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the scheduler is stepped without its optimizer
        for step in range(steps):
            if by_epoch is not None and step and step % per_epoch == 0:
                by_epoch.step()
            rates.append(optimizer.param_groups[0]["lr"])
            if by_step is not None:
                by_step.step()
    return rates


SCHEDULED = ["constant", "step(every=2, factor=0.5)", "exponential(factor=0.8)", "cosine(final=0.1)", "warm_up(steps=20)"]


def test_every_schedule_is_tested_here() -> None:
    assert {text.partition("(")[0] for text in SCHEDULED} | {"on_plateau"} == set(SCHEDULES)


@pytest.mark.parametrize("schedule", SCHEDULED)
def test_schedules(schedule: str) -> None:
    e = experiment(schedule=schedule, optimizer="sgd", lr=0.2)
    per_epoch = math.ceil(len(prepare([e]).train) / 16)
    rates = torch_schedule(schedule, 0.2, per_epoch, 50)
    assert len(set(rates)) > 1 or schedule == "constant"
    check(e, lambda step, epoch: rates[step])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_layers_descend_by_the_rates_that_are_told(dtype: str) -> None:
    members = [experiment(optimizer="sgd", lr=lr, dtype=dtype, seed=seed) for seed, lr in enumerate((0.1, 0.3))]
    optimizer = Optimizer(members, prepare(members).network)
    for rates in ([0.2, 0.7], [0.1, 0.3]):
        optimizer.set_rates(rates)
        expected = torch.tensor(rates, dtype=getattr(torch, dtype))
        assert torch.equal(-optimizer._descent.flatten(), expected)
