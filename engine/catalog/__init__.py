"""Everything that can be chosen, in words and numbers, without loading torch."""

from collections.abc import Mapping

from engine.catalog.activations import ACTIVATIONS, OUTPUT_ACTIVATIONS
from engine.catalog.block_text import blocks_text, parse_blocks
from engine.catalog.blocks import BLOCKS, BlockPick
from engine.catalog.choice import Choice, Parameter, Pick, Registry, parse_pick, unknown_name
from engine.catalog.costs import COSTS
from engine.catalog.datasets import DATASETS
from engine.catalog.initializers import INITIALIZERS
from engine.catalog.optimizers import OPTIMIZERS, SCHEDULES
from engine.catalog.pretraining import PRETRAINING

REGISTRIES: Mapping[str, Registry] = {
    "data.name": DATASETS,
    "model.activation": ACTIVATIONS,
    "model.output": OUTPUT_ACTIVATIONS,
    "model.init": INITIALIZERS,
    "cost": COSTS,
    "pretraining": PRETRAINING,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
}
"""The choices that a setting has, by the setting's path."""

__all__ = [
    "ACTIVATIONS",
    "BLOCKS",
    "COSTS",
    "DATASETS",
    "INITIALIZERS",
    "OPTIMIZERS",
    "OUTPUT_ACTIVATIONS",
    "PRETRAINING",
    "REGISTRIES",
    "SCHEDULES",
    "BlockPick",
    "Choice",
    "Parameter",
    "Pick",
    "Registry",
    "blocks_text",
    "parse_blocks",
    "parse_pick",
    "unknown_name",
]
