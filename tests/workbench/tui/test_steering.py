"""A live training is changed by keys and dials, begun again, and branched from."""

from datetime import UTC

import pytest

from engine.errors import ConfigurationError
from tests.workbench.tui.conftest import ScriptedSource, run_scripted, until
from tests.workbench.tui.screen import NARROW, WIDE, form, go_to, open_history, over, row, status, words
from workbench.history import History
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.dialogs import Question
from workbench.tui.screens.tuning import Tuning
from workbench.tui.widgets.dial import TITLE_WIDTH, Dial


async def paused(pilot, key="space"):
    await pilot.press(key)
    await until(pilot, lambda: "paused" in status(pilot.app))


def changes(db, run=1):
    with History.open(db) as history:
        return [(row.path, row.after) for row in history.interventions(run)]


async def test_plus_and_minus_change_the_learning_rate(make_app, db):
    app = make_app(per_frame=5, pause_after=4)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("plus")
        assert any("none does now" in note.message for note in app._notifications)
        await paused(pilot)
        await pilot.press("plus", "plus", "plus", "minus")  # faster than the training tells of them
        await until(pilot, lambda: len(app.session.view().interventions) == 4)
        await pilot.press("minus")
        await until(pilot, lambda: words(app, "#notes").startswith("step 20: learning rate 0.001 → 0.002"))
        app.session.runner.resume()
        await until(pilot, lambda: "done" in status(app))
    assert changes(db) == [("lr", rate) for rate in (0.002, 0.005, 0.01, 0.005, 0.002)]


async def test_dials_are_moved_by_keys_and_by_mouse_and_typed(make_app, db):
    app = make_app(per_frame=5, pause_after=4)
    async with app.run_test(size=NARROW) as pilot:
        await paused(pilot)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, Tuning) and isinstance(app.focused, Dial))
        dials = {dial.id: dial for dial in app.screen.query(Dial)}
        await pilot.press("right", "right", "left")
        assert dials["tuned-lr"].text == "0.002"
        await pilot.press("down")
        dial = dials["tuned-model-dropout"]
        assert dial.has_focus
        await pilot.mouse_down(dial, offset=(TITLE_WIDTH, 0))
        assert dial.text == "0"
        await pilot.hover(dial, offset=(dial.content_size.width - 1, 0))
        await pilot.mouse_up(dial, offset=(dial.content_size.width - 1, 0))
        await pilot.click(dial, offset=(TITLE_WIDTH + 10, 0))
        assert 0 < float(dial.text) < 0.5
        await pilot.press(*"0.35", "backspace")
        assert dial.text == "0.3"
        await pilot.press("enter")
        await until(pilot, lambda: len(app.session.view().interventions) == 1)
        app.session.runner.resume()
        await until(pilot, lambda: "done" in status(app))
    assert changes(db) == [("lr", 0.002), ("model.dropout", 0.3)]


async def test_the_shown_training_is_begun_again(make_app, db):
    app = make_app(per_frame=50, pause_after=1)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("r")
        assert any("Nothing was trained here yet" in note.message for note in app._notifications)
        await paused(pilot)
        await go_to(pilot, "model.depth")
        await pilot.press("right", "r")
        assert isinstance(app.screen, Question)
        await pilot.press("n")
        assert app.session.runner.run_ids == (1,)
        await pilot.press("r", "y")
        await until(pilot, lambda: app.session.runner.run_ids == (2,) and app.session.runner.paused)
        app.session.runner.resume()
        await until(pilot, lambda: over(app))
        await pilot.press("r")  # nothing goes on: no question
        await until(pilot, lambda: app.session.runner.run_ids == (3,))
    with History.open(db) as history:
        runs = {run.id: run for run in history.runs()}
        assert runs[1].status == "stopped"
        assert runs[2].experiment == runs[1].experiment
        assert [(runs[run].parent, runs[run].origin) for run in (1, 2, 3)] == [(None, None), (1, "like"), (2, "like")]


async def test_a_branch_begins_from_the_checkpoint_of_the_live_run(make_app, db):
    app = make_app(per_frame=25, pause_after=4, folder=str(db.parent / "kept"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("B")
        assert any("no run to branch from" in note.message for note in app._notifications)
        await paused(pilot)
        await go_to(pilot, "l2")
        await pilot.press(*"0.01", "enter", "B")
        assert "Run 1 is going on" in words(app, "Static")
        await pilot.press("y")
        await until(pilot, lambda: app.session.runner.run_ids == (2,))
        assert app.session.runner.branch_from.step == 100
    with History.open(db) as history:
        run = history.run(2)
        assert (run.parent, run.origin, run.experiment.l2, history.run(1).status) == (1, "branch", 0.01, "stopped")


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_branch_of_a_stored_run(make_app, db, size):
    run_scripted(db, {"model.depth": 2}, folder=str(db.parent / "kept"))
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await open_history(pilot, 1)
        await pilot.press("enter")
        await until(pilot, lambda: "done" in status(app))
        await pilot.press("B")
        await until(pilot, lambda: app.current_mode == "bench" and form(app).draft["model.depth"] == "2")
        assert any("B begins the branch" in note.message for note in app._notifications)
        await go_to(pilot, "lr")
        await pilot.press("right", "B")
        await until(pilot, lambda: app.session.runner is not None and app.session.runner.run_ids == (2,))
        assert app.session.runner.branch_from.run_id == 1
        assert app.session.branching is None


class Refusing(ScriptedSource):
    """Begins no branch."""

    def __call__(self, experiments, *, branch=None, **more):
        if branch is not None:
            raise ConfigurationError.at("model.depth", "the checkpoint has other shapes")
        return super().__call__(experiments, **more)


async def test_after_a_branch_that_cannot_begin_the_run_is_shown_as_before(db):
    app = WorkbenchApp(db, source=Refusing(per_frame=50, folder=str(db.parent / "kept")), zone=UTC)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: over(app))
        for _ in range(2):
            app.clear_notifications()
            await pilot.press("B")
            await until(pilot, lambda: any("other shapes" in note.message for note in app._notifications))
            assert status(app).startswith("run 1  ✓ done")
            assert app.session.runner.run_ids == (1,)
            assert row(app, "model.depth").problem == "the checkpoint has other shapes"


async def test_several_networks_cannot_branch_and_it_is_said(make_app):
    app = make_app(per_frame=25, pause_after=4)
    async with app.run_test(size=WIDE) as pilot:
        await paused(pilot)
        await go_to(pilot, "seeds")
        await pilot.press(*"3", "enter", "B")
        assert any("A branch is one network" in note.message for note in app._notifications)
