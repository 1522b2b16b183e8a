"""In the History: runs of blocks, ensembles and early ends, and trainings that go on."""

import pytest
from textual.widgets import Static

from engine.experiment import Experiment
from engine.population import expand
from tests.workbench.tui.conftest import ScriptedSource, run_scripted, until
from tests.workbench.tui.screen import NARROW, WIDE, cell, detail, open_history, status
from workbench.history import History
from workbench.runner import Runner
from workbench.tui.screens.dialogs import Question
from workbench.tui.widgets.dial import Dial
from workbench.tui.widgets.form import ExperimentForm
from workbench.tui.widgets.live_view import LiveView


async def test_blocks_are_named_or_counted_in_the_list_and_named_below_it(make_app, db):
    run_scripted(db, {"model.blocks": "lstm(64)"})
    run_scripted(db, {"model.blocks": "conv(8), conv(8), max_pool, flatten, dense(64)"})
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 2)
        assert cell(app, 1, "network") == "lstm"
        assert cell(app, 2, "network") == "5 blocks"
        assert cell(app, 2, "activation") == "relu"
        assert "2 conv,max_pool,flatten,dense relu" in detail(app)


def stopped_run(db, settings=None, **script):
    """Record a run that was stopped at step 100, with a checkpoint of each epoch; its id."""
    return run_scripted(db, settings, stop_after=20, folder=str(db.parent / "kept"), **script)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_stopped_run_goes_on_from_its_checkpoint(make_app, db, size):
    run = stopped_run(db, {"model.depth": 2})
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await open_history(pilot, 1)
        assert cell(app, run, "status") == "■ stopped"
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("y")
        await until(pilot, lambda: app.current_mode == "bench" and app.session.runner is not None)
        await until(pilot, lambda: "done" in status(app))
        assert status(app).startswith(f"run {run} ")
        assert app.screen.query_one(LiveView).region
        assert "went on from step 100 (epoch 4)" in str(app.screen.query_one("#notes", Static).render())
        assert app.screen.query_one(ExperimentForm).draft["model.depth"] == "2"
    with History.open(db) as history:
        (stored,) = history.runs()
        assert (stored.id, stored.status, stored.step) == (run, "done", 200)


async def test_a_run_that_is_over_does_not_go_on_and_says_why(make_app, db):
    run_scripted(db)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 1)
        await pilot.press("g")
        await until(pilot, lambda: any("nothing is left to be trained" in note.message for note in app._notifications))
        assert app.session.runner is None


async def test_a_run_without_a_checkpoint_does_not_go_on(make_app, db):
    run_scripted(db, stop_after=20)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 1)
        await pilot.press("g")
        await until(pilot, lambda: any("no checkpoint" in note.message for note in app._notifications))
        assert app.current_mode == "history"


async def test_no_run_goes_on_beside_a_training(make_app, db):
    stopped_run(db)
    app = make_app(pause_after=2)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "paused" in status(app))
        runner = app.session.runner
        await open_history(pilot, 2)
        await pilot.press("j", "g")
        await pilot.pause()
        assert app.session.runner is runner
        assert any("training is going on" in note.message for note in app._notifications)


async def test_changes_made_before_it_went_on_are_still_known(make_app, db):
    stopped_run(db, everything=True)
    app = make_app(pause_after=2)
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 1)
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("y")
        await until(pilot, lambda: app.current_mode == "bench" and "paused" in status(app))
        await pilot.press("d")
        await until(pilot, lambda: app.screen.query("#tuned-lr"))
        assert app.screen.query_one("#tuned-lr", Dial).text == "0.005"
        await pilot.press("escape", "e")
        lines = str(app.screen.query_one(Static).render()).splitlines()
        assert lines[1:3] == ["step 50: learning rate 0.001 → 0.005, dropout 0 → 0.25", "went on from step 100 (epoch 4)"]


async def test_below_the_list_it_says_how_an_ensemble_and_an_early_end_went(make_app, db):
    run_scripted(db, {"ensemble.members": 1}, ends={0: 6})
    runner = Runner(
        expand(Experiment().with_settings({"steps": 200, "ensemble.members": 2})), db=db, source=ScriptedSource(everything=True)
    )
    runner.start()
    runner.join()
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 3)
        assert "member 2 of an ensemble of 2; together: valid. 84.4%, test 84.4%" in detail(app)
        await pilot.press("j", "j")
        assert "ended early (early stopping), weights of step 75" in detail(app)
