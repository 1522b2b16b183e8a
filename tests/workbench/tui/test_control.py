"""The Bench: a training is begun, paused, made step by step, stopped."""

import pytest
from textual.widgets import Static

from tests.workbench.tui.conftest import ScriptedSource, until
from tests.workbench.tui.screen import NARROW, WIDE, form, go_to, live, status, text_of
from workbench.tui.app import WorkbenchApp
from workbench.tui.widgets.progress_line import ProgressLine


async def test_pause_step_epoch_resume_stop(make_app):
    app = make_app(per_frame=1, pause_after=3)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "paused" in status(app))
        assert live(app).snapshot.view.step == 3
        await pilot.press("full_stop")
        await until(pilot, lambda: live(app).snapshot.view.step == 4)
        assert "paused" in status(app)
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: live(app).snapshot.view.step == 25 and "paused" in status(app))
        await pilot.press("x")
        await until(pilot, lambda: "stopped" in status(app))
        assert live(app).snapshot.view.step == 25


async def test_step_begins_a_training_that_waits(make_app):
    app = make_app(per_frame=1)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("full_stop")
        await until(pilot, lambda: "paused" in status(app) and live(app).snapshot.view.step == 1)
        await pilot.press("space")
        await until(pilot, lambda: "done" in status(app))


@pytest.mark.parametrize("key", ["space", "full_stop"])
async def test_going_on_with_a_paused_run_is_asked_about_when_the_form_was_changed(make_app, key):
    app = make_app(per_frame=1, pause_after=3)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "paused" in status(app))
        runner = app.session.runner
        await go_to(pilot, "model.depth")
        await pilot.press("right", key)
        question = str(app.screen.query_one(Static).render())
        assert "Run 1 is paused" in question
        assert "3×64 relu" in question
        assert "4×64 relu" in question
        await pilot.press("escape")
        assert runner.paused
        await pilot.press(key, "n")
        await until(pilot, lambda: app.session.runner is not runner)
        assert runner.outcomes[0].status == "stopped"
        assert app.session.runner.experiments[0].model.depth == 4


async def test_a_paused_run_can_go_on_though_the_form_was_changed(make_app):
    app = make_app(per_frame=5, pause_after=3)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "paused" in status(app))
        runner = app.session.runner
        await go_to(pilot, "model.depth")
        await pilot.press("right", "space", "y")
        await until(pilot, lambda: "done" in status(app))
        assert app.session.runner is runner


async def test_a_second_start_is_refused_while_training(make_app):
    app = make_app(pause_after=2)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("s")
        await until(pilot, lambda: "paused" in status(app))
        runner = app.session.runner
        await pilot.press("s")
        assert app.session.runner is runner


class Loading(ScriptedSource):
    """A source that takes long to read its data: as long as it is paused."""

    def __call__(self, experiments, *, control=None, progress=None, **more):
        progress("reading mnist", 30, 100)
        if not control.wait_while_paused():
            yield from super().__call__(experiments, control=control, **more)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_how_far_a_long_load_has_come_is_shown(db, size):
    app = WorkbenchApp(db, source=Loading())
    async with app.run_test(size=size) as pilot:
        app.start_training(form(app).checked.experiments, paused=True)
        app.screen.show_live()
        await until(pilot, lambda: "30%  reading mnist" in text_of(app.screen.query_one(ProgressLine)))
        assert app.screen.query_one(ProgressLine).region.height == 1
        app.session.runner.stop()
        await until(pilot, lambda: app.session.runner.finished)
