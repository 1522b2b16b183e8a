"""The Bench: what the live view shows of a training."""

import pytest
from textual.widgets import Static

from engine.errors import ConfigurationError
from engine.events import Finished
from tests.workbench.tui.conftest import until
from tests.workbench.tui.screen import NARROW, WIDE, form, go_to, live, row, status, text_of, words
from workbench.tui.widgets.curve_chart import CurveChart
from workbench.tui.widgets.layer_table import LayerTable


async def test_a_training_is_drawn_and_recorded(make_app, db):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "done" in status(app))
        assert "test accuracy" in status(app)
        assert status(app).startswith("run 1 ")
        assert "training" in text_of(app.screen.query_one(CurveChart))
        layers = text_of(app.screen.query_one(LayerTable))
        assert "hidden 1" in layers
        assert "output" in layers
        assert app.session.runner.run_ids == (1,)


async def test_on_a_narrow_terminal_the_live_view_takes_the_place_of_the_form(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        assert not live(app).display or not live(app).region
        await pilot.press("space")
        await until(pilot, lambda: "done" in status(app))
        assert live(app).region
        assert not form(app).region
        await pilot.press("f")
        await pilot.pause()
        assert form(app).region
        assert not live(app).region


async def test_members_are_shown_one_at_a_time(make_app):
    app = make_app(diverges_at=100, diverging=(1,))
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "seeds")
        await pilot.press("3", "enter", "space")
        await until(pilot, lambda: "done" in status(app))
        assert "member 1/3" in status(app)
        await pilot.press("right_square_bracket")
        assert "member 2/3, seed 1" in status(app)
        assert "diverged at step 100 in output" in status(app)
        await pilot.press("left_square_bracket", "left_square_bracket")
        assert "member 3/3" in status(app)


async def test_a_diverging_run_is_shown_with_marks(make_app):
    app = make_app(diverges_at=50, members=1)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space", "y")
        await until(pilot, lambda: "diverged" in status(app))
        assert "diverged at step 50 in output (pre-activation)" in status(app)
        assert "×" in text_of(app.screen.query_one(CurveChart))


async def test_log_and_metric_change_the_chart(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "done" in status(app))
        chart = app.screen.query_one(CurveChart)
        assert "cost" in text_of(chart)
        await pilot.press("y")
        assert "cost (log)" in text_of(chart)
        await pilot.press("m")
        assert "accuracy" in text_of(chart)
        assert "80%┤" in text_of(chart)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_thirty_layers_scroll_and_only_those_in_sight_are_drawn(make_app, monkeypatch, size):
    drawn = []
    from workbench.tui.widgets import layer_rows

    original = layer_rows.layer_rows
    monkeypatch.setattr(
        layer_rows, "layer_rows", lambda view, layers, *more: drawn.extend(layers) or original(view, layers, *more)
    )
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await go_to(pilot, "model.depth")
        await pilot.press("2", "9", "enter", "space")
        await until(pilot, lambda: "done" in status(app))
        table = app.screen.query_one(LayerTable)
        assert max(drawn) < 29
        table.focus()
        await pilot.press("end")
        await until(pilot, lambda: "output" in text_of(table))
        assert "layer " in text_of(table)


async def test_resizing_while_training_keeps_everything(make_app):
    app = make_app(pause_after=4)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "paused" in status(app))
        for size in (NARROW, (40, 10), (200, 60), (20, 5), WIDE):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        await pilot.press("space")
        await until(pilot, lambda: "done" in status(app))
        assert "hidden 3" in text_of(app.screen.query_one(LayerTable))


async def test_nothing_new_draws_nothing(make_app, monkeypatch):
    app = make_app(pause_after=4)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "paused" in status(app))
        before = live(app).snapshot
        app.screen.draw()
        assert live(app).snapshot is before


async def test_an_error_before_the_first_step_is_told_in_words(make_app, db):
    app = make_app()
    db.mkdir()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: app.session.runner is not None and app.session.runner.finished)
        await until(pilot, lambda: "is a folder" in str(app.screen.query_one("#instead", Static).render()))
        assert "Traceback" not in str(app.screen.query_one("#instead", Static).render())


async def test_what_only_the_data_show_to_be_wrong_is_told_at_its_row(make_app):
    app = make_app()

    def source(experiments, **more):
        raise ConfigurationError.at("data.label_noise", "is for classes, but the target is a number")
        yield

    app.session._source = source
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "data.label_noise")
        await pilot.press("right", "space")
        await until(pilot, lambda: row(app, "data.label_noise").problem)
        assert row(app, "data.label_noise").problem == "is for classes, but the target is a number"
        assert "is for classes" in words(app, "#instead")
        await pilot.press("backspace")
        assert row(app, "data.label_noise").problem == ""


async def test_an_error_while_training_is_one_notification(make_app):
    app = make_app()

    def source(experiments, *, control=None, progress=None, **more):
        for event in app.scripted(experiments, control=control):
            if isinstance(event, Finished):
                raise OSError("the disk is gone")
            yield event

    app.scripted = app.session._source
    app.session._source = source
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "failed" in status(app))
        await until(pilot, lambda: len(app._notifications) == 1)
        assert "the disk is gone" in next(iter(app._notifications)).message
