"""One line of text for each layer: what is shown of it, and how wide. No widget, so that it is tested alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.events import LayerInfo
from engine.vocabulary import STATISTICS, WEIGHT_STATISTICS, Statistic
from workbench.live import RunView
from workbench.plots import format_number, format_share, log_bar, sparkline
from workbench.plots.chart import Piece

NAME_WIDTH = 10
_NAME_SHARE = 4
"""A name of a layer may take one part in so many of the width, if it is longer than `NAME_WIDTH`."""
NUMBER_WIDTH = 7
_SPARK_LEAST, _SPARK_MOST = 6, 60
_BAR_LEAST, _BAR_MOST = 4, 10
SMALL = "↓"
VANISHING = 1e-3
"""A layer whose gradient is below this share of the largest layer's is marked."""
_GATED = ("rnn", "gru", "lstm")
"""Kinds of layers that have activations within."""
_ALARMING = {Statistic.SATURATED: 0.9, Statistic.DEAD: 0.5}  # half the values of a healthy ReLU layer are saturated


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers."""

    statistic: Statistic
    title: str
    width: int
    share: bool = False


FIRST = (
    Column(Statistic.SATURATED, "sat", 5, share=True),
    Column(Statistic.DEAD, "dead", 5, share=True),
    Column(Statistic.UPDATE_RATIO, "update", NUMBER_WIDTH),
)
MORE = (
    Column(Statistic.WEIGHT_STD, "weight σ", 8),
    Column(Statistic.WEIGHT_GRADIENT_NORM, "‖∂W‖", NUMBER_WIDTH),
    Column(Statistic.ACTIVATION_MEAN, "act μ", 8),
    Column(Statistic.NEAR_ZERO, "≈0", 5, share=True),
)
UNITS_WIDTH = 11

MEANINGS = (
    (
        "gradient σ",
        "spread of the gradient at the layer's pre-activations, over batch and units; the bar compares the layers "
        f"on one logarithmic scale, and {SMALL} marks a layer below a thousandth of the largest",
    ),
    ("activation σ", "spread of the layer's outputs, over batch and units"),
    ("sat", "share of outputs in the flat part of the activation, where gradients hardly pass"),
    ("dead", "share of units that are saturated for every example of the batch"),
    ("update", "size of the last change of the weights over the size of the weights; about 1e-3 is usual"),
    ("weight σ", "spread of the layer's weights"),
    ("‖∂W‖", "length of the gradient of the weights"),
    ("act μ", "mean of the layer's outputs, over batch and units"),
    ("≈0", "share of weights smaller than 0.001"),
    ("–", "not measured yet, or nothing that the layer has: pooling has no weights, a layer without activation no flat part"),
)
"""What the columns say, each in a sentence."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which columns there is room for, and how long the sparklines and the bars of the gradients are (0: none)."""

    name: int
    units: bool
    spark: int
    bar: int
    columns: tuple[Column, ...]


