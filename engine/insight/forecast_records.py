"""What a forecast says. Plain data, no torch."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log

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
TELLING = 1.5
"""Tolerances above this tell nothing: networks differ by more than a factor of four, and theory is worked out to first order."""
LOST = 10.0
"""Tolerances above this: not even the mean over networks is known."""
FEWEST = 4
"""Units of a layer below which theory, which is made for wide ones, cannot foresee chance."""


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
    """How far one network on one batch lies from theory: the standard deviation of the logarithm of each figure; 0.1: about 10 %.

    None: chance cannot be foreseen, as some layer of the network has too few units.
    """
    measured: Flows | None = None
    reason: str = ""
    """Why theory does not reach this layer, or one of its figures; empty where it reaches all."""
    gain: float | None = None
    """Variance of the gradient at z over that at the next layer, by theory: sigma_w^2 chi of mean-field theory."""
    flat: float | None = None
    """Of a squashing activation, by theory: the share of values where its slope is below 5 % of the steepest."""
    likeness: float | None = None
    """The cosine between the values of two examples, by theory; 1: the layer does not tell them apart."""

    @property
    def outside(self) -> tuple[str, ...]:
        """The figures that were measured farther from theory than chance and a tenth explain."""
        if self.measured is None or self.tolerance is None:
            return ()
        return tuple(
            name for name in COMPARED if _is_outside(*(getattr(of, name) for of in (self.theory, self.tolerance, self.measured)))
        )

    def left_to_chance(self, name: str) -> bool:
        """Whether theory knows a figure, but one network may show any other."""
        if getattr(self.theory, name) is None:
            return False
        tolerance = inf if self.tolerance is None else getattr(self.tolerance, name)
        return tolerance is not None and tolerance > TELLING

    @property
    def reached(self) -> bool:
        """Whether theory knows signal and gradient."""
        return self.theory.activation_std is not None and self.theory.gradient_std is not None


def _is_outside(theory: float | None, tolerance: float | None, measured: float | None) -> bool:
    """Whether a measurement lies more than two tolerances, and a tenth, from where chance puts it.

    A figure is about a product of independent factors, one for each layer, so that its logarithm is normal (Hanin & Nica 2020).
    Theory is the root of the mean square over networks: with a standard deviation t of the logarithm, half of them lie below
    exp(-t^2) of it.
    """
    if theory is None or tolerance is None or measured is None or not theory > 0 or tolerance > TELLING:
        return False
    distance = log(measured / theory) if measured > 0 else -inf
    return abs(distance + tolerance**2) > max(log(1 + CLOSE), 2 * tolerance) and abs(distance) > tolerance


@dataclass(frozen=True, slots=True)
class Trend:
    """How something changes from layer to layer, from where it comes from."""

    quantity: str
    """"signal": the standard deviation of the activations, from the first hidden layer on; "gradient": the root of the summed squares of
    one example's gradient at z, from the output back."""
    ratio: float | None
    """Of sizes from one hidden layer to the next; the geometric mean. None: there are no two of them."""
    across: float | None
    """The same from the first hidden layer on its way to the last."""
    left: float
    """What is left at the last layer that it reaches, as a share of what it was at its origin."""
    faint_from: int | None
    """From so many hidden layers on less than a thousandth is left; None: at no depth."""
    huge_from: int | None
    """From so many hidden layers on it is more than a thousand times as large; None: at no depth."""
    origin: str
    first: str
    end: str
    """The layers: where it comes from, the first hidden one on its way, and the last."""
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
