"""What a classification takes for what."""

from __future__ import annotations

from typing import ClassVar

from workbench.live import RunView
from workbench.plots.chart import Row
from workbench.plots.confusion import confusion_rows
from workbench.plots.palette import Palette
from workbench.plots.region_view import MUTED
from workbench.plots.rows import fit
from workbench.tui.snapshot import Snapshot
from workbench.tui.widgets.picture_panel import PicturePanel
from workbench.view import ExaminedView

WAITING = "What is taken for what is looked at after some epochs, and at the end."


class ConfusionPanel(PicturePanel):
    """A row for each true class, with how often it was taken for each."""

    KEY: ClassVar[str] = "confusion"
    TITLE: ClassVar[str] = "Confusion"

    @classmethod
    def fits(cls, view: RunView) -> bool:
        return is_classification(view)

    def subject(self, snapshot: Snapshot) -> tuple[object, ...]:
        found = latest(snapshot.view)
        return (None if found is None else found.event,)

    def rows(self, snapshot: Snapshot, width: int, height: int, palette: Palette | None) -> tuple[Row, ...]:
        found, data = latest(snapshot.view), snapshot.view.data
        if found is None or data is None:
            return (fit([(WAITING, MUTED)], width),)
        return confusion_rows(found.confusion, data.classes, width, height, palette, when(found))


def is_classification(view: RunView) -> bool:
    """Whether there are classes that can be mistaken for each other."""
    return view.data is not None and view.data.task == "classification"


def latest(view: RunView) -> ExaminedView | None:
    """What was mistaken for what at the end, or else after the latest epoch at which that was looked at."""
    return view.examined or view.mistaken


def when(found: ExaminedView) -> str:
    """Which examples were looked at, and when."""
    return f"{found.part} part, {'at the end' if found.epoch is None else f'epoch {found.epoch:,}'}"
