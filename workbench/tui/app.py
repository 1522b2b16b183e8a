"""The terminal interface: `run_app` opens it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from importlib import import_module
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.types import CSSPathType
from textual.widgets import Input

from workbench.preferences_file import preferences_path
from workbench.tui.apps.guiding import GuidedApp
from workbench.tui.apps.leaving import INTERRUPTED as INTERRUPTED
from workbench.tui.messages import ModeChosen, ReadingFailed
from workbench.tui.screens.base import WIDE
from workbench.tui.screens.opening import Opening
from workbench.tui.settling import settle
from workbench.tui.type_ahead import TypeAhead

if TYPE_CHECKING:
    from workbench.runner import Source


def _bench() -> Screen[None]:
    from workbench.tui.screens.bench import BenchScreen  # none of them is needed for the first paint

    return BenchScreen()


def _history() -> Screen[None]:
    from workbench.tui.screens.history import HistoryScreen

    return HistoryScreen()


def _compare() -> Screen[None]:
    from workbench.tui.screens.compare import CompareScreen

    return CompareScreen()


def _recipes() -> Screen[None]:
    from workbench.tui.screens.recipes import RecipesScreen

    return RecipesScreen()


STYLES: list[str | PurePath] = sorted((Path(__file__).parent / "styles").glob("*.tcss"))
FIRST_STYLES = [path for path in STYLES if PurePath(path).stem in ("app", "bench")]
"""Those of what stands on the screen at first."""


SOON = (
    "workbench.runner",
    "workbench.tui.screens.dialogs",
    "workbench.tui.notable",
    "workbench.tui.widgets.layer_rows",
    "workbench.tui.screens.history",
    "workbench.tui.screens.compare",
    "workbench.tui.screens.recipes",
)


class WorkbenchApp(GuidedApp):
    """Bench, History, Compare and Recipes around one session."""

    TITLE = "workbench"
    CSS_PATH: ClassVar[CSSPathType | None] = STYLES
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012  not declared as a class variable there
    MODES: ClassVar[dict[str, Any]] = {"bench": _bench, "history": _history, "compare": _compare, "recipes": _recipes}
    DEFAULT_MODE = "bench"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "go('bench')", "Bench", show=False),
        Binding("h", "go('history')", "History", show=False),
        Binding("c", "go('compare')", "Compare", show=False),
        Binding("R,shift+r", "go('recipes')", "Recipes", show=False, key_display="R"),
        Binding("A,shift+a", "queue", "Show the queue", show=False, key_display="A"),
        Binding("C,shift+c", "copy", "Copy", show=False, key_display="C"),
        Binding("E,shift+e", "export", "Export", show=False, key_display="E"),
        Binding("question_mark", "keys", "Keys", key_display="?"),
        Binding("ctrl+t", "next_theme", "Next look", show=False),
        Binding("enter", "tour_next", "Next step of the tour", show=False, priority=True),
        Binding("escape", "tour_end", "End the tour", show=False, priority=True),
        Binding("q", "quit", "Quit", key_display="q"),
    ]

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
        super().__init__(db, source=source, zone=zone, preferences=preferences, theme=theme)
        self._typed_ahead = TypeAhead()

    def on_mount(self) -> None:
        if self.current_mode == "bench" and not self.sitting:
            self.begin_sitting()

    def begin_sitting(self) -> None:
        super().begin_sitting()
        self._find_interrupted()
        self.call_after_refresh(self._load_the_rest)

    @work(thread=True, group="rest")
    def _load_the_rest(self) -> None:
        """Load behind the first screen what is asked for next, so that it comes at once."""
        from workbench.tui.widgets.live_view import panel_kinds

        for name in SOON:
            import_module(name)
        panel_kinds()
        settle("screens")

    # --- going about --------------------------------------------------------------

    def action_go(self, mode: str) -> None:
        """Go to another screen."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.switch_mode(mode)

    async def show_runs(self, words: str) -> None:
        """Go to the History, filtered by these words."""
        from workbench.tui.screens.history import HistoryScreen

        while len(self.screen_stack) > 1:
            self.pop_screen()
        await self.switch_mode("history")
        if isinstance(self.screen, HistoryScreen):
            self.screen.find(words)

    def on_mode_chosen(self, message: ModeChosen) -> None:
        self.action_go(message.mode)

    def on_reading_failed(self, message: ReadingFailed) -> None:
        self.clear_notifications()  # a filter that is being typed is wrong at every key
        self.notify(message.text, title="History", severity="error", timeout=15, markup=False)

    def action_keys(self) -> None:
        """Show what the keys do, and what the columns mean."""
        from workbench.tui.commands import key_groups
        from workbench.tui.layer_columns import MEANINGS
        from workbench.tui.screens.dialogs import KeysHelp
        from workbench.tui.widgets.layer_table import LayerTable

        groups = key_groups(self.screen)
        if self.screen.query(LayerTable):
            groups.append(("Columns of the layers", list(MEANINGS)))
        self.push_screen(KeysHelp(groups))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every action of the screen."""
        from workbench.tui.commands import screen_commands

        yield from screen_commands(screen)

    def action_command_palette(self) -> None:
        """Find any action by its name."""
        super().action_command_palette()

    # --- keys ---------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Keep the keys that come before there is a place to type them, as in a burst over a slow line."""
        if isinstance(event, events.Key) and not event.is_forwarded and not self._takes(event):
            return
        await super().on_event(event)

    def _takes(self, key: events.Key) -> bool:
        """Whether a key is to be handled now."""
        if key.key == "enter" and self.check_action("tour_next", ()):
            return True
        return self._typed_ahead.lets_pass(key, self.screen)

    async def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if isinstance(event.widget, Input):
            await self._type()

    async def _type(self) -> None:
        for key in self._typed_ahead.release():
            await self.on_event(key)

    @work(thread=True, group="interrupted")
    def _find_interrupted(self) -> None:
        """Mark the runs of processes that are gone, so that the list tells the truth."""
        from workbench.history import HistoryError, mark_interrupted

        try:
            mark_interrupted(self.session.db)
        except HistoryError as error:
            self.call_from_thread(self.post_message, ReadingFailed(str(error)))


