"""One step under the microscope: against the training loop, autograd, closed forms and central differences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.signal import correlate2d
from torch import Tensor

from engine.catalog import ACTIVATIONS, Pick
from engine.errors import ConfigurationError
from engine.events import Checkpointed
from engine.experiment import Experiment
from engine.generators import states_of
from engine.microscope import ExaminedStep, LayerStep, examine_step
from engine.microscope.check import check_gradients
from engine.network.activations import Tanh
from engine.network.build import build_network
from engine.network.convolution import Convolution
from engine.network.module import module_of
from engine.training.checkpoint import load
from engine.training.loop import train
from engine.training.penalties import Penalties
from engine.training.prepare import prepare
from engine.training.records import Branch
from tests.engine.conftest import experiment, trained


def blocks(text: str, **settings: object) -> Experiment:
    return experiment(data__name="digits", model__depth=None, model__width=None, model__blocks=text, **settings)


def signal(layer: LayerStep, symbol: str) -> np.ndarray:
    found = layer.signal(symbol)
    assert found is not None, (layer.name, symbol)
    return found.values


def first_weights(seen: ExaminedStep) -> torch.nn.Module:
    """PyTorch's modules with the first weights of an experiment whose first step was looked at."""
    prepared = prepare([seen.experiment.with_settings({"batch_size": "full"})])
    return module_of(prepared.network, output_activation=False).train()


# --- it is training's own step -----------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"model__dropout": 0.3, "l1": 0.01, "l2": 0.02, "optimizer": "momentum"},
        {"model__batch_norm": True, "schedule": "cosine", "dtype": "float32"},
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


# --- values and gradients ----------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "maxout"])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_layers_agree_with_autograd(name, batch_norm):
    seen = examine_step(experiment(model__activation=name, model__batch_norm=batch_norm, model__bias_init=0.1), examples=6)
    module = first_weights(seen)
    kept: dict[str, Tensor] = {}

    def keep(symbol):
        def hook(_module, _inputs, output):
            output.retain_grad()
            kept[symbol] = output

        return hook

    for layer in seen.layers[:-1]:
        parts = dict(module.get_submodule(f"body.{layer.name}").named_children())
        parts["affine"].register_forward_hook(keep(f"{layer.name} affine"))
        parts["activation"].register_forward_hook(keep(f"{layer.name} h"))
        if batch_norm:
            parts["norm"].register_forward_hook(keep(f"{layer.name} norm"))
    z = module(torch.from_numpy(seen.batch.inputs))
    z.retain_grad()
    costs = torch.nn.functional.cross_entropy(z, torch.from_numpy(seen.batch.targets[:, 0]).long(), reduction="none")
    costs.mean().backward()
    close = {"rtol": 0, "atol": 1e-10}
    np.testing.assert_allclose(seen.batch.costs, costs.detach().numpy(), **close)
    for layer in seen.layers[:-1]:
        before = kept[f"{layer.name} {'norm' if batch_norm else 'affine'}"]
        h = kept[f"{layer.name} h"]
        np.testing.assert_allclose(signal(layer, "z"), before.detach(), **close)
        np.testing.assert_allclose(signal(layer, "h"), h.detach(), **close)
        np.testing.assert_allclose(signal(layer, "dC/dh"), h.grad, **close)
        np.testing.assert_allclose(signal(layer, "dC/dz"), before.grad, **close)
        np.testing.assert_allclose(signal(layer, "f'(z)") * signal(layer, "dC/dh"), before.grad, **close)
        if batch_norm:
            np.testing.assert_allclose(signal(layer, "a"), kept[f"{layer.name} affine"].detach(), **close)
            np.testing.assert_allclose(signal(layer, "dC/da"), kept[f"{layer.name} affine"].grad, **close)
    output = seen.layers[-1]
    np.testing.assert_allclose(signal(output, "z"), z.detach(), **close)
    np.testing.assert_allclose(signal(output, "dC/dz"), z.grad, **close)


def test_dense_gradients_are_what_enters_times_delta_and_its_sum():
    for layer in examine_step(experiment(model__depth=3), examples=5).layers:
        weight, bias = layer.updates
        np.testing.assert_allclose(weight.gradient, signal(layer, "x").T @ signal(layer, "dC/dz"), rtol=0, atol=1e-14)
        np.testing.assert_allclose(bias.gradient[0], signal(layer, "dC/dz").sum(0), rtol=0, atol=1e-14)


