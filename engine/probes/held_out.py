"""The fixed examples on which distributions are taken."""

from __future__ import annotations

import torch

from engine.generators import generator
from engine.training.scores import Part

HELD_OUT = 300
"""Examples at most. Glorot & Bengio 2010 take their statistics on "a fixed set of 300 test examples"."""


def held_out_examples(train: Part, validation: Part, test: Part, data_seed: int) -> Part:
    """At most 300 examples of the validation part, or else of the test part, or else of the training part.

    They are drawn by the seed of the data, so all members of a population, and all runs on the same data, share them. They stand
    in random order: the first few are a fair sample of them.
    """
    part = next((part for part in (validation, test) if len(part)), train)
    chosen = torch.randperm(len(part), generator=generator(data_seed, "held-out"))[:HELD_OUT]
    chosen = chosen.to(part.inputs.device)
    return Part(part.inputs[chosen], part.targets[chosen])
