"""Pictures of each screen, small and large, dark and light. They change only when the screens are meant to change."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from engine.experiment import Experiment
from tests.workbench.tui.conftest import fix_times, run_scripted, until
from tests.workbench.tui.screen import type_in
from workbench.tui.draft import Draft
from workbench.tui.themes import LIGHT
from workbench.tui.widgets.live_view import LiveView
from workbench.tui.widgets.preview import Preview
from workbench.tui.widgets.run_table import RunTable

SIZES = [(80, 24), (160, 50)]


@pytest.fixture(params=["dark", "light"])
def light(request):
    return request.param == "light"


@pytest.fixture
def history(db):
    """Four runs that differ, one of them diverged."""
    run_scripted(
        db, {"model.activation": "sigmoid", "model.depth": 5, "model.init": "standard"}, name="vanishing", tags=["course"]
    )
    run_scripted(db, {"optimizer": "sgd", "lr": 30.0}, diverges_at=120, name="too fast")
    run_scripted(db, {"model.widths": [32, 16], "data.name": "wine"})
    run_scripted(db, {"model.batch_norm": True, "schedule": "cosine"})
    fix_times(db)


def picture(snap_compare, app, size, light, *, keys=(), text="", then=(), ready=None):
    """A picture after some keys, a text that is typed in, more keys, and when it is ready."""

    async def before(pilot):
        if light:
            app.theme = LIGHT.name
        await pilot.press(*keys)
        if text:
            await type_in(pilot, text)
        await pilot.press(*then)
        if ready is not None:
            await until(pilot, ready)
        await still(pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)


async def still(pilot):
    """Wait until all is drawn, with cursors that do not blink."""
    for field in pilot.app.screen.query(Input):
        field.cursor_blink = False
    await pilot.pause()


def described(app):
    """Whether the preview shows all that there is, if it is in sight."""
    preview = app.screen.query_one(Preview)
    return not preview.display or preview.described.sample is not None


def paused(app):
    snapshot = app.screen.query_one(LiveView).snapshot
    return snapshot is not None and snapshot.paused and snapshot.view.step == 150


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x50"])
def test_bench_at_the_start(snap_compare, make_app, size, light):
    app = make_app()
    picture(snap_compare, app, size, light, ready=lambda: described(app))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x50"])
def test_bench_while_training(snap_compare, make_app, size, light):
    app = make_app(pause_after=30)
    picture(snap_compare, app, size, light, keys=["space"], ready=lambda: paused(app))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x50"])
def test_bench_with_a_diverged_run(snap_compare, make_app, size):
    app = make_app(diverges_at=120)

    def diverged():
        snapshot = app.screen.query_one(LiveView).snapshot
        return snapshot is not None and snapshot.view.status == "diverged"

    picture(snap_compare, app, size, False, keys=["space", "y"], ready=diverged)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x50"])
def test_bench_with_a_problem(snap_compare, make_app, size):
    app = make_app()
    picture(snap_compare, app, size, False, keys=["down", "down", "9"], ready=lambda: described(app))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x50"])
def test_bench_while_blocks_are_typed(snap_compare, make_app, size, light):
    text = "conv(16, 5), max_pool, residual(dense(64), dense("
    app = make_app()
    keys = ["pagedown", "down", "down", "ctrl+e"]
    picture(snap_compare, app, size, light, keys=keys, text=text, then=["left"], ready=lambda: described(app))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x50"])
def test_bench_with_an_ensemble_whose_settings_were_changed(snap_compare, make_app, size):
    app = make_app(everything=True, pause_after=30)
    app.session.draft = Draft.of(Experiment().with_settings({"ensemble.members": 3, "steps": 200}))
    picture(snap_compare, app, size, False, keys=["space", "m"], ready=lambda: paused(app))


def test_changing_settings_of_a_live_run(snap_compare, make_app, light):
    app = make_app(everything=True, pause_after=30)
    app.session.draft = Draft.of(Experiment().with_settings({"steps": 200}))

    async def before(pilot):
        if light:
            app.theme = LIGHT.name
        await pilot.press("space")
        await until(pilot, lambda: paused(app))
        await pilot.press("d")
        await until(pilot, lambda: app.screen.query("#tuned-lr"))
        await pilot.press("down", *"2", "enter")
        await still(pilot)

    assert snap_compare(app, terminal_size=(80, 24), run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x50"])
def test_history(snap_compare, make_app, history, size, light):
    app = make_app()
    picture(snap_compare, app, size, light, keys=["h"], ready=lambda: app.screen.query_one(RunTable).row_count == 4)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x50"])
def test_compare(snap_compare, make_app, history, size, light):
    app = make_app()
    app.session.marked = (1, 2, 4)
    picture(
        snap_compare, app, size, light, keys=["c", "m"], ready=lambda: app.screen.query("CompareTable").first().row_count == 3
    )
