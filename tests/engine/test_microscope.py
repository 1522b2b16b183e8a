"""One step under the microscope is the training loop's own, from first weights and from checkpoints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import ConfigurationError
from engine.events import Checkpointed
from engine.microscope import examine_step
from engine.training.callbacks import Callback, Run
from engine.training.checkpoint import load
from engine.training.loop import train
from engine.training.records import Branch
from tests.engine.conftest import experiment, trained

# --- it is training's own step -----------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"model__dropout": 0.3, "l1": 0.01, "l2": 0.02, "optimizer": "momentum"},
        {"model__batch_norm": True, "schedule": "cosine", "dtype": "float32"},
        {"model__activation": "prelu", "optimizer": "sgd"},
    ],
)
def test_the_weights_are_those_of_training_after_as_many_steps(settings):
    asked = experiment(batch_size=5, steps=3, epochs=None, **settings)
    expected = [parameter.value[0].numpy() for parameter in trained([asked]).network.parameters]
    seen = examine_step(asked, examples=5, steps=3)
    updates = [update for layer in seen.layers for update in layer.updates]
    assert seen.step == 3
    assert len(updates) == len(expected)
    for update, value in zip(updates, expected, strict=True):
        np.testing.assert_array_equal(update.after, value)


def test_the_learning_rate_is_that_of_the_whole_schedule():
    asked = experiment(epochs=2, steps=None, schedule="cosine", optimizer="sgd", lr=0.5)
    seen = examine_step(asked, examples=40, steps=3)  # 120 training examples: 3 steps an epoch, 6 in all
    assert seen.data.train == 120
    assert seen.lr == pytest.approx(0.5 * (1 + np.cos(np.pi * 2 / 6)) / 2, rel=1e-12)


def test_steps_beyond_the_experiments_own_end_can_be_looked_at():
    assert examine_step(experiment(epochs=1, steps=None), examples=60, steps=7).step == 7


@pytest.mark.parametrize("settings", [{}, {"model__dropout": 0.4, "model__batch_norm": True}])
def test_a_small_step_lowers_the_cost_by_its_length_times_the_squared_gradient(settings):
    seen = examine_step(experiment(optimizer="sgd", lr=1e-6, model__activation="tanh", **settings), examples=6)
    squares = sum(np.square(update.gradient).sum() for layer in seen.layers for update in layer.updates)
    assert seen.cost - seen.cost_after == pytest.approx(1e-6 * squares, rel=1e-3)


def test_the_update_is_minus_the_rate_times_the_gradient_with_the_penalties():
    seen = examine_step(experiment(optimizer="sgd", lr=0.1, l1=0.03, l2=0.02, model__bias_init=0.5))
    for layer in seen.layers:
        for update in layer.updates:
            if update.name == "weight":
                np.testing.assert_allclose(update.l1, 0.03 * np.sign(update.before), rtol=1e-12)
                np.testing.assert_allclose(update.l2, 0.04 * update.before, rtol=1e-12)
            else:
                assert update.l1 is None
                assert update.l2 is None
            np.testing.assert_allclose(update.change, -0.1 * update.total, rtol=0, atol=1e-12)
    weights = [update.before for layer in seen.layers for update in layer.updates if update.name == "weight"]
    assert seen.l1 == pytest.approx(0.03 * sum(np.abs(w).sum() for w in weights))
    assert seen.l2 == pytest.approx(0.02 * sum(np.square(w).sum() for w in weights))


def test_a_penalty_that_is_off_has_no_share():
    seen = examine_step(experiment(l2=0.1))
    assert {(update.l1 is None, update.l2 is None) for layer in seen.layers for update in layer.updates} == {
        (True, False),
        (True, True),
    }


class Halve(Callback):
    """Halves the gradients of all weights."""

    def on_gradients(self, run: Run) -> None:
        for layer in run.layers:
            assert layer.weight_gradients is not None
            layer.weight_gradients.mul_(0.5)


def test_a_users_own_callback_takes_part_in_the_step():
    asked = experiment(optimizer="sgd", lr=0.1, callbacks=["tests.engine.test_microscope:Halve"])
    for layer in examine_step(asked).layers:
        weight, bias = layer.updates
        np.testing.assert_allclose(weight.change, -0.05 * weight.gradient, rtol=0, atol=1e-14)
        np.testing.assert_allclose(bias.change, -0.1 * bias.gradient, rtol=0, atol=1e-14)


# --- from a checkpoint -------------------------------------------------------------


def test_from_a_checkpoint_adam_goes_on_with_its_moments(tmp_path):
    asked = [experiment(seed=seed, model__dropout=0.2, lr=0.01) for seed in (0, 1)]
    *_, last = (event for event in train(asked, checkpoints=lambda: tmp_path) if isinstance(event, Checkpointed))
    saved = load(Path(last.path))
    seen = examine_step(asked[1], examples=5, start=Branch(saved.path, 1))
    assert (seen.step, seen.lr) == (51, 0.01)
    updates = [update for layer in seen.layers for update in layer.updates]
    for number, (update, weights) in enumerate(zip(updates, saved.weights_of(1), strict=True)):
        np.testing.assert_array_equal(update.before, weights.numpy())
        m, v = (saved.state.optimizer[f"{number}.{name}"][1].numpy() for name in ("exp_avg", "exp_avg_sq"))
        m, v = 0.9 * m + 0.1 * update.total, 0.999 * v + 0.001 * np.square(update.total)
        expected = -0.01 * (m / (1 - 0.9**51)) / (np.sqrt(v / (1 - 0.999**51)) + 1e-8)
        np.testing.assert_allclose(update.change, expected, rtol=1e-9, atol=1e-15)


def test_from_a_checkpoint_the_schedule_stands_where_it_stood(tmp_path):
    asked = experiment(epochs=4, steps=None, schedule="cosine", lr=0.1, checkpoint__every=1)  # 8 steps an epoch
    told = [event for event in train([asked], checkpoints=lambda: tmp_path) if isinstance(event, Checkpointed)]
    middle = next(event for event in told if event.step == 16)
    seen = examine_step(asked, start=Branch(Path(middle.path), 0), steps=2)
    assert seen.step == 18
    assert seen.lr == pytest.approx(0.1 * (1 + np.cos(np.pi * 17 / 32)) / 2, rel=1e-12)


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    *_, last = (event for event in train([experiment()], checkpoints=lambda: tmp_path) if isinstance(event, Checkpointed))
    with pytest.raises(ConfigurationError, match="in the checkpoint"):
        examine_step(experiment(model__width=9), start=Branch(Path(last.path), 0))


# --- what cannot be looked at ------------------------------------------------------


def test_more_examples_than_there_are_to_train_on_are_refused():
    with pytest.raises(ConfigurationError, match="500 is more than the 120 training examples"):
        examine_step(experiment(), examples=500)


def test_batch_norm_on_one_example_is_refused():
    with pytest.raises(ConfigurationError, match="batch norm"):
        examine_step(experiment(model__batch_norm=True), examples=1)


def test_a_training_that_diverges_before_the_step_is_told():
    with pytest.raises(ConfigurationError, match="diverged at step"):
        examine_step(experiment(optimizer="sgd", lr=900.0, data__name="diabetes"), steps=500)
