"""Tables and pictures of a recipe's runs as plain data.

Axes of arrays: S seeds, M places on the x axis, L layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.claims.records import Number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.insight.surface_records import Surface

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cell:
    """One quantity of one group."""

    text: str
    """Mean and spread over the seeds, or why there is none."""
    number: Number | None = None
    """None where it is not known."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A group with its quantities."""

    names: tuple[str, ...]
    """Its variation on each axis."""
    cells: tuple[Cell, ...]
    chosen: bool = False
    """Whether its variation was chosen for being the best."""


@dataclass(frozen=True, slots=True)
class TableShown:
    """A row for each group."""

    title: str
    axes: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    note: str = ""
    chosen: str = ""
    """What rows were chosen for, such as `the lr of the least validation error`; empty if none were."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A line: the mean over the runs that have a value there, and the least and the greatest of them."""

    label: str
    x: Floats  # [M]
    mean: Floats  # [M]; not-a-number where there is nothing, infinite where a run was lost
    low: Floats  # [M]
    high: Floats  # [M]
    runs: int
    hue: int = 0
    """Its colour and dashes in print; see `workbench.plots.figure`."""

    @property
    def has_spread(self) -> bool:
        """Whether its runs differ anywhere."""
        return bool((self.high > self.low).any())


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Lines that are drawn over each other."""

    title: str
    """What they have in common, such as `tanh`; empty where there is one part alone."""
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LinesShown:
    """Lines over epochs, layers, or the values of an axis; in several parts where they would be too many for one."""

    title: str
    y_label: str
    x_label: str
    parts: tuple[Part, ...]
    log: bool = False
    share: bool = False
    """Whether values are shares of one."""
    ticks: tuple[tuple[float, str], ...] = ()
    """Places on the x axis with their labels; empty: round numbers."""
    window: tuple[float, float] | None = None
    """From where to where the x axis goes; None: as far as the lines."""
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class HeatShown:
    """A statistic of every layer of one run over its steps."""

    title: str
    of: str
    layers: tuple[str, ...]  # [L], from the input on
    steps: Floats  # [M]
    values: Floats  # [L, M]; not-a-number where there is none, infinite where it was lost
    log: bool = False
    share: bool = False
    signed: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceShown:
    """The cost over two weights."""

    title: str
    surface: Surface
    note: str = ""


@dataclass(frozen=True, slots=True)
class NothingShown:
    """What cannot be shown."""

    title: str
    why: str


Shown = TableShown | LinesShown | HeatShown | SurfaceShown | NothingShown
