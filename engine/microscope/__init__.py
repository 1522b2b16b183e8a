"""One step of training, looked at closely: every layer's values, slopes and gradients, and the weights before and after.

```
from engine import Experiment
from engine.microscope import examine_step

step = examine_step(Experiment.parse({"model": {"depth": 2, "width": 8}}), examples=4, check=True)
for layer in step.layers:
    print(layer.name, [(signal.symbol, signal.values.std()) for signal in layer.backward])
```

The step is made by the training loop itself; the microscope listens.
"""

from engine.microscope.examine import examine_step
from engine.microscope.records import (
    Batch,
    Discrepancy,
    ExaminedStep,
    GradientCheck,
    LayerStep,
    Signal,
    TensorCheck,
    Update,
)

__all__ = [
    "Batch",
    "Discrepancy",
    "ExaminedStep",
    "GradientCheck",
    "LayerStep",
    "Signal",
    "TensorCheck",
    "Update",
    "examine_step",
]
