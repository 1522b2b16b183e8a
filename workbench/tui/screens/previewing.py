"""The curves of the current run beside the list."""

from __future__ import annotations

from typing import ClassVar

from textual import events, work
from textual.binding import Binding, BindingType
from textual.timer import Timer

from workbench.history import Group, HistoryError, RunRecord, SampledCurves
from workbench.tui.messages import ReadingFailed
from workbench.tui.run_messages import PreviewRead
from workbench.tui.run_reading import read_preview
from workbench.tui.screens.arranging import Arranging
from workbench.tui.widgets.run_preview import RunPreview, placement

PREVIEW_SECONDS = 0.12
"""So long the cursor rests on a run before its curves are read."""
PREVIEWS_KEPT = 64


class Previewing(Arranging):
    """A screen with a list of runs, of which the current one is drawn."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "preview", "Curves"),
        Binding("y", "toggle_log", "Logarithmic curves", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._previews: dict[int, tuple[RunRecord, SampledCurves]] = {}
        self._resting: Timer | None = None

    def on_resize(self, event: events.Resize) -> None:
        self.place_preview()

    def shape(self) -> dict[str, bool]:
        return {**super().shape(), **self._preview_shape()}

    def _preview_shape(self) -> dict[str, bool]:
        place = placement(self.app.size.width, self.app.size.height, self.session.preferences.history.preview)
        return {f"-preview-{each}": place == each for each in ("right", "below")}

    def place_preview(self) -> None:
        """Put the curves where there is room for them."""
        for name, is_so in self._preview_shape().items():
            self.set_class(is_so, name)
        self.preview_soon()

    @property
    def previewing(self) -> bool:
        """Whether curves are shown beside the list."""
        return self.has_class("-preview-right") or self.has_class("-preview-below")

    def action_preview(self) -> None:
        """Show the current run's curves beside the list, or no longer."""
        self.workbench.prefer(history=self.session.preferences.history.model_copy(update={"preview": not self.previewing}))
        self.place_preview()

    def action_toggle_log(self) -> None:
        """Logarithmic or linear cost in the curves beside the list."""
        preferences = self.session.preferences.history
        self.workbench.prefer(history=preferences.model_copy(update={"logarithmic": not preferences.logarithmic}))
        self._draw_preview()

    @property
    def _drawn(self) -> int | None:
        """The run to be drawn: the current one, or the best of the current group."""
        entry = self.table.entry
        return entry.best_run if isinstance(entry, Group) else entry

    def preview_soon(self) -> None:
        """Draw the current run at once if its curves are known, or else when the cursor has rested on it."""
        self.rest_preview()
        if self.previewing and not self._draw_preview():
            self._resting = self.set_timer(PREVIEW_SECONDS, self._ask_preview)

    def rest_preview(self) -> None:
        """Read no curves while something else is being read."""
        if self._resting is not None:
            self._resting.stop()

    def _draw_preview(self) -> bool:
        """Draw the current run; return whether there is nothing to be read for it."""
        run_id, preview = self._drawn, self.query_one(RunPreview)
        if run_id is None:
            preview.clear()
            return True
        known = self._previews.get(run_id)
        if known is None:
            return False
        preview.show(*known, log=self.session.preferences.history.logarithmic)
        record = self.table.record(run_id)
        return record is None or record.updated == known[0].updated

    def _ask_preview(self) -> None:
        if self._drawn is not None and self.previewing:
            self.read_preview(self._drawn)

    @work(thread=True, exclusive=True, group="preview")
    def read_preview(self, run_id: int) -> None:
        """Read a run's curves from afar; the answer comes as a message."""
        try:
            self.post_message(PreviewRead(*read_preview(self.session.db, run_id)))
        except HistoryError as error:
            self.post_message(ReadingFailed(str(error)))

    def on_preview_read(self, message: PreviewRead) -> None:
        if len(self._previews) >= PREVIEWS_KEPT:
            self._previews.pop(next(iter(self._previews)))
        self._previews[message.record.id] = (message.record, message.curves)
        if self._drawn == message.record.id:
            self._draw_preview()
