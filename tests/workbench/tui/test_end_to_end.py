"""One real training in the interface: knobs to curves to history to the live view of the stored run."""

from datetime import UTC

import pytest
from textual.widgets import Static

from engine.experiment import Experiment
from tests.workbench.tui.conftest import until
from workbench.history import History
from workbench.tui.app import WorkbenchApp
from workbench.tui.draft import Draft
from workbench.tui.screens.dialogs import Question
from workbench.tui.widgets.live_view import LiveView
from workbench.tui.widgets.run_table import RunTable

pytest.importorskip("torch")


@pytest.mark.slow
async def test_a_real_training_from_the_form_to_the_history(db):
    app = WorkbenchApp(db, zone=UTC)
    experiment = Experiment().with_settings({"data.name": "iris", "model.depth": 2, "model.width": 8, "epochs": 5, "threads": 1})
    app.session.draft = Draft.of(experiment)
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: app.session.runner is not None and app.session.runner.finished)
        live = app.screen.query_one(LiveView)
        await until(pilot, lambda: "done, test accuracy" in str(app.screen.query_one("#status", Static).render()))
        assert [layer.name for layer in live.snapshot.view.layers] == ["hidden 1", "hidden 2", "output"]
        trained = live.snapshot.view
        await pilot.press("h")
        await until(pilot, lambda: app.screen.query_one(RunTable).row_count == 1)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query_one(LiveView).snapshot is not None)
        stored = app.screen.query_one(LiveView).snapshot.view
        assert stored.loss.tolist() == trained.loss.tolist()
        assert stored.experiment == experiment
    with History.open(db) as history:
        run = history.run("latest")
    assert (run.status, run.epoch) == ("done", 5)


@pytest.mark.slow
async def test_a_real_training_is_changed_stopped_and_goes_on(db):
    app = WorkbenchApp(db, zone=UTC)
    settings = {"data.name": "iris", "model.blocks": "dense(8, dropout=0.0), dropout(0.1)", "epochs": 300, "threads": 1}
    app.session.draft = Draft.of(Experiment().with_settings(settings))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("full_stop")
        await until(pilot, lambda: "paused" in str(app.screen.query_one("#status", Static).render()))
        await pilot.press("d")
        await until(pilot, lambda: app.screen.query("#tuned-lr"))
        await pilot.press(*"0.02", "enter")
        await until(pilot, lambda: app.screen.query_one(LiveView).snapshot.view.interventions)
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: app.screen.query_one(LiveView).snapshot.view.epoch == 1)
        await pilot.press("x")
        await until(pilot, lambda: app.session.runner.finished)
        await pilot.press("h")
        await until(pilot, lambda: app.screen.query_one(RunTable).row_count == 1)
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("y")
        await until(pilot, lambda: app.current_mode == "bench" and app.session.runner.resume_from is not None)
        await until(pilot, lambda: "done, test accuracy" in str(app.screen.query_one("#status", Static).render()))
        view = app.screen.query_one(LiveView).snapshot.view
        assert view.resumed.epoch == 1
        assert view.lr[-1] == 0.02
    with History.open(db) as history:
        run = history.run("latest")
        assert [(row.step, row.path, row.after) for row in history.interventions(run.id)] == [(1, "lr", 0.02)]
    assert (run.id, run.status, run.epoch) == (1, "done", 300)
