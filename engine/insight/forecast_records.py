"""What a forecast says. Plain data, no torch."""

from __future__ import annotations

from dataclasses import dataclass

from engine.experiment import Experiment
from engine.insight.theory.inputs import Inputs
from engine.outline import Outline

FAINT = 1e-3
"""Of what it was at its origin: below this share signal or gradient counts as gone, and above its inverse as exploded."""


@dataclass(frozen=True, slots=True)
class Flows:
    """How signal and gradient pass a layer, as `engine.vocabulary.Statistic` defines it.

    None: not known, or there is no such thing. z is what enters the activation. Standard deviations are those over batch and
    units, of weights over their matrix.
    """

    z_mean: float | None = None
    z_std: float | None = None
    activation_mean: float | None = None
    activation_std: float | None = None
    gradient_std: float | None = None
    """Of each example's own cost at z."""
    weight_gradient_std: float | None = None
    """Of the mean cost of a batch, penalties included."""
    weight_std: float | None = None


COMPARED = ("z_std", "activation_std", "gradient_std", "weight_gradient_std")
"""What theory is held against measurements."""


CLOSE = 0.1
"""Relative deviations up to which a figure counts as foreseen; tolerances from here on are told beside it."""


@dataclass(frozen=True, slots=True)
class LayerForecast:
    """What is to be expected of a layer at initialization, and what was measured."""

    name: str
    kind: str
    activation: str
    inputs: int
    outputs: int
    theory: Flows
    tolerance: Flows | None = None
    """The relative standard deviation of one network on one batch around each figure of theory; 0.1: 10 %."""
    measured: Flows | None = None
    reason: str = ""
    """Why theory does not reach this layer, or one of its figures; empty where it reaches all."""
    gain: float | None = None
    """Variance of the gradient at z over that at the next layer, by theory: sigma_w^2 chi of mean-field theory."""
    likeness: float | None = None
    """The cosine between the values of two examples, by theory; 1: the layer does not tell them apart."""

    @property
    def outside(self) -> tuple[str, ...]:
        """The figures that were measured farther from theory than a tenth and twice the tolerance."""
        if self.measured is None or self.tolerance is None:
            return ()
        return tuple(
            name for name in COMPARED if _is_outside(*(getattr(of, name) for of in (self.theory, self.tolerance, self.measured)))
        )

    @property
    def reached(self) -> bool:
        """Whether theory knows signal and gradient."""
        return self.theory.activation_std is not None and self.theory.gradient_std is not None


def _is_outside(theory: float | None, tolerance: float | None, measured: float | None) -> bool:
    if theory is None or tolerance is None or measured is None or not theory > 0:
        return False
    return abs(measured / theory - 1) > max(CLOSE, 2 * tolerance)


@dataclass(frozen=True, slots=True)
class Trend:
    """How something changes from layer to layer, from where it comes from."""

    quantity: str
    """"signal": the activations, from the first hidden layer on; "gradient": at z, from the output back."""
    ratio: float | None
    """Of standard deviations from one hidden layer to the next; the geometric mean. None: there are no two of them."""
    left: float
    """What is left at the last layer that it reaches, as a share of what it was at its origin."""
    faint_from: int | None
    """From so many hidden layers on less than a thousandth is left; None: at no depth."""
    huge_from: int | None
    """From so many hidden layers on it is more than a thousand times as large; None: at no depth."""
    origin: str
    end: str
    """The layers."""
    measured: bool
    """Whether these are measurements, as theory does not reach."""


@dataclass(frozen=True, slots=True)
class StepTime:
    """Seconds of a training step."""

    seconds: float
    measured: bool
    """Timed here; else estimated from the arithmetic, for one core."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to be expected of an experiment before its first step."""

    experiment: Experiment
    outline: Outline
    inputs: Inputs
    layers: tuple[LayerForecast, ...]
    """In the order of `Started.layers`."""
    notes: tuple[str, ...]
    time: StepTime
    trends: tuple[Trend, ...] = ()
    verdict: tuple[str, ...] = ()
    """Sentences."""

    @property
    def epoch_seconds(self) -> float:
        """Of one network, scoring left out."""
        return self.time.seconds * self.outline.steps_per_epoch
