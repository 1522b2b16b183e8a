"""What a classification takes for what."""

from __future__ import annotations

from typing import ClassVar

from engine.events import DataInfo
from workbench.plots.confusion import confusion_rows
from workbench.plots.lines import Row
from workbench.plots.palette import Palette
from workbench.tui.widgets.examined_panel import ExaminedPanel, when
from workbench.view import ExaminedView


class ConfusionPanel(ExaminedPanel):
    """A row for each true class, with how often it was taken for each."""

    KEY: ClassVar[str] = "confusion"
    TITLE: ClassVar[str] = "Confusion"
    WAITING: ClassVar[str] = "What is taken for what is looked at after some epochs, and at the end."

    def examined_rows(
        self, found: ExaminedView, data: DataInfo, width: int, height: int, palette: Palette | None
    ) -> tuple[Row, ...]:
        return confusion_rows(found.confusion, data.classes, width, height, palette, when(found))
