"""What is wrong with a stored run is looked at, and a remedy is tried, by keys."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from textual.widgets import Static

from engine.events import Change, FindingRaised, Intervened, Started
from engine.experiment import Experiment
from tests.workbench.findings import RELU, finding
from tests.workbench.scripted import scripted_events
from tests.workbench.tui.conftest import run_scripted, until
from tests.workbench.tui.screen import WIDE, live
from workbench import remedy
from workbench.history import History, Recorder
from workbench.history.records import Origin
from workbench.remedy import Plan
from workbench.runner import Runner
from workbench.tui.screens.dialogs import Question
from workbench.tui.screens.explaining import Explaining
from workbench.tui.screens.menu import Menu
from workbench.tui.screens.run import RunScreen
from workbench.tui.widgets.findings_panel import FindingsPanel
from workbench.tui.widgets.form import ExperimentForm
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
        assert app.screen.query_one(ExperimentForm).draft["model.activation"] == "relu"
    with History.open(db) as history:
        after = history.run(remedied)
    assert (after.parent, after.origin, after.activation, after.seed) == (run, Origin.FIX, "relu", 0)
    assert after.note == f"remedy for vanishing-gradient of run {run}: ReLU with He initialization"


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


def branch_of_other_data(db):
    """Record a branch that was steered, with a vanishing gradient, on data that have changed since; its id."""
    experiment = Experiment().with_settings({"steps": 200, "model.activation": "sigmoid"})
    with Recorder(db, origin=Origin.BRANCH) as recorder:
        for event in scripted_events(steps=200, experiments=[experiment]):
            recorder.record(event)
        recorder.record(Intervened(200, (Change("lr", 0.1, 0.01),)))
        recorder.record(FindingRaised(finding()))
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute(
            "UPDATE runs SET status = 'done', diagnosed = 1, data_json = json_set(data_json, '$.fingerprint', '00ff')"
        )
    return 1


def with_data(source, fingerprint):
    """The source, with such data."""

    def tell(*asked, **more):
        for event in source(*asked, **more):
            yield replace(event, data=replace(event.data, fingerprint=fingerprint)) if isinstance(event, Started) else event

    return tell


def told(app):
    return [(each.message, each.severity) for each in app._notifications]


async def remedies(pilot):
    await pilot.press("F")
    await until(pilot, lambda: isinstance(pilot.app.screen, Menu))
    return str(pilot.app.screen.query(Static).first().render())


async def test_what_the_remedied_run_does_not_share_with_the_run_is_said(make_app, db):
    run = branch_of_other_data(db)
    begins_anew = "Run 1 is a branch; the remedied run begins anew, without the branch's weights."
    not_again = "Settings that were changed while run 1 was trained are not changed again."
    app = make_app(pause_after=3)
    app.session._source = with_data(app.session._source, "11ee")
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, run)
        assert (await remedies(pilot)).splitlines() == ["A remedy for run 1", begins_anew, not_again]
        await pilot.press("1")
        await until(pilot, lambda: app.session.runner is not None and app.session.runner.run_ids and app.session.runner.paused)
        await until(pilot, lambda: told(app))
        assert told(app) == [("The data is not what run 1 was trained on: digits has changed since.", "warning")]
        await opened(pilot, run)
        await remedies(pilot)
        await pilot.press("1")
        await until(pilot, lambda: isinstance(app.screen, Question))
        question = str(app.screen.query(Static).first().render())
        assert begins_anew in question
        assert not_again in question
        await pilot.press("escape")
        app.session.runner.stop()  # at step 15; it had been found at step 20
        await until(pilot, lambda: app.session.verdicts)
        unknown = "Vanishing gradient: not known whether it is gone, for the run was stopped at step 15; it has no scores."
        assert (unknown, "warning") in told(app)


async def test_a_rule_that_fails_does_not_end_the_interface(make_app, db, monkeypatch):
    def fails(events):
        raise ZeroDivisionError("one by nothing")

    run = run_scripted(db)
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("DELETE FROM findings")
        connection.execute("UPDATE runs SET diagnosed = 0")
    with History.open(db) as history:
        plan = Plan(history.run(run), finding(), RELU, (Experiment(),), member=0, expected_data="")
    monkeypatch.setattr(remedy, "diagnosed", fails)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, run)
        await pilot.press("F")
        await until(pilot, lambda: told(app))
        text = "What is wrong with run 1 could not be looked up: ZeroDivisionError: one by nothing"
        assert told(app) == [(text, "error")]
        app.clear_notifications()
        app.try_remedy(plan, at_once=True)
        await until(pilot, lambda: ("ZeroDivisionError: one by nothing", "error") in told(app))
        app.clear_notifications()
        app._judge(replace(plan, member=7), app.session.runner)
        await until(pilot, lambda: any("the training ended before that member began" in text for text, _ in told(app)))
        assert app.is_running
