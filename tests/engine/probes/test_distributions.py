"""Distributions of all layers against NumPy and autograd on the same networks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from torch import Tensor, nn

from engine.events import Distributions
from engine.network.activations import FLAT
from engine.network.module import MaxoutModule, module_of
from engine.probes import spread
from engine.probes.distributions import DistributionProbe
from engine.training.prepare import prepare
from engine.training.scores import Part
from engine.vocabulary import PERCENTILES
from tests.engine.conftest import experiment
from tests.engine.probes.networks import PICTURE, SEQUENCE, blocks, probe_of, some_steps

ACTIVATIONS = (nn.Tanh, nn.ReLU, nn.Sigmoid, MaxoutModule, nn.PReLU, nn.SELU)


def leaves(net: nn.Module) -> Iterator[nn.Module]:
    for inner in net.children():
        if isinstance(inner, nn.Sequential):
            yield from leaves(inner)
        else:
            yield inner


def passes(net: nn.Module, examples: Part) -> tuple[list[Tensor], list[Tensor], list[Tensor], list[Tensor]]:
    """h, gradient of each example's own cost at z, weight gradient of the mean cost, weights: of each layer, by autograd."""
    zs, hs, weights, x = [], [], [], examples.inputs
    for leaf in leaves(net):
        if isinstance(leaf, nn.Linear):
            weights.append(leaf.weight)
        if isinstance(leaf, ACTIVATIONS):
            zs.append(x)
            hs.append(leaf(x))
        x = leaf(x)
    zs.append(x)
    hs.append(x.softmax(-1))
    for z in zs:
        z.retain_grad()
    costs = nn.functional.cross_entropy(x, examples.targets.squeeze(-1), reduction="none")
    costs.sum().backward(retain_graph=True)
    at_z = [z.grad.clone() for z in zs]
    net.zero_grad()
    costs.mean().backward()
    return [h.detach() for h in hs], at_z, [w.grad.T for w in weights], [w.detach().T for w in weights]


def assert_numpy_agrees(event: Distributions, member: int, layer: int, quantity: int, values: Tensor) -> None:
    numbers = values.numpy().ravel()
    size = np.abs(numbers).max()
    place = member, layer, quantity
    np.testing.assert_allclose(event.moments[place], [numbers.mean(), numbers.std()], rtol=1e-9, atol=1e-12 * size)
    np.testing.assert_allclose(event.percentiles[place], np.percentile(numbers, PERCENTILES), rtol=1e-6, atol=1e-9 * size)
    counts, edges = np.histogram(numbers, spread.BINS)
    np.testing.assert_allclose(event.edges[place], edges[[0, -1]], rtol=1e-9, atol=1e-12 * size)
    assert np.abs(event.counts[place] - counts).sum() <= 4  # numbers on an edge may fall to either side
    assert event.counts[place].sum() == numbers.size


@pytest.mark.parametrize("activation", ["tanh", "relu", "maxout(pieces=3)", "prelu", "selu"])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_all_four_quantities_agree_with_autograd(activation: str, batch_norm: bool) -> None:
    settings = {"model__activation": activation, "model__batch_norm": batch_norm, "model__init": "normal(std=0.7)", "l2": 0.1}
    prepared = some_steps(*(experiment(seed=seed, model__dropout=0.3, **settings) for seed in range(3)))
    probe, examples = probe_of(prepared)
    event = probe.take(50, 7)
    assert (event.step, event.epoch, event.examples) == (50, 7, len(examples))
    for member in range(3):
        measured = passes(module_of(prepared.network, member, output_activation=False), examples)
        for quantity, of_layers in enumerate(measured):
            assert len(of_layers) == 3
            for layer, values in enumerate(of_layers):
                assert_numpy_agrees(event, member, layer, quantity, values)


def test_units_are_counted_on_the_examples_on_which_they_are_saturated() -> None:
    prepared = some_steps(experiment(model__activation="tanh", model__init="normal(std=1.5)", model__width=30))
    probe, examples = probe_of(prepared)
    event = probe.take(50, 7)
    hs, *_ = passes(module_of(prepared.network, output_activation=False), examples)
    for layer in (0, 1):
        flat = 1 - hs[layer].square() < FLAT
        np.testing.assert_array_equal(event.saturated[layer], flat.sum(0, keepdim=True))
        assert event.saturated[layer].max() > 0
    assert event.saturated[2].shape == (1, 3)
    assert event.saturated[2].sum() == 0  # cross-entropy undoes the softmax


