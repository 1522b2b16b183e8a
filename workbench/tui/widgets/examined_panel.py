"""What is looked at of a classification after some epochs and at the end, as a picture."""

from __future__ import annotations

from typing import ClassVar

from engine.events import DataInfo
from workbench.live import RunView
from workbench.plots.lines import Row
from workbench.plots.palette import Palette
from workbench.plots.region_view import MUTED
from workbench.plots.rows import fit
from workbench.tui.snapshot import Snapshot
from workbench.tui.widgets.picture_panel import PicturePanel
from workbench.view import ExaminedView


class ExaminedPanel(PicturePanel):
    """What was mistaken for what at the end, or else after the latest epoch at which that was looked at."""

    WAITING: ClassVar[str]
    """What is said before anything was looked at."""

    @classmethod
    def fits(cls, view: RunView) -> bool:
        return view.data is not None and view.data.task == "classification"

    def subject(self, snapshot: Snapshot) -> tuple[object, ...]:
        found = _latest(snapshot.view)
        return (None if found is None else found.event,)

    def rows(self, snapshot: Snapshot, width: int, height: int, palette: Palette | None) -> tuple[Row, ...]:
        found, data = _latest(snapshot.view), snapshot.view.data
        if found is None or data is None:
            return (fit([(self.WAITING, MUTED)], width),)
        return self.examined_rows(found, data, width, height, palette)

    def examined_rows(
        self, found: ExaminedView, data: DataInfo, width: int, height: int, palette: Palette | None
    ) -> tuple[Row, ...]:
        """Draw what was looked at; without a palette there are no colours."""
        raise NotImplementedError


def when(found: ExaminedView) -> str:
    """Which examples were looked at, and when."""
    return f"{found.part} part, {'at the end' if found.epoch is None else f'epoch {found.epoch:,}'}"


def _latest(view: RunView) -> ExaminedView | None:
    return view.examined or view.mistaken