def test_what_leaves_a_layer_enters_the_next_and_its_gradient_comes_back():
    seen = examine_step(experiment(model__depth=3, model__dropout=0.5, model__activation="tanh"), examples=5)
    for below, above in zip(seen.layers, seen.layers[1:], strict=False):
        np.testing.assert_array_equal(signal(below, "y"), signal(above, "x"))
        np.testing.assert_array_equal(signal(below, "dC/dy"), signal(above, "dC/dx"))
        on = signal(below, "y") != 0
        np.testing.assert_allclose(signal(below, "dC/dh"), np.where(on, 2 * signal(below, "dC/dy"), 0), atol=1e-15)
    assert seen.layers[0].signal("dC/dx") is None


@pytest.mark.parametrize(
    ("cost", "output"),
    [("cross_entropy", "softmax"), ("quadratic", "softmax"), ("binary_cross_entropy", "sigmoid"), ("mean_squared", "tanh")],
)
def test_at_the_output_the_slope_of_the_cost_goes_through_the_activation(cost, output):
    layer = examine_step(experiment(cost=cost, model__output=output), examples=5).layers[-1]
    h, dh, slope = signal(layer, "h"), signal(layer, "dC/dh"), signal(layer, "f'(z)")
    if output == "softmax":
        matrices = np.einsum("bi,ij->bij", h, np.eye(3)) - np.einsum("bi,bj->bij", h, h)
        np.testing.assert_allclose(slope, np.einsum("bii->bi", matrices), atol=1e-15)
        expected = np.einsum("bij,bj->bi", matrices, dh)
    else:
        expected = dh * slope
    np.testing.assert_allclose(signal(layer, "dC/dz"), expected, rtol=0, atol=1e-14)


def test_maxout_passes_the_gradient_to_the_largest_piece():
    layer = examine_step(experiment(model__activation="maxout(pieces=3)")).layers[0]
    z, slope = signal(layer, "z").reshape(4, 7, 3), signal(layer, "f'(z)").reshape(4, 7, 3)
    np.testing.assert_array_equal(slope, np.arange(3) == z.argmax(-1)[..., None])
    np.testing.assert_array_equal(signal(layer, "h"), z.max(-1))
    np.testing.assert_array_equal(signal(layer, "dC/dz").reshape(4, 7, 3), slope * signal(layer, "dC/dh")[..., None])


def test_depth_0_and_regressions_are_steps_like_others():
    seen = examine_step(experiment(data__name="diabetes", model__depth=0), examples=5)
    (layer,) = seen.layers
    error = seen.batch.outputs - seen.batch.targets
    np.testing.assert_allclose(seen.batch.costs, np.square(error[:, 0]), atol=1e-14)
    np.testing.assert_allclose(signal(layer, "dC/dz"), 2 * error / 5, atol=1e-14)
    np.testing.assert_allclose(layer.updates[0].gradient, seen.batch.inputs.T @ (2 * error / 5), atol=1e-14)


# --- blocks ------------------------------------------------------------------------


def test_a_convolution_shows_the_correlation_of_what_enters_with_delta():
    layer = examine_step(blocks("conv(3), max_pool, dense(5)")).layers[0]
    x, delta = signal(layer, "x"), signal(layer, "dC/dz")
    weight, bias = layer.updates
    assert (layer.kind, layer.inputs, layer.outputs) == ("conv", (1, 8, 8), (3, 8, 8))
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    for channel in range(3):
        z = correlate2d(padded[0, 0], weight.before[channel, 0], "valid") + bias.before[0, channel]
        np.testing.assert_allclose(signal(layer, "z")[0, channel], z, atol=1e-12)
        expected = sum(correlate2d(padded[b, 0], delta[b, channel], "valid") for b in range(len(x)))
        np.testing.assert_allclose(weight.gradient[channel, 0], expected, atol=1e-12)
    np.testing.assert_allclose(bias.gradient[0], delta.sum((0, 2, 3)), atol=1e-12)


