"""Trained networks from checkpoints, as plain modules of PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from torch import Tensor, nn

from engine.errors import CheckpointError, ConfigurationError
from engine.events import DataInfo, Floats
from engine.experiment import Experiment
from engine.network.activated import PostActivation
from engine.network.block import Layer
from engine.network.build import build_network, resolve_cost
from engine.network.convolution import Convolution
from engine.network.module import modules_of
from engine.network.network import Network
from engine.training.checkpoint import Saved, load
from engine.training.manifest import newest
from engine.training.snapshots import learned, mismatch

Kind = Literal["last", "best"]


class TrainedNetwork(nn.Module):
    """A trained network of PyTorch's own modules, on the CPU, in evaluation mode, with weights of its own.

    It takes inputs `[B, D]` that are scaled as the training examples were, and gives `[B, C]`: probabilities of the classes under
    softmax, the probability of the second class where there is one output for two classes, or for a regression the standardized
    target. Pictures come as flat numbers, channel by channel, row by row. Its numbers are float32 or float64, as it was trained.

    Examples that are scaled so come from `engine.data.load_dataset(network.experiment.data)`, or for others from
    `engine.encoding`.

    Attributes:
        layers: body, output layer and output activation, one after the other.
        experiment: how it was trained.
        data: what it was trained on: task, number of inputs and outputs, fingerprint.
        classes: the name of each class; none for a regression.
        features: D.
        shape: of one example as the first block sees it: (features,), (steps, features) or (channels, height, width).
        step: updates that the weights have had.
        epoch: epochs that were over.
        member: its place in the population that it was trained in.
        path: of the checkpoint's JSON file.
    """

    def __init__(self, saved: Saved, member: int) -> None:
        super().__init__()
        manifest, stand = saved.manifest, saved.manifest.stand_of(member)
        self.layers = nn.Sequential(modules_of(_network(saved, member)))
        self.experiment: Experiment = manifest.experiments[member]
        self.data: DataInfo = manifest.learned_from
        self.classes: tuple[str, ...] = self.data.classes
        self.features: int = self.data.features
        self.shape: tuple[int, ...] = manifest.shape
        self.step: int = stand.step
        self.epoch: int = stand.epoch
        self.member: int = member
        self.path: Path = saved.path
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        """`[B, D]` to `[B, C]`."""
        outputs: Tensor = self.layers(x)
        return outputs

    # Copies, and files of torch.save, hold the experiment as text.

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "experiment": self.experiment.to_json()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        own = {**state, "experiment": Experiment.from_json(state["experiment"])}
        super().__setstate__(own)  # type: ignore[no-untyped-call]


def load_network(path: Path | str, member: int = 0, *, kind: Kind = "last") -> TrainedNetwork:
    """Read a trained network.

    Args:
        path: of a checkpoint's JSON file, or of the folder in which a training keeps its checkpoints.
        member: place in the population that was trained together, from 0.
        kind: of a folder, which checkpoint: the latest, or that of the best epochs.

    Raises:
        CheckpointError: there is none, it is damaged, or has no such member.
    """
    return TrainedNetwork(read_checkpoint(path, kind), member)


def load_networks(path: Path | str, *, kind: Kind = "last") -> tuple[TrainedNetwork, ...]:
    """All networks of a population that have weights of use: those that diverged are left out.

    Raises:
        CheckpointError: there is no checkpoint, it is damaged, or all diverged.
    """
    saved = read_checkpoint(path, kind)
    problems = [saved.manifest.problem_with(member) for member in range(len(saved.manifest.experiments))]
    if all(problems):
        raise CheckpointError(f"{saved.path}: {problems[0]}")
    return tuple(TrainedNetwork(saved, member) for member, problem in enumerate(problems) if not problem)


def read_checkpoint(path: Path | str, kind: Kind = "last") -> Saved:
    """A checkpoint by its JSON file, or by the folder it is in.

    Raises:
        CheckpointError: there is none, or it is damaged.
    """
    path = Path(path)
    if not path.is_dir():
        return load(path)
    found = newest(path, ("best",) if kind == "best" else ("last", "epoch"))
    if found is None:
        raise CheckpointError(f"{path}: there is no checkpoint of the {kind} weights in this folder")
    return load(found)


def first_layer_pictures(path: Path | str, member: int = 0, *, kind: Kind = "last") -> Floats:
    """The weights of the layer that sees the pictures, unit by unit.

    Args:
        path: as for `load_network`.
        member: place in the population.
        kind: as for `load_network`.

    Returns:
        `[units, H, W]`, or `[units, C, H, W]` where the pictures have several channels. Of a dense layer the weights from all
        pixels to each unit (each piece of a maxout); of a convolution its kernels.

    Raises:
        CheckpointError: the checkpoint cannot be read.
        ConfigurationError: the network does not look at pictures, or its first layer does not see them whole.
    """
    saved = read_checkpoint(path, kind)
    network = _network(saved, member)
    layer, shape = network.layers[0], saved.manifest.shape
    if len(shape) != 3:
        image_shape = saved.manifest.learned_from.image_shape
        shape = (1,) * (3 - len(image_shape)) + image_shape if image_shape else shape
    pictures = _pictures(layer, shape)
    if pictures is None:
        raise ConfigurationError.at(
            "model", f"the weights of {layer.name} are no pictures; the first layer must be dense or a convolution, on pictures"
        )
    values: Floats = pictures.double().numpy()
    return values[:, 0] if values.shape[1] == 1 else values


def _pictures(layer: Layer, shape: tuple[int, ...]) -> Tensor | None:
    """`[units, C, H, W]`, if the weights of a layer on examples of this shape are pictures."""
    if len(shape) != 3 or not isinstance(layer, PostActivation):
        return None
    weight = layer.weight.value[0]
    if isinstance(layer.affine, Convolution):
        return weight
    return weight.T.reshape(-1, *shape)


def _network(saved: Saved, member: int) -> Network:
    """One member of a checkpoint as a network of the engine, on the CPU."""
    manifest = saved.manifest
    weights = saved.weights_of(member)
    experiment = manifest.experiments[member]
    cost = resolve_cost(experiment, manifest.learned_from.task)
    network = build_network([experiment], manifest.shape, manifest.learned_from.outputs, cost)
    problem = mismatch(network, weights)
    if problem:
        raise CheckpointError(f"{saved.path}: its tensors are not those of the network that it describes: {problem}")
    for tensor, value in zip(weights, learned(network), strict=True):
        value[0] = tensor
    return network
