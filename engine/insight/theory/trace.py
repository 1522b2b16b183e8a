"""What a walk through a network notes of each layer. Plain data, no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.catalog import Pick
from engine.insight.theory.signal import Gradient, Signal


@dataclass(frozen=True, slots=True)
class Beyond:
    """Where theory does not reach."""

    reason: str


Flow = Signal | Beyond
Return = Gradient | Beyond
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


@dataclass(slots=True)
class Trace:
    """What is expected of one layer; filled in as the walk goes on."""

    name: str
    units: int  # that are independent of each other
    z: Signal | None = None
    pre_activations: int = 0  # independent ones: more than units under maxout
    h: Flow = Beyond("")
    centre: float = 0.0  # to be added to the mean of h
    delta: Return = Beyond("")
    weights: Weights | None = None
    weight_gradient: float | None = None  # variance
    note: str = ""
