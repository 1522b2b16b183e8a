"""From experiments of one shape to everything a training needs: data on the device, network, sizes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import prod

import numpy as np
import torch
from torch import Tensor

from engine.catalog import Pick
from engine.data import Dataset, Examples, Progress, load_dataset
from engine.data.facts import facts_of
from engine.errors import ConfigurationError, DeviceError
from engine.events import DataInfo, LayerInfo
from engine.experiment import Experiment
from engine.network.block import Layer
from engine.network.build import build_network, output_width, resolve_cost
from engine.network.lsuv import EXAMPLES, lsuv_on_data, uses_lsuv
from engine.network.network import Network
from engine.network.plan import Shape, leaving, plan, walk_planned
from engine.parts import Model
from engine.population import populations
from engine.training.batch_sizes import resolve_batch_size
from engine.training.manifest import Manifest
from engine.training.members import member_rows, rows_note
from engine.training.memory import keep_memory, memory_of
from engine.training.pretraining import check_pretraining
from engine.training.scores import Part
from engine.training.stopping import check_watched

WORTH_MORE_THREADS = 2e9
"""Floating-point operations in a step from which `threads = "auto"` takes half of the cores."""

NAMED_INPUTS = 64
"""Of so many features at the most the names are told."""

COPIES_OF_WEIGHTS = 7
"""Values, gradients, two of the optimizer, one of the probes, and the first draw in float64."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A population that is ready to train."""

    experiments: tuple[Experiment, ...]
    network: Network
    layers: tuple[LayerInfo, ...]
    data: DataInfo
    train: Part
    validation: Part
    test: Part
    target_std: float
    device: torch.device
    threads: int
    batch_size: int
    shape: Shape = ()  # of one example as the network takes it
    rows: Tensor | None = None  # [P, N'] the training examples that each member learns from; None: all of them
    stream: Callable[[int, int], tuple[Tensor, Tensor]] | None = (
        None  # so many training examples from one on, where they are made
    )
    target_mean: float = 0.0  # of a regression: a target in its own unit is target * target_std + target_mean


def prepare(experiments: Sequence[Experiment], progress: Progress | None = None, *, like: Manifest | None = None) -> Prepared:
    """Load the data, build the network, and check the experiments against what only the data tells.

    Args:
        experiments: one for each member.
        progress: told of downloads and long loads.
        like: of a checkpoint whose training is to go on, on the same device with as many threads.

    Raises:
        ConfigurationError: the experiments are of different shapes or do not fit the data.
        DataError: the data cannot be read.
        DeviceError: the device is not there.
    """
    if len(populations(experiments)) != 1:
        raise ValueError("the experiments of a population must have the same shapes; see engine.population.populations")
    lead = experiments[0]
    device = resolve_device(lead.device if like is None else like.device)
    keep_memory()
    dataset = load_dataset(lead.data, progress)
    check_watched(lead, dataset.task, len(dataset.validation))
    rows = member_rows(experiments, len(dataset.train))
    rows = None if rows is None else rows.to(device)
    cost = resolve_cost(lead, dataset.task)
    outputs = output_width(cost, dataset.task, len(dataset.classes))
    features = dataset.train.inputs.shape[1]
    shape = dataset.shape if lead.model.blocks else (features,)
    batch_size = resolve_batch_size(lead, shape, len(dataset.train) if rows is None else rows.shape[1])
    _check_memory(experiments, shape, outputs, device)
    network = build_network(experiments, shape, outputs, cost, device)
    dtype = getattr(torch, lead.dtype)

    def part(examples: Examples) -> Part:
        inputs = torch.from_numpy(examples.inputs).to(device, dtype)
        return Part(inputs, _targets(examples, dataset, cost, outputs, dtype).to(device))

    def stream(first: int, count: int) -> tuple[Tensor, Tensor]:
        assert dataset.stream is not None
        made = part(dataset.stream.examples(first, count))
        return made.inputs, made.targets

    train = part(dataset.train)
    check_pretraining(lead, train.inputs, len(experiments))
    if like is None:
        lsuv_on_data(network, experiments, train.inputs, shape, rows=rows)
    return Prepared(
        experiments=tuple(experiments),
        network=network,
        layers=layer_infos(network, lead.model, shape, outputs),
        data=_data_info(dataset, features, outputs, _notes(dataset, experiments, rows, network, shape)),
        train=train,
        validation=part(dataset.validation),
        test=part(dataset.test),
        target_std=dataset.target_std,
        device=device,
        threads=_threads(lead, network, batch_size) if like is None else like.threads,
        batch_size=batch_size,
        shape=shape,
        rows=rows,
        stream=None if dataset.stream is None else stream,
        target_mean=dataset.target_mean,
    )


def resolve_device(name: str) -> torch.device:
    """The device of that name; `auto` is a GPU if there is one.

    Raises:
        DeviceError: a CUDA device was asked for and is not there.
    """
    there = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name == "auto":
        return torch.device("cuda:0" if there else "cpu")
    if name == "cpu":
        return torch.device("cpu")
    device = torch.device(name if ":" in name else "cuda:0")
    if device.index >= there:
        have = f"it has {there}, numbered from 0" if there else "it has none that PyTorch can use"
        raise DeviceError(f"device {name} was asked for, but this machine has no such GPU ({have}); use --device cpu or auto")
    return device


