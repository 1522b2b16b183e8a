"""Helps on the way: the tour, and a word where there is no room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.geometry import Size
from textual.widgets import Input

from workbench.tui.apps.taking import TakingApp
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.small import LEAST, TooSmall
from workbench.tui.tour import OFFER, STEPS

if TYPE_CHECKING:
    from workbench.tui.widgets.tour_box import TourBox


class GuidedApp(TakingApp):
    """Shows newcomers around."""

    _tour: TourBox | None = None

    def begin_sitting(self) -> None:
        super().begin_sitting()
        self.call_after_refresh(self._offer_tour)

    def _offer_tour(self) -> None:
        """Once in a lifetime."""
        if self.session.remembers and not self.session.preferences.toured:
            self.notify(OFFER, timeout=8)
            self.prefer(toured=True)

    def watch_training(self) -> None:
        super().watch_training()
        self._follow()

    # --- the tour -----------------------------------------------------------------

    def action_tour(self) -> None:
        """Be shown around in five short steps."""
        self.action_tour_end()
        self.clear_notifications()  # the offer of the tour
        self._show(0)

    def action_tour_next(self) -> None:
        """The next step of the tour."""
        if self._tour is None:
            return
        number = self._tour.number + 1
        self.action_tour_end()
        if number < len(STEPS):
            self._show(number)

    def action_tour_end(self) -> None:
        """End the tour."""
        if self._tour is not None:
            self._tour.remove()
            self._tour = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys of the tour are its own only while it is on, and nobody types or answers a question."""
        if action in ("tour_next", "tour_end"):
            return self._tour is not None and isinstance(self.screen, WorkbenchScreen) and not isinstance(self.focused, Input)
        if self.screen_stack and isinstance(self.screen, TooSmall):
            return action in ("quit", "help_quit")
        return super().check_action(action, parameters)

    def _show(self, number: int) -> None:
        from workbench.tui.widgets.tour_box import TourBox

        if isinstance(self.screen, WorkbenchScreen):
            self._tour = TourBox(number)
            self.screen.mount(self._tour)
            self.screen.refresh_bindings()

    def _follow(self) -> None:
        """Let the tour be on the screen that is in sight, beside what it talks about."""
        if self._tour is None or not isinstance(self.screen, WorkbenchScreen) or not self._tour.is_attached:
            return
        if self._tour.screen is self.screen:
            self._tour.place()
        else:
            number = self._tour.number
            self.action_tour_end()
            self._show(number)

    # --- room ---------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        if self.screen_stack:
            self.mind_room(event.size)

    def mind_room(self, size: Size) -> None:
        """Say so where there is not room for the screens."""
        small = size.width < LEAST[0] or size.height < LEAST[1]
        if small and not isinstance(self.screen, TooSmall):
            self.push_screen(TooSmall())
        elif not small and isinstance(self.screen, TooSmall):
            self.pop_screen()
