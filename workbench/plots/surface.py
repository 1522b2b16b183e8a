"""Cost surfaces as heat maps of text, one beside the other where there is room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.insight.surface_records import Surface
from workbench.plots.heat import AXIS, PICKED, heat_map
from workbench.plots.lines import Row
from workbench.plots.numbers import format_number, format_share
from workbench.plots.rows import fit

LEAST_WIDTH = 44
"""Characters without which two maps do not stand side by side."""
GAP = 3
_AROUND = 4  # lines besides the cells


def surface_rows(surface: Surface, width: int, height: int) -> tuple[Row, ...]:
    """One surface in `width` x `height` characters, the largest values of its y axis on top; ▲ and ▐ are where the network stands.

    The styles are those of `workbench.plots.heat`. Where there are more rows than lines, every second, third, … is drawn.
    """
    top = len(surface.y.values) - 1
    every = -(-top // max(height - _AROUND - 1, 1))
    shown = np.arange(top, -1, -every)
    values = surface.y.values[shown]
    span = float(np.ptp(surface.y.values))
    map_rows = heat_map(
        surface.costs[shown],
        [format_number(0.0 if abs(value) < 1e-9 * span else float(value)) for value in values],
        surface.x.values,
        width,
        height - 1,
        title=f"↑ {surface.y.label}",
        x_label=surface.x.label,
        marks=[surface.x.here],
        mark="here",
        chosen=int(np.abs(values - surface.y.here).argmin()),
    ).rows
    head = fit([(surface.cost, PICKED), (f"  plateau {format_share(surface.plateau)}", AXIS)], width)
    return (head, *map_rows)


def surfaces_rows(surfaces: Sequence[Surface], width: int, height: int) -> list[Row]:
    """Several surfaces, as many in a line as there is room for; each in `height` lines, with a blank one between."""
    across = min(len(surfaces), max(1, (width + GAP) // (LEAST_WIDTH + GAP)))
    each = (width + GAP) // across - GAP
    rows: list[Row] = []
    for first in range(0, len(surfaces), across):
        drawn = [surface_rows(surface, each, height) for surface in surfaces[first : first + across]]
        rows += [fit([], width)] if rows else []
        rows += [
            fit([piece for part in parts for piece in (*part, (" " * GAP, ""))][:-1], width) for parts in zip(*drawn, strict=True)
        ]
    return rows
