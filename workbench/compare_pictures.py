"""The pictures of a comparison, drawn the same on the screen and on the command line."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace

import numpy as np

from workbench.compare_curves import Alignment, Course, Metric, band, course, is_regression
from workbench.compare_figures import Figure, text_of
from workbench.compare_layers import LayerMap
from workbench.compare_state import Comparison, Entry, figure_named, setting_text, setting_titles
from workbench.plots.chart import Row
from workbench.plots.heat import heat_rows
from workbench.plots.overlay import FAINT, STRONG, OverlayLine, overlay_rows, style_of
from workbench.plots.parallel import Axis, ParallelLine, figure_axis, parallel_rows, setting_axis
from workbench.plots.smoothing import smoothed

CROWD = 8
"""Beyond so many curves all but the current one are drawn faintly."""


@dataclass(frozen=True, slots=True)
class Look:
    """How curves are drawn."""

    metric: Metric = Metric.LOSS
    alignment: Alignment = Alignment.STEP
    log: bool = False
    smoothing: float = 0.0


def curve_rows(comparison: Comparison, look: Look, width: int, height: int) -> tuple[Row, ...]:
    """The curves of all that is not hidden over each other, of groups their median and range."""
    regressions = {is_regression(entry.runs[0].record) for entry in comparison.entries}
    share = look.metric.is_score and regressions == {False}
    log = look.log and not look.metric.is_score
    title = metric_title(look.metric, regressions) + (" (log)" if log else "")
    title += f", smoothed {look.smoothing:g}" if look.smoothing else ""
    lines = curve_lines(comparison, look)
    return overlay_rows(lines, width, height, log=log, share=share, title=title, x_label=look.alignment.value)


def metric_title(metric: Metric, regressions: Set[bool]) -> str:
    """The metric in words that fit runs that are regressions, or not, or both."""
    if not metric.is_score or len(regressions) != 1:
        return metric.value
    return metric.value.replace("accuracy or R²", "R²" if True in regressions else "accuracy")


def curve_lines(comparison: Comparison, look: Look) -> list[OverlayLine]:
    """What is drawn: the baseline's label says so, the current one is strong."""
    shown = comparison.shown
    crowded = len(shown) > CROWD
    lines = []
    for entry in shown:
        strong = entry.key == comparison.current
        weight = STRONG if strong else FAINT if crowded and entry.key != comparison.baseline else ""
        label = entry.label + (" (baseline)" if entry.key == comparison.baseline else "")
        style, faint = style_of(entry.number, weight), style_of(entry.number, FAINT)
        nothing = np.empty(0)
        lines.append(_drawn(OverlayLine(label, nothing, nothing, entry.sign, style, faint, strong=strong), entry, look))
    return lines


def _drawn(line: OverlayLine, entry: Entry, look: Look) -> OverlayLine:
    """The line with its points: one curve, with what was measured behind it, or the band of several."""
    courses = [course(run, look.metric, look.alignment) for run in entry.runs]
    smooth = [Course(each.x, smoothed(each.y, look.smoothing)) for each in courses]
    if len(smooth) > 1:
        found = band(smooth)
        return replace(line, x=found.x, y=found.middle, low=found.low, high=found.high)
    return replace(line, x=smooth[0].x, y=smooth[0].y, raw=courses[0].y if look.smoothing else None)


def layer_rows(found: LayerMap, alignment: Alignment, width: int, height: int) -> tuple[Row, ...]:
    """A statistic of layers over time as a heat map."""
    log, diverging, title, label = found.log, found.diverging, found.title, alignment.value
    return heat_rows(found.values, found.names, found.x, width, height, log=log, diverging=diverging, title=title, x_label=label)


def parallel_axes(comparison: Comparison, figure: Figure) -> tuple[Axis, ...]:
    """An axis for each setting that differs, and that of the figure; with the places of all entries, hidden or not."""
    titles = setting_titles(comparison.differences)
    numbers = range(len(comparison.entries))
    axes = [
        setting_axis(titles[each.path], [None if each.values[at] is None else setting_text(each, at) for at in numbers])
        for each in comparison.differences
    ]
    summaries = [entry.summary(figure) for entry in comparison.entries]
    better = {1: " ↑", -1: " ↓", 0: ""}[figure.better]
    values = [None if found is None else found.mean for found in summaries]
    return (*axes, figure_axis(figure.title + better, values, lambda value: text_of(figure.kind, value)))


def parallel_picture(comparison: Comparison, figure_name: str, width: int, height: int) -> tuple[Row, ...]:
    """Settings against a figure, a line for each entry that is not hidden."""
    figure = figure_named(figure_name, comparison)
    shown = comparison.shown
    at = [comparison.entries.index(entry) for entry in shown]
    axes = [replace(axis, places=tuple(axis.places[place] for place in at)) for axis in parallel_axes(comparison, figure)]
    lines = []
    for entry in shown:
        strong = entry.key == comparison.current
        weight = STRONG if strong else FAINT if len(shown) > CROWD and entry.key != comparison.baseline else ""
        lines.append(ParallelLine(entry.sign, style_of(entry.number, weight), strong))
    current = comparison.entry(comparison.current)
    title = f"settings and {figure.title}" + (f"   {current.sign} {current.label}" if current is not None else "")
    return parallel_rows(axes, lines, width, height, title=title)
