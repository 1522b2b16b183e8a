"""Small networks and examples to take distributions of."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch

from engine.catalog import Pick
from engine.experiment import Experiment
from engine.network.build import build_network
from engine.network.network import Network
from engine.probes.distributions import DistributionProbe
from engine.probes.held_out import held_out_examples
from engine.training.control import Control
from engine.training.loop import Training
from engine.training.prepare import Prepared, prepare
from engine.training.scores import Part

PICTURE, SEQUENCE, FLAT_SHAPE = (2, 7, 6), (5, 3), (6,)


def some_steps(*experiments: Experiment) -> Prepared:
    """A population that has learned a little, so that batch norm's averages are some numbers."""
    prepared = prepare(experiments)
    for _ in Training(prepared, Control()).events():
        pass
    return prepared


def probe_of(prepared: Prepared) -> tuple[DistributionProbe, Part]:
    examples = held_out_examples(prepared.train, prepared.validation, prepared.test, prepared.experiments[0].data.seed)
    return DistributionProbe(prepared.network, examples, jacobian=False), examples


def blocks(text: str, shape: tuple[int, ...], seeds: Sequence[int] = (0,), **model: object) -> tuple[Network, Part]:
    """A network that has not learned, and 20 examples."""
    base = {
        "model": {"blocks": text, "activation": "tanh", "init": "normal(std=0.8)", "bias_init": 0.1, **model},
        "dtype": "float64",
    }
    net = build_network([Experiment.parse({**base, "seed": seed}) for seed in seeds], shape, 4, Pick("cross_entropy"))
    gen = torch.Generator().manual_seed(7)
    x = torch.randn(20, prod(shape), dtype=torch.float64, generator=gen)
    return net, Part(x, torch.randint(0, 4, (20, 1), generator=gen))
