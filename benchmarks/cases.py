"""The trainings that are measured, and the same data for all contenders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from engine.catalog import Pick
from engine.data import Progress
from engine.events import DataInfo, Event, Intervened
from engine.experiment import Experiment
from engine.network.build import build_network
from engine.training.control import Control
from engine.training.loop import Training
from engine.training.prepare import Prepared, layer_infos, resolve_device
from engine.training.records import Branch
from engine.training.scores import Part
from workbench.runner import Source


@dataclass(frozen=True, slots=True)
class Case:
    """One network and how it is trained, on normal inputs with random classes: speed does not depend on the values."""

    name: str
    inputs: int
    width: int
    depth: int
    classes: int
    batch: int
    activation: str
    optimizer: str
    examples: int  # in the training part; a tenth of that for validation
    steps: int  # in one round
    blocks: str = ""  # instead of width and depth
    shape: tuple[int, ...] = ()  # of an example, where there are blocks

    def experiment(self, seed: int = 0, device: str = "cpu") -> Experiment:
        """The training as an experiment with default monitoring."""
        layers = {"blocks": self.blocks} if self.blocks else {"depth": self.depth, "width": self.width}
        return Experiment.parse({
            "model": {**layers, "activation": self.activation, "init": "xavier_normal"},
            "optimizer": self.optimizer, "lr": 0.001, "batch_size": self.batch, "steps": self.steps, "seed": seed,
            "threads": 1, "device": device,
        })  # fmt: skip

    def part(self, examples: int, device: str) -> Part:
        """Examples made from a fixed seed."""
        gen = torch.Generator().manual_seed(examples)
        x = torch.randn(examples, self.inputs, generator=gen)
        y = torch.randint(0, self.classes, (examples, 1), generator=gen)
        return Part(x.to(device), y.to(device))

    def prepared(self, members: int = 1, device: str = "cpu") -> Prepared:
        """A population that is ready to train."""
        experiments = tuple(self.experiment(seed, device) for seed in range(members))
        train, held_out = self.part(self.examples, device), self.part(self.examples // 10, device)
        names = tuple(str(k) for k in range(self.classes))
        info = DataInfo("classification", self.inputs, self.classes, names, len(train), len(held_out), len(held_out))
        where = resolve_device(device)
        shape = self.shape or (self.inputs,)
        network = build_network(experiments, shape, self.classes, Pick("cross_entropy"), where)
        layers = layer_infos(network, experiments[0].model, shape, self.classes)
        return Prepared(experiments, network, layers, info, train, held_out, held_out, 1.0, where, 1, self.batch)


def prepared_source(prepared: Prepared) -> Source:
    """Something a `Runner` can train that finds its data ready."""

    def source(
        experiments: Sequence[Experiment],
        *,
        control: Control | None = None,
        progress: Progress | None = None,
        checkpoints: Callable[[], Path] | None = None,
        resume: Path | None = None,
        branch: Branch | None = None,
        interventions: Sequence[Intervened] = (),
    ) -> Iterator[Event]:
        del experiments, progress, resume, branch
        return Training(prepared, control or Control(), checkpoints=checkpoints, interventions=interventions).events()

    return source


SMALL = Case("64 -> 3x64 -> 10, ReLU, batch 64, Adam", 64, 64, 3, 10, 64, "relu", "adam", 1437, 1150)
MIDDLE = Case("784 -> 4x256 -> 10, ReLU, batch 128, Adam", 784, 256, 4, 10, 128, "relu", "adam", 20_000, 314)
LARGE = Case("1024 -> 5x1000 -> 9, tanh, batch 10, SGD", 1024, 1000, 5, 9, 10, "tanh", "sgd", 4_000, 400)
TINY = Case("2 -> 3x8 -> 2, ReLU, batch 32, Adam", 2, 8, 3, 2, 32, "relu", "adam", 800, 1500)
RESIDUAL = Case(
    "784 -> 5 residual(256, 256) -> 10, ReLU, batch 128, Adam", 784, 0, 0, 10, 128, "relu", "adam", 20_000, 157,
    "dense(256), 5*residual(dense(256), dense(256))", (784,),
)  # fmt: skip
CONVOLUTION = Case(
    "1x28x28 -> conv 16, pool, conv 32, pool, dense 128 -> 10, ReLU, batch 100, Adam", 784, 0, 0, 10, 100, "relu", "adam", 5_000, 50,
    "conv(16), max_pool, conv(32), max_pool, flatten, dense(128)", (1, 28, 28),
)  # fmt: skip
RECURRENT = Case(
    "28 rows of 28 -> LSTM 128 -> 10, batch 100, Adam", 784, 0, 0, 10, 100, "tanh", "adam", 5_000, 50, "lstm(128)", (28, 28)
)
