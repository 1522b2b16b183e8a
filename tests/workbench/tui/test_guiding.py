"""The tour, small terminals, and the end after an error that nobody expected."""

import os
import subprocess
import sys

import pytest

from tests.workbench.tui.conftest import until
from tests.workbench.tui.screen import NARROW, WIDE, go_to, live, row, status, text_of, words
from workbench.history import History
from workbench.preferences import read_preferences
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.dialogs import Question
from workbench.tui.screens.small import TooSmall
from workbench.tui.tour import STEPS, box_place
from workbench.tui.widgets.tour_box import TourBox

SMALL = (60, 20)


@pytest.mark.parametrize(
    ("target", "place"),
    [((0, 1, 46, 40), (48, 2)), ((0, 0, 160, 1), (2, 1)), ((0, 40, 160, 49), (2, 32)), ((0, 1, 160, 44), (115, 36)), (None, (115, 40))],
)  # fmt: skip
def test_the_box_stands_beside_below_or_above(target, place):
    assert box_place(target, WIDE, (44, 8)) == place


@pytest.mark.parametrize("size", [WIDE, NARROW, SMALL])
async def test_the_tour_shows_around_and_does_not_stand_in_the_way(make_app, size):
    app = make_app(per_frame=50)
    async with app.run_test(size=size) as pilot:
        await pilot.press("t")
        for number, step in enumerate(STEPS):
            await until(pilot, lambda number=number: app.screen.query(TourBox) and app.screen.query_one(TourBox).number == number)
            box = app.screen.query_one(TourBox)
            await until(pilot, lambda box=box: box.region.height > 2)
            assert step.title in str(box.border_title)
            await until(pilot, lambda box=box: box.visible)
            assert box.region.right <= size[0]
            assert box.region.bottom <= size[1]
            if number == 0:
                before = row(app, "model.depth").text
                await go_to(pilot, "model.depth")
                await pilot.press("right")
                assert row(app, "model.depth").text != before
            if number == 1:
                await pilot.press("space")
                await until(pilot, lambda: "done" in status(app))
            if number == 3:
                await pilot.press("h")
                await until(pilot, lambda: app.current_mode == "history" and app.screen.query(TourBox))
            await pilot.press("enter")
        await until(pilot, lambda: not app.screen.query(TourBox))
        await pilot.press("b", "t", "escape")
        await until(pilot, lambda: not app.screen.query(TourBox))
        await go_to(pilot, "model.depth")
        await pilot.press("enter")  # is the row's again
        await until(pilot, lambda: row(app, "model.depth").query("RowEditor"))


async def test_the_tour_does_not_explain_what_is_not_in_sight(make_app):
    app = make_app(per_frame=50)
    async with app.run_test(size=NARROW) as pilot:
        app.notify("New here?")
        await pilot.press("t")
        assert not app._notifications
        await pilot.press("enter", "enter")
        await until(pilot, lambda: "Not in sight now" in str(app.screen.query_one(TourBox).render()))
        await pilot.press("space")
        await until(pilot, lambda: "▲ says what is wrong" in str(app.screen.query_one(TourBox).render()))


async def test_the_tour_is_offered_once(db, tmp_path):
    for offered in (True, False):
        app = WorkbenchApp(db, preferences=tmp_path / "interface.json")
        async with app.run_test(size=NARROW) as pilot:
            await until(pilot, lambda app=app: app.session.preferences.toured)
            await pilot.pause()  # it would be offered by now
            await pilot.pause()
            assert any("New here?" in note.message for note in app._notifications) == offered
    assert read_preferences(tmp_path / "interface.json").toured


async def test_a_terminal_that_is_too_small_is_told_of_and_nothing_is_lost(make_app):
    app = make_app(per_frame=5, pause_after=4)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "paused" in status(app))
        await pilot.resize_terminal(50, 15)
        await until(pilot, lambda: isinstance(app.screen, TooSmall))
        assert "50×15 is too small. The training goes on." in words(app, "#small")
        await pilot.resize_terminal(30, 10)
        await until(pilot, lambda: app.screen.query_one("#small").size.width <= 30)
        lines = " ".join(text_of(app.screen.query_one("#small")).split())
        assert lines == "30×10 is too small. The training goes on. Make the terminal 60×20 or larger; q leaves."
        await pilot.press("h", "C", "A", "question_mark")
        assert isinstance(app.screen, TooSmall)
        await pilot.press("q")
        assert isinstance(app.screen, Question)
        await pilot.press("escape")
        await pilot.resize_terminal(*NARROW)
        await until(pilot, lambda: not isinstance(app.screen, TooSmall))
        app.session.runner.resume()
        await until(pilot, lambda: "done" in status(app))
        assert live(app).snapshot.view.step == 200


async def test_a_terminal_that_is_small_from_the_beginning(make_app):
    app = make_app()
    async with app.run_test(size=(59, 30)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, TooSmall))
        await pilot.resize_terminal(60, 20)
        await until(pilot, lambda: app.screen.query("#knobs"))


BROKEN = """
import sys
from pathlib import Path
from tests.workbench.tui.conftest import ScriptedSource
from workbench.tui import app as module
from workbench.tui.screens.bench import BenchScreen

db = Path(sys.argv[1])

class Broken(module.FrameFirst):
    def __init__(self, db, **more):
        super().__init__(db, source=ScriptedSource(pause_after=3), **more)

    def on_mount(self):
        self.set_interval(0.05, self.look)

    def look(self):
        if not isinstance(self.screen, BenchScreen):
            return
        runner = self.session.runner
        if runner is None:
            self.screen.action_start()
        elif runner.paused:
            raise ZeroDivisionError("the pencil is broken")

    def run(self):
        super().run(headless=True)

module.FrameFirst = Broken
module.run_app(db)
"""


def test_an_unexpected_error_ends_the_training_and_is_told_in_one_message(db, tmp_path):
    state = tmp_path / "state"
    environment = {**os.environ, "XDG_STATE_HOME": str(state), "WORKBENCH_PREFERENCES": str(tmp_path / "p.json")}
    done = subprocess.run([sys.executable, "-c", BROKEN, str(db)], capture_output=True, text=True, env=environment, check=False)
    log = state / "workbench" / "errors.log"
    assert done.returncode == 1
    told = " ".join((done.stdout + done.stderr).split())
    assert "the interface has ended because of an error that was not expected (ZeroDivisionError: the pencil is broken)" in told
    assert "Traceback" not in told
    assert "errors.log" in told.replace(" ", "")
    assert "Traceback" in log.read_text()
    assert "pencil" in log.read_text()
    with History.open(db) as history:
        assert history.run(1).status == "interrupted"


async def test_a_box_can_be_placed_before_it_has_taken_note_of_being_there(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.action_tour()
        app.watch_training()  # its timer may tick at any moment
        await until(pilot, lambda: app.screen.query_one(TourBox).visible)
        assert STEPS[0].text in str(app.screen.query_one(TourBox).render())
