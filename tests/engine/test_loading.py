"""Networks from checkpoints predict what the training network predicts, in modules of PyTorch's own."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

import engine
from engine.data import load_dataset
from engine.errors import CheckpointError, ConfigurationError
from engine.events import Finished
from engine.experiment import Experiment
from engine.loading import TrainedNetwork, first_layer_pictures, load_network, load_networks
from engine.population import expand
from engine.training.control import Control
from engine.training.loop import Training
from engine.training.prepare import prepare
from tests.engine.conftest import experiment


def kept(folder: Path, experiments: Sequence[Experiment]) -> tuple[Training, Finished]:
    """Train a population, keep its checkpoints in a folder, and give back how it stands and how it ended."""
    training = Training(prepare(experiments), Control(), checkpoints=lambda: folder)
    *_, last = training.events()
    assert isinstance(last, Finished)
    return training, last


def blocks(text: str, **settings: object) -> Experiment:
    return experiment(data__name="digits", model__depth=None, model__width=None, model__blocks=text, steps=25, **settings)


NETWORKS = [
    experiment(model__batch_norm=True, model__dropout=0.3, model__activation="tanh"),
    experiment(dtype="float32", model__batch_norm=True, data__name="digits"),
    experiment(model__activation="maxout(pieces=3)", model__bias_init=0.2),
    experiment(model__activation="selu", model__dropout=0.2),
    experiment(model__activation="prelu", data__name="diabetes"),
    experiment(data__name="breast_cancer", cost="binary_cross_entropy", model__depth=0),
    experiment(cost="quadratic", model__output="tanh", model__init="lsuv"),
    blocks("conv(3, batch_norm=on), max_pool, conv(4, stride=2), average_pool, dense(6, dropout=0.5)"),
    blocks("lstm(4, states=all), gru(3, states=all), rnn(3)", dtype="float32"),
    blocks(
        "dense(6), residual(dense(5, batch_norm=on), dense(7), form=pre_activation), residual(dense(4), dense(7)), dropout(0.5)"
    ),
    blocks("split(conv(2) | conv(3, kernel=1), join=concat), batch_norm, activation(elu), flatten, dense(4)"),
]


@pytest.mark.parametrize("asked", NETWORKS, ids=lambda e: f"{e.model.activation}-{e.data.name}-{e.dtype}-{len(e.model.blocks)}")
def test_a_loaded_network_predicts_the_same_as_the_one_that_was_trained(tmp_path, asked):
    training, _ = kept(tmp_path, [asked, asked.with_settings({"seed": 5})])
    test = training.prepared.test
    expected, _ = training.network.forward(test.inputs.expand(2, -1, -1), test.targets.expand(2, -1, -1), training=False)
    dataset = load_dataset(asked.data)
    for member in range(2):
        network = load_network(tmp_path, member)
        x = torch.from_numpy(dataset.test.inputs).to(getattr(torch, asked.dtype))
        np.testing.assert_allclose(network(x).detach(), expected[member], rtol=0, atol=1e-6)
    assert not torch.equal(expected[0], expected[1])


@pytest.mark.parametrize("by", ["seed", "bagging", "disjoint"])
def test_the_members_of_an_ensemble_are_its_networks(tmp_path, by):
    asked = expand(experiment(ensemble__members=3, ensemble__by=by))
    training, _ = kept(tmp_path, asked)
    test = training.prepared.test
    expected, _ = training.network.forward(test.inputs.expand(3, -1, -1), test.targets.expand(3, -1, -1), training=False)
    networks = load_networks(tmp_path)
    assert [network.member for network in networks] == [0, 1, 2]
    assert [network.experiment for network in networks] == list(asked)
    for network, outputs in zip(networks, expected, strict=True):
        np.testing.assert_allclose(network(test.inputs).detach(), outputs, rtol=0, atol=1e-6)


def test_it_is_made_of_pytorchs_modules_and_stands_in_evaluation(tmp_path):
    kept(tmp_path, [experiment(model__batch_norm=True, model__dropout=0.3)])
    network = load_network(tmp_path)
    leaves = [module for module in network.modules() if not list(module.children())]
    assert {type(module).__module__.partition(".")[0] for module in leaves} == {"torch"}
    assert not any(module.training for module in network.modules())
    assert {parameter.device.type for parameter in network.parameters()} == {"cpu"}
    assert "layers.body.hidden 1.norm.running_var" in network.state_dict()
    assert [name for name, _ in network.layers.named_children()] == ["body", "output", "activation"]


def test_it_says_what_it_is(tmp_path):
    asked = experiment()
    kept(tmp_path, [asked])
    network = load_network(tmp_path)
    assert network.experiment == asked
    assert network.classes == ("setosa", "versicolor", "virginica")
    assert (network.features, network.shape, network.step, network.epoch, network.member) == (4, (4,), 50, 6, 0)
    assert network.data.task == "classification"
    assert network.path.parent == tmp_path
    convolution = blocks("conv(2), dense(3)")
    kept(tmp_path / "other", [convolution])
    assert load_network(tmp_path / "other").shape == (1, 8, 8)


def test_it_can_be_copied_cut_trained_on_and_its_weights_are_its_own(tmp_path):
    kept(tmp_path, [experiment(dtype="float32")])
    first, second = load_network(tmp_path), load_network(tmp_path)
    x = torch.randn(3, 4, generator=torch.Generator().manual_seed(1))
    before = second(x).detach().clone()
    copied = copy.deepcopy(first)
    assert torch.equal(copied(x), before)
    assert copied.experiment == first.experiment
    assert first.layers[:-1](x).shape == (3, 3)
    first(x).sum().backward()
    assert all(parameter.grad is not None for parameter in first.parameters())
    with torch.no_grad():
        for parameter in first.parameters():
            parameter.zero_()
    assert torch.equal(second(x), before)


def test_the_best_epoch_has_its_own_weights(tmp_path):
    asked = experiment(epochs=12, steps=None, lr=0.3, optimizer="sgd", checkpoint__best=True, model__width=30, batch_size=4)
    training, _ = kept(tmp_path, [asked])
    costs = []
    for kind in ("best", "last"):
        network = load_network(tmp_path, kind=kind)
        outputs = network(training.prepared.validation.inputs)
        truth = training.prepared.validation.targets[:, 0]
        costs.append((torch.nn.functional.nll_loss(outputs.log(), truth).item(), network.epoch))
    (best, epoch), (last, _) = costs
    watched = training.stopping.watched[0]
    assert best == pytest.approx(watched.best, rel=1e-9)
    assert (epoch, best < last) == (watched.best_epoch, True)


def test_a_member_that_stopped_early_has_the_weights_it_ended_with(tmp_path):
    asked = [
        experiment(
            epochs=40,
            steps=None,
            stop__patience=2,
            lr=lr,
            optimizer="sgd",
            model__width=30,
            batch_size=4,
            schedule="step(every=1000, factor=0.5)",
        )
        for lr in (0.5, 0.01)
    ]
    training, last = kept(tmp_path, asked)
    outcome = last.outcomes[0]
    assert outcome.restored_step is not None
    network = load_network(tmp_path, 0)
    truth = training.prepared.test.targets[:, 0]
    cost = torch.nn.functional.nll_loss(network(training.prepared.test.inputs).log(), truth).item()
    assert outcome.test is not None
    assert cost == pytest.approx(outcome.test.cost, rel=1e-9)


# --- pictures ----------------------------------------------------------------------


def test_the_first_layers_weights_are_pictures(tmp_path):
    training, _ = kept(tmp_path, [experiment(data__name="digits", seed=seed, dtype="float32") for seed in (0, 1)])
    pictures = first_layer_pictures(tmp_path, 1)
    weight = training.network.layers[0].weight
    assert weight is not None
    assert pictures.shape == (7, 8, 8)
    np.testing.assert_array_equal(pictures.reshape(7, 64), weight.value[1].T.numpy())


def test_the_kernels_of_a_convolution_are_pictures(tmp_path):
    training, _ = kept(tmp_path, [blocks("conv(3, kernel=5), dense(4)")])
    weight = training.network.layers[0].weight
    assert weight is not None
    np.testing.assert_array_equal(first_layer_pictures(tmp_path), weight.value[0, :, 0].numpy())


@pytest.mark.parametrize("asked", [experiment(), blocks("lstm(3)")])
def test_weights_that_are_no_pictures_are_refused(tmp_path, asked):
    kept(tmp_path, [asked])
    with pytest.raises(ConfigurationError, match="are no pictures"):
        first_layer_pictures(tmp_path)


# --- what goes wrong ---------------------------------------------------------------


@pytest.fixture
def checkpoint(tmp_path) -> Path:
    """The JSON of a checkpoint of two networks, of which the second diverged."""
    kept(tmp_path, [experiment(optimizer="sgd", lr=lr, data__name="diabetes") for lr in (0.01, 900.0)])
    (path,) = tmp_path.glob("last-*.json")
    return path


def test_a_file_is_as_good_as_its_folder(checkpoint):
    x = torch.ones(2, 10, dtype=torch.float64)
    assert torch.equal(load_network(checkpoint)(x), load_network(str(checkpoint.parent))(x))


def test_networks_that_diverged_are_told_and_left_out(checkpoint):
    with pytest.raises(CheckpointError, match="member 1 diverged"):
        load_network(checkpoint, 1)
    assert [network.member for network in load_networks(checkpoint)] == [0]


def test_a_member_that_is_not_there_is_told(checkpoint):
    with pytest.raises(CheckpointError, match="there is no member 7; they count from 0 to 1"):
        load_network(checkpoint, 7)


def test_a_folder_without_a_checkpoint_is_told(tmp_path, checkpoint):
    (tmp_path / "empty").mkdir()
    with pytest.raises(CheckpointError, match="no checkpoint of the last weights"):
        load_network(tmp_path / "empty")
    with pytest.raises(CheckpointError, match="no checkpoint of the best weights"):
        load_network(checkpoint.parent, kind="best")
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_network(tmp_path / "nowhere.json")


def test_damaged_files_are_told(checkpoint):
    tensors = checkpoint.with_suffix(".safetensors")
    content = bytearray(tensors.read_bytes())
    content[-1] ^= 1
    tensors.write_bytes(content)
    with pytest.raises(CheckpointError, match="is damaged"):
        load_network(checkpoint)
    checkpoint.write_text(checkpoint.read_text()[:-20])
    with pytest.raises(CheckpointError, match=re.escape(str(checkpoint))):
        load_network(checkpoint)


def test_tensors_of_another_network_than_it_describes_are_told(checkpoint):
    values = json.loads(checkpoint.read_text())
    for described in values["experiments"]:
        described["model"]["width"] = 9
    checkpoint.write_text(json.dumps(values))
    with pytest.raises(CheckpointError, match=r"that it describes: the weight of hidden 1 is 10x9, but 10x7 in the checkpoint"):
        load_network(checkpoint)


# --- the engine's front door -------------------------------------------------------


def test_the_example_of_the_engine_works(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert engine.__doc__ is not None
    _, example, _ = engine.__doc__.split("```")
    names: dict[str, object] = {}
    exec(example.replace("print(event)", "pass"), names)
    probabilities = names["probabilities"]
    assert isinstance(probabilities, torch.Tensor)
    assert isinstance(names["network"], TrainedNetwork)
    torch.testing.assert_close(probabilities.sum(1), torch.ones(len(probabilities)))


def test_the_engine_offers_what_it_names():
    assert engine.load_network is load_network
    assert engine.Experiment is Experiment
    with pytest.raises(AttributeError):
        engine.nothing  # noqa: B018