class FrameFirst(WorkbenchApp):
    """The workbench whose frame is on the screen before anything else is loaded. Keys that come meanwhile wait for the Bench."""

    MODES: ClassVar[dict[str, Any]] = {"opening": Opening, **WorkbenchApp.MODES}
    DEFAULT_MODE = "opening"
    CSS_PATH: ClassVar[CSSPathType | None] = FIRST_STYLES

    def __init__(
        self,
        db: Path,
        *,
        source: Source | None = None,
        zone: tzinfo | None = None,
        preferences: Path | None = None,
        theme: str | None = None,
    ) -> None:
        """As the workbench is made."""
        super().__init__(db, source=source, zone=zone, preferences=preferences, theme=theme)
        self._waiting: list[events.Key] | None = []

    def on_mount(self) -> None:
        self.call_after_refresh(self.call_later, self._open_bench)  # in the turn of the app, before the keys that come

    async def _open_bench(self) -> None:
        """Load the Bench and put it in the place of the frame, which it has as well."""
        with self.batch_update():
            await self.switch_mode("bench")
            self.mind_room(self.size)
        self.begin_sitting()
        self.call_later(self._be_ready)  # after the focus has been set

    async def _be_ready(self) -> None:
        """Let the keys in, and have the styles of all other screens."""
        self.stylesheet.read_all([PurePath(path) for path in STYLES])
        await self._let_keys_in()
        await self.remove_mode("opening")

    async def _let_keys_in(self) -> None:
        """Handle the keys that came, each when what the one before has done is on the screen."""
        if not self._waiting:
            self._waiting = None
            return
        await super().on_event(self._waiting.pop(0))
        self.call_after_refresh(self.call_later, self._let_keys_in)

    async def on_event(self, event: events.Event) -> None:
        """Keep the keys until they can be handled."""
        if isinstance(event, events.Key) and self._waiting is not None:
            self._waiting.append(event)
        else:
            await super().on_event(event)


def run_app(db: Path, *, theme: str | None = None) -> None:
    """Open the interface on the history `db`; return when the user leaves. However it ends, the run is ended and recorded."""
    app = FrameFirst(db, preferences=preferences_path(), theme=theme)
    try:
        app.run()
    finally:
        if app.has_session and app.session.training:
            app.session.stop(interrupted=True)
            app.session.join()
    if app.return_code:
        raise SystemExit(app.return_code)
