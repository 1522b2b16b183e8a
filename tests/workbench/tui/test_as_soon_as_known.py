"""What is known of a training is on the screen as soon as it is known, all of it at once."""

from __future__ import annotations

from engine.events import EpochEnded, Finished
from tests.workbench.scripted import scripted_events
from tests.workbench.tui.conftest import until
from tests.workbench.tui.screen import NARROW, WIDE, live, status, text_of
from workbench.live import LiveRun
from workbench.runner import Preparation
from workbench.tui.pacing import STILL, Stillness
from workbench.tui.snapshot import Snapshot
from workbench.tui.widgets.layer_table import LayerTable
from workbench.tui.widgets.panel import Panel
from workbench.tui.widgets.progress_line import ProgressLine


def view_after(steps, **script):
    """What is known after so many steps."""
    told = LiveRun()
    for event in scripted_events(**{"steps": 200, "per_frame": 5, **script}):
        if not isinstance(event, Finished | EpochEnded) and told.view().step < steps:
            told.apply(event)
    return told.view()


async def test_the_first_numbers_and_that_all_steps_are_made_are_drawn_however_dear_pictures_are(make_app):
    app = make_app(pause_after=0)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: app.session.view() is not None and app.session.view().experiment is not None)
        await until(pilot, lambda: live(app).snapshot is not None and live(app).snapshot.paused)
        bench = app.screen
        bench._drain.pause()
        bench._pace.due = lambda: False

        def looked(view):
            app.session.view = lambda: view
            bench._draw_when_due()
            return live(app).snapshot.view is view

        assert not looked(view_after(0))
        assert looked(view_after(5))
        assert not looked(view_after(100))
        assert looked(view_after(200))


async def test_the_picture_is_there_before_there_is_something_to_draw_in_it(make_app):
    app = make_app(pause_after=0)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: live(app).snapshot is not None and live(app).snapshot.paused)
        app.screen._drain.pause()
        await live(app).query(Panel).remove()
        live(app).snapshot = Snapshot(LiveRun().view(), preparation=Preparation("reading MNIST", 0, None))
        await until(pilot, lambda: live(app).query(Panel))
        assert not any(panel.display for panel in live(app).query(Panel))
        live(app).snapshot = Snapshot(view_after(50))
        assert live(app).panel is not None
        await pilot.pause()
        assert live(app).panel.region.height > 3
        assert len(live(app).query(Panel)) == 1


async def test_the_layers_are_drawn_for_the_room_there_is_before_the_table_is_told_of_it(make_app):
    app = make_app(pause_after=1)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: live(app).snapshot is not None and live(app).snapshot.paused)
        table = app.screen.query_one(LayerTable)
        await until(pilot, lambda: "hidden 1" in table.render_line(1).text)
        before = len(table.render_line(1).text)
        table.styles.width = 50
        live(app)._clear_arrangement_cache()
        app.screen._refresh_layout()
        assert before > 50
        assert len(table.render_line(1).text) == table.scrollable_content_region.width <= 50
        assert "e-0" in table.render_line(1).text


async def test_who_stops_a_training_is_told_that_it_is_scored(make_app):
    app = make_app(pause_after=5)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: app.session.runner is not None and app.session.runner.paused)
        snapshot = Snapshot(view_after(50), stopping=True)
        app.screen._drain.pause()
        live(app).snapshot = snapshot
        await pilot.pause()
        assert "stopping: what was trained is scored" in status(app)


async def test_an_epoch_whose_scores_take_a_while_says_so_in_both_lines(make_app):
    app = make_app(pause_after=0)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: live(app).snapshot is not None and live(app).snapshot.paused)
        app.screen._drain.pause()
        live(app).snapshot = Snapshot(view_after(25), still=True)
        await pilot.pause()
        assert "scoring epoch 1" in status(app)
        assert "scoring epoch 1" in text_of(app.screen.query_one(ProgressLine))


def test_something_lasts_only_when_it_stays_the_same_for_a_while():
    now = [0.0]
    stillness = Stillness(lambda: now[0])
    seen = []
    for what, passed in (("a", 0.0), ("a", STILL * 0.9), ("a", STILL * 0.2), ("b", 0.1), ("b", STILL * 0.5), ("b", STILL * 0.6)):
        now[0] += passed
        seen.append(stillness.lasts(what))
    assert seen == [False, False, True, False, False, True]
