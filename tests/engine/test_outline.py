"""What an experiment comes to before it is made: against the network that is made, and against numbers worked out by hand."""

from __future__ import annotations

import re
from math import prod

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from engine.catalog import OPTIMIZERS
from engine.data import load_dataset
from engine.data_outline import DataOutline, known, outline_of
from engine.errors import ConfigurationError
from engine.experiment import Experiment
from engine.layer_outline import network_layers
from engine.network.build import build_network
from engine.outline import OPTIMIZER_COPIES, outline, trace
from engine.training.optimizers import Optimizer
from engine.training.prepare import prepare
from tests.engine.network.stacks import ALONE, CLASSES, FLAT, PICTURE, SEQUENCE, examples

MODELS = [{}, {"batch_norm": True, "dropout": 0.25}, {"activation": "prelu"}]
IDS = [blocks for blocks, _ in ALONE]
COUNTED = [stack for stack in ALONE if not any(kind in stack[0] for kind in ("rnn", "gru", "lstm"))]
"""Without recurrent layers, whose products torch does not count, as they are written over the share of the input."""


def described(blocks, shape, **model):
    experiment = Experiment.parse({"model": {"blocks": blocks, **model}, "dtype": "float64", "data": {"name": "iris"}})
    return experiment, DataOutline(shape, "classification", CLASSES, 100)


def made(experiment, data):
    from engine.network.head import output_width, resolve_cost

    cost = resolve_cost(experiment, data.task)
    shape = data.shape if experiment.model.blocks else (prod(data.shape),)
    return build_network([experiment], shape, output_width(cost, data.task, data.classes), cost)


@pytest.mark.parametrize("model", MODELS, ids=["plain", "norm", "prelu"])
@pytest.mark.parametrize(("blocks", "shape"), ALONE, ids=IDS)
def test_parameters_are_those_of_the_network_that_is_made(blocks, shape, model):
    model = dict(model)
    if not ({"dense", "conv"} & set(re.findall("[a-z]+", blocks))) or "norm=on" in blocks:
        model.pop("batch_norm", None)  # no block takes the model's
        model.pop("dropout", None)
    experiment, data = described(blocks, shape, **model)
    layers = network_layers(experiment, data)
    network = made(experiment, data)
    assert sum(layer.parameters for layer in layers) == sum(each.value.numel() for each in network.parameters)


@pytest.mark.parametrize(("blocks", "shape"), COUNTED, ids=[blocks for blocks, _ in COUNTED])
def test_operations_are_those_that_torch_counts(blocks, shape):
    experiment, data = described(blocks, shape)
    layers = network_layers(experiment, data)
    network = made(experiment, data)
    x, y = examples(shape, 1)
    counts = []
    for part in (lambda: network.forward(x, y, training=True), network.backward):
        with FlopCounterMode(display=False) as counter:
            part()
        counts.append(counter.get_total_flops())
    forward, backward = (sum(getattr(layer, way) for layer in layers) * x.shape[1] for way in ("forward", "backward"))
    assert counts == [forward, backward]


@pytest.mark.parametrize(
    ("blocks", "shape", "kept", "forward", "backward"),
    [
        # 3 states of 4 units; x W 3x2x4, h U 3x4x4
        ("rnn(4)", (3, 2), 3 * 4, 2 * 3 * (2 + 4) * 4, 2 * 3 * (2 + 4) * 4 + 2 * 3 * 4 * 4),
        ("lstm(4)", (3, 2), 3 * 4 * 7, 8 * 3 * (2 + 4) * 4, 8 * 3 * (2 + 4) * 4 + 8 * 3 * 4 * 4),
        ("gru(4)", (3, 2), 3 * 4 * 5, 6 * 3 * (2 + 4) * 4, 6 * 3 * (2 + 4) * 4 + 6 * 3 * 4 * 4),
        # not first: the gradient of what came in is wanted, too
        ("dense(5, dropout=0.5), dense(3, batch_norm=on)", (7,), 2 * 5 + 2 * 3, 2 * (35 + 15), 2 * 35 + 4 * 15),
        ("conv(2, kernel=3), max_pool", (1, 4, 4), 2 * 16 + 2 * 4, 2 * 16 * 2 * 9, 2 * 16 * 2 * 9),
    ],
)
def test_numbers_kept_and_operations_by_hand(blocks, shape, kept, forward, backward):
    layers = network_layers(*described(blocks, shape))[:-1]
    assert [sum(getattr(each, of) for each in layers) for of in ("kept", "forward", "backward")] == [kept, forward, backward]


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_an_optimizer_remembers_so_much_of_each_parameter(kind):
    experiment, data = described("dense(3)", FLAT)
    experiment = experiment.with_settings({"optimizer": kind})
    network = made(experiment, data)
    optimizer = Optimizer([experiment], network)
    optimizer.step()
    remembered = sum(value.numel() for value in optimizer.state().values() if value.ndim)
    assert remembered == OPTIMIZER_COPIES[kind] * sum(each.value.numel() for each in network.parameters)


