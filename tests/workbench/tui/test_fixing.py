"""What is wrong with a stored run is looked at, and a remedy is tried, by keys."""

import pytest
from textual.widgets import Static

from engine.experiment import Experiment
from tests.workbench.tui.conftest import until
from tests.workbench.tui.screen import WIDE, live
from workbench.history import History
from workbench.history.records import Origin
from workbench.runner import Runner
from workbench.tui.screens.dialogs import Question
from workbench.tui.screens.explaining import Explaining
from workbench.tui.screens.menu import Menu
from workbench.tui.screens.run import RunScreen
from workbench.tui.widgets.findings_panel import FindingsPanel
from workbench.tui.widgets.live_view import LiveView

DEEP = {"model.depth": 7, "model.width": 30, "model.activation": "sigmoid", "optimizer": "sgd", "lr": 0.05, "epochs": 5}
SHALLOW = {"data.name": "iris", "model.depth": 1, "model.width": 16, "lr": 0.01, "epochs": 10}


def train(db, settings):
    runner = Runner([Experiment().with_settings({"threads": 1, "device": "cpu", **settings})], db=db)
    runner.start()
    runner.join()
    assert runner.error is None
    return runner.run_ids[0]


@pytest.fixture
def make_real(db, make_app):
    """The app with the engine itself."""

    def make():
        app = make_app()
        app.session._source = None
        return app

    return make


async def opened(pilot, run):
    app = pilot.app
    await pilot.press("h")
    app.push_screen(RunScreen(run))
    await until(
        pilot, lambda: app.screen.query(LiveView) and isinstance(app.screen, RunScreen) and live(app).snapshot is not None
    )


async def test_a_remedy_is_chosen_trained_and_judged(make_real, db):
    run = train(db, DEEP)
    app = make_real()
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, run)
        await pilot.press("v")
        await until(pilot, lambda: isinstance(live(app).panel, FindingsPanel) and live(app).panel.chosen is not None)
        live(app).panel.focus()
        assert live(app).panel.chosen.rule == "vanishing-gradient"
        await pilot.press("down")
        other = live(app).panel.chosen.rule
        assert other != "vanishing-gradient"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Explaining))
        assert other in str(app.screen.query_one("#page", Static).render())
        await pilot.press("escape", "up", "F")
        await until(pilot, lambda: isinstance(app.screen, Menu))
        await pilot.press("1")
        await until(pilot, lambda: app.session.verdicts)
        (remedied,) = app.session.verdicts
        assert app.session.verdicts[remedied].startswith("Vanishing gradient: gone")
        await until(pilot, lambda: live(app).snapshot is not None and live(app).snapshot.verdict)
    with History.open(db) as history:
        after = history.run(remedied)
    assert (after.parent, after.origin, after.activation, after.seed) == (run, Origin.FIX, "relu", 0)


async def test_while_another_is_trained_it_asks_and_can_wait(make_app, db):
    run = train(db, DEEP)
    app = make_app(pause_after=5)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: app.session.training)
        await opened(pilot, run)
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, Menu))
        await pilot.press("1")
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("n")
        await until(pilot, lambda: len(app.session.queue) == 1)
        (wanted,) = app.session.queue.items
        assert (wanted.parent, wanted.origin) == (run, Origin.FIX)
        assert "remedy for vanishing-gradient of run 1" in wanted.text
        assert app.session.training


async def test_where_nothing_is_wrong_it_says_so(make_app, db):
    run = train(db, SHALLOW)
    with History.open(db) as history:
        lasting = [each.rule for each in history.findings(run) if each.closed is None]
    assert lasting == []
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, run)
        await pilot.press("F")
        await until(pilot, lambda: any("Nothing is known to be wrong with run 1" in each.message for each in app._notifications))
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: any("workbench explain" in each.message for each in app._notifications))
