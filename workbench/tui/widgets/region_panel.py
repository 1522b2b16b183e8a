"""What the network answers everywhere on a plane, now and earlier."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from workbench.live import RunView
from workbench.plots.chart import Row
from workbench.plots.palette import Palette
from workbench.plots.region_view import MUTED, Moment, RegionView, region_view
from workbench.plots.rows import fit
from workbench.tui.snapshot import Snapshot
from workbench.tui.widgets.picture_panel import PicturePanel

HINT = "   tab ← → go through them"
WAITING = "The plane is looked at every now and then, and when training pauses or ends."


class RegionPanel(PicturePanel, can_focus=True):
    """Regions of the answers, with the examples; where several moments were kept, one can go through them."""

    KEY: ClassVar[str] = "region"
    TITLE: ClassVar[str] = "Decision region"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "earlier", "Earlier", show=False),
        Binding("right", "later", "Later", show=False),
        Binding("home", "first", "First", show=False),
        Binding("end", "latest", "Latest", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._step: int | None = None  # of the moment that is shown; None: the latest
        self._drawing = RegionView(())

    @classmethod
    def fits(cls, view: RunView) -> bool:
        return view.plane is not None

    def subject(self, snapshot: Snapshot) -> tuple[object, ...]:
        return (snapshot.view.plane, *(region.event for region in snapshot.view.regions))

    def rows(self, snapshot: Snapshot, width: int, height: int, palette: Palette | None) -> tuple[Row, ...]:
        plane, moments = snapshot.view.plane, self._moments
        if plane is None or not moments:
            self._drawing = RegionView(())
            return (fit([(WAITING, MUTED)], width),)
        classes = snapshot.view.data.classes if snapshot.view.data is not None else ()
        self._drawing = region_view(plane, moments, self._place(moments), classes, width, height, palette, hint=HINT)
        return self._drawing.rows

    @property
    def _moments(self) -> tuple[Moment, ...]:
        regions = self._snapshot.view.regions if self._snapshot is not None else ()
        return tuple(Moment(region.step, region.epoch, region.answers, region.strengths) for region in regions)

    def _place(self, moments: tuple[Moment, ...]) -> int:
        """The one that is shown; where it is kept no longer, that before it."""
        if self._step is None:
            return len(moments) - 1
        return max((place for place, moment in enumerate(moments) if moment.step <= self._step), default=0)

    def _choose(self, place: int) -> None:
        moments = self._moments
        if moments:
            place = min(max(place, 0), len(moments) - 1)
            self._step = None if place == len(moments) - 1 else moments[place].step
            self.outdate()

    def action_earlier(self) -> None:
        """Show the region as it was before."""
        self._choose(self._place(self._moments) - 1)

    def action_later(self) -> None:
        """Show the region as it was after that."""
        self._choose(self._place(self._moments) + 1)

    def action_first(self) -> None:
        """Show the first region that was kept."""
        self._choose(0)

    def action_latest(self) -> None:
        """Show the latest region, and those that come."""
        self._choose(len(self._moments) - 1)

    def on_click(self, event: events.Click) -> None:
        place = self._drawing.at(event.x, event.y)
        if place is not None:
            self._choose(place)
