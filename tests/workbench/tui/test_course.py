"""The course of a training on the screen: pre-training, what is of note, changes of its settings."""

import pytest
from textual.widgets import Static

from engine.experiment import Experiment
from tests.workbench.tui.conftest import until
from tests.workbench.tui.screen import NARROW, WIDE, text_of, words
from workbench.history import History
from workbench.tui.draft import Draft
from workbench.tui.screens.dialogs import Listing
from workbench.tui.screens.tuning import Tuning
from workbench.tui.widgets.curve_chart import CurveChart
from workbench.tui.widgets.dial import Dial
from workbench.tui.widgets.live_view import LiveView

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW])


def experiment(app, **settings):
    app.session.draft = Draft.of(Experiment().with_settings({"steps": 200, **settings}))


async def paused(pilot):
    await until(pilot, lambda: words(pilot.app, "#status").find("paused") >= 0)


@SIZES
async def test_pretraining_is_drawn_until_the_first_step(make_app, size):
    app = make_app(everything=True, pause_after=0)
    experiment(app, pretraining="dbn")
    async with app.run_test(size=size) as pilot:
        await pilot.press("space")
        await paused(pilot)
        chart = text_of(app.screen.query_one(CurveChart))
        assert "reconstruction error" in chart
        assert "hidden 2" in chart
        assert "pre-training hidden 3: epoch 2/2" in text_of(app.screen.query_one("ProgressLine"))
        await pilot.press("space")
        await until(pilot, lambda: "done" in words(app, "#status"))
        assert "reconstruction" not in text_of(app.screen.query_one(CurveChart))
        await pilot.press("m", "m", "m", "m")
        assert "reconstruction error" in text_of(app.screen.query_one(CurveChart))
        await pilot.press("m")
        assert text_of(app.screen.query_one(CurveChart)).startswith("cost")


@SIZES
async def test_notes_have_a_line_only_where_there_are_some(make_app, size):
    app = make_app(everything=True, pause_after=5)
    async with app.run_test(size=size) as pilot:
        await pilot.press("space")
        await paused(pilot)
        assert not app.screen.query_one("#notes").display
        before = app.screen.query_one(CurveChart).size.height
        await pilot.press("space")
        await until(pilot, lambda: "done" in words(app, "#status"))
        assert words(app, "#notes") == "step 50: learning rate 0.001 → 0.005, dropout 0 → 0.25"
        assert app.screen.query_one(CurveChart).size.height <= before
        assert app.screen.query_one("#notes").region.bottom <= app.screen.query_one(CurveChart).region.y
        assert "┊ changed" in text_of(app.screen.query_one(CurveChart))


async def test_what_happened_is_listed(make_app, tmp_path):
    app = make_app(everything=True, folder=str(tmp_path / "kept"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("e")
        assert "nothing of note yet" in str(app.screen.query_one(Static).render())
        await pilot.press("escape", "space")
        await until(pilot, lambda: "done" in words(app, "#status"))
        await pilot.press("e")
        assert isinstance(app.screen, Listing)
        lines = str(app.screen.query_one(Static).render()).splitlines()
        assert lines[1].startswith("pre-training hidden 1: error 1 → 0.5")
        assert "step 50: checkpoint" in lines
        assert "step 50: learning rate 0.001 → 0.005, dropout 0 → 0.25" in lines
        await pilot.press("escape")
        assert not isinstance(app.screen, Listing)


async def test_an_ensemble_is_shown_beside_its_members(make_app, db):
    app = make_app(everything=True, pause_after=30)
    experiment(app, **{"ensemble.members": 3})
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await paused(pilot)
        assert "member 1/3" in words(app, "#status")
        await pilot.press("h")
        await until(pilot, lambda: words(app, "#state"))
        assert words(app, "#state") == "‖ run 1 paused 75%"
        await pilot.press("b", "m")
        assert "validation, together" in text_of(app.screen.query_one(CurveChart))
        await pilot.press("space")
        await until(pilot, lambda: "done" in words(app, "#status"))
        assert ", together " in words(app, "#status")
    with History.open(db) as history:
        assert [run.ensemble for run in history.runs()] == [3, 3, 3]


async def test_early_stopping_is_told_at_the_end(make_app):
    app = make_app(ends={0: 6})
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "done" in words(app, "#status"))
        assert "done, test accuracy 74.0%" in words(app, "#status")
        assert words(app, "#notes") == "ended early (early stopping), weights of step 75"


async def test_the_status_line_sums_up_blocks(make_app):
    app = make_app()
    experiment(app, **{"model.blocks": "dense(8), dense(8)"})
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "done" in words(app, "#status"))
        assert "2 dense relu" in words(app, "#status")


