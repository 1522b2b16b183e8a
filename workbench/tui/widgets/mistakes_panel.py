"""The examples that the network gets most wrong."""

from __future__ import annotations

from typing import ClassVar

from engine.events import DataInfo
from workbench.plots.lines import Row
from workbench.plots.mistakes import mistake_rows, notable
from workbench.plots.palette import Palette
from workbench.plots.region_view import MUTED
from workbench.plots.rows import fit
from workbench.tui.widgets.examined_panel import ExaminedPanel, when
from workbench.view import ExaminedView

HEADING = "the examples whose class it finds least probable"
NONE = "no mistakes: it is sure of every example's class"


class MistakesPanel(ExaminedPanel):
    """Pictures of them with what they are and were taken for; of tables their values that are out of the usual."""

    KEY: ClassVar[str] = "mistakes"
    TITLE: ClassVar[str] = "Worst mistakes"
    WAITING: ClassVar[str] = "The worst mistakes are looked for after some epochs, and at the end."

    def examined_rows(
        self, found: ExaminedView, data: DataInfo, width: int, height: int, palette: Palette | None
    ) -> tuple[Row, ...]:
        worst = notable(found.worst)
        words = HEADING if worst else NONE
        head = fit([(when(found), "picture--title"), (f"  {words}", MUTED)], width)
        drawn = mistake_rows(worst, data.image_shape, data.inputs, width, height - 1, colour=palette is not None)
        return (head, *drawn)
