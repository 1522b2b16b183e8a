"""Cost and scores over the steps of a run."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.reactive import reactive

from workbench.live import RunView
from workbench.tui.curves import Shown, choices, is_regression, run_curves
from workbench.tui.snapshot import Snapshot
from workbench.tui.widgets.curve_chart import CurveChart
from workbench.tui.widgets.panel import Panel


class CurvesPanel(Panel):
    """Training and validation, those of an ensemble, and the layers of a pre-training."""

    KEY: ClassVar[str] = "curves"
    TITLE: ClassVar[str] = "Curves"

    logarithmic: reactive[bool] = reactive(False, init=False, repaint=False)
    shown: reactive[Shown] = reactive(Shown.COST, init=False, repaint=False)

    def __init__(self) -> None:
        super().__init__()
        self._snapshot: Snapshot | None = None

    def compose(self) -> ComposeResult:
        yield CurveChart()

    def fits(self, view: RunView) -> bool:
        return True

    def show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._draw()

    def next_metric(self) -> None:
        """Show the next of cost, accuracy (R² for numbers) and, after a pre-training, the error of reconstructions."""
        there = choices(self._snapshot.view if self._snapshot is not None else None)
        self.shown = there[(there.index(self.shown) + 1) % len(there)] if self.shown in there else there[0]

    def watch_logarithmic(self) -> None:
        self._draw()

    def watch_shown(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self._snapshot is None:
            return
        view = self._snapshot.view
        log = self.logarithmic and self.shown is not Shown.SCORE
        share = self.shown is Shown.SCORE and not is_regression(view)
        self.query_one(CurveChart).show(run_curves(view, self.shown), log=log, share=share)