def test_a_recurrent_unit_counts_as_saturated_where_it_is_at_all_steps() -> None:
    net, examples = blocks("rnn(8, states=all), dense(3)", SEQUENCE, init="normal(std=2.5)")
    event = DistributionProbe(net, examples, jacobian=False).take(0, 0)
    reference = module_of(net, output_activation=False)
    states = next(m for m in reference.modules() if isinstance(m, nn.RNN))(examples.inputs.view(-1, *SEQUENCE))[0].detach()
    assert_numpy_agrees(event, 0, 0, 0, states)
    everywhere = (1 - states.square() < FLAT).all(1)
    assert 0 < everywhere.sum() < everywhere.numel()
    np.testing.assert_array_equal(event.saturated[0][0], everywhere.sum(0))


def test_the_gradient_at_all_steps_of_a_recurrent_layer_sums_up_to_that_of_its_bias() -> None:
    net, examples = blocks("rnn(8)", SEQUENCE)
    event = DistributionProbe(net, examples, jacobian=False).take(0, 0)
    reference = module_of(net, output_activation=False)
    nn.functional.cross_entropy(reference(examples.inputs), examples.targets.squeeze(-1)).backward()
    bias = next(p.grad for name, p in reference.named_parameters() if "bias_ih" in name)
    assert event.moments[0, 0, 1, 0] == pytest.approx(bias.sum().item() / (5 * 8), rel=1e-9)


def test_a_feature_map_counts_as_saturated_where_it_is_at_all_places() -> None:
    net, examples = blocks("conv(6, kernel=5, padding=valid), max_pool(2)", PICTURE, (0, 1), init="normal(std=0.7)")
    event = DistributionProbe(net, examples, jacobian=False).take(0, 0)
    for member in range(2):
        reference = module_of(net, member, output_activation=False)
        conv = next(m for m in reference.modules() if isinstance(m, nn.Conv2d))
        maps = conv(examples.inputs.view(-1, *PICTURE)).tanh().detach()
        assert_numpy_agrees(event, member, 0, 0, maps)
        everywhere = (1 - maps.square() < FLAT).flatten(2).all(2)
        assert 0 < everywhere.sum() < everywhere.numel()
        np.testing.assert_array_equal(event.saturated[0][member], everywhere.sum(0))
        nn.functional.cross_entropy(reference(examples.inputs), examples.targets.squeeze(-1)).backward()
        assert_numpy_agrees(event, member, 0, 2, conv.weight.grad)


def test_a_layer_without_weights_has_none() -> None:
    net, examples = blocks("conv(3), max_pool(2), batch_norm, dense(5)", PICTURE)
    event = DistributionProbe(net, examples, jacobian=False).take(0, 0)
    assert [layer.name for layer in net.layers] == ["1 conv", "2 max_pool", "3 batch_norm", "4 dense", "output"]
    absent = np.isnan(event.moments[0]).all(-1)
    np.testing.assert_array_equal(
        absent, [[False] * 4, [False, False, True, True], [False, False, True, True], [False] * 4, [False] * 4]
    )
    np.testing.assert_array_equal(np.isnan(event.percentiles[0]).all(-1), absent)
    np.testing.assert_array_equal(np.isnan(event.edges[0]).all(-1), absent)
    np.testing.assert_array_equal(event.counts[0].sum(-1) == 0, absent)
    assert np.isnan(event.jacobian).all()


def test_equal_weights_and_vanished_gradients_have_a_sane_histogram() -> None:
    prepared = prepare([experiment(model__init="zeros")])
    event = probe_of(prepared)[0].take(0, 0)
    np.testing.assert_array_equal(event.edges[0, :, 3], [[-0.5, 0.5]] * 3)
    np.testing.assert_array_equal(event.counts[0, :, 3].max(-1), [4 * 7, 7 * 7, 7 * 3])
    np.testing.assert_array_equal(event.moments[0, :2, 1], 0)


def test_gradients_far_below_the_square_root_of_float32_have_a_standard_deviation() -> None:
    e = experiment(dtype="float32", model__depth=12, model__activation="sigmoid", model__init="normal(std=0.001)")
    event = probe_of(prepare([e]))[0].take(0, 0)
    std = event.moments[0, :, 1, 1]
    assert 0 < std[0] < 1e-30
    assert (std[1:-1] / std[:-2] > 100).all()
    ratios = event.gradient_ratio[0]
    np.testing.assert_allclose(ratios[:-1], (std[:-1] / std[1:]) ** 2, rtol=1e-9)


def test_a_large_matrix_is_sampled_but_its_moments_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = prepare([experiment(model__width=50)])
    monkeypatch.setattr(spread, "MOST_VALUES", 300)
    event = probe_of(prepared)[0].take(0, 0)
    weight = prepared.network.layers[1].weight.value[0].numpy()
    np.testing.assert_allclose(event.moments[0, 1, 3], [weight.mean(), weight.std()], rtol=1e-12)
    taken = event.counts[0, 1, 3].sum()
    assert 100 < taken <= 300
    sample = weight.ravel()[:: -(-2500 // taken)]
    np.testing.assert_allclose(event.percentiles[0, 1, 3], np.percentile(sample, PERCENTILES), rtol=1e-5)
