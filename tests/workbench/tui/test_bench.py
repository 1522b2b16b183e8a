"""The Bench: form, live run, control."""

import pytest
from textual.widgets import Static
from textual.widgets._footer import FooterKey

from engine.errors import ConfigurationError
from engine.events import Finished
from tests.workbench.tui.conftest import until
from workbench.tui.screens.dialogs import KeysHelp
from workbench.tui.widgets.curve_chart import CurveChart
from workbench.tui.widgets.field_row import FieldRow
from workbench.tui.widgets.form import ExperimentForm
from workbench.tui.widgets.layer_table import LayerTable
from workbench.tui.widgets.live_view import LiveView

WIDE, NARROW = (160, 50), (80, 24)


def row(app, path):
    return next(each for each in app.screen.query(FieldRow) if each.field.path == path)


def form(app):
    return app.screen.query_one(ExperimentForm)


def live(app):
    return app.screen.query_one(LiveView)


def status(app):
    return str(app.screen.query_one("#status", Static).render())


def words(app, selector):
    return str(app.screen.query_one(selector, Static).render())


def text_of(widget):
    return "\n".join(widget.render_line(y).text for y in range(widget.size.height))


async def go_to(pilot, path):
    row(pilot.app, path).focus()
    await pilot.pause()


# --- the live run -----------------------------------------------------------------


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
    from workbench.tui.widgets import layer_table

    original = layer_table.layer_row
    monkeypatch.setattr(
        layer_table, "layer_row", lambda view, layer, layout: drawn.append(layer) or original(view, layer, layout)
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
        raise ConfigurationError.at("model.blocks", "block 1, max_pool: a picture is needed")
        yield

    app.session._source = source
    async with app.run_test(size=WIDE) as pilot:
        await go_to(pilot, "model.blocks")
        await pilot.press("enter", *"max_pool", "enter", "space")
        await until(pilot, lambda: row(app, "model.blocks").problem)
        assert row(app, "model.blocks").problem == "block 1, max_pool: a picture is needed"
        assert "a picture is needed" in words(app, "#instead")
        await pilot.press("backspace")
        assert row(app, "model.blocks").problem == ""


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


async def test_help_lists_the_keys_of_the_screen(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("question_mark")
        assert isinstance(app.screen, KeysHelp)
        words = str(app.screen.query_one(Static).render())
        for part in ("space", "Make one step", "Everywhere", "Previous member", "Leave; asks first"):
            assert part in words
        for part in ("gradient σ", "‖∂W‖", "share of weights smaller than 0.001"):
            assert part in words
        assert "Textual" not in words
        await pilot.press("escape")
        assert app.current_mode == "bench"


async def test_every_action_is_in_the_command_palette(make_app):
    app = make_app()
    async with app.run_test(size=WIDE):
        commands = [command.title for command in app.get_system_commands(app.screen)]
        titles = set(commands)
        assert len(titles) == len(commands)
        assert {
            "Run",
            "Step",
            "Epoch",
            "Stop",
            "Form",
            "Log",
            "Metric",
            "Next member",
            "History",
            "Compare",
            "Keys",
            "Quit",
        } <= titles


@pytest.mark.parametrize("size", [(60, 20), (40, 20), NARROW])
async def test_the_keys_for_help_and_for_leaving_are_always_in_sight(make_app, size):
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.screen.query(FooterKey))
        await pilot.pause()
        shown = {key.key_display: key.region for key in app.screen.query(FooterKey)}
        assert {"?", "q", "space"} <= set(shown)
        assert all(region.right <= size[0] for region in shown.values())


async def test_titles_are_not_cut_where_there_is_room(make_app):
    app = make_app()
    async with app.run_test(size=NARROW):
        assert "Training examples scored" in text_of(row(app, "monitor.train_examples"))


async def test_light_and_dark(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        assert app.current_theme.dark
        await pilot.press("ctrl+t")
        assert not app.current_theme.dark
