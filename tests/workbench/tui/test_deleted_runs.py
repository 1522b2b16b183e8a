"""A run that somebody deletes for good while the interface shows it: a message, and everything else goes on."""

from __future__ import annotations

from tests.workbench.history.recorded import erase
from tests.workbench.tui.conftest import run_scripted, until
from tests.workbench.tui.screen import WIDE, ids, open_history
from workbench.tui.screens.compare import CompareScreen
from workbench.tui.screens.run import RunScreen


def told(app) -> list[str]:
    return [notification.message for notification in app._notifications]


async def says(pilot, words: str) -> None:
    await until(pilot, lambda: any(words in message for message in told(pilot.app)))
    pilot.app.clear_notifications()


async def test_a_run_that_is_gone_cannot_be_opened_remedied_or_taken_on(make_app, db):
    for name in ("kept", "lost"):
        run_scripted(db, name=name)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 2)
        erase(db, 2)
        await pilot.press("g")
        await says(pilot, "no run '2'")
        await pilot.press("enter")
        await says(pilot, "no run '2'")
        assert isinstance(app.screen, RunScreen)
        await pilot.press("escape")
        await until(pilot, lambda: ids(app) == [1])


async def test_of_runs_that_are_compared_those_that_are_left_are_shown(make_app, db):
    for seed in range(3):
        run_scripted(db, {"seed": seed})
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 3)
        await pilot.press("space", "down", "space", "down", "space")
        erase(db, 2)
        await pilot.press("c")
        await says(pilot, "no run '2'")
        assert isinstance(app.screen, CompareScreen)
        assert [entry.key for entry in app.screen.comparison.entries] == [3, 1]


async def test_what_is_read_later_of_compared_runs_may_be_gone(make_app, db):
    for seed in range(2):
        run_scripted(db, {"seed": seed})
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 2)
        await pilot.press("space", "down", "space", "c")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen) and len(app.screen.runs) == 2)
        erase(db, 2)
        erase(db, 1)
        await pilot.press("v")  # the layers of the first one are nowhere any more
        await pilot.press("t")  # which runs were trained with it
        await says(pilot, "there are no runs in")
        assert isinstance(app.screen, CompareScreen)


async def test_a_shown_run_that_is_gone_has_no_remedies(make_app, db):
    for name in ("kept", "lost"):
        run_scripted(db, name=name)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 2)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.live.snapshot is not None)
        erase(db, 2)
        await pilot.press("F")
        await says(pilot, "What is wrong with run 2 could not be looked up: no run '2'")
        assert isinstance(app.screen, RunScreen)


async def test_a_run_of_which_the_row_alone_is_gone_is_gone(make_app, db):
    for name in ("kept", "lost"):
        run_scripted(db, name=name)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 2)
        erase(db, 2, row_alone=True)
        await pilot.press("enter")
        await says(pilot, "no run '2'")
