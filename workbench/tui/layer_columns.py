"""The columns of the layer table: which there are, and how much room each of them gets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.vocabulary import Statistic

NAME_WIDTH = 10
_NAME_SHARE = 4
"""A name of a layer may take one part in so many of the width, if it is longer than `NAME_WIDTH`."""
UNITS_WIDTH = 11
_BAR_LEAST, _BAR_MOST = 4, 10
_SPARK_LEAST, _SPARK_GOOD, _SPARK_MOST = 6, 12, 48


@dataclass(frozen=True, slots=True)
class Column:
    """One statistic of the layers."""

    statistic: Statistic
    title: str
    short: str
    width: int
    """Characters of the number."""
    meaning: str
    spark: bool = False
    """Whether its course is drawn as well, where there is room."""
    share: bool = False
    scientific: bool = False
    """Whether it is written with its power of ten, to be compared at a glance."""


COLUMNS: Mapping[Statistic, Column] = {
    column.statistic: column
    for column in (
        Column(
            Statistic.GRADIENT_STD, "gradient std", "grad std", 7,
            "spread of the gradient at the layer's pre-activations, over batch and units; the bar compares the layers on one "
            "logarithmic scale, ↓ marks a layer below a thousandth of the largest, ↑ one above a thousand times the output's",
            spark=True, scientific=True,
        ),
        Column(
            Statistic.ACTIVATION_STD, "activation std", "act std", 7,
            "spread of the layer's outputs, over batch and units", spark=True,
        ),
        Column(
            Statistic.SATURATED, "saturated", "sat", 5,
            "share of outputs in the flat part of the activation, where its slope is below 5 % of the steepest and gradients hardly "
            "pass; ! from 90 % on. For ReLU that is: off, and about half is usual",
            spark=True, share=True,
        ),
        Column(
            Statistic.DEAD, "dead", "dead", 5,
            "share of units that are saturated for every example of the batch, and do not learn from it; ! from 50 % on",
            share=True,
        ),
        Column(
            Statistic.UPDATE_RATIO, "update", "update", 7,
            "size of the last change of the weights over the size of the weights; about 1e-3 is usual, ↑ marks more than 0.1, "
            "↓ less than 1e-7",
            spark=True, scientific=True,
        ),
        Column(Statistic.WEIGHT_NORM, "‖W‖", "‖W‖", 7, "length of all weights together", spark=True),
        Column(Statistic.WEIGHT_STD, "weight std", "W std", 8, "spread of the layer's weights"),
        Column(Statistic.WEIGHT_GRADIENT_NORM, "‖∂W‖", "‖∂W‖", 7, "length of the gradient of the weights", scientific=True),
        Column(Statistic.ACTIVATION_MEAN, "act μ", "act μ", 8, "mean of the layer's outputs, over batch and units"),
        Column(Statistic.NEAR_ZERO, "≈0", "≈0", 5, "share of weights smaller than 0.001", share=True),
        Column(Statistic.GRADIENT_MEAN, "grad μ", "grad μ", 8, "mean of the gradient at the pre-activations", scientific=True),
        Column(Statistic.WEIGHT_GRADIENT_STD, "∂W std", "∂W std", 8, "spread of the gradient of the weights", scientific=True),
    )
}  # fmt: skip
"""All of them in their order; where there is little room the last ones are left out."""
USUAL = tuple(COLUMNS)[:6]

MEANINGS = (
    *((column.title, column.meaning) for column in COLUMNS.values()),
    ("σ", "std, the standard deviation, where there is little room: beside the histograms"),
    ("–", "not measured yet, or nothing that the layer has: pooling has no weights, a layer without activation no flat part"),
)
"""What the columns say, each in a sentence."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A column for which there is room."""

    column: Column
    bar: int = 0
    """Characters of its bar."""
    spark: int = 0
    """Characters of its course."""

    @property
    def width(self) -> int:
        """Of all of it, with the space before each part."""
        return self.column.width + 1 + (self.bar + 1 if self.bar else 0) + (self.spark + 1 if self.spark else 0)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which columns there is room for, and how wide they are."""

    name: int
    units: bool
    shown: tuple[Shown, ...]

    @property
    def statistics(self) -> tuple[Statistic, ...]:
        """Those that are shown."""
        return tuple(each.column.statistic for each in self.shown)


def plan(width: int, names: Sequence[str] = (), wanted: Collection[Statistic] = USUAL) -> Plan:
    """Share `width` characters: name and numbers first, then courses, then what goes into and out of the layers."""
    name = max(NAME_WIDTH, min(max(map(len, names), default=0), width // _NAME_SHARE))
    free = width - name - 1  # the sign of the chosen layer
    columns: list[Column] = []
    bar = 0
    for column in COLUMNS.values():
        extra = _BAR_LEAST + 1 if column.statistic is Statistic.GRADIENT_STD else 0
        if column.statistic in wanted and (needs := column.width + 1 + extra) <= free:
            columns.append(column)
            free -= needs
            bar = max(bar, extra - 1)
    with_course = [column for column in columns if column.spark]
    units = free >= UNITS_WIDTH + 1 + len(with_course) * (_SPARK_GOOD + 1)
    free -= (UNITS_WIDTH + 1) * units
    wider = min(max(0, free - len(with_course) * (_SPARK_GOOD + 1)) // 4, _BAR_MOST - bar) if bar else 0
    bar, free = bar + wider, free - wider
    drawn = with_course[: free // (_SPARK_LEAST + 1)]
    spark = min(free // len(drawn) - 1, _SPARK_MOST) if drawn else 0
    shown = tuple(
        Shown(column, bar if column.statistic is Statistic.GRADIENT_STD else 0, spark if column in drawn else 0)
        for column in columns
    )
    return Plan(name, units, shown)
