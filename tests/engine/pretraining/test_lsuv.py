"""LSUV leaves every layer's pre-activation with variance 1 on a batch, worked out anew in NumPy and in torch.nn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.catalog import INITIALIZERS, Pick, parse_pick
from engine.experiment import Experiment
from engine.generators import generator
from engine.network.build import build_network
from engine.network.lsuv import EXAMPLES, lsuv, lsuv_on_data
from engine.network.module import activation_module, module_of
from engine.network.network import Network
from tests.engine.conftest import experiment


def examples(count: int = 300, features: int = 30, seed: int = 0) -> Tensor:
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.normal(0.5, 2.0, (count, features)))


def deep(init: str = "lsuv", **settings: object) -> Experiment:
    return experiment(**{"model__init": init, "model__depth": 4, "model__width": 20, **settings})


def built(experiments: Sequence[Experiment], shape: tuple[int, ...] = (30,)) -> Network:
    return build_network(experiments, shape, 3, Pick("cross_entropy"))


def batch_of(e: Experiment, inputs: Tensor) -> Tensor:
    """The examples that a member looks at."""
    return inputs[torch.randperm(len(inputs), generator=generator(e.seed, "lsuv"))[:EXAMPLES]]


def variances(network: Network, x: Tensor, member: int = 0) -> dict[str, float]:
    """Var z of everything with weights in the member's torch.nn module, by the module's name."""
    found: dict[str, float] = {}

    def hear(name: str) -> object:
        return lambda module, given, z: found.__setitem__(name, float(z.detach().numpy().var()))

    module = module_of(network, member, output_activation=False)
    for name, part in module.named_modules():
        if isinstance(part, nn.Linear | nn.Conv2d):
            part.register_forward_hook(hear(name))
    module(x)
    return found


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "maxout"])
def test_every_pre_activation_has_variance_one(activation: str, batch_norm: bool) -> None:
    e = deep("lsuv(tolerance=0.01)", model__activation=activation, model__batch_norm=batch_norm, model__bias_init=0.3)
    network, inputs = built([e]), examples()
    lsuv_on_data(network, [e], inputs, (30,))
    h = batch_of(e, inputs).numpy()
    for layer in network.hidden:
        z = h @ layer.weight.value[0].numpy()  # a constant bias has no variance
        assert z.var() == pytest.approx(1, abs=0.01)
        z = torch.from_numpy(z + (0.3 if layer.affine.bias is not None else 0))
        if layer.norm is not None:  # the first running moments are 0 and 1
            z = z / np.sqrt(1 + 1e-5) + 0.3
        h = activation_module(layer.activation)(z).numpy()
    assert (h @ network.output.weight.value[0].numpy()).var() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("activation", "std"), [("tanh", 0.63), ("relu", 0.58)])
def test_ten_layers_keep_their_spread(activation: str, std: float) -> None:
    """Unit variance before each of ten layers (Mishkin & Matas 2016), so that every layer's values are spread alike.

    tanh z with z ~ N(0, 1) has standard deviation 0.628, max(0, z) has 0.584.
    """
    e = experiment(model__depth=10, model__width=200, model__init="lsuv", model__activation=activation)
    inputs = torch.randn(EXAMPLES, 300, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    network = built([e], (300,))
    lsuv_on_data(network, [e], inputs, (300,))
    network.body.forward(inputs.unsqueeze(0), training=False)
    spread = [float(layer.h.std()) for layer in network.hidden]
    assert np.allclose(spread, std, atol=0.06)
    # Xavier's falls to a third over ten layers of tanh, and to a thirtieth over ten of ReLU (see SCIENCE: .627 to .228).
    other = built([e.with_settings({"model.init": "xavier_uniform"})], (300,))
    other.body.forward(inputs.unsqueeze(0), training=False)
    assert float(other.hidden[-1].h.std()) < 0.5 * std


def test_weights_stay_orthogonal_up_to_their_scale() -> None:
    e = deep()
    network = built([e])
    lsuv_on_data(network, [e], examples(), (30,))
    for layer in network.layers:
        w = layer.weight.value[0].numpy()
        gram = w.T @ w if w.shape[0] >= w.shape[1] else w @ w.T
        np.testing.assert_allclose(gram, gram[0, 0] * np.eye(len(gram)), atol=1e-12)
        assert gram[0, 0] > 0


def test_it_begins_with_the_draw_of_the_orthogonal_initializer() -> None:
    for ours, theirs in zip(built([deep("lsuv")]).layers, built([deep("orthogonal")]).layers, strict=True):
        assert torch.equal(ours.weight.value, theirs.weight.value)


def test_members_with_another_initializer_are_not_touched_and_the_others_are_as_alone() -> None:
    inits = ["lsuv", "he_normal", "lsuv(tolerance=0.5, tries=1)", "orthogonal"]
    experiments = [deep(init, seed=seed) for seed, init in enumerate(inits)]
    network, inputs = built(experiments), examples()
    before = [layer.weight.value.clone() for layer in network.layers]
    lsuv_on_data(network, experiments, inputs, (30,))
    for layer, first in zip(network.layers, before, strict=True):
        changed = [not torch.equal(layer.weight.value[m], first[m]) for m in range(4)]
        assert changed == [True, False, True, False]
    for member, e in enumerate(experiments):
        alone = built([e])
        lsuv_on_data(alone, [e], inputs, (30,))
        for ours, theirs in zip(network.layers, alone.layers, strict=True):
            torch.testing.assert_close(ours.weight.value[member], theirs.weight.value[0], rtol=0, atol=1e-12)


def test_a_block_may_be_the_only_one_of_its_kind() -> None:
    e = experiment(model__blocks="dense(20), dense(20, init=lsuv), dense(20, init=he_normal)", model__init="xavier_uniform")
    network, inputs = built([e]), examples()
    before = [layer.weight.value.clone() for layer in network.layers]
    lsuv_on_data(network, [e], inputs, (30,))
    changed = [not torch.equal(layer.weight.value, first) for layer, first in zip(network.layers, before, strict=True)]
    assert changed == [False, True, False, False]
    assert list(variances(network, batch_of(e, inputs)).values())[1] == pytest.approx(1, abs=0.02)


STACKS = {
    "residuals": ("dense(20), residual(dense(20), dense(20)), residual(dense(10))", (30,), 6),
    "pre-activation": ("dense(20), 2*residual(dense(20), dense(20), form=pre_activation)", (30,), 6),
    "split": ("split(dense(20) | dense(10), dense(20)), split(dense(5) | dense(7), join=concat)", (30,), 6),
    "convolution": ("conv(6), batch_norm, max_pool, residual(conv(8), conv(8)), flatten, dropout(0.5), dense(9)", (1, 8, 8), 6),
}


@pytest.mark.parametrize("name", STACKS)
def test_blocks_of_any_kind_have_variance_one_in_the_order_of_the_forward_pass(name: str) -> None:
    blocks, shape, parts = STACKS[name]
    experiments = [experiment(model__blocks=blocks, model__init="lsuv(tolerance=0.001)", seed=seed) for seed in range(2)]
    network, inputs = built(experiments, shape), examples(features=int(np.prod(shape)))
    lsuv_on_data(network, experiments, inputs, shape)
    for member, e in enumerate(experiments):
        found = variances(network, batch_of(e, inputs), member)
        assert len(found) == parts
        for variance in found.values():
            assert variance == pytest.approx(1, abs=0.001)


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
def test_recurrent_layers_have_variance_one_over_all_gates_and_steps(kind: str) -> None:
    blocks = f"{kind}(12, states=all), {kind}(10), dense(9)"
    experiments = [
        experiment(model__blocks=blocks, model__init=init, seed=seed)
        for seed, init in enumerate(["lsuv(tolerance=0.01, tries=50)", "he_normal", "lsuv(tolerance=0.1, tries=50)"])
    ]
    network, inputs = built(experiments, (6, 5)), examples()
    untouched = [layer.weight.value[1].clone() for layer in network.layers]
    lsuv_on_data(network, experiments, inputs, (6, 5))
    for layer, first in zip(network.layers, untouched, strict=True):
        assert torch.equal(layer.weight.value[1], first)
    x = torch.stack([batch_of(e, inputs) for e in experiments])
    heard: dict[str, Tensor] = {}
    for layer in network.layers:
        layer.watch = lambda z, name=layer.name: heard.__setitem__(name, z.clone())
    network.forward(x, torch.zeros(3, len(x[0]), 1, dtype=torch.int64), training=False)
    assert len(heard) == 4
    for z in heard.values():
        assert z[0].numpy().var() == pytest.approx(1, abs=0.01)
        assert z[2].numpy().var() == pytest.approx(1, abs=0.1)


def test_one_try_is_enough_for_affine_maps_even_above_recurrent_layers() -> None:
    blocks = "lstm(12, init=lsuv(tolerance=1e-4, tries=100)), dense(9), dense(8)"
    e = experiment(model__blocks=blocks, model__init="lsuv(tolerance=1e-3, tries=1)")
    network, inputs = built([e], (6, 5)), examples()
    lsuv_on_data(network, [e], inputs, (6, 5))
    assert list(variances(network, batch_of(e, inputs)).values()) == pytest.approx([1, 1, 1], abs=1e-3)


def test_members_with_recurrent_layers_are_as_alone() -> None:
    experiments = [experiment(model__blocks="lstm(12), dense(9)", model__init="lsuv(tries=3)", seed=seed) for seed in range(3)]
    network, inputs = built(experiments, (6, 5)), examples()
    lsuv_on_data(network, experiments, inputs, (6, 5))
    for member, e in enumerate(experiments):
        alone = built([e], (6, 5))
        lsuv_on_data(alone, [e], inputs, (6, 5))
        for ours, theirs in zip(network.layers, alone.layers, strict=True):
            torch.testing.assert_close(ours.weight.value[member], theirs.weight.value[0], rtol=0, atol=1e-12)


def test_a_layer_whose_values_do_not_vary_is_left_as_it_is() -> None:
    e = deep()
    network = built([e])
    before = [layer.weight.value.clone() for layer in network.layers]
    lsuv_on_data(network, [e], torch.zeros(50, 30, dtype=torch.float64), (30,))
    for layer, first in zip(network.layers, before, strict=True):
        assert torch.equal(layer.weight.value, first)


def test_tries_are_counted_and_a_variance_within_the_tolerance_is_left() -> None:
    """Of a recurrent layer one division is not enough, since its states change with its weights."""
    e = experiment(model__blocks="rnn(12)", model__init="lsuv")
    inputs = examples() * 3

    def variance_after(text: str) -> float:
        network = built([e], (6, 5))
        pick = parse_pick(text, INITIALIZERS)
        lsuv(network, inputs.unsqueeze(0), [[pick], [pick]])
        heard: list[float] = []
        network.layers[0].watch = lambda z: heard.append(float(z.var(correction=0)))
        network.body.forward(inputs.unsqueeze(0), training=False)
        return heard[0]

    once, often = variance_after("lsuv(tolerance=1e-9, tries=1)"), variance_after("lsuv(tolerance=1e-9, tries=100)")
    assert abs(once - 1) > 1e-3
    assert often == pytest.approx(1, abs=1e-8)
    untouched = variance_after("he_normal")
    assert untouched > 2
    assert variance_after("lsuv(tolerance=1)") < 2


def test_members_look_only_at_the_examples_that_they_learn_from() -> None:
    rows = torch.stack([torch.arange(0, 60), torch.arange(60, 120)])
    experiments = [deep(seed=seed) for seed in range(2)]
    network = built(experiments)
    lsuv_on_data(network, experiments, examples(), (30,), rows=rows)
    for member, e in enumerate(experiments):
        alone = built([e])
        lsuv_on_data(alone, [e], examples()[rows[member]], (30,))
        for ours, theirs in zip(network.layers, alone.layers, strict=True):
            torch.testing.assert_close(ours.weight.value[member], theirs.weight.value[0], rtol=0, atol=1e-12)


def test_looking_at_the_data_leaves_no_trace_but_the_weights() -> None:
    e = deep(model__batch_norm=True, model__dropout=0.5)
    network = built([e])
    buffers = [buffer.clone() for buffer in network.buffers]
    rest = [p.value.clone() for p in network.parameters if not p.penalized]
    dropping = [g.get_state() for g in network.generators]
    parts = [layer.affine for layer in network.layers]
    lsuv_on_data(network, [e], examples(), (30,))
    assert all(torch.equal(a, b) for a, b in zip(buffers, network.buffers, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(rest, [p.value for p in network.parameters if not p.penalized], strict=True))
    assert all(torch.equal(a, g.get_state()) for a, g in zip(dropping, network.generators, strict=True))
    assert [layer.affine for layer in network.layers] == parts
    assert all(layer.watch is None for layer in network.layers)
