"""What is on the screen of an app, and keys that are pressed there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.widgets import Input, Static

from tests.workbench.tui.conftest import until
from workbench.tui.widgets.field_row import FieldRow
from workbench.tui.widgets.form import ExperimentForm
from workbench.tui.widgets.live_view import LiveView
from workbench.tui.widgets.run_table import RunTable

if TYPE_CHECKING:
    from textual.app import App
    from textual.pilot import Pilot
    from textual.widget import Widget

WIDE, NARROW = (160, 50), (80, 24)


def words(app: App, selector: str) -> str:
    """The text of a line or a box."""
    return str(app.screen.query_one(selector, Static).render())


def status(app: App) -> str:
    """The line above the curves."""
    return words(app, "#status")


def text_of(widget: Widget) -> str:
    """All that a widget draws."""
    return "\n".join(widget.render_line(y).text for y in range(widget.size.height))


# --- the Bench --------------------------------------------------------------------


def form(app: App) -> ExperimentForm:
    return app.screen.query_one(ExperimentForm)


def row(app: App, path: str) -> FieldRow:
    return next(each for each in app.screen.query(FieldRow) if each.field.path == path)


def live(app: App) -> LiveView:
    return app.screen.query_one(LiveView)


async def go_to(pilot: Pilot, path: str) -> None:
    """Go to a row of the form."""
    row(pilot.app, path).focus()
    await pilot.pause()


def shown(app: App, key: str) -> bool:
    """Whether a panel of the live view is in sight."""
    panel = live(app).panel
    return panel is not None and key == panel.KEY and panel.is_mounted


def over(app: App) -> bool:
    """Whether the training has been shown to its end and its thread has ended: the next one can begin."""
    return "done" in status(app) and not app.session.training


# --- the History ------------------------------------------------------------------


def table(app: App) -> RunTable:
    return app.screen.query_one(RunTable)


def ids(app: App) -> list[int]:
    """The runs in the list."""
    return list(table(app).ids)


def cell(app: App, run: int, column: str) -> str:
    return table(app).cell(run, column)


def detail(app: App) -> str:
    """What is told of the current run below the list."""
    return words(app, "#detail")


async def open_history(pilot: Pilot, count: int) -> None:
    """Open the list, and wait until it has so many runs."""
    await pilot.press("h")
    await until(pilot, lambda: table(pilot.app).row_count == count)


# --- keys -------------------------------------------------------------------------


def burst(app: App, *keys: str) -> None:
    """Send keys with no time between them, as a terminal does that was held up."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


async def type_in(pilot: Pilot, text: str) -> None:
    """Type into the field that has the focus, faster than the screen is drawn."""
    burst(pilot.app, *text)

    def typed() -> bool:
        field = pilot.app.focused
        return isinstance(field, Input) and text in field.value

    await until(pilot, typed)
