"""What theory expects of the layers of a run or of an experiment: its forecast, as far as it is drawn. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import nan, prod
from typing import TYPE_CHECKING

import numpy as np

from engine.data_outline import DataOutline
from engine.errors import ConfigurationError, EngineError

if TYPE_CHECKING:
    from engine.events import DataInfo
    from engine.experiment import Experiment
    from engine.insight.theory.inputs import Inputs
    from workbench.live import RunView
    from workbench.plots.lines import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """How signal and gradient should pass the layers before the first step; not-a-number where theory does not reach."""

    names: tuple[str, ...] = ()
    activation_std: Floats | None = None  # [L]
    gradient_std: Floats | None = None  # [L]
    words: tuple[str, ...] = ()
    """What that means, in sentences."""

    def of(self, names: tuple[str, ...]) -> tuple[Floats, Floats]:
        """The two for the layers of a run, not-a-number where they are not known."""
        if names != self.names or self.activation_std is None or self.gradient_std is None:
            return np.full(len(names), nan), np.full(len(names), nan)
        return self.activation_std, self.gradient_std


NOTHING = Expected()
"""Where nothing is known."""


USED = ("model", "cost", "data", "batch_size", "l1", "l2", "pretraining")
"""The settings of an experiment that theory looks at."""


def expected(experiment: Experiment, data: DataOutline, inputs: Inputs | None = None) -> Expected:
    """What theory expects of an experiment; `NOTHING` where it cannot be described. Worked out once for all that differ in other settings."""
    used = {name: getattr(experiment, name) for name in USED}
    return _expected(type(experiment)().model_copy(update=used), data, inputs)


@lru_cache(maxsize=64)
def _expected(experiment: Experiment, data: DataOutline, inputs: Inputs | None) -> Expected:
    from engine.insight.forecast import by_theory

    try:
        told = by_theory(experiment, data, inputs)
    except ConfigurationError:
        return NOTHING
    flows = [layer.theory for layer in told.layers]
    activation, gradient = (
        np.array([nan if value is None else value for value in values])
        for values in ([flow.activation_std for flow in flows], [flow.gradient_std for flow in flows])
    )
    return Expected(tuple(layer.name for layer in told.layers), activation, gradient, told.verdict)


def expected_of(view: RunView, inputs: Inputs | None = None) -> Expected:
    """What theory expected of a run before its first step; without `inputs`, of random ones as large as those of the run."""
    if view.experiment is None or view.data is None:
        return NOTHING
    return expected(view.experiment, _outline(view.data), inputs or _inputs(view.data))


def read_inputs(view: RunView) -> Inputs | None:
    """What a run's inputs are like, as the preview of its experiment takes them; reads the data unless that was done lately.

    None: they are not to be had, or are others by now.
    """
    from workbench.samples import take_sample

    if view.experiment is None or view.data is None:
        return None
    try:
        sample = take_sample(view.experiment.data)
    except (EngineError, OSError, ValueError, MemoryError):
        return None
    then, now = _outline(view.data), sample.outline
    return sample.scale if (then.shape, then.task, then.classes) == (now.shape, now.task, now.classes) else None


def _outline(data: DataInfo) -> DataOutline:
    shape = data.image_shape or (data.features,)
    if len(shape) == 2:
        shape = (1, *shape)
    return DataOutline(shape, data.task, len(data.classes), data.train)


def _inputs(data: DataInfo) -> Inputs | None:
    """As large as they were told to be; None: as standardized ones are."""
    from engine.insight.theory.inputs import gaussian_inputs

    if data.input_mean is None or data.input_std is None:
        return None
    shape = data.image_shape or (data.features,)
    return gaussian_inputs(prod(shape), data.input_mean**2 + data.input_std**2)
