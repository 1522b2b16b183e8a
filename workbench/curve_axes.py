"""The x axis of a run's curves in steps, epochs or seconds, and what they are worth at one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.curve_choices import Unit as Unit
from workbench.curves import Curves
from workbench.plots import format_duration, format_number
from workbench.plots.lines import Line
from workbench.view import RunView

Floats = NDArray[np.float64]
_FAR = 1e6
"""Epochs after the last one that was seen, up to which the axis goes on."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Steps as places on the x axis and back: in proportion between those that are known, N at least two."""

    unit: Unit
    steps: Floats  # [N] growing
    places: Floats  # [N] not falling

    @classmethod
    def of(cls, view: RunView, unit: Unit) -> Axis:
        """The axis of a run; in steps where nothing else is known of it."""
        if unit is Unit.EPOCHS:
            return cls(unit, *_epochs(view))
        if unit is Unit.SECONDS and np.isfinite(view.step_seconds).sum() > 1:
            known = np.isfinite(view.step_seconds)
            first = (view.resumed.step, view.resumed.seconds) if view.resumed is not None else (0, 0.0)
            begun = first[0] < view.steps[known][0]
            steps = [*([first[0]] if begun else []), *view.steps[known]]
            return cls(unit, np.array(steps, float), np.array([*([first[1]] if begun else []), *view.step_seconds[known]]))
        return cls(Unit.STEPS, np.array([0.0, _FAR]), np.array([0.0, _FAR]))

    def place(self, step: Any) -> Any:
        """Where steps lie on the axis: one or many."""
        return step if self.unit is Unit.STEPS else np.interp(step, self.steps, self.places)

    def step(self, place: float) -> float:
        """The step at a place."""
        return place if self.unit is Unit.STEPS else float(np.interp(place, self.places, self.steps))

    def carry(self, curves: Curves) -> Curves:
        """Curves over steps, over this axis instead."""
        if self.unit is Unit.STEPS:
            return curves
        lines = tuple(replace(line, x=self.place(np.asarray(line.x, np.float64))) for line in curves.lines)
        bands = tuple(replace(band, x=self.place(np.asarray(band.x, np.float64))) for band in curves.bands)
        marks = tuple(float(self.place(mark)) for mark in curves.marks)
        return replace(curves, lines=lines, bands=bands, marks=marks, x_label=self.unit.label)


def _epochs(view: RunView) -> tuple[Floats, Floats]:
    """Known steps and their epochs, going on in proportion."""
    known = {0.0: 0.0}
    if view.resumed is not None:
        known[float(view.resumed.step)] = float(view.resumed.epoch)
    known |= dict(zip(view.epoch_steps.astype(float).tolist(), view.epochs.astype(float).tolist(), strict=True))
    last, epoch = max(known.items())
    known[last + _FAR * max(view.steps_per_epoch, 1)] = epoch + _FAR
    steps = np.array(sorted(known))
    return steps, np.array([known[step] for step in steps.tolist()])


def read_at(curves: Curves, view: RunView, step: float, *, measured: bool = True) -> Curves:
    """Curves over steps whose words tell what they are worth at a step, each at its nearest point: as drawn, and as measured."""
    raw = {line.label: line for line in curves.lines if line.faint and measured}
    lines = []
    for line in curves.lines:
        value = None if line.faint else _value(line, step, share=curves.share)
        if value is None:
            lines.append(line)
            continue
        before = _value(raw[line.label], step, share=curves.share) if line.label in raw else None
        words = f"{line.label} {value}" + (f" (raw {before})" if before is not None else "")
        lines.append(replace(line, label=words))
    bands = tuple(replace(band, label="") for band in curves.bands)
    title = ("medians at " if curves.bands else "") + place_text(curves, view, step)
    return replace(curves, title=title, lines=tuple(lines), bands=bands)


def place_text(curves: Curves, view: RunView, step: float) -> str:
    """A step, its epoch and its time in words."""
    if curves.x_label != "step":
        return f"{curves.x_label} {step:,.0f}"
    parts = [f"step {step:,.0f}", f"epoch {float(Axis.of(view, Unit.EPOCHS).place(step)):.4g}"]
    seconds = Axis.of(view, Unit.SECONDS)
    if seconds.unit is Unit.SECONDS:
        parts.append(format_duration(float(seconds.place(step))))
    return ", ".join(parts)


def _value(line: Line, step: float, *, share: bool) -> str | None:
    at = nearest(line.x, step)
    if at is None:
        return None
    value = float(np.asarray(line.y)[at])
    return f"{value:.1%}" if share and np.isfinite(value) else format_number(value)


def nearest(x: Sequence[float] | NDArray[Any], place: float) -> int | None:
    """Which of growing numbers is nearest to a place; None of none."""
    places = np.asarray(x)
    if not places.size:
        return None
    after = int(np.searchsorted(places, place))
    if after in (0, places.size):
        return min(after, places.size - 1)
    return after if places[after] - place < place - places[after - 1] else after - 1
