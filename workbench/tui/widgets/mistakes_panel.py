"""The examples that the network gets most wrong."""

from __future__ import annotations

from typing import ClassVar

from workbench.live import RunView
from workbench.plots.chart import Row
from workbench.plots.mistakes import mistake_rows, notable
from workbench.plots.palette import Palette
from workbench.plots.region_view import MUTED
from workbench.plots.rows import fit
from workbench.tui.snapshot import Snapshot
from workbench.tui.widgets.confusion_panel import is_classification, latest, when
from workbench.tui.widgets.picture_panel import PicturePanel

WAITING = "The worst mistakes are looked for after some epochs, and at the end."
HEADING = "the examples whose class it finds least probable"
NONE = "no mistakes: it is sure of every example's class"


class MistakesPanel(PicturePanel):
    """Pictures of them with what they are and were taken for; of tables their values that are out of the usual."""

    KEY: ClassVar[str] = "mistakes"
    TITLE: ClassVar[str] = "Worst mistakes"

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
        worst = notable(found.worst)
        words = HEADING if worst else NONE
        head = fit([(when(found), "picture--title"), (f"  {words}", MUTED)], width)
        drawn = mistake_rows(worst, data.image_shape, data.inputs, width, height - 1, colour=palette is not None)
        return (head, *drawn)
