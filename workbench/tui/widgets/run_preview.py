"""The current run's curves beside the list."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from workbench.curves import Curves
from workbench.history import RunRecord, SampledCurves
from workbench.plots import Line
from workbench.tui.history_rows import network, score
from workbench.tui.widgets.curve_chart import CurveChart

_RIGHT_FROM, _BELOW_FROM = 140, 36
"""Columns and rows of the terminal from which on there is room without being asked."""


def placement(width: int, height: int, wanted: bool | None) -> str:
    """Where there is room: "right" of the list or "below" it; empty: nowhere, or it is not wanted."""
    if wanted is False:
        return ""
    if width >= _RIGHT_FROM:
        return "right"
    return "below" if height >= _BELOW_FROM or wanted else ""


def preview_curves(curves: SampledCurves) -> Curves:
    """The training loss and the validation cost."""
    lines = [Line("training", curves.steps, _numbers(curves.loss))]
    if any(cost is not None for cost in curves.validation_cost):
        lines.append(Line("validation", curves.epoch_steps, _numbers(curves.validation_cost)))
    return Curves("cost", tuple(lines))


def _numbers(values: tuple[float | None, ...]) -> list[float]:
    return [float("nan") if value is None else value for value in values]


class RunPreview(Vertical):
    """A line about the run, and its curves."""

    def compose(self) -> ComposeResult:
        yield Static(id="preview-title", markup=False)
        yield CurveChart()

    def show(self, record: RunRecord, curves: SampledCurves, *, log: bool) -> None:
        """Draw a run."""
        test = score(record.test_accuracy, record.test_r2, record.test_cost)
        title = Content.assemble(
            (f"run {record.id} ", "bold"), record.name, (f"  {record.data}  {network(record)}  test {test}", "$muted")
        )
        self.query_one("#preview-title", Static).update(title, layout=False)
        self.query_one(CurveChart).display = True
        self.query_one(CurveChart).show(preview_curves(curves), log=log, share=False)

    def clear(self) -> None:
        """Draw nothing: there is no run."""
        self.query_one("#preview-title", Static).update("", layout=False)
        self.query_one(CurveChart).display = False
