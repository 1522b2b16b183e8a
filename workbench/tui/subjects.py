"""What is in sight of a screen, and can be copied or written to a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from textual.coordinate import Coordinate
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import DataTable

from engine.errors import ConfigurationError
from engine.experiment import Experiment
from workbench.plots.figure import Figure
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.compare import CompareScreen
from workbench.tui.widgets.compare_picture import ComparePicture
from workbench.tui.widgets.curve_chart import CurveChart
from workbench.tui.widgets.curves_panel import CurvesPanel
from workbench.tui.widgets.field_row import FieldRow
from workbench.tui.widgets.form import ExperimentForm
from workbench.tui.widgets.heat_map import HeatMap
from workbench.tui.widgets.live_view import LiveView
from workbench.tui.widgets.run_table import RunTable


@dataclass(frozen=True, slots=True)
class Subject:
    """A run, or what the form describes."""

    title: str
    experiments: tuple[Experiment, ...]
    run: int | None = None


def subjects(screen: Screen[Any]) -> tuple[Subject, ...]:
    """The shown or current run, then the form; the run first that is nearest to the cursor."""
    return tuple(_subjects(screen))


def _subjects(screen: Screen[Any]) -> Iterator[Subject]:
    for live in screen.query(LiveView):
        snapshot = live.snapshot
        if snapshot is not None and snapshot.view.experiment is not None:
            title = "the shown training" if snapshot.run is None else f"run {snapshot.run}"
            yield Subject(title, (snapshot.view.experiment,), snapshot.run)
    for table in screen.query(RunTable):
        record = table.current
        if record is not None:
            try:
                yield Subject(f"run {record.id}", (record.experiment,), record.id)
            except ConfigurationError:
                continue  # made by another version, whose settings cannot be read
    if isinstance(screen, CompareScreen) and (compared := screen.current_run) is not None and compared.experiment is not None:
        yield Subject(f"run {compared.record.id}", (compared.experiment,), compared.record.id)
    for form in screen.query(ExperimentForm):
        if form.checked.fine:
            yield Subject("the form", form.checked.experiments)


def compared_runs(screen: Screen[Any]) -> tuple[int, ...]:
    """The runs that are compared on the screen; none if it is another screen."""
    return screen.session.marked if isinstance(screen, WorkbenchScreen) and screen.MODE == "compare" else ()


def figure_of(screen: Screen[Any]) -> Figure | None:
    """The curves in sight as a figure for print; None where something else is in sight."""
    if isinstance(screen, CompareScreen):
        return screen.figure()
    chart = chart_of(screen)
    if not isinstance(chart, CurvesPanel | CurveChart):
        return None
    title = next((each.title for each in subjects(screen) if each.run is not None), "")
    return chart.figure(title[:1].upper() + title[1:])


def value_under_cursor(focused: Widget | None) -> str:
    """The text of the table's cell or the form's row that has the cursor; empty if none has."""
    if isinstance(focused, FieldRow):
        return focused.text
    if isinstance(focused, DataTable) and focused.row_count:
        cursor: Coordinate = focused.cursor_coordinate
        if focused.cursor_type == "cell":
            return str(focused.get_cell_at(cursor)).strip()
        return "  ".join(str(cell).strip() for cell in focused.get_row_at(cursor.row) if str(cell).strip())
    return ""


def chart_of(screen: Screen[Any]) -> Widget | None:
    """The picture in sight: the panel of a run, the curves that are compared, or that of a recipe."""
    for selector in ("Panel.-shown", ComparePicture, HeatMap, CurveChart, "#show"):
        for widget in screen.query(selector):
            if widget.display and widget.region:
                return widget
    return None
