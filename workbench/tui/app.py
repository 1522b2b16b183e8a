"""The terminal interface: `run_app` opens it."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any, ClassVar

from textual import events, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.types import CSSPathType
from textual.widgets import Input

from engine.experiment import Experiment
from workbench.history import HistoryError, mark_interrupted
from workbench.preferences import PreferencesError, preferences_path
from workbench.resumption import Resumption
from workbench.runner import Runner, Source, one_line
from workbench.tui.commands import key_groups, screen_commands
from workbench.tui.draft import Draft
from workbench.tui.messages import ModeChosen, ReadingFailed
from workbench.tui.screens.base import WIDE, WorkbenchScreen
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.screens.compare import CompareScreen
from workbench.tui.screens.dialogs import KeysHelp, Question
from workbench.tui.screens.history import HistoryScreen
from workbench.tui.session import Session
from workbench.tui.themes import DARK, LIGHT
from workbench.tui.type_ahead import TypeAhead
from workbench.tui.widgets.layer_rows import MEANINGS
from workbench.tui.widgets.layer_table import LayerTable
from workbench.tui.words import end_text, state_text

WATCH_SECONDS = 0.25
END_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
INTERRUPTED = 130
GRACE_SECONDS = 2.0
"""How long an interface whose terminal may be gone has to end by itself."""


class WorkbenchApp(App[None]):
    """Bench, History and Compare around one session."""

    TITLE = "workbench"
    CSS_PATH: ClassVar[CSSPathType | None] = sorted((Path(__file__).parent / "styles").glob("*.tcss"))
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012  not declared as a class variable there
    MODES: ClassVar[dict[str, Any]] = {"bench": BenchScreen, "history": HistoryScreen, "compare": CompareScreen}
    DEFAULT_MODE = "bench"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "go('bench')", "Bench", show=False),
        Binding("h", "go('history')", "History", show=False),
        Binding("c", "go('compare')", "Compare", show=False),
        Binding("question_mark", "keys", "Keys", key_display="?"),
        Binding("ctrl+t", "toggle_light", "Light or dark", show=False),
        Binding("q", "quit", "Quit", key_display="q"),
    ]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours of our own, for themes that do not know them."""
        return {"muted": "#8a93a2", "rule": "#7a818c"}

    def __init__(
        self, db: Path, *, source: Source | None = None, zone: tzinfo | None = None, preferences: Path | None = None
    ) -> None:
        """Nothing is opened or started yet; see `Session` for the arguments."""
        super().__init__()
        self.session = Session(db, Draft.of(Experiment()), source=source, zone=zone, preferences=preferences)
        self._leaving = False
        self._exit_code = 0
        self._next: tuple[Experiment, ...] = ()  # trained when the training that is being stopped has ended
        self._typed_ahead = TypeAhead()
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name

    def on_mount(self) -> None:
        try:
            self.session.read_preferences()
        except PreferencesError as error:
            self.notify(str(error), title="Preferences", severity="warning", markup=False)
        if self.session.preferences.theme in self.available_themes:
            self.theme = self.session.preferences.theme
        self.set_interval(WATCH_SECONDS, self._watch)
        loop = asyncio.get_running_loop()
        for number in END_SIGNALS:
            loop.add_signal_handler(number, self._interrupt)
        self._find_interrupted()

    def on_unmount(self) -> None:
        loop = asyncio.get_running_loop()
        for number in END_SIGNALS:
            loop.remove_signal_handler(number)

    # --- training -----------------------------------------------------------------

    def start_training(self, experiments: Sequence[Experiment], *, paused: bool = False) -> bool:
        """Begin a training, waiting before its first step if `paused`; return whether it was begun."""
        if self.session.training or self._leaving:
            return False
        self._next = ()
        runner = self.session.start(experiments)
        if paused:
            runner.pause()
        runner.start()
        return True

    def start_instead(self, experiments: Sequence[Experiment]) -> None:
        """Stop the training that goes on, and begin another when it has ended."""
        if self.session.runner is not None:
            self.session.runner.stop()
        self._next = tuple(experiments)
        self._watch()

    def go_on(self, resumption: Resumption) -> None:
        """Go on with a training of the history, and show it. The form then holds its settings."""
        if self.session.training or self._leaving:
            return
        experiments = resumption.experiments
        several = len(experiments) if experiments[0].ensemble.members == 1 else 1
        self.session.draft = Draft.of(experiments[0], several)
        self.session.parent = None
        self._next = ()
        self.session.go_on(resumption).start()
        self.switch_mode("bench")
        self.call_later(self._show_live)

    def _show_live(self) -> None:
        if isinstance(self.screen, BenchScreen):
            self.screen.show_live()

    def load_experiment(self, experiment: Experiment, *, parent: int) -> None:
        """Put a run's experiment into the form and go there. Runs started from now on name that run as their parent."""
        self.session.draft = Draft.of(experiment)
        self.session.parent = parent
        self.switch_mode("bench")
        view = self.session.view()
        shown = self.session.shown_run(view) if view is not None else None
        still = f" The curves are still those of run {shown}." if shown not in (None, parent) else ""
        self.notify(f"The settings of run {parent} are in the form.{still}")

    def _watch(self) -> None:
        """Tell of a training that has ended; keep the state in the bar up to date; leave when the last run has ended."""
        if not self.screen_stack:
            return  # the timer may tick once more while the screens are taken down
        runner = self.session.ended()
        if runner is not None and not self._leaving:
            self._tell_end(runner)
        if self._next and not self.session.training:
            self.start_training(self._next)
        if isinstance(self.screen, WorkbenchScreen):
            self.screen.bar.state = "" if self.screen.live_shown else self._state()
        if self._leaving and not self.session.training:
            self.exit(return_code=self._exit_code)

    def _state(self) -> str:
        view, runner = self.session.view(), self.session.runner
        return state_text(view, runner) if view is not None and runner is not None else ""

    def _tell_end(self, runner: Runner) -> None:
        """Say how a training ended, unless the live view is in sight and says it."""
        seen = isinstance(self.screen, WorkbenchScreen) and self.screen.live_shown
        if runner.error is not None:
            if not seen or runner.live.view().layers:  # once there are curves, the reason is too long for the line above them
                self.notify(one_line(runner.error), title="The training broke off", severity="error", timeout=15, markup=False)
        elif runner.outcomes and not seen:
            title = f"Run {runner.run_ids[0]}" if len(runner.run_ids) == 1 else f"{len(runner.run_ids)} runs"
            diverged = any(outcome.divergence is not None for outcome in runner.outcomes)
            self.notify(
                end_text(runner.outcomes, runner.live.view()),
                title=title,
                severity="warning" if diverged else "information",
                markup=False,
            )

    # --- going about --------------------------------------------------------------

    def action_go(self, mode: str) -> None:
        """Go to another screen."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.switch_mode(mode)

    def on_mode_chosen(self, message: ModeChosen) -> None:
        self.action_go(message.mode)

    def on_reading_failed(self, message: ReadingFailed) -> None:
        self.clear_notifications()  # a filter that is being typed is wrong at every key
        self.notify(message.text, title="History", severity="error", timeout=15, markup=False)

    def action_keys(self) -> None:
        """Show what the keys do, and what the columns mean."""
        groups = key_groups(self.screen)
        if self.screen.query(LayerTable):
            groups.append(("Columns of the layers", list(MEANINGS)))
        self.push_screen(KeysHelp(groups))

    def action_toggle_light(self) -> None:
        """Change between the light and the dark look."""
        self.theme = LIGHT.name if self.current_theme.dark else DARK.name

    def watch_theme(self, theme: str) -> None:
        if self.is_running:
            self.prefer(theme=theme)

    def prefer(self, **changes: object) -> None:
        """Remember changed preferences, such as `theme="workbench-light"`; says so where they cannot be kept."""
        now = self.session.preferences
        try:
            self.session.prefer(type(now).model_validate({**dict(now), **changes}))
        except PreferencesError as error:
            self.notify(str(error), title="Preferences", severity="warning", markup=False)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every action of the screen, and a picture of it."""
        yield from screen_commands(screen)
        yield SystemCommand("Picture", "Save the screen as an SVG file", lambda: self.set_timer(0.1, self.deliver_screenshot))

    def action_command_palette(self) -> None:
        """Find any action by its name."""
        super().action_command_palette()

    # --- keys ---------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Keep the keys that come before there is a place to type them, as in a burst over a slow line."""
        if isinstance(event, events.Key) and not event.is_forwarded and not self._typed_ahead.lets_pass(event, self.screen):
            return
        await super().on_event(event)

    async def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if isinstance(event.widget, Input):
            await self._type()

    async def _type(self) -> None:
        for key in self._typed_ahead.release():
            await self.on_event(key)

    @work(thread=True, group="interrupted")
    def _find_interrupted(self) -> None:
        """Mark the runs of processes that are gone, so that the list tells the truth."""
        try:
            mark_interrupted(self.session.db)
        except HistoryError as error:
            self.call_from_thread(self.post_message, ReadingFailed(str(error)))

    # --- leaving ------------------------------------------------------------------

    async def action_help_quit(self) -> None:  # type: ignore[override]  # what Textual does at ctrl+c
        """Leave."""
        await self.action_quit()

    async def action_quit(self) -> None:
        """Leave; asks first while a training goes on."""
        if not self.session.training:
            self.exit()
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._leave(interrupted=False)

        question = "A training is going on. It ends after its present step, and what was recorded is kept."
        self.push_screen(Question(question, yes="stop it and leave", no="stay"), answered)

    def _interrupt(self) -> None:
        """The terminal was closed, or the process was told to end."""
        self._exit_code = INTERRUPTED
        self._leave(interrupted=True)
        if not self.is_headless:
            threading.Thread(target=self._end_in_any_case, name="end", daemon=True).start()

    def _end_in_any_case(self) -> None:
        """End the process though the terminal no longer takes what is written: the interface waits for it for ever."""
        if self.session.runner is not None:
            self.session.runner.join()  # its thread has closed the history by then
        time.sleep(GRACE_SECONDS)
        os._exit(INTERRUPTED)

    def _leave(self, *, interrupted: bool) -> None:
        """End the training and then the interface, once the run's end is recorded."""
        self._leaving = True
        if self.session.runner is not None and self.session.training:
            self.session.runner.stop(interrupted=interrupted)
            self.notify("Ending the run …")
        self._watch()


def run_app(db: Path) -> None:
    """Open the interface on the history `db`; return when the user leaves. However it ends, the run is ended and recorded."""
    app = WorkbenchApp(db, preferences=preferences_path())
    try:
        app.run()
    finally:
        runner = app.session.runner
        if runner is not None and not runner.finished:
            runner.stop(interrupted=True)
            runner.join()
    if app.return_code:
        raise SystemExit(app.return_code)