def plan(width: int, names: Sequence[str] = ()) -> Plan:
    """Share `width` characters: names and numbers of both spreads first, then the bars, sparklines, and further columns."""
    columns = list(FIRST)
    name = max(NAME_WIDTH, min(max(map(len, names), default=0), width // _NAME_SHARE))
    free = width - name - 2 * (NUMBER_WIDTH + 1)
    bar = _BAR_LEAST if free > _BAR_LEAST else 0
    free -= bar + 1 if bar else 0
    while columns and free - _room(columns) < 0:
        columns.pop()
    free -= _room(columns)
    wider = min(max(0, free - 2 * 20) // 4, _BAR_MOST - bar) if bar else 0
    bar, free = bar + wider, free - wider
    units = free >= 2 * 16 + UNITS_WIDTH + 1
    free -= (UNITS_WIDTH + 1) * units
    for column in MORE:
        if len(columns) >= len(FIRST) and free - (column.width + 1) >= 2 * 20:
            columns.append(column)
            free -= column.width + 1
    spark = min(free // 2 - 1, _SPARK_MOST)
    return Plan(name, units, spark if spark >= _SPARK_LEAST else 0, bar, tuple(columns))


def _room(columns: Sequence[Column]) -> int:
    return sum(column.width + 1 for column in columns)


def heading(layout: Plan) -> list[Piece]:
    """The titles above the rows."""
    text = f"{'layer':<{layout.name}}" + (f" {'units':<{UNITS_WIDTH}}" if layout.units else "")
    for title, short, bar in (("gradient σ", "grad σ", layout.bar), ("activation σ", "act σ", 0)):
        width = NUMBER_WIDTH + (layout.spark + 1 if layout.spark else 0) + (bar + 1 if bar else 0)
        fitting = title if len(title) <= width else short
        text += f" {fitting:<{width}}" if layout.spark else f" {fitting:>{width}}"
    text += "".join(f" {column.title:>{column.width}}" for column in layout.columns)
    return [(text, "layer--title")]


def layer_row(view: RunView, layer: int, layout: Plan) -> list[Piece]:
    """One layer: its name, the courses of the spreads of gradient and activation, and its latest numbers."""
    info = view.layers[layer]
    latest = view.latest[layer]
    pieces: list[Piece] = [(f"{_short(info.name, layout.name):<{layout.name}}", "layer--name")]
    if layout.units:
        pieces.append((f" {_short(_units(info), UNITS_WIDTH):<{UNITS_WIDTH}}", "layer--muted"))
    measured = len(view.steps) > 0
    for statistic, style, log in (
        (Statistic.GRADIENT_STD, "layer--gradient", True),
        (Statistic.ACTIVATION_STD, "layer--activation", False),
    ):
        if layout.spark:
            pieces.append((" " + sparkline(_course(view, statistic, layer), layout.spark, log=log), style))
        if statistic is Statistic.GRADIENT_STD:
            pieces += _gradient(view, layer, layout.bar, style)
        else:
            pieces.append(_number(float(latest[STATISTICS.index(statistic)]), NUMBER_WIDTH, measured=measured))
    for column in layout.columns:
        value = float(latest[STATISTICS.index(column.statistic)])
        # An output layer that is sure of its answers is saturated, and nothing is wrong with it.
        limit = _ALARMING.get(column.statistic, 2.0) if layer < len(view.layers) - 1 else 2.0
        pieces.append(_cell(column, value, limit, measured=measured and not _lacks(info, column.statistic, value)))
    return pieces


def _units(info: LayerInfo) -> str:
    """What enters and leaves, or the shape of what leaves where that is a picture or a sequence."""
    return f"→{'×'.join(map(str, info.shape))}" if len(info.shape) > 1 else f"{info.inputs}→{info.outputs}"


def _lacks(info: LayerInfo, statistic: Statistic, value: float) -> bool:
    """Whether a layer has nothing of which this could be measured."""
    if statistic in WEIGHT_STATISTICS:
        return info.weights == 0 and math.isnan(value)
    flat = bool(info.activation) or info.kind in _GATED
    return statistic in (Statistic.SATURATED, Statistic.DEAD) and not flat and value == 0


def _gradient(view: RunView, layer: int, bar: int, style: str) -> list[Piece]:
    """The spread of a layer's gradient as a bar on the scale of all layers, a sign if it all but vanished, and the number."""
    measured = len(view.steps) > 0
    spreads = view.latest[:, STATISTICS.index(Statistic.GRADIENT_STD)].astype(np.float64)
    largest = float(np.max(spreads, initial=0.0, where=np.isfinite(spreads)))
    value = float(spreads[layer])
    vanishing = measured and value < VANISHING * largest
    text, number_style = _number(value, NUMBER_WIDTH, measured=measured, scientific=True)
    if vanishing:
        style = number_style = "layer--warning"
        text = SMALL + text[1:]
    pieces = [(" " + (log_bar(value, largest, bar) if measured else " " * bar), style)] if bar else []
    return [*pieces, (text, number_style)]


def _course(view: RunView, statistic: Statistic, layer: int) -> NDArray[np.float32]:
    course: NDArray[np.float32] = view.series(statistic)[layer]
    return course


def _cell(column: Column, value: float, limit: float, *, measured: bool) -> Piece:
    if not column.share:
        scientific = column.statistic in (Statistic.UPDATE_RATIO, Statistic.WEIGHT_GRADIENT_NORM)
        return _number(value, column.width, measured=measured, scientific=scientific)
    if not measured:
        return (f" {'–':>{column.width}}", "layer--muted")
    if not math.isfinite(value):
        return (f" {'×':>{column.width}}", "layer--bad")
    alarming = value >= limit
    text = ("!" if alarming else "") + format_share(value)
    return (f" {text:>{column.width}}", "layer--warning" if alarming else "layer--number")


def _number(value: float, width: int, *, measured: bool, scientific: bool = False) -> Piece:
    """A number that says so when it is not one. Gradients are written with their power of ten, to be compared at a glance."""
    if not measured:
        return (f" {'–':>{width}}", "layer--muted")
    if not math.isfinite(value):
        return (f" {f'× {value}':>{width}}", "layer--bad")
    text = f"{value:.1e}" if scientific and value else format_number(value)
    return (f" {text:>{width}}", "layer--number" if value or not scientific else "layer--warning")


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
