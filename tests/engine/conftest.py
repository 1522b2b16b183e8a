"""What the tests of the engine share."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from engine.experiment import Experiment
from engine.training.control import Control
from engine.training.loop import Training
from engine.training.prepare import Prepared, prepare


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def experiment(**settings: object) -> Experiment:
    """A small experiment in float64 on the iris flowers; settings by dotted path with `__` for the dot."""
    base = Experiment.parse(
        {
            "data": {"name": "iris"},
            "model": {"depth": 2, "width": 7},
            "dtype": "float64",
            "device": "cpu",
            "batch_size": 16,
            "steps": 50,
            "threads": 1,
        }
    )
    return base.with_settings({"epochs": None, **{name.replace("__", "."): value for name, value in settings.items()}})


def trained(experiments: Sequence[Experiment]) -> Prepared:
    """Train a population to its end and give back what was trained."""
    prepared = prepare(experiments)
    for _ in Training(prepared, Control()).events():
        pass
    return prepared
