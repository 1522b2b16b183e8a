"""Which lines of a run are drawn, live or stored, on the screen as on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.vocabulary import Status
from workbench.crowd import Crowd, Spread, spread
from workbench.curve_choices import Members as Members
from workbench.curve_choices import Shown as Shown
from workbench.plots.lines import Band, Line
from workbench.plots.smoothing import is_smoothed, smoothed_beside
from workbench.view import RunView

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curves:
    """The lines of a chart, and what its axes are."""

    title: str
    lines: tuple[Line, ...]
    x_label: str = "step"
    marks: tuple[float, ...] = ()
    """Steps at which settings were changed."""
    bands: tuple[Band, ...] = ()
    share: bool = False
    """Whether values are shares, told in percent."""
    logarithmic: bool = True
    """Whether the y axis may be logarithmic."""

    @property
    def extent(self) -> tuple[float, float]:
        """From where to where the lines go on the x axis."""
        ends = [float(end) for line in self.lines if len(line.x) for end in (line.x[0], line.x[-1])]
        return (min(ends), max(ends)) if ends else (0.0, 0.0)

    def smoothed(self, weight: float) -> Curves:
        """The lines and bands made smooth, the lines as they were drawn faintly behind them; itself where none is smoothed.

        The weight is for the line with the most points: `workbench.plots.smoothing.smoothed_beside`.
        """
        every: tuple[Line | Band, ...] = (*self.lines, *self.bands)
        if not any(_is_smoothed(each, weight) for each in every):
            return self
        most = max((len(line.x) for line in self.lines), default=0)
        lines: list[Line] = []
        number = 0
        for line in self.lines:
            hue = line.hue if line.hue is not None else number
            number += not line.faint
            y = smoothed_beside(line.y, weight, most, by_epoch=line.by_epoch)
            if y is None:
                lines.append(replace(line, hue=hue))
                continue
            lines.append(replace(line, y=y, hue=hue, measured=line.y))
            if not self.bands and not line.faint:
                lines.append(replace(line, hue=hue, faint=True))
        return replace(self, lines=tuple(lines), bands=tuple(_smoothed_band(band, weight, most) for band in self.bands))


def _is_smoothed(line: Line | Band, weight: float) -> bool:
    return is_smoothed(len(line.x), weight, by_epoch=line.by_epoch)


def _smoothed_band(band: Band, weight: float, most: int) -> Band:
    low, high = (smoothed_beside(edge, weight, most, by_epoch=band.by_epoch) for edge in (band.low, band.high))
    return band if low is None or high is None else replace(band, low=low, high=high)


def choices(view: RunView | None) -> tuple[Shown, ...]:
    """What there is to show of a run; None: of one that is about to begin."""
    absent = set()
    if view is None or not view.is_regression:
        absent.add(Shown.ERROR)
    if view is None or not (np.any(view.l1 > 0) or np.any(view.l2 > 0)):
        absent.add(Shown.PENALTY)
    if view is None or not view.pretraining:
        absent.add(Shown.RECONSTRUCTION)
    return tuple(shown for shown in Shown if shown not in absent)


def run_curves(view: RunView, shown: Shown, members: Members = Members.ONE, *, singled: bool = True) -> Curves:
    """The lines of one run or population over its steps; while it is pre-trained, those of its layers over their epochs.

    Args:
        view: The run, or of a population the chosen member.
        shown: The figure.
        members: How a population is drawn.
        singled: The chosen member is drawn over the band.
    """
    if shown is Shown.RECONSTRUCTION or view.is_pretraining:
        lines = tuple(Line(layer.name, layer.epochs, layer.error, by_epoch=True) for layer in view.pretraining)
        return Curves("reconstruction error", lines, "epoch")
    marks = tuple(float(event.step) for event in view.interventions)
    if shown is Shown.RATE:
        return _several(view, "learning rate", {"learning rate": "lr"}, members, marks, singled=singled)
    if shown is Shown.PENALTY:
        penalties = {"L1": "l1", "L2": "l2"}
        names = {label: name for label, name in penalties.items() if np.any(getattr(view, name) > 0)} or penalties
        return _several(view, "penalty", names, members, marks, singled=singled)
    figure, title = _figure(view, shown)
    by_step = shown is Shown.COST
    names = {"training": "loss" if by_step else f"train_{figure}", "validation": f"validation_{figure}"}
    curves = _several(view, title, names, members, marks, singled=singled)
    combined = view.combined
    together = (
        (Line("validation, together", combined.steps, getattr(combined, figure), by_epoch=True),) if combined.steps.size else ()
    )
    is_score = shown is Shown.SCORE
    return replace(curves, lines=(*curves.lines, *together), share=is_score and not view.is_regression, logarithmic=not is_score)


def _figure(view: RunView, shown: Shown) -> tuple[str, str]:
    """The name of a score in a view, and what it is called."""
    if shown is Shown.SCORE:
        return ("r2", "R²") if view.is_regression else ("accuracy", "accuracy")
    return ("mae", "mean absolute error") if shown is Shown.ERROR else ("cost", "cost")


def _several(
    view: RunView, title: str, names: Mapping[str, str], members: Members, marks: tuple[float, ...], *, singled: bool
) -> Curves:
    """The lines of some series, by what they are called: of one member, or with all others."""
    if view.crowd is None or members is Members.ONE or not set(names.values()) & view.crowd.pieces.keys():
        return Curves(title, tuple(_line(label, view, name) for label, name in names.items()), marks=marks)
    behind: list[Line] = []
    median: list[Line] = []
    bands: list[Band] = []
    for hue, (label, name) in enumerate(names.items()):
        if name not in view.crowd.pieces:
            continue
        steps, values = _of_all(view.crowd, name)
        if not np.isfinite(values).any():
            continue
        if members is Members.ALL:
            behind += [replace(line, by_epoch=name not in _BY_STEP) for line in _each(label, steps, values, hue)]
            continue
        about = spread(values)
        by_epoch = name not in _BY_STEP
        bands += [replace(band, by_epoch=by_epoch) for band in _bands(steps, about, hue, named=hue == 0)]
        median.append(Line(label, steps[about.at], about.median, hue=hue, by_epoch=by_epoch))
    own = [
        replace(_line(f"member {view.crowd.member + 1}" if hue == 0 else f"its {label}", view, name), hue=len(names) + hue)
        for hue, (label, name) in enumerate(names.items())
    ]
    drawn = len(range(0, view.members, _stride(view.members, _MOST_LINES)))
    of = "median of" if members is Members.BAND else "all" if drawn == view.members else f"{drawn} of"
    over = own if singled or members is Members.ALL else []
    return Curves(f"{title}, {of} {view.members}", (*behind, *median, *over), marks=marks, bands=tuple(bands))


_BY_STEP = frozenset(("loss", "l1", "l2", "lr"))


def _of_all(crowd: Crowd, name: str) -> tuple[NDArray[np.int64], Floats]:
    return (crowd.steps if name in _BY_STEP else crowd.epoch_steps), crowd.series(name)


def _line(label: str, view: RunView, name: str) -> Line:
    """One series of one member. A score without points where nothing was scored, for absent is not diverged."""
    values: Floats = getattr(view, name)
    if name in _BY_STEP:
        return Line(label, view.steps, values)
    if np.isfinite(values).any() or view.status == Status.DIVERGED:
        return Line(label, view.epoch_steps, values, by_epoch=True)
    return Line(label, (), ())


def _bands(steps: NDArray[np.int64], about: Spread, hue: int, *, named: bool) -> list[Band]:
    at = steps[about.at]
    return [
        Band("extremes" if named else "", at, about.low, about.high, hue, shaded=False),
        Band("quartiles" if named else "", at, about.quartile, about.upper, hue),
    ]


_MOST_LINES, _MOST_POINTS = 24, 512
"""Of so many members, and so many points of each, a line is drawn; of more of every 2nd, 3rd, … one."""


def _each(label: str, steps: NDArray[np.int64], values: Floats, hue: int) -> list[Line]:
    rows, columns = (_stride(size, most) for size, most in zip(values.shape, (_MOST_POINTS, _MOST_LINES), strict=True))
    return [Line(label, steps[::rows], column, hue=hue, faint=True) for column in values[::rows, ::columns].T]


def _stride(size: int, most: int) -> int:
    return max(1, -(-size // most))
