"""What a walk through a network notes of each layer. Plain data, no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.catalog import Pick
from engine.insight.theory.curves import Floats
from engine.insight.theory.gradient import Gradient, Returned
from engine.insight.theory.signal import Signal


@dataclass(frozen=True, slots=True)
class Beyond:
    """Where theory does not reach."""

    reason: str


Flow = Signal | Beyond
Return = Returned | Beyond
Delta = Gradient | Beyond
Back = Callable[[Return], Return]


@dataclass(frozen=True, slots=True)
class Weights:
    """A matrix of first weights, and how often each number passes through it."""

    pick: Pick
    variance: float
    inputs: float  # of each unit
    outputs: float  # to which each input goes
    rows: int
    columns: int
    shared: bool = False  # at many places, as in a convolution
    orthogonal: bool = False
    moved: Floats | None = (
        None  # response of the logarithm of the variance, where it is scaled on data; None: the same in all networks
    )

    @property
    def held_forward(self) -> float:
        """Share of what comes out whose length follows from that of what goes in."""
        return min(1.0, self.columns / self.rows) if self.orthogonal and not self.shared else 0.0

    @property
    def held_back(self) -> float:
        """The same of gradients."""
        return min(1.0, self.rows / self.columns) if self.orthogonal and not self.shared else 0.0


@dataclass(slots=True)
class Trace:
    """What is expected of one layer; filled in as the walk goes on."""

    name: str
    units: int  # that are independent of each other
    z: Signal | None = None
    pre_activations: int = 0  # independent ones: more than units under maxout
    h: Flow = Beyond("")
    centre: float = 0.0  # to be added to the mean of h
    delta: Delta = Beyond("")
    weights: Weights | None = None
    weight_gradient: float | None = None  # variance
    note: str = ""
    unsteady: bool = False  # whether lengths differ so much, and more from layer to layer, that gradients cannot be followed back
    doubts: dict[str, float | None] = field(default_factory=dict)  # relative standard deviations of what is measured, by name
