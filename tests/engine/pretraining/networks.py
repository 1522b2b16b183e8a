"""Small networks to pre-train, and inputs for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from engine.catalog import Pick
from engine.events import PretrainingEpoch, Reconstructed
from engine.experiment import Experiment
from engine.network.build import build_network
from engine.network.network import Network
from engine.training.pretraining import check_pretraining, pretrain
from tests.engine.conftest import experiment

N, D = 230, 12


def patterns(seed: int = 0) -> Tensor:
    """Numbers from 0 to 1 with something in them to be learned: each example is one of four patterns, blurred."""
    rng = np.random.default_rng(seed)
    prototypes = rng.random((4, D)) < 0.5
    flipped = rng.random((N, D)) < 0.05
    return torch.from_numpy(np.where(prototypes[rng.integers(4, size=N)] ^ flipped, 0.9, 0.1))


def deep(pretraining: str = "dbn(epochs=3, batch_size=20)", **settings: object) -> Experiment:
    return experiment(**{"pretraining": pretraining, "model__widths": (8, 6), "model__activation": "sigmoid", **settings})


def built(experiments: Sequence[Experiment]) -> Network:
    return build_network(experiments, (D,), 3, Pick("cross_entropy"))


def events_of(network: Network, experiments: Sequence[Experiment], inputs: Tensor) -> list[PretrainingEpoch | Reconstructed]:
    check_pretraining(experiments[0], inputs, len(experiments))
    return list(pretrain(network, experiments, inputs))


def pretrained(experiments: Sequence[Experiment], inputs: Tensor | None = None) -> Network:
    network = built(experiments)
    events_of(network, experiments, patterns() if inputs is None else inputs)
    return network


def values(network: Network, member: int = 0) -> list[Tensor]:
    return [parameter.value[member].clone() for parameter in network.parameters]


def standardized() -> Tensor:
    x = patterns()
    return (x - x.mean(0)) / x.std(0, correction=0)


INPUTS = {"dbn": patterns(), "gaussian_dbn": standardized(), "denoising": patterns()}