def test_memory_arithmetic_and_steps_of_a_small_network_by_hand():
    experiment = Experiment.parse({"model": {"depth": 1, "width": 5}, "data": {"name": "iris"}, "batch_size": 32, "epochs": 4})
    made_of = outline(experiment, DataOutline((4,), "classification", 3, 100), members=2)
    assert made_of.parameters == 4 * 5 + 5 + 5 * 3 + 3
    values = made_of.parameters * 4 * 2
    memory = made_of.memory
    assert (memory.parameters, memory.gradients, memory.optimizer) == (values, values, 2 * values)
    assert memory.activations == (4 + 5 + 3) * 32 * 4 * 2
    assert memory.total == 4 * values + memory.activations
    assert made_of.forward == 2 * (20 + 15) * 32 * 2
    assert made_of.backward == (2 * 20 + 4 * 15) * 32 * 2
    assert (made_of.steps_per_epoch, made_of.steps) == (4, 16)
    assert outline(experiment.with_settings({"steps": 7}), made_of.data).steps == 7


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"data.name": "moons", "data.samples": 333, "cost": "binary_cross_entropy"},
        {"data.name": "diabetes", "model.depth": 0},
        {"data.name": "wine", "data.train_size": 50, "model.batch_norm": True, "batch_size": "full"},
        {"data.name": "shapeset", "data.samples": 40, "batch_size": 20, "model.blocks": "conv(2, stride=4), flatten, dense(3)"},
        {"ensemble.members": 3, "ensemble.by": "disjoint"},
    ],
)
def test_it_agrees_with_what_is_prepared_for_training(settings):
    experiment = Experiment().with_settings(settings)
    data = known(experiment.data)
    prepared = prepare([experiment])
    described_as = outline(experiment, data)
    assert described_as.parameters == sum(layer.parameters for layer in prepared.layers)
    assert described_as.batch_size == prepared.batch_size
    examples_of_one = len(prepared.train.inputs) if prepared.rows is None else prepared.rows.shape[1]
    assert described_as.steps_per_epoch == -(-examples_of_one // prepared.batch_size)
    learned = [layer.parameters for layer in described_as.layers if layer.kind != "flatten"]
    assert learned == [layer.parameters for layer in prepared.layers]


@pytest.mark.parametrize(
    "name",
    [
        "digits",
        "iris",
        "wine",
        "breast_cancer",
        "diabetes",
        "xor",
        "circles",
        "moons",
        "spirals",
        "gaussians",
        "noise",
        "shapeset",
    ],
)
def test_what_is_known_of_data_is_what_they_turn_out_to_be(name):
    experiment = Experiment().with_settings({"data.name": name})
    assert known(experiment.data) == outline_of(load_dataset(experiment.data))


def test_nothing_is_known_of_files_and_chosen_features_before_they_are_read():
    assert known(Experiment().with_settings({"data.name": "a.npz"}).data) is None
    assert known(Experiment().with_settings({"data.features": ["-pixel*"]}).data) is None


def test_what_does_not_fit_is_told_as_before_a_training():
    with pytest.raises(ConfigurationError, match="more than the 1437 training examples"):
        outline(Experiment().with_settings({"batch_size": 2000}), known(Experiment().data))
    regression = Experiment().with_settings({"data.name": "diabetes", "cost": "cross_entropy"})
    with pytest.raises(ConfigurationError, match="needs classes"):
        outline(regression, known(regression.data))


@pytest.mark.parametrize(
    ("blocks", "shape", "shapes", "wrong"),
    [
        ("conv(3), max_pool, dense(4)", PICTURE, {"1": (3, 7, 6), "2": (3, 3, 3), "3": (4,)}, ""),
        ("residual(dense(6), dense(6))", FLAT, {"1": (6,), "1.1": (6,), "1.2": (6,)}, ""),
        ("split(dense(5) | lstm(3)), dense(4)", SEQUENCE, {}, "1"),
        ("dense(4), split(dense(5) | dense(4), conv(2), join=concat)", FLAT, {"1": (4,)}, "2.2.2"),
        ("dense(4), conv(2), dense(3)", FLAT, {"1": (4,)}, "2"),
    ],
)
def test_a_shape_is_followed_to_the_block_that_does_not_fit(blocks, shape, shapes, wrong):
    model = Experiment().with_settings({"model.blocks": blocks}).model
    traced = trace(model, model.blocks, shape)
    assert (dict(traced.shapes), traced.wrong) == (shapes, wrong)
    assert bool(traced.problem) == bool(wrong)


def test_members_are_made_in_one_network_of_as_many_times_the_parameters():
    experiment = Experiment()
    data = known(experiment.data)
    seven = outline(experiment, data, members=7)
    assert seven.memory.parameters == 7 * outline(experiment, data).memory.parameters
    assert torch.float32.itemsize * seven.parameters * 7 == seven.memory.parameters
