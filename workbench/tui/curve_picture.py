"""The chart of a run as it is to be drawn: what was chosen, applied to what is known of the run. No widget."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from workbench.curve_axes import Axis, Unit, nearest, read_at
from workbench.curves import Curves, Members, Shown, choices, run_curves
from workbench.live import RunView
from workbench.plots.smoothing import smoothing_words
from workbench.preferences import LivePreferences
from workbench.tui.zoom import Zoom

Chosen = TypeVar("Chosen", bound=Enum)


@dataclass(frozen=True, slots=True)
class CurvePicture:
    """Curves over their axis, and the part of them that is in sight."""

    shown: Shown
    curves: Curves
    axis: Axis
    log: bool
    extent: tuple[float, float]
    """From which to which step the lines go."""
    window: tuple[float, float] | None
    """The part of the axis in sight; None: all of it."""
    cursor: float | None
    """Where on the axis values are read."""
    places: NDArray[np.float64]
    """The steps at which the cursor can stand."""

    def moved(self, step: float | None, columns: int, per_column: float, zoom: Zoom) -> float | None:
        """Where the cursor is so many columns further, at least one point; first it stands at the end of what is in sight."""
        if not self.places.size:
            return None
        if step is None:
            return self._at(zoom.window(*self.extent)[1])
        moved = self._at(self.axis.step(self.axis.place(step) + columns * per_column))
        if (moved - step) * columns > 0:
            return moved
        here = nearest(self.places, step)
        assert here is not None
        return float(self.places[min(max(here + (1 if columns > 0 else -1), 0), self.places.size - 1)])

    def at_place(self, place: float) -> float | None:
        """The step nearest to a place on the axis."""
        return self._at(self.axis.step(place)) if self.places.size else None

    def _at(self, step: float) -> float:
        at = nearest(self.places, step)
        assert at is not None
        return float(self.places[at])


WHOLE = Zoom()
"""Everything is in sight."""


def curve_picture(
    view: RunView,
    chosen: LivePreferences,
    zoom: Zoom = WHOLE,
    cursor: float | None = None,
    *,
    singled: bool = False,
    narrow: bool = False,
) -> CurvePicture:
    """What is drawn of a run; `cursor` is a step, `singled` says whether the chosen member is drawn over the others' band.

    Where it is `narrow`, the cursor reads smoothed values alone.
    """
    shown = shown_of(view, chosen)
    curves = run_curves(view, shown, _of(Members, chosen.members, Members.BAND), singled=singled)
    in_epochs = curves.x_label != "step"
    noisy = shown is not Shown.RATE and not in_epochs
    if noisy and chosen.smoothing > 0:
        smooth = curves.smoothed(chosen.smoothing)
        title = curves.title + smoothing_words(chosen.smoothing, smoothed=smooth is not curves)
        curves = replace(smooth, title=title)
    axis = Axis.of(view, Unit.STEPS if in_epochs else _of(Unit, chosen.axis, Unit.STEPS))
    extent = curves.extent
    low, high = zoom.window(*extent)
    places = max((np.asarray(line.x, np.float64) for line in curves.lines), key=len, default=np.empty(0))
    if cursor is not None:
        curves = read_at(curves, view, cursor, measured=not narrow)
    return CurvePicture(
        shown=shown,
        curves=axis.carry(curves),
        axis=axis,
        log=chosen.logarithmic and curves.logarithmic,
        extent=extent,
        window=None if zoom.whole or not high > low else (float(axis.place(low)), float(axis.place(high))),
        cursor=None if cursor is None else float(axis.place(cursor)),
        places=places,
    )


def shown_of(view: RunView | None, chosen: LivePreferences) -> Shown:
    """The chosen metric, or the first where the run does not have it."""
    there = choices(view)
    wanted = _of(Shown, chosen.metric, Shown.COST)
    return wanted if wanted in there else there[0]


def next_metric(view: RunView | None, chosen: LivePreferences) -> str:
    """The metric after the one that is shown, going around."""
    there = choices(view)
    return str(there[(there.index(shown_of(view, chosen)) + 1) % len(there)].value)


def next_of(kind: type[Chosen], value: str) -> str:
    """The choice after this one, going around."""
    there = list(kind)
    return str(there[(there.index(_of(kind, value, there[0])) + 1) % len(there)].value)


def _of(kind: type[Chosen], value: str, otherwise: Chosen) -> Chosen:
    """A choice by its value, which may be that of a later version."""
    return next((each for each in kind if each.value == value), otherwise)
