"""What the microscope shows of layers and blocks: against autograd, SciPy and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.signal import correlate2d
from torch import Tensor

from engine.catalog import ACTIVATIONS
from engine.experiment import Experiment
from engine.microscope import ExaminedStep, LayerStep, examine_step
from engine.network.module import module_of
from engine.training.prepare import prepare
from tests.engine.conftest import experiment


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


# --- layers of units ---------------------------------------------------------------


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
