"""The marked runs over each other: curves, settings that differ, final figures."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import DataTable, Static

from workbench.history import HistoryError
from workbench.tui.comparison import comparison_rows, curve_label, run_heading
from workbench.tui.curves import Curves, Metric, compared_curve, is_regression
from workbench.tui.messages import CurvesRead, ReadingFailed, StoredCurves
from workbench.tui.reading import read_curves
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.widgets.curve_chart import CurveChart

NOTHING = "Nothing to compare yet: press h for the History, mark runs with space, then press c."


class CompareScreen(WorkbenchScreen):
    """Curves above, the table of differences and figures below."""

    MODE = "compare"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "next_metric", "Metric"),
        Binding("y", "toggle_log", "Log"),
        Binding("z", "unmark_all", "Unmark all"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._curves: tuple[StoredCurves, ...] = ()
        self._metric = Metric.LOSS
        self._log = False

    def compose_body(self) -> ComposeResult:
        with Vertical(id="compare"):
            yield Static(NOTHING, id="nothing")
            yield CurveChart()
            yield DataTable(id="differences", cursor_type="row", fixed_columns=1)

    def on_screen_resume(self) -> None:
        self.read()

    @work(thread=True, exclusive=True, group="curves")
    def read(self) -> None:
        """Read the marked runs; the answer comes as a message."""
        try:
            self.post_message(CurvesRead(read_curves(self.session.db, self.session.marked)))
        except HistoryError as error:
            self.post_message(ReadingFailed(str(error)))

    def on_curves_read(self, message: CurvesRead) -> None:
        self._curves = message.curves
        self.set_class(not self._curves, "-nothing")
        self._draw()
        self._fill()

    def _draw(self) -> None:
        lines = tuple(compared_curve(curve_label(curves), curves.view, self._metric) for curves in self._curves)
        log = self._log and self._metric is not Metric.SCORE
        share = self._metric is Metric.SCORE and not any(is_regression(curves.view) for curves in self._curves)
        self.query_one(CurveChart).show(Curves(self._metric.title, lines), log=log, share=share)

    def _fill(self) -> None:
        table: DataTable[Content] = self.query_one("#differences", DataTable)
        table.clear(columns=True)
        if not self._curves:
            return
        rows = comparison_rows([curves.record for curves in self._curves])
        table.add_column("", width=max(len(title) for title, _, _ in rows))
        for number, curves in enumerate(self._curves):
            heading = run_heading(number, curves.record)
            table.add_column(heading, width=max(len(heading), *(len(texts[number]) for _, texts, _ in rows)))
        for title, texts, kind in rows:
            style = {"section": "bold $primary", "setting": "", "figure": "$muted"}[kind]
            table.add_row(Content.styled(title, style), *(Content(text) for text in texts))
        table.focus()

    def action_next_metric(self) -> None:
        """Loss, validation cost, or accuracy (R² for numbers)."""
        metrics = list(Metric)
        self._metric = metrics[(metrics.index(self._metric) + 1) % len(metrics)]
        self._draw()

    def action_toggle_log(self) -> None:
        """Logarithmic or linear cost."""
        self._log = not self._log
        self._draw()

    def action_unmark_all(self) -> None:
        """Forget all marks."""
        self.session.marked = ()
        self.read()