def test_an_lstm_shows_its_gates_states_and_the_sum_of_its_gradients_over_time():
    layer = examine_step(blocks("lstm(4)")).layers[0]
    x, h, z, delta = (signal(layer, symbol) for symbol in ("x", "h", "z", "dC/dz"))
    weight, bias = layer.updates
    assert (x.shape, h.shape, z.shape, delta.shape) == ((4, 8, 8), (4, 8, 4), (4, 8, 16), (4, 8, 16))
    before = np.concatenate([np.zeros((4, 1, 4)), h[:, :-1]], axis=1)
    entering = np.concatenate([x, before], axis=2)
    np.testing.assert_allclose(z, entering @ weight.before + bias.before[0], atol=1e-12)
    np.testing.assert_allclose(weight.gradient, np.einsum("bti,btg->ig", entering, delta), atol=1e-12)
    np.testing.assert_allclose(bias.gradient[0], delta.sum((0, 1)), atol=1e-12)
    sigmoid = 1 / (1 + np.exp(-z))
    cell = np.zeros((4, 4))
    for step in range(8):
        enter, forget, out = (sigmoid[:, step, gate * 4 : gate * 4 + 4] for gate in range(3))
        cell = forget * cell + enter * np.tanh(z[:, step, 12:])
        np.testing.assert_allclose(h[:, step], out * np.tanh(cell), atol=1e-12)


def test_a_residual_shows_the_sum_that_its_activation_takes():
    layers = {layer.name: layer for layer in examine_step(blocks("dense(6), residual(dense(5), dense(6))")).layers}
    residual, inside = layers["2 residual"], layers["2.2 dense"]
    np.testing.assert_allclose(signal(residual, "z"), signal(residual, "x") + signal(inside, "h"), atol=1e-14)
    np.testing.assert_array_equal(signal(residual, "h"), np.maximum(signal(residual, "z"), 0))
    through = signal(layers["2.1 dense"], "dC/dx") + signal(residual, "dC/dz")
    np.testing.assert_allclose(signal(residual, "dC/dx"), through, atol=1e-14)


STACKS = [
    "conv(3, batch_norm=on, dropout=0.2), average_pool, residual(conv(3), conv(4, stride=2)), dense(5, activation=prelu)",
    "split(lstm(3, states=all) | gru(2, states=all), join=concat), batch_norm, rnn(3)",
    "dense(6), residual(dense(5, batch_norm=on), dense(7, batch_norm=on, dropout=0.2), form=pre_activation), activation(tanh)",
    "split(dense(4) | dense(3), dense(4)), dropout(0.3), dense(4, activation=maxout(pieces=2))",
]


@pytest.mark.parametrize("stack", STACKS)
def test_every_block_shows_what_enters_its_values_and_its_gradients(stack):
    seen = examine_step(blocks(stack, model__activation="tanh"), check=True)
    for layer in seen.layers:
        symbols = [each.symbol for each in (*layer.forward, *layer.backward)]
        assert symbols[0] == "x"
        assert "h" in symbols
        assert {"dC/dz", "dC/dh"} & set(symbols)
        assert all(np.isfinite(each.values).all() for each in (*layer.forward, *layer.backward))
        assert all(len(each.values) == 4 for each in (*layer.forward, *layer.backward))
    assert seen.check is not None
    assert seen.check.passed
    assert {tensor.checked + tensor.kinks for tensor in seen.check.tensors} == {t.entries for t in seen.check.tensors}
    counted = sum(tensor.entries for tensor in seen.check.tensors)
    assert counted == sum(update.before.size for layer in seen.layers for update in layer.updates)


# --- the check ---------------------------------------------------------------------


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


def test_a_wrong_derivative_fails_the_check_in_the_layers_below_it(monkeypatch):
    right = Tanh.backward
    monkeypatch.setattr(Tanh, "backward", lambda self, grad, z, h: right(self, grad, z, h) * 1.001)
    seen = examine_step(experiment(model__activation="tanh"), check=True)
    assert seen.check is not None
    assert not seen.check.passed
    wrong = {(tensor.layer, tensor.name) for tensor in seen.check.tensors if tensor.wrong}
    assert wrong == {("hidden 1", "weight"), ("hidden 1", "bias"), ("hidden 2", "weight"), ("hidden 2", "bias")}
    worst = next(tensor.worst for tensor in seen.check.tensors if tensor.wrong)
    assert worst is not None
    assert worst.back_propagated == pytest.approx(worst.differences, rel=0.01)


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
