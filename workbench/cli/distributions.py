"""The distributions of a stored run in tables: every quantity of every layer at the start and at the end."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

import numpy as np

from engine.vocabulary import PERCENTILES, QUANTITIES, Quantity
from workbench.cli.absent import lacking
from workbench.cli.exported import What
from workbench.cli.output import make_table, print_table
from workbench.history import History, RunRecord
from workbench.history.detail_records import HistogramRow, LayerProbeRow
from workbench.measures import QUANTITY_TITLES
from workbench.plots import format_number, sparkline
from workbench.plots.numbers import ABSENT

SPARK = 16
"""Characters of a histogram."""
WIDE = 140
"""Columns of a terminal from which on there is room for all percentiles."""
NARROW = (2, 98)
"""The percentiles that are shown where there is not."""


def print_distributions(history: History, run: RunRecord) -> None:
    """Print percentiles and histograms of each quantity, then what else was measured of the layers at those steps.

    Raises:
        CommandError: none were taken.
    """
    steps = history.distribution_steps(run.id)
    if not steps:
        raise lacking(What.DISTRIBUTIONS, run)
    ends = list(dict.fromkeys((steps[0], steps[-1])))
    histograms = {(row.step, row.layer, row.quantity): row for step in ends for row in history.histograms(run.id, step)}
    probes = {step: history.layer_probes(run.id, step) for step in ends}
    examples = next((row.examples for row in probes[ends[0]]), 0)
    print(f"Run {run.id}: distributions on {examples} held-out examples at step {' and '.join(f'{step:,}' for step in ends)}\n")
    layers = [(probe.layer, probe.name) for probe in probes[ends[0]]]
    for quantity in QUANTITIES:
        _print_quantity(quantity, ends, layers, histograms)
    _print_probes(ends, probes)


def _print_quantity(
    quantity: Quantity,
    steps: Sequence[int],
    layers: Sequence[tuple[int, str]],
    histograms: dict[tuple[int, int, str], HistogramRow],
) -> None:
    percents = PERCENTILES if _is_wide() else NARROW
    heads = ["step", "mean", "std", *(f"{percent} %" for percent in percents)]
    table = make_table([QUANTITY_TITLES[quantity], *heads, "histogram"], numbers=heads)
    for layer, name in layers:
        for step in steps:
            row = histograms.get((step, layer, quantity.value))
            if row is None:
                continue
            numbers = map(format_number, (row.mean, row.std, *map(row.percentile, percents)))
            table.add_row(name if step == steps[0] else "", f"{step:,}", *numbers, _drawn(row))
    if table.row_count:
        print_table(table)
        print()


def _is_wide() -> bool:
    return not sys.stdout.isatty() or shutil.get_terminal_size().columns >= WIDE


def _drawn(row: HistogramRow) -> str:
    """A histogram in a few characters, with its ends."""
    if not row.counts:
        return ABSENT
    groups = np.array_split(np.array(row.counts, np.float64), min(SPARK, len(row.counts)))
    return (
        f"{sparkline(np.array([group.sum() for group in groups]), SPARK)} {format_number(row.low)} to {format_number(row.high)}"
    )


def _print_probes(steps: Sequence[int], probes: dict[int, tuple[LayerProbeRow, ...]]) -> None:
    heads = ["step", "Var h / below", "Var dC/dz / above", "Jacobian", "dead units", "mostly saturated", "units"]
    table = make_table(["layer", *heads], numbers=heads)
    for layer, probe in enumerate(probes[steps[0]]):
        for step in steps:
            row = probes[step][layer]
            ratios = map(format_number, (row.activation_ratio, row.gradient_ratio, row.jacobian))
            units = (row.dead_units, row.saturated_units, len(row.unit_counts))
            table.add_row(probe.name if step == steps[0] else "", f"{step:,}", *ratios, *(f"{count:,}" for count in units))
    print_table(table)
    print()
    print("Jacobian: mean singular value of d(what leaves a layer) / d(what enters it).")
    print("Dead units are saturated on all examples, mostly saturated ones on more than half of them.")
