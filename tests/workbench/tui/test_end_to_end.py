"""One real training in the interface: knobs to curves to history to the live view of the stored run."""

from datetime import UTC

import pytest
from textual.widgets import DataTable, Static

from engine.experiment import Experiment
from tests.workbench.tui.conftest import until
from workbench.history import History
from workbench.tui.app import WorkbenchApp
from workbench.tui.draft import Draft
from workbench.tui.widgets.live_view import LiveView

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
        await until(pilot, lambda: app.screen.query_one(DataTable).row_count == 1)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query_one(LiveView).snapshot is not None)
        stored = app.screen.query_one(LiveView).snapshot.view
        assert stored.loss.tolist() == trained.loss.tolist()
        assert stored.experiment == experiment
    with History.open(db) as history:
        run = history.run("latest")
    assert (run.status, run.epoch) == ("done", 5)
