"""What lies behind layers whose weights hardly move, where it can be told: then no learning rate is the remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from engine.insight.latch import Flags
from engine.insight.rules import changes, gradients, signal, units
from engine.insight.rules.measured import LayerMeasurements
from engine.insight.rules.rule import Case, Change, Floats

CAUSE = "what lies behind it"
"""A figure: 0 where nothing is known, or the place in `CAUSES`, counted from 1."""


def _symmetric(measured: LayerMeasurements) -> Flags:
    return np.broadcast_to(measured.symmetric_at_first, measured.update.shape)


CAUSES: tuple[tuple[Callable[[LayerMeasurements], Flags], Callable[[Case], Iterable[Change]]], ...] = (
    (_symmetric, units.symmetric_changes),
    (lambda measured: gradients.look_vanishing(measured).bad, changes.against_vanishing),
    (lambda measured: units.look_saturated(measured).bad, units.saturated_changes),
    (lambda measured: signal.look_dying(measured).bad, signal.signal_changes),
)
"""Whether it is there, by layer, and what is to be done; the deeper reason first."""


def cause_of(measured: LayerMeasurements) -> Floats:
    """[M, P, 1] of each network."""
    cause: Floats = np.zeros((*measured.update.shape[:2], 1))
    for place in reversed(range(len(CAUSES))):
        cause[CAUSES[place][0](measured).any(-1, keepdims=True)] = place + 1
    return cause


def changes_of(case: Case) -> Iterator[Change]:
    """The remedies of the cause that a case names, but those of the learning rate alone."""
    yield from changes.but_of_the_rate(CAUSES[int(case.largest(CAUSE)) - 1][1](case))
