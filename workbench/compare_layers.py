"""One statistic of the layers of a run over time, and of two runs their difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.vocabulary import Statistic
from workbench.compare_curves import Alignment, RunCurves
from workbench.history.series import LayerSeries
from workbench.measures import MEASURES

Floats = NDArray[np.float64]

SAME = 1e-6
"""Values that differ by a smaller share are the same: measurements are float32."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerMap:
    """What a heat map shows: L layers over M places of the x axis."""

    title: str
    names: tuple[str, ...]  # [L]
    x: Floats  # [M]
    values: Floats  # [L, M]; of a ratio 1 where both are the same
    log: bool
    diverging: bool


def statistic_title(statistic: Statistic) -> str:
    """A statistic in words."""
    return str(statistic).replace("_", " ")


def layer_map(run: RunCurves, series: LayerSeries, statistic: Statistic, alignment: Alignment) -> LayerMap:
    """A statistic of every layer of a run."""
    title = f"{statistic_title(statistic)} of run {run.record.id}"
    x = _axis(run, series.step, alignment)
    measure = MEASURES[statistic]
    return LayerMap(title, series.names, x, series.values, measure.log, diverging=measure.signed)


def difference_map(
    run: RunCurves,
    series: LayerSeries,
    baseline: RunCurves,
    of_baseline: LayerSeries,
    statistic: Statistic,
    alignment: Alignment,
) -> LayerMap:
    """A statistic of a run against that of another, for the layers that both have by name.

    The ratio for statistics that are seen on a logarithmic scale, for they span powers of ten, and else the difference, wherever both
    were measured; the baseline (of a ratio its logarithm) is taken to be straight between its measurements.
    """
    log = MEASURES[statistic].log
    names = tuple(name for name in series.names if name in of_baseline.names)
    x, at = _axis(run, series.step, alignment), _axis(baseline, of_baseline.step, alignment)
    both = (x >= at[0]) & (x <= at[-1]) if at.size else np.zeros(x.shape, np.bool_)
    x = x[both]
    own = series.values[[series.names.index(name) for name in names]][:, both]
    others = _between(of_baseline.values[[of_baseline.names.index(name) for name in names]], at, x, log=log)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        values = own / others if log else own - others
        same = np.abs(own - others) <= SAME * np.abs(own)
        values = np.where(same, 1.0 if log else 0.0, values)
    what = f"{statistic_title(statistic)}: run {run.record.id} {'/' if log else '−'} run {baseline.record.id}"
    return LayerMap(what, names, x, np.where(np.isfinite(values), values, np.nan), log, diverging=True)


def _axis(run: RunCurves, steps: Floats, alignment: Alignment) -> Floats:
    """Where on the x axis steps of a run are."""
    if alignment is Alignment.EPOCH:
        return steps / max(run.record.steps_per_epoch, 1)
    if alignment is Alignment.TIME and run.steps.step.size:
        return np.interp(steps, run.steps.step, run.steps.seconds)
    return steps


def _between(rows: Floats, at: Floats, x: Floats, *, log: bool) -> Floats:
    """Rows [L, B] known at places [B], at other places [M]: [L, M]."""
    if not log:
        return _interpolated(rows, at, x)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.power(10.0, _interpolated(np.where(rows > 0, np.log10(rows), np.nan), at, x))


def _interpolated(rows: Floats, at: Floats, x: Floats) -> Floats:
    found: Sequence[Floats] = [np.interp(x, at, row) for row in rows]
    return np.stack(found) if found else np.empty((0, x.size))
