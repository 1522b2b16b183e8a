"""A line chart as a widget: drawn when its lines, its size or its theme change, and then only the rows that differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.geometry import Region

from workbench.curves import Curves
from workbench.figures import run_figure
from workbench.plots.chart import Chart, Inks, draw_chart
from workbench.plots.figure import Figure
from workbench.plots.lines import Row
from workbench.tui.widgets.drawn import Drawn

SERIES = 6
"""Colours there are for lines; further lines begin again and are told apart by their signs."""
_LINES = tuple(f"curve--{number}" for number in range(SERIES))
_FAINT = tuple(f"curve--faint-{number}" for number in range(SERIES))
INKS = Inks(axis="curve--axis", pointer="curve--cursor", lines=_LINES, faint=_FAINT)


class CurveChart(Drawn):
    """Lines over each other.

    Its colours are the component classes `curve--axis`, `curve--cursor`, `curve--0` to `curve--5` of the lines and
    `curve--faint-0` to `curve--faint-5` of what is behind them.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"curve--axis", "curve--cursor", *_LINES, *_FAINT}

    def __init__(self) -> None:
        super().__init__()
        self._curves = Curves("", ())
        self._log = self._share = False
        self._window: tuple[float, float] | None = None
        self._cursor: float | None = None
        self._chart = Chart(())

    def show(
        self,
        curves: Curves,
        *,
        log: bool,
        share: bool,
        window: tuple[float, float] | None = None,
        cursor: float | None = None,
    ) -> None:
        """Draw these lines from now on.

        Args:
            curves: The lines; of the first six each has a colour of its own.
            log: The y axis is logarithmic.
            share: The y axis is in percent.
            window: The part of the x axis in sight; all of it if not given.
            cursor: Where on the x axis an upright line stands.
        """
        self._curves, self._log, self._share = curves, log, share
        self._window, self._cursor = window, cursor
        if self._stale or not self._strips:
            self.outdate()
        else:
            self._draw_changed()

    def x_at(self, column: int) -> float | None:
        """The place on the x axis of a column of the widget; None where nothing is drawn."""
        return self._chart.x_at(column)

    def figure(self, title: str) -> Figure:
        """What is drawn, for a file."""
        return run_figure(self._curves, title, log=self._log, share=self._share, window=self._window)

    @property
    def per_column(self) -> float:
        """How much of the x axis one column takes."""
        return self._chart.per_column

    def _draw_changed(self) -> None:
        """Draw at once, and ask only for the rows that differ to be painted."""
        before = self._chart.rows
        self.draw()
        rows, width = self._chart.rows, self.content_size.width
        if len(rows) != len(before):
            self.refresh()
            return
        changed = [number for number, row in enumerate(rows) if row != before[number]]
        if changed:
            self.refresh(*(Region(0, number, width, 1) for number in changed))

    def draw_rows(self, width: int, height: int) -> Sequence[Row]:
        curves = self._curves
        self._chart = draw_chart(
            curves.lines,
            width,
            height,
            log=self._log,
            share=self._share,
            title=f"{curves.title} (log)" if self._log and self._cursor is None else curves.title,
            x_label=curves.x_label,
            marks=curves.marks,
            mark="changed",
            bands=curves.bands,
            window=self._window,
            cursor=self._cursor,
            inks=INKS,
        )
        return self._chart.rows
