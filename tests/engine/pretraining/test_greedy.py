"""Pre-training layer by layer, on a population as it is built for training."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from engine.catalog import Pick
from engine.events import PretrainingEpoch, Reconstructed
from engine.generators import generator
from engine.network.activations import Sigmoid
from engine.network.module import module_of
from engine.training.pretraining import pretrain
from engine.training.pretraining.coder import Tied
from engine.training.pretraining.rbm import RBM
from tests.engine.conftest import experiment
from tests.engine.pretraining.machines import sigmoid
from tests.engine.pretraining.networks import INPUTS, D, N, built, deep, events_of, patterns, pretrained, standardized, values

# --- what happens -------------------------------------------------------------


@pytest.mark.parametrize(
    "pretraining",
    ["dbn(epochs=6, batch_size=20)", "gaussian_dbn(epochs=6, batch_size=20, first_lr=0.01)",
     "denoising(epochs=6, batch_size=20, lr=0.1)"],
)  # fmt: skip
def test_the_error_falls_epoch_by_epoch_in_each_layer(pretraining: str) -> None:
    experiments = [deep(pretraining, seed=seed) for seed in range(2)]
    events = events_of(built(experiments), experiments, INPUTS[experiments[0].pretraining.kind])
    told = [(type(e).__name__, e.layer, e.name) for e in events]
    per_layer = [("PretrainingEpoch",) * 6 + ("Reconstructed",)] * 2
    assert told == [
        (kind, layer, f"hidden {layer + 1}") for layer, kinds in enumerate(per_layer) for kind in kinds
    ]  # fmt: skip
    for layer in range(2):
        epochs = [e for e in events if isinstance(e, PretrainingEpoch) and e.layer == layer]
        assert [e.epoch for e in epochs] == [1, 2, 3, 4, 5, 6]
        assert all(e.epochs == 6 for e in epochs)
        errors = np.stack([e.error for e in epochs])
        assert errors.shape == (6, 2)
        assert (np.diff(errors[:, :], axis=0) < 0).mean() > 0.6
        assert (errors[-1] < 0.9 * errors[0]).all()
    assert all(a.seconds <= b.seconds for a, b in itertools.pairwise(e for e in events if isinstance(e, PretrainingEpoch)))


def test_weights_and_biases_of_hidden_layers_change_and_the_output_layer_does_not() -> None:
    network = built([deep()])
    before = values(network)
    events_of(network, [deep()], patterns())
    changed = [not torch.equal(a, b) for a, b in zip(before, values(network), strict=True)]
    assert changed == [True, True, True, True, False, False]


def test_the_second_layer_learns_from_the_probabilities_of_the_first() -> None:
    """The second layer's machine, made by hand and given what the finished first layer makes of the inputs."""
    e = deep("dbn(epochs=1, batch_size=1000)")  # one batch: the order cannot matter to a sum, but chance has its order
    network = built([e])
    first, second = network.hidden
    weight, bias = second.parameters[0].value.clone(), second.parameters[1].value.clone()
    chance = generator(e.seed, "pretraining")
    events_of(network, [e], patterns())
    w, b = (p.value[0].numpy() for p in first.parameters)
    codes = torch.from_numpy(sigmoid(patterns().numpy() @ w + b))
    torch.randperm(N, generator=chance)
    torch.empty(N, 8, dtype=torch.float64).uniform_(generator=chance)  # what the first layer drew
    mean = (codes.sum(0) + 1) / (N + 2)
    tied = Tied(weight, bias, (mean / (1 - mean)).log().view(1, 1, -1))
    machine = RBM(tied, Sigmoid(Pick("sigmoid"), 1, weight), [chance], bernoulli=True, lr=0.1, momentum=0.9, weight_cost=0.0002)
    machine.begin_epoch(1)
    machine.step(codes[torch.randperm(N, generator=chance)].unsqueeze(0))
    torch.testing.assert_close(second.parameters[0].value, weight, rtol=0, atol=1e-12)
    torch.testing.assert_close(second.parameters[1].value, bias, rtol=0, atol=1e-12)


def test_reconstructions_go_up_through_all_layers_so_far_and_down_again() -> None:
    e = deep("dbn(epochs=1, lr=1e-12, weight_cost=0)")  # nothing is learned: visible biases stay where they begin
    network = built([e])
    shown = [event for event in events_of(network, [e], patterns()) if isinstance(event, Reconstructed)]
    x = patterns().numpy()
    rows = np.linspace(0, N - 1, 10).round().astype(int)
    (w1, b1), (w2, b2) = ([p.value[0].numpy() for p in layer.parameters] for layer in network.hidden)
    h1 = sigmoid(x @ w1 + b1)
    h2 = sigmoid(h1 @ w2 + b2)
    p0, p1 = ((values.sum(0) + 1) / (N + 2) for values in (x, h1))
    a0, a1 = np.log(p0 / (1 - p0)), np.log(p1 / (1 - p1))
    once = sigmoid(h1[rows] @ w1.T + a0)
    twice = sigmoid(sigmoid(h2[rows] @ w2.T + a1) @ w1.T + a0)
    for event, expected in zip(shown, (once, twice), strict=True):
        assert event.inputs.shape == (10, D)
        assert event.outputs.shape == (1, 10, D)
        np.testing.assert_allclose(event.inputs, x[rows], atol=1e-6)
        np.testing.assert_allclose(event.outputs[0], expected, atol=1e-6)


