"""The app without what it does: session, preferences, looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.filter import LineFilter, NoColor

from workbench.preferences_file import remembered_theme
from workbench.tui.themes import THEMES

if TYPE_CHECKING:
    from workbench.runner import Source
    from workbench.tui.session import Session


class BaseApp(App[None]):
    """One session, and how it looks. What the session needs is loaded when it is first asked for."""

    def __init__(
        self,
        db: Path,
        *,
        source: Source | None = None,
        zone: tzinfo | None = None,
        preferences: Path | None = None,
        theme: str | None = None,
    ) -> None:
        """Nothing is opened or started yet; see `Session` for the arguments. `theme`: instead of the one that is remembered."""
        super().__init__()
        self._db, self._source, self._zone, self._preferences = db, source, zone, preferences
        for each in THEMES:
            self.register_theme(each)
        self._chosen_theme = theme
        remembered = remembered_theme(preferences) if preferences is not None else None
        known = remembered if remembered in self.available_themes else None
        self.theme = theme or known or THEMES[0].name
        self._styled_for = self._looks()
        self.stylesheet.set_variables(self._styled_for[1])

    @cached_property
    def session(self) -> Session:
        """What all screens share."""
        from engine.experiment import Experiment
        from workbench.tui.draft import Draft
        from workbench.tui.session import Session

        draft = Draft.of(Experiment())
        return Session(self._db, draft, source=self._source, zone=self._zone, preferences=self._preferences)

    sitting = False
    """Whether the first screen is there, and all goes on that goes on beside it."""

    @property
    def has_session(self) -> bool:
        """Whether the session was asked for."""
        return "session" in vars(self)

    def begin_sitting(self) -> None:
        """Do what is to be done once the first screen is there."""
        from workbench.preferences import PreferencesError

        self.sitting = True
        try:
            self.session.read_preferences()
        except PreferencesError as error:
            self.notify(str(error), title="Preferences", severity="warning", markup=False)
        remembered = self.session.preferences.theme
        if self._chosen_theme is None and remembered in self.available_themes:
            self.theme = remembered

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours of our own, for themes that do not know them."""
        return {"muted": "#8a93a2", "rule": "#7a818c"}

    def action_next_theme(self) -> None:
        """Go on to the next look: dark, light, the 16 colours of the terminal."""
        names = [theme.name for theme in THEMES]
        place = names.index(self.theme) + 1 if self.theme in names else 0
        self.theme = names[place % len(names)]

    def _looks(self) -> tuple[str, dict[str, str]]:
        return self.theme, self.get_css_variables()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Under NO_COLOR the 16 colours are left out: greys made of them would all be black."""
        filters = super().get_line_filters()
        return [NoColor()] if self.no_color and self.current_theme.ansi else filters

    def refresh_css(self, animate: bool = True) -> None:
        """Read the style sheets anew, but only if looks have changed: Textual asks for it with every new screen."""
        looks = self._looks()
        if looks != self._styled_for:
            self._styled_for = looks
            super().refresh_css(animate=animate)

    def watch_theme(self, theme: str) -> None:
        if self.is_running and theme != self._chosen_theme:
            self._chosen_theme = None
            self.prefer(theme=theme)

    def prefer(self, **changes: object) -> None:
        """Remember changed preferences, such as `theme="workbench-light"`; says so where they cannot be kept."""
        from workbench.preferences import PreferencesError

        now = self.session.preferences
        try:
            self.session.prefer(type(now).model_validate({**dict(now), **changes}))
        except PreferencesError as error:
            self.notify(str(error), title="Preferences", severity="warning", markup=False)
