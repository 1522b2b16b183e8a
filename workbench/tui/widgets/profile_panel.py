"""How signal and gradient run through the layers now, with the forecast as a ghost behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual import work
from textual.app import ComposeResult
from textual.message import Message
from textual.worker import get_current_worker

from engine.vocabulary import STATISTICS, Statistic
from workbench.expected import NOTHING, expected_of, read_inputs
from workbench.live import RunView
from workbench.measures import MEASURES
from workbench.plots.lines import Row
from workbench.plots.profile import Profile, profile_rows
from workbench.plots.profile_styles import STYLES
from workbench.tui.settling import settle
from workbench.tui.widgets.drawn import Drawn
from workbench.tui.widgets.layer_panel import AllLayers

if TYPE_CHECKING:
    from engine.insight.theory.inputs import Inputs
    from engine.parts import Data

SHOWN = (Statistic.GRADIENT_STD, Statistic.ACTIVATION_STD)
FORECAST = "forecast: expected at step 1"
UNREAD = "of random inputs as large as these"
"""Where the data are not to be had."""
READING = f"{FORECAST}; reading the data …"


class ProfileChart(Drawn):
    """Bars of all layers below each other."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLES)

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._profiles: tuple[Profile, ...] = ()
        self._chosen: int | None = None
        self._legend = ""

    def show(self, names: tuple[str, ...], profiles: tuple[Profile, ...], chosen: int | None, legend: str) -> None:
        """Draw these from now on."""
        self._names, self._profiles, self._chosen, self._legend = names, profiles, chosen, legend
        self.outdate()

    def draw_rows(self, width: int, height: int) -> Sequence[Row]:
        if not self._profiles:
            return ()
        return profile_rows(self._names, self._profiles, width, height, chosen=self._chosen, legend=self._legend)


class ProfilePanel(AllLayers):
    """Layers from input to output: where the gradient vanishes the bars shrink towards the top, and so does the forecast if it saw that.

    The forecast is that of the form's preview: a thread of its own looks at the run's data.
    """

    KEY: ClassVar[str] = "profile"
    TITLE: ClassVar[str] = "Layers against the forecast"

    class Read(Message):
        """It is known what the inputs are like; None: it cannot be known."""

        def __init__(self, data: Data, inputs: Inputs | None) -> None:
            super().__init__()
            self.data, self.inputs = data, inputs

    def __init__(self) -> None:
        super().__init__()
        self._asked: Data | None = None
        self._read: ProfilePanel.Read | None = None

    def compose(self) -> ComposeResult:
        yield ProfileChart()

    @property
    def lines(self) -> int:
        return 1 + super().lines  # what the forecast is

    @property
    def remembered(self) -> dict[str, str]:
        return {}

    def next_quantity(self, step: int) -> None:
        """Both are in sight."""

    def draw(self) -> None:
        assert self._snapshot is not None
        view = self._snapshot.view
        data = view.experiment.data if view.experiment is not None else None
        if data is not None and view.data is not None and data != self._asked:
            self._asked, self._read = data, None
            self._look_at(data, view)
        if self.is_new(view, self._read):
            names = tuple(layer.name for layer in view.layers)
            legend = READING if self._read is None else FORECAST if self._read.inputs is not None else f"{FORECAST}, {UNREAD}"
            self.query_one(ProfileChart).show(names, profiles_of(view, names, self._read), self.chosen_layer, legend)

    @work(thread=True, exclusive=True, group="inputs")
    def _look_at(self, data: Data, view: RunView) -> None:
        inputs = read_inputs(view)
        settle("data")  # what reads them
        expected_of(view, inputs)  # kept for when it is drawn
        if not get_current_worker().is_cancelled:
            self.post_message(self.Read(data, inputs))

    def on_profile_panel_read(self, message: Read) -> None:
        message.stop()
        if message.data == self._asked:
            self._read = message
            if self.has_class("-shown"):
                self.draw()


def profiles_of(view: RunView, names: tuple[str, ...], read: ProfilePanel.Read | None) -> tuple[Profile, ...]:
    """Gradient and activation of the latest measurement, and what theory expected before the first step."""
    activation, gradient = (NOTHING if read is None else expected_of(view, read.inputs)).of(names)
    ghosts = {Statistic.GRADIENT_STD: gradient, Statistic.ACTIVATION_STD: activation}
    return tuple(
        Profile(MEASURES[each].title, view.latest[:, STATISTICS.index(each)].astype(np.float64), ghosts[each]) for each in SHOWN
    )