def test_only_the_first_layer_has_gaussian_inputs() -> None:
    e = deep("gaussian_dbn(epochs=1, first_lr=1e-12, lr=1e-12, weight_cost=0)")
    x = standardized() * 0.9 + 0.3
    network = built([e])
    shown = [event for event in events_of(network, [e], x) if isinstance(event, Reconstructed)]
    rows = np.linspace(0, N - 1, 10).round().astype(int)
    (w1, b1), (w2, b2) = ([p.value[0].numpy() for p in layer.parameters] for layer in network.hidden)
    h1 = sigmoid(x.numpy() @ w1 + b1)
    p1 = (h1.sum(0) + 1) / (N + 2)
    down = sigmoid(sigmoid(h1[rows] @ w2 + b2) @ w2.T + np.log(p1 / (1 - p1)))
    np.testing.assert_allclose(shown[0].outputs[0], h1[rows] @ w1.T + x.numpy().mean(0), atol=1e-5)
    np.testing.assert_allclose(shown[1].outputs[0], down @ w1.T + x.numpy().mean(0), atol=1e-5)


@pytest.mark.parametrize(("rates", "changed"), [("first_lr=1e-300", [False, True]), ("lr=1e-300", [True, False])])
def test_the_layer_of_gaussian_inputs_has_a_learning_rate_of_its_own(rates: str, changed: list[bool]) -> None:
    e = deep(f"gaussian_dbn(epochs=1, {rates})")
    network = built([e])
    before = values(network)
    events_of(network, [e], standardized())
    weights = (0, 2)
    assert [not torch.equal(before[place], values(network)[place]) for place in weights] == changed


def test_it_ends_before_the_very_step_at_which_it_is_asked_to() -> None:
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 30

    network = built([deep()])
    steps_per_epoch = -(-N // 20)
    events = list(pretrain(network, [deep()], patterns(), should_stop=should_stop))
    assert asked == 31
    assert len(events) == 30 // steps_per_epoch == 2


# --- members ------------------------------------------------------------------


@pytest.mark.parametrize(
    "pretraining",
    ["dbn(epochs=2, batch_size=20)", "gaussian_dbn(epochs=2, batch_size=20)", "denoising(epochs=2, batch_size=20)"],
)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_members_are_pretrained_as_they_would_be_alone(pretraining: str, batch_norm: bool) -> None:
    inits = ["xavier_uniform", "normal(std=0.1)", "orthogonal"]
    experiments = [
        deep(pretraining, seed=seed, model__init=init, model__batch_norm=batch_norm) for seed, init in enumerate(inits)
    ]
    inputs = INPUTS[experiments[0].pretraining.kind]
    together = pretrained(experiments, inputs)
    for member, e in enumerate(experiments):
        alone = pretrained([e], inputs)
        for ours, theirs in zip(values(together, member), values(alone), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def test_the_same_seed_gives_the_same_weights_whatever_was_drawn_elsewhere() -> None:
    first = values(pretrained([deep()]))
    torch.rand(5)
    for a, b in zip(first, values(pretrained([deep()])), strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(first[0], values(pretrained([deep(seed=5)]))[0])


def test_pretraining_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    pretrained([deep()])
    assert torch.equal(before, torch.get_rng_state())


def test_members_with_examples_of_their_own_are_pretrained_as_if_there_were_no_others() -> None:
    rows = torch.stack([torch.arange(0, 100), torch.arange(100, 200).flip(0)])
    experiments = [deep("dbn(epochs=2, batch_size=30)", seed=seed) for seed in range(2)]
    together = built(experiments)
    events = list(pretrain(together, experiments, patterns(), rows=rows))
    for member, e in enumerate(experiments):
        alone = built([e])
        own = list(pretrain(alone, [e], patterns()[rows[member]]))
        for ours, theirs in zip(values(together, member), values(alone), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)
        assert events[3].error[member] == pytest.approx(own[3].error[0], abs=1e-12)


# --- networks -----------------------------------------------------------------


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "prelu", "gelu"])
def test_denoising_works_with_any_activation(activation: str) -> None:
    e = deep("denoising(epochs=3, batch_size=20)", model__activation=activation)
    errors = [event.error[0] for event in events_of(built([e]), [e], patterns()) if isinstance(event, PretrainingEpoch)]
    assert errors[2] < errors[0]
    assert errors[5] < errors[3]


def test_blocks_of_dense_layers_are_pretrained_as_the_same_depth_and_width() -> None:
    short = pretrained([deep()])
    long = pretrained([experiment(pretraining="dbn(epochs=3, batch_size=20)", model__activation="sigmoid",
                                  model__blocks="flatten, dense(8, dropout=0.5), dropout(0.5), dense(6)")])  # fmt: skip
    for a, b in zip(values(short), values(long), strict=True):
        assert torch.equal(a, b)


def test_dropout_does_not_disturb_pretraining() -> None:
    for a, b in zip(values(pretrained([deep()])), values(pretrained([deep(model__dropout=0.5)])), strict=True):
        assert torch.equal(a, b)


def test_under_batch_norm_a_layer_still_computes_what_it_has_learned() -> None:
    plain, normed = pretrained([deep()]), pretrained([deep(model__batch_norm=True)])
    x = patterns()
    expected = module_of(plain)(x)
    torch.testing.assert_close(module_of(normed)(x), expected, rtol=0, atol=1e-9)
    # In training the moments are those of the batch; of a batch of all examples they are what was set.
    in_training = normed.body.forward(x.unsqueeze(0), training=True)
    torch.testing.assert_close(in_training, plain.body.forward(x.unsqueeze(0), training=False), rtol=0, atol=1e-9)


def test_no_pretraining_does_nothing() -> None:
    e = deep("none")
    network = built([e])
    before = values(network)
    assert events_of(network, [e], patterns()) == []
    for a, b in zip(before, values(network), strict=True):
        assert torch.equal(a, b)
