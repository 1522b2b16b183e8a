"""Everything that can be chosen, in words and numbers, without loading torch."""

from engine.catalog.activations import ACTIVATIONS, OUTPUT_ACTIVATIONS
from engine.catalog.choice import Choice, Parameter, Pick, Registry, parse_pick, unknown_name
from engine.catalog.costs import COSTS
from engine.catalog.datasets import DATASETS
from engine.catalog.initializers import INITIALIZERS
from engine.catalog.optimizers import OPTIMIZERS, SCHEDULES

__all__ = [
    "ACTIVATIONS",
    "COSTS",
    "DATASETS",
    "INITIALIZERS",
    "OPTIMIZERS",
    "OUTPUT_ACTIVATIONS",
    "SCHEDULES",
    "Choice",
    "Parameter",
    "Pick",
    "Registry",
    "parse_pick",
    "unknown_name",
]