def device_name(device: torch.device) -> str:
    """The device in words, such as `cpu` or `cuda:0 (NVIDIA H200)`."""
    return "cpu" if device.type == "cpu" else f"{device} ({torch.cuda.get_device_name(device)})"


def layer_infos(network: Network, model: Model, shape: Shape, outputs: int) -> tuple[LayerInfo, ...]:
    """What the layers are, for one member.

    Args:
        network: made of the model.
        model: whose blocks tell the shapes.
        shape: of one example.
        outputs: outputs of the network.
    """
    planned = plan(model, shape)
    blocks = {block.name: block for block in walk_planned(planned)}
    infos = []
    for layer in network.layers:
        block = blocks.get(layer.name)
        enters, leaves = (block.inputs, block.outputs) if block else (leaving(planned, shape), (outputs,))
        infos.append(
            LayerInfo(
                name=layer.name,
                inputs=prod(enters),
                outputs=prod(leaves),
                activation=activation_name(layer),
                parameters=sum(p.value[0].numel() for p in layer.own_parameters),
                kind=layer.kind,
                weights=0 if layer.weight is None else layer.weight.value[0].numel(),
                shape=leaves,
            )
        )
    return tuple(infos)


def activation_name(layer: Layer) -> str:
    """The layer's activation as lists show it; empty where there is none."""
    return "" if layer.activation is None else type(layer.activation).__name__.lower()


def _targets(examples: Examples, dataset: Dataset, cost: Pick, outputs: int, dtype: torch.dtype) -> Tensor:
    """Class indices `[N, 1]` for cross-entropy, else values `[N, C]`: one-hot, a yes or no, or numbers."""
    if dataset.task == "regression":
        return torch.from_numpy(examples.targets).to(dtype).view(-1, 1)
    classes = torch.from_numpy(examples.targets.astype(np.int64)).view(-1, 1)
    if cost.kind == "cross_entropy":
        return classes
    if outputs == 1:
        return classes.to(dtype)
    return torch.zeros(len(classes), outputs, dtype=dtype).scatter_(1, classes, 1.0)


def _check_memory(experiments: Sequence[Experiment], shape: Shape, outputs: int, device: torch.device) -> None:
    """Refuse a network that cannot fit before anything is made: the system would kill the program without a word."""
    lead = experiments[0]
    planned = plan(lead.model, shape)
    weights = len(experiments) * (sum(block.weights for block in planned) + prod(leaving(planned, shape)) * outputs)
    need = weights * COPIES_OF_WEIGHTS * getattr(torch, lead.dtype).itemsize
    have = memory_of(device)
    if need > have:
        raise ConfigurationError.at(
            "model",
            f"{weights:,} weights need about {need / 2**30:,.0f} GiB with gradients, optimizer and measurements, but {device} has "
            f"{have / 2**30:,.0f} GiB; use a smaller width or depth, smaller blocks, or fewer seeds",
        )


def _threads(experiment: Experiment, network: Network, batch: int) -> int:
    if experiment.threads != "auto":
        return experiment.threads
    operations = 6 * batch * network.members * network.products
    return max(1, (os.cpu_count() or 1) // 2) if operations >= WORTH_MORE_THREADS else 1


def _notes(
    dataset: Dataset, experiments: Sequence[Experiment], rows: Tensor | None, network: Network, shape: Shape
) -> tuple[str, ...]:
    """What is told of who learns from what, besides the dataset's own notes."""
    examples = len(dataset.train)
    notes = rows_note(experiments[0], rows, examples)
    if dataset.stream is None:
        return notes
    first = f"the first {examples:,} examples"
    if experiments[0].pretraining.kind != "none":
        notes += (f"pre-training learns from {first} again and again; what follows learns from new ones",)
    if uses_lsuv(network, experiments, shape):
        notes += (f"lsuv looks at {min(EXAMPLES, examples)} of {first}",)
    return notes


def _data_info(dataset: Dataset, features: int, outputs: int, notes: tuple[str, ...]) -> DataInfo:
    return DataInfo(
        task=dataset.task,
        features=features,
        outputs=outputs,
        classes=dataset.classes,
        train=len(dataset.train.inputs),
        validation=len(dataset.validation.inputs),
        test=len(dataset.test.inputs),
        notes=dataset.notes + notes,
        fingerprint=fingerprint(dataset),
        image_shape=dataset.image_shape or (),
        online=dataset.stream is not None,
        inputs=dataset.features if features <= NAMED_INPUTS and dataset.image_shape is None else (),
        **asdict(facts_of(dataset)),
    )


def fingerprint(dataset: Dataset) -> str:
    """16 hex digits that tell whether two runs learned from the same numbers."""
    digest = hashlib.blake2b(digest_size=8)
    for part in (dataset.train, dataset.validation, dataset.test):
        for numbers in (part.inputs, part.targets):
            digest.update(numbers.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
