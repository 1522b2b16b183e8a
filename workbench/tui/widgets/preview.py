"""The experiment before it is trained: its network, its numbers, a sample of its data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual import work
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer
from textual.worker import get_current_worker

from engine.errors import EngineError
from workbench.plots.network import CLASS_STYLES, STYLES
from workbench.plots.profile_styles import STYLES as PROFILE_STYLES
from workbench.tui.preview_rows import BAD, TITLE, Described, preview_rows
from workbench.tui.settling import settle
from workbench.tui.widgets.strips import blank, strip_of, styles_of

if TYPE_CHECKING:
    from engine.parts import Data
    from workbench.plots.lines import Row
    from workbench.samples import Sample
    from workbench.tui.draft import Checked

PATIENCE = 0.4
"""Seconds for which the settings of the data stay as they are before they are read."""

KEYS: Row = (
    ("space", TITLE),
    (" train   ", ""),
    (".", TITLE),
    (" one step   ", ""),
    ("l", TITLE),
    (" presets   ", ""),
    ("h", TITLE),
    (" earlier runs   ", ""),
    ("?", TITLE),
    (" all keys", ""),
)


class Preview(ScrollView, can_focus=True):
    """Draws what the form describes, anew when that changes. Data are read by a thread of their own."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*STYLES, *CLASS_STYLES, *PROFILE_STYLES, TITLE, BAD}

    class Taken(Message):
        """A sample of data was taken, or it is known why that cannot be."""

        def __init__(self, data: Data, sample: Sample | None, problem: str) -> None:
            super().__init__()
            self.data, self.sample, self.problem = data, sample, problem

    def __init__(self) -> None:
        super().__init__()
        self.described = Described()
        self._welcome = True
        self._rows: tuple[Row, ...] = ()
        self._styles: dict[str, Style] = {}
        self._waiting: Timer | None = None
        self._asked: Data | None = None

    def show(self, checked: Checked, *, welcome: bool) -> None:
        """Draw what the form means from now on; `welcome`: say above it how to begin."""
        old = self.described
        self.described = replace(Described.of(checked), data=old.data, sample=old.sample, no_sample=old.no_sample)
        self._welcome = welcome
        self._draw()
        wanted = self.described.wanted
        if wanted is None or wanted == self._asked:
            return
        self._asked = wanted
        if self._waiting is not None:
            self._waiting.stop()
        self._waiting = self.set_timer(PATIENCE, lambda: self._read(wanted))

    @work(thread=True, exclusive=True, group="sample")
    def _read(self, data: Data) -> None:
        """Take a sample of the data, and load what a forecast needs."""
        import engine.insight.forecast  # noqa: F401
        from workbench.samples import take_sample

        sample: Sample | None = None
        problem = ""
        try:
            sample = take_sample(data)
        except (EngineError, OSError, ValueError, MemoryError) as error:
            problem = str(error) or type(error).__name__
        settle("data")  # what reads them
        if not get_current_worker().is_cancelled:
            self.post_message(self.Taken(data, sample, problem))

    def on_preview_taken(self, message: Taken) -> None:
        message.stop()
        self.described = replace(self.described, data=message.data, sample=message.sample, no_sample=message.problem)
        self._draw()

    # --- drawing --------------------------------------------------------------------

    def _draw(self) -> None:
        width = self.scrollable_content_region.width
        if width:
            keys = KEYS if self._welcome else None
            self._rows = preview_rows(self.described, width, colour=not self.app.no_color, keys=keys)
            self.virtual_size = Size(width, len(self._rows))
        self.refresh()

    def on_resize(self, event: Resize) -> None:
        self._draw()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if not self._styles:
            self._styles = styles_of(self)
        number = self.scroll_offset.y + y
        if number >= len(self._rows):
            return blank(self._styles, width)
        row = self._rows[number]
        for _, style in row:
            if style not in self._styles:  # the colours of a picture
                self._styles[style] = self._styles[""] + Style.parse(style)
        return strip_of(row, self._styles, width)
