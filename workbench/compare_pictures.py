"""The pictures of a comparison, drawn the same on the screen and on the command line."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace

import numpy as np

from workbench.compare_curves import Alignment, Course, Metric, RunCurves, band, course, is_regression
from workbench.compare_figures import Figure, text_of
from workbench.compare_layers import LayerMap
from workbench.compare_state import Comparison, Entry, figure_named, id_ranges, setting_text, setting_titles
from workbench.plots.chart import Row
from workbench.plots.figure import Figure as PrintedFigure
from workbench.plots.heat import heat_map
from workbench.plots.lines import Band as Range
from workbench.plots.lines import Line
from workbench.plots.overlay import AXIS, FAINT, STRONG, OverlayLine, overlay_rows, style_of
from workbench.plots.parallel import Axis, ParallelLine, figure_axis, parallel_rows, setting_axis
from workbench.plots.rows import fit, message_rows
from workbench.plots.smoothing import is_smoothed, smoothed_beside, smoothing_words

CROWD = 8
"""Beyond so many curves all but the current one are drawn faintly."""


@dataclass(frozen=True, slots=True)
class Look:
    """How curves are drawn."""

    metric: Metric = Metric.LOSS
    alignment: Alignment = Alignment.STEP
    log: bool = False
    smoothing: float = 0.0
    """Weight of the past in the moving average, from point to point of a run's loss: its other curves are smoothed as far."""


@dataclass(frozen=True, slots=True)
class CurveWords:
    """What is said of the curves, and how their y axis is."""

    title: str
    log: bool
    share: bool


def curve_rows(comparison: Comparison, look: Look, width: int, height: int) -> tuple[Row, ...]:
    """The curves of all that is not hidden over each other, of groups their median and range."""
    about = curve_words(comparison, look)
    lines = curve_lines(comparison, look)
    if not any(np.isfinite(line.y).any() for line in lines):
        return message_rows(fit([(about.title, AXIS)], width), _why_empty(comparison, look), width, height, AXIS)
    return overlay_rows(lines, width, height, log=about.log, share=about.share, title=about.title, x_label=look.alignment.value)


def curve_words(comparison: Comparison, look: Look) -> CurveWords:
    """The metric in words, and whether its axis is logarithmic or in percent."""
    regressions = {is_regression(entry.runs[0].record) for entry in comparison.entries}
    share = look.metric.is_score and regressions == {False}
    log = look.log and not look.metric.is_score
    title = metric_title(look.metric, regressions) + (" (log)" if log else "")
    is_smooth = any(_is_smoothed(run, look) for entry in comparison.shown for run in entry.runs)
    title += smoothing_words(look.smoothing, smoothed=is_smooth)
    return CurveWords(title, log, share)


def _why_empty(comparison: Comparison, look: Look) -> str:
    """Why there are no curves, and what to do."""
    if not comparison.entries:
        return "no run is marked: space marks runs in the History"
    if not comparison.shown:
        return "all runs are hidden: space shows the current one again"
    regressions = {is_regression(entry.runs[0].record) for entry in comparison.shown}
    return f"no run in sight has a {metric_title(look.metric, regressions)}"


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
    smooth = [_smoothed(each, run, look) for each, run in zip(courses, entry.runs, strict=True)]
    if len(smooth) > 1:
        found = band([each or raw for each, raw in zip(smooth, courses, strict=True)])
        return replace(line, x=found.x, y=found.middle, low=found.low, high=found.high)
    drawn = smooth[0] or courses[0]
    return replace(line, x=drawn.x, y=drawn.y, raw=None if smooth[0] is None else courses[0].y)


def _smoothed(given: Course, run: RunCurves, look: Look) -> Course | None:
    """A run's curve made smooth; None where it is left as it is."""
    y = smoothed_beside(given.y, look.smoothing, run.steps.step.size, by_epoch=_by_epoch(look))
    return None if y is None else Course(given.x, y)


def _is_smoothed(run: RunCurves, look: Look) -> bool:
    return is_smoothed(course(run, look.metric, look.alignment).x.size, look.smoothing, by_epoch=_by_epoch(look))


def _by_epoch(look: Look) -> bool:
    """Whether the curves have one point an epoch."""
    return look.metric not in (Metric.LOSS, Metric.LEARNING_RATE)


def compare_figure(comparison: Comparison, look: Look) -> PrintedFigure:
    """The curves of all runs that are not hidden, of groups their median and range."""
    lines: list[Line] = []
    bands: list[Range] = []
    for entry, drawn in zip(comparison.shown, curve_lines(comparison, look), strict=True):
        hue = entry.number
        if drawn.raw is not None:
            lines.append(Line("", drawn.x, drawn.raw, hue=hue, faint=True))
        lines.append(Line(drawn.label, drawn.x, drawn.y, hue=hue, measured=drawn.raw))
        if drawn.low is not None and drawn.high is not None:
            bands.append(Range("" if bands else "range of a group", drawn.x, drawn.low, drawn.high, hue))
    words = curve_words(comparison, look)
    ids = id_ranges(sorted(record.id for entry in comparison.shown for record in entry.records))
    return PrintedFigure(f"Runs {ids}", words.title, look.alignment.value, lines, bands, log=words.log, share=words.share)


def layer_rows(found: LayerMap, alignment: Alignment, width: int, height: int) -> tuple[Row, ...]:
    """A statistic of layers over time as a heat map."""
    log, diverging, title, label = found.log, found.diverging, found.title, alignment.value
    drawn = heat_map(found.values, found.names, found.x, width, height, log=log, diverging=diverging, title=title, x_label=label)
    return drawn.rows


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
