"""The science of the workbench: it knows no screen, no database and no command line.

```
from engine import Experiment, train

for event in train([Experiment.parse({"model": {"depth": 5, "activation": "tanh"}})]):
    ...
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.experiment import Experiment
    from engine.training.loop import train

__all__ = ["Experiment", "train"]


def __getattr__(name: str) -> Any:
    """Load what is named only when it is: describing an experiment needs no torch, and a list of choices no pydantic."""
    if name == "Experiment":
        from engine.experiment import Experiment

        return Experiment
    if name == "train":
        from engine.training.loop import train

        return train
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
