"""The science of the workbench: it knows no screen, no database and no command line.

```
from pathlib import Path

import torch

from engine import Experiment, forecast, load_network, train
from engine.data import load_dataset

experiment = Experiment.parse({"data": {"name": "digits"}, "model": {"depth": 2, "activation": "tanh"}, "epochs": 5})
print(forecast(experiment).verdict)  # how signal and gradient pass it, before its first step
for event in train([experiment], checkpoints=lambda: Path("checkpoints")):
    print(event)

network = load_network("checkpoints")  # a torch.nn.Module
digits = load_dataset(experiment.data)  # scaled as the network was trained on
probabilities = network(torch.from_numpy(digits.test.inputs))
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.experiment import Experiment
    from engine.insight.forecast import forecast
    from engine.loading import load_network
    from engine.training.loop import train

__all__ = ["Experiment", "forecast", "load_network", "train"]


def __getattr__(name: str) -> Any:
    """Load what is named only when it is: describing an experiment needs no torch, and a list of choices no pydantic."""
    if name == "Experiment":
        from engine.experiment import Experiment

        return Experiment
    if name == "forecast":
        from engine.insight.forecast import forecast

        return forecast
    if name == "load_network":
        from engine.loading import load_network

        return load_network
    if name == "train":
        from engine.training.loop import train

        return train
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
