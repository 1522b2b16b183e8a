"""What training a trial takes: memory and arithmetic, known before anything is made."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import EngineError
from engine.experiment import Experiment
from workbench.recipes.records import Plan
from workbench.reproduction.trials import distinct, trials_of

_BYTES = {"float32": 4, "float64": 8}
_COPIES_OF_WEIGHTS = 7
"""Values, gradients, two of the optimizer, one of the probes, and the first draw in float64."""
_COPIES_OF_ACTIVATIONS = 3
"""Values, gradients, and those that are being worked out."""
_LOOKED_AT = 300
"""Examples on which distributions are taken."""


@dataclass(frozen=True, slots=True)
class Size:
    """What one network takes."""

    memory: int
    """Bytes."""
    operations: int
    """Floating-point operations of all its steps. Scores and measurements are left out."""


def size_of(experiment: Experiment, *, read: bool) -> Size | None:
    """What one network takes; None where that cannot be said.

    Args:
        experiment: of an ensemble, any of its members.
        read: whether data may be read whose shape is not known without that.
    """
    from engine.data_outline import known, outline_of
    from engine.outline import outline

    try:
        data = known(experiment.data)
        if data is None and read:
            from engine.data import load_dataset

            data = outline_of(load_dataset(experiment.data))
        if data is None:
            return None
        made = outline(experiment, data)
    except EngineError:  # whoever trains it is told
        return None
    kept = sum(layer.kept for layer in made.layers) * max(made.batch_size, _LOOKED_AT)
    numbers = _COPIES_OF_WEIGHTS * made.parameters + _COPIES_OF_ACTIVATIONS * kept
    return Size(numbers * _BYTES[experiment.dtype], (made.forward + made.backward) * made.steps)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a plan comes to."""

    runs: int
    operations: int | None
    """Of all runs; None where it cannot be said before their data are read."""


def cost_of(plan: Plan) -> Cost:
    """What all runs of a plan take. Reads no data."""
    runs, operations = 0, 0
    known = True
    for trial in distinct(trial for group in plan.groups for trial in trials_of(group)):
        size = size_of(trial.experiments[0], read=False)
        runs += len(trial.experiments)
        known = known and size is not None
        operations += size.operations * len(trial.experiments) if size is not None else 0
    return Cost(runs, operations if known else None)
