"""Back-propagation against central differences: what passes, what fails, and what has no derivative."""

from __future__ import annotations

import pytest
import torch

from engine.catalog import Pick
from engine.experiment import Experiment
from engine.generators import states_of
from engine.microscope import examine_step
from engine.microscope.check import check_gradients
from engine.network.activations import Tanh
from engine.network.build import build_network
from engine.network.convolution import Convolution
from engine.training.penalties import Penalties
from tests.engine.conftest import experiment


def blocks(text: str, **settings: object) -> Experiment:
    return experiment(data__name="digits", model__depth=None, model__width=None, model__blocks=text, **settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"dtype": "float32", "model__activation": "relu", "l1": 0.01, "l2": 0.01},
        {"model__activation": "selu", "model__dropout": 0.3, "model__batch_norm": True},
        {"data__name": "diabetes", "cost": "huber(delta=0.5)", "model__activation": "leaky_relu"},
        {"model__init": "zeros", "l1": 0.1},
        {"model__activation": "sigmoid", "model__depth": 8},
    ],
)
def test_the_gradients_pass_the_check(settings):
    seen = examine_step(experiment(**settings), steps=3, check=True)
    assert seen.check is not None
    assert seen.check.passed
    assert all(tensor.relative < 1e-5 for tensor in seen.check.tensors if tensor.largest_gradient > 1e-3)


@pytest.mark.parametrize(("l2", "factor"), [(0.0, 1.001), (10.0, 1.05)])  # with L2 the slopes to the left and right differ more
def test_a_wrong_derivative_fails_the_check_in_the_layers_below_it(monkeypatch, l2, factor):
    right = Tanh.backward
    monkeypatch.setattr(Tanh, "backward", lambda self, grad, z, h: right(self, grad, z, h) * factor)
    seen = examine_step(experiment(model__activation="tanh", l2=l2), check=True)
    assert seen.check is not None
    assert not seen.check.passed
    wrong = {(tensor.layer, tensor.name) for tensor in seen.check.tensors if tensor.wrong}
    assert wrong == {("hidden 1", "weight"), ("hidden 1", "bias"), ("hidden 2", "weight"), ("hidden 2", "bias")}
    assert not any(tensor.kinks for tensor in seen.check.tensors)
    worst = next(tensor.worst for tensor in seen.check.tensors if tensor.wrong)
    assert worst is not None
    assert worst.back_propagated == pytest.approx(worst.differences, rel=0.1)


def test_a_gradient_that_is_wrong_by_little_is_found_where_gradients_vanish(monkeypatch):
    right = Convolution.backward

    def wrong(self, grad):
        before = right(self, grad)
        self.bias.grad.add_(1e-8)
        return before

    monkeypatch.setattr(Convolution, "backward", wrong)
    seen = examine_step(blocks("conv(2, activation=sigmoid), dense(3, init=normal(std=1e-5)), dense(3)"), check=True)
    assert seen.check is not None
    assert [(tensor.name, tensor.wrong) for tensor in seen.check.tensors if tensor.wrong] == [("bias", 2)]


def test_units_that_stand_at_a_kink_are_no_false_alarm():
    model = {"depth": 2, "width": 4, "activation": "relu"}
    built = Experiment.parse({"model": model, "dtype": "float64"})
    network = build_network([built], (3,), 2, Pick("cross_entropy"))
    x = torch.zeros(1, 5, 3, dtype=torch.float64)  # with biases of 0 every z is exactly 0
    targets = torch.tensor([[[0], [1], [1], [1], [0]]])
    penalties = Penalties([built], network.parameters)
    check = check_gradients(network, penalties, x, targets, states_of(network.generators), torch.Generator())
    kinks = {(tensor.layer, tensor.name): tensor.kinks for tensor in check.tensors}
    assert check.passed
    assert kinks["hidden 1", "bias"] > 0
    assert kinks["hidden 2", "bias"] == 4
    assert kinks["output", "bias"] == 0


def test_of_large_tensors_a_sample_is_checked_that_the_seed_decides():
    asked = experiment(data__name="digits", model__width=200, model__depth=1)
    first, again = (examine_step(asked, check=True).check for _ in range(2))
    assert first is not None
    weight = first.tensors[0]
    assert weight.entries == 64 * 200
    assert 20 <= weight.checked + weight.kinks <= 1000
    assert first == again


def test_the_check_leaves_the_step_as_it_is():
    asked = experiment(model__dropout=0.5, model__batch_norm=True)
    plain, checked = examine_step(asked, steps=2), examine_step(asked, steps=2, check=True)
    assert (plain.cost, plain.cost_after) == (checked.cost, checked.cost_after)
