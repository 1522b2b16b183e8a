"""One line of text for each layer: what is shown of it, and how wide. No widget, so that it is tested alone."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from engine.events import LayerInfo
from engine.vocabulary import STATISTICS, Statistic
from workbench.live import RunView
from workbench.plots import format_number, format_share, log_bar
from workbench.plots.chart import Piece
from workbench.plots.rows import fit, shortened
from workbench.plots.spark import sparklines
from workbench.tui.layer_columns import UNITS_WIDTH, Column, Plan, Shown
from workbench.tui.layer_health import Mark, judged_late, lacks

CHOSEN = "▸"
"""Stands before the layer under the cursor."""
_LOGARITHMIC = (Statistic.GRADIENT_STD, Statistic.UPDATE_RATIO)
_COURSE_STYLES = {Statistic.GRADIENT_STD: "layer--gradient", Statistic.ACTIVATION_STD: "layer--activation"}
_COURSE = "layer--course"


def heading(layout: Plan) -> list[Piece]:
    """The titles above the rows."""
    text = f" {'layer':<{layout.name}}" + (f" {'units':<{UNITS_WIDTH}}" if layout.units else "")
    for each in layout.shown:
        width = each.width - 1
        gap = " " if each.spark and text[-1] != " " else ""  # a title that ends where the next one begins
        fitting = each.column.title if len(gap + each.column.title) <= width else each.column.short
        text += f" {gap + fitting:<{width}}" if each.spark else f" {fitting:>{width}}"
    return [(text, "layer--title")]


def layer_rows(
    view: RunView, layers: range, layout: Plan, found: Sequence[Sequence[Mark]], chosen: int | None = None
) -> list[list[Piece]]:
    """Some layers, a line for each: name, the courses of what is measured, and the latest numbers.

    Args:
        view: What is known of the run.
        layers: Which of its layers.
        layout: The columns.
        found: What is unhealthy in each layer of the run.
        chosen: The layer that is marked.
    """
    courses = {
        each.column.statistic: sparklines(
            view.series(each.column.statistic)[layers.start : layers.stop],
            each.spark,
            log=each.column.statistic in _LOGARITHMIC,
        )
        for each in layout.shown
        if each.spark
    }
    rows = []
    for number, layer in enumerate(layers):
        info = view.layers[layer]
        sign = CHOSEN if layer == chosen else " "
        pieces: list[Piece] = [(sign, "layer--sign"), (f"{shortened(info.name, layout.name):<{layout.name}}", "layer--name")]
        if layout.units:
            pieces.append((f" {shortened(units_text(info), UNITS_WIDTH):<{UNITS_WIDTH}}", "layer--muted"))
        for each in layout.shown:
            course = courses[each.column.statistic][number] if each.spark else ""
            pieces += _cell(view, layer, each, course, found[layer])
        rows.append(pieces)
    return rows


def reason_line(view: RunView, layer: int, found: Sequence[Mark], width: int) -> tuple[Piece, ...]:
    """What is to be said of one layer: its units, and what is unhealthy in words."""
    info = view.layers[layer]
    units = f"  {units_text(info)}{f' {info.activation}' if info.activation else ''}  "
    head: list[Piece] = [(f"{CHOSEN}{info.name}", "layer--name"), (units, "layer--muted")]
    if not len(view.steps):
        return fit([*head, ("not measured yet", "layer--muted")], width)
    if not found:
        return fit([*head, *_nothing(view)], width)
    free = width - sum(len(text) for text, _ in head)
    texts = [f"{mark.sign} {mark.words}" for mark in found]
    if len("   ".join(texts)) > free:
        head, free = [head[0], ("  ", "")], width - len(info.name) - 3
    if len("   ".join(texts)) > free:
        texts = [f"{mark.sign} {mark.short}" for mark in found]
    return fit([*head, ("   ".join(texts), "layer--warning")], width)


def _nothing(view: RunView) -> tuple[Piece, ...]:
    """What is to be said of a layer in which nothing was found, as far as it was looked for."""
    if view.judged is None:
        return (("not judged yet", "layer--muted"),)
    good = ("✓ nothing unusual", "layer--good")
    return (good, (f" up to step {view.judged:,}", "layer--muted")) if judged_late(view) else (good,)


def units_text(info: LayerInfo) -> str:
    """What enters and leaves, or the shape of what leaves where that is a picture or a sequence."""
    return f"→{'×'.join(map(str, info.shape))}" if len(info.shape) > 1 else f"{info.inputs}→{info.outputs}"


def _cell(view: RunView, layer: int, shown: Shown, course: str, found: Sequence[Mark]) -> list[Piece]:
    """One statistic of one layer: its course, its bar, and the number with a sign if it is unhealthy."""
    statistic = shown.column.statistic
    value = float(view.latest[layer, STATISTICS.index(statistic)])
    measured = len(view.steps) > 0
    mark = next((each for each in found if each.statistic is statistic), None) if measured else None
    style = _COURSE_STYLES.get(statistic, _COURSE)
    pieces = [(f" {course}", style)] if course else []
    if shown.bar:
        bar = log_bar(value, _largest(view, statistic), shown.bar) if measured else " " * shown.bar
        pieces.append((f" {bar}", style if mark is None else "layer--warning"))
    there = measured and not lacks(view.layers[layer], statistic, value)
    return [*pieces, _number(shown.column, value, mark, there=there)]


def _largest(view: RunView, statistic: Statistic) -> float:
    values = view.latest[:, STATISTICS.index(statistic)].astype(np.float64)
    return float(np.max(values, initial=0.0, where=np.isfinite(values)))


def _number(column: Column, value: float, mark: Mark | None, *, there: bool) -> Piece:
    """A number that says so when it is not one, or is unhealthy."""
    width = column.width + 1  # with the space before it
    if not there:
        return (f"{'–':>{width}}", "layer--muted")
    if not math.isfinite(value):
        return (f"{'×' if column.share else f'× {value}':>{width}}", "layer--bad")
    text = format_share(value) if column.share else format_number(value)
    if column.scientific and value:
        text = f"{value:.1e}"
    if mark is None:
        return (f"{text:>{width}}", "layer--number")
    return (f"{_signed(mark.sign, text, value, column.width):>{width}}", "layer--warning")


def _signed(sign: str, text: str, value: float, width: int) -> str:
    """A number with its sign in `width` characters, with fewer digits if need be, so that a space is left before the sign."""
    texts = (sign + _brief(each) for each in (text, f"{value:.2g}", f"{value:.0e}"))
    whole = sign + text
    return whole if len(whole) <= width else next((each for each in texts if len(each) <= width), whole)


def _brief(number: str) -> str:
    """Its power of ten without what can be left out: `1.7e0`, `2.9e-6`."""
    return re.sub(r"e\+?(-?)0*(\d+)$", r"e\1\2", number)