# --- changing settings ---------------------------------------------------------------


async def tuning(pilot):
    await pilot.press("space")
    await paused(pilot)
    await pilot.press("d")
    await until(pilot, lambda: isinstance(pilot.app.screen, Tuning) and pilot.app.screen.query_one("#tuned-lr").has_focus)


def fill(app, **values):
    for name, text in values.items():
        app.screen.query_one(f"#tuned-{name}", Dial).text = text


@SIZES
async def test_settings_of_a_live_run_are_changed_and_the_change_is_told(make_app, db, size):
    app = make_app(per_frame=5, pause_after=4)
    async with app.run_test(size=size) as pilot:
        await tuning(pilot)
        assert app.screen.query_one("#tuned-batch_size", Dial).text == "64"
        await pilot.press(*"0.5", "enter")
        await until(pilot, lambda: not isinstance(app.screen, Tuning))
        await until(pilot, lambda: words(app, "#notes") == "step 20: learning rate 0.001 → 0.5")
        assert "paused" in words(app, "#status")
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, Tuning))
        assert app.screen.query_one("#tuned-lr", Dial).text == "0.5"
        assert any("learning rate 0.001 → 0.5" in str(each.render()) for each in app.screen.query(Static))
        await pilot.press("escape", "space")
        await until(pilot, lambda: "done" in words(app, "#status"))
    with History.open(db) as history:
        assert [(row.step, row.path, row.after) for row in history.interventions(1)] == [(20, "lr", 0.5)]


async def test_what_cannot_be_changed_is_explained_and_nothing_is(make_app):
    app = make_app(pause_after=4)
    async with app.run_test(size=NARROW) as pilot:
        await tuning(pilot)
        fill(app, lr="fast", **{"model-dropout": "0.5"})
        await pilot.press("enter")
        assert "learning rate: must be a number, not 'fast'" in words(app, "#problems")
        fill(app, lr="0.1", **{"model-dropout": "1.5"})
        await pilot.press("down", "enter")
        assert "dropout: must be less than 1 (given: 1.5)" in words(app, "#problems")
        assert app.screen.query_one("#tuned-model-dropout").has_focus
        assert isinstance(app.screen, Tuning)
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen.query_one(LiveView).snapshot.view.interventions == ()


async def test_enter_without_a_change_changes_nothing(make_app):
    app = make_app(pause_after=4)
    async with app.run_test(size=WIDE) as pilot:
        await tuning(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, Tuning))
        await pilot.press("space")
        await until(pilot, lambda: "done" in words(app, "#status"))
        assert app.screen.query_one(LiveView).snapshot.view.interventions == ()


async def test_a_training_that_ended_meanwhile_cannot_be_changed(make_app):
    app = make_app(pause_after=4)
    async with app.run_test(size=WIDE) as pilot:
        await tuning(pilot)
        app.session.runner.resume()
        app.session.runner.join()
        await pilot.press(*"0.5", "enter")
        assert "no training goes on" in words(app, "#problems")


async def test_without_a_training_there_is_nothing_to_change(make_app):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("d")
        await pilot.pause()
        assert not isinstance(app.screen, Tuning)
        assert any("while a training goes on" in note.message for note in app._notifications)
