"""How signal and gradient run through the layers now, with the forecast as a ghost behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult

from engine.vocabulary import STATISTICS, Statistic
from workbench.expected import expected_of
from workbench.live import RunView
from workbench.measures import MEASURES
from workbench.plots.lines import Row
from workbench.plots.profile import Profile, profile_rows
from workbench.plots.profile_styles import STYLES
from workbench.tui.widgets.drawn import Drawn
from workbench.tui.widgets.layer_panel import AllLayers

SHOWN = (Statistic.GRADIENT_STD, Statistic.ACTIVATION_STD)


class ProfileChart(Drawn):
    """Bars of all layers below each other."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLES)

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._profiles: tuple[Profile, ...] = ()
        self._chosen: int | None = None

    def show(self, names: tuple[str, ...], profiles: tuple[Profile, ...], chosen: int | None) -> None:
        """Draw these from now on."""
        self._names, self._profiles, self._chosen = names, profiles, chosen
        self.outdate()

    def draw_rows(self, width: int, height: int) -> Sequence[Row]:
        return profile_rows(self._names, self._profiles, width, height, chosen=self._chosen) if self._profiles else ()


class ProfilePanel(AllLayers):
    """Layers from input to output: where the gradient vanishes the bars shrink towards the top, and so does the forecast if it saw that."""

    KEY: ClassVar[str] = "profile"
    TITLE: ClassVar[str] = "Layers against the forecast"

    def compose(self) -> ComposeResult:
        yield ProfileChart()

    @property
    def remembered(self) -> dict[str, str]:
        return {}

    def next_quantity(self, step: int) -> None:
        """Both are in sight."""

    def draw(self) -> None:
        assert self._snapshot is not None
        view = self._snapshot.view
        if self.is_new(view):
            names = tuple(layer.name for layer in view.layers)
            self.query_one(ProfileChart).show(names, profiles_of(view, names), self.chosen_layer)


def profiles_of(view: RunView, names: tuple[str, ...]) -> tuple[Profile, ...]:
    """Gradient and activation of the latest measurement, and what theory expected before the first step."""
    activation, gradient = expected_of(view).of(names)
    ghosts = {Statistic.GRADIENT_STD: gradient, Statistic.ACTIVATION_STD: activation}
    return tuple(
        Profile(MEASURES[each].title, view.latest[:, STATISTICS.index(each)].astype(np.float64), ghosts[each]) for each in SHOWN
    )
