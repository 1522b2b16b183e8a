"""Pictures of the History: the list in its arrangements, its filter, its dialogs, a stored run."""

from __future__ import annotations

import shutil
from functools import partial

import pytest
from textual.widgets import Static

from engine.experiment import Experiment
from tests.workbench.tui.album import album as album
from tests.workbench.tui.conftest import ScriptedSource, fix_times, run_scripted
from tests.workbench.tui.screen import NARROW, WIDE, detail, live, open_history, shown, table, type_in, words
from workbench.history import Group, edit
from workbench.runner import Runner
from workbench.tui.screens.run import RunScreen
from workbench.tui.widgets.filter_line import FilterLine
from workbench.tui.widgets.run_preview import RunPreview

both = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "160x50"])
COUNT = 10


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Runs of a course: a vanishing gradient and what mends it, learning rates, three seeds, one archived."""
    db = tmp_path_factory.mktemp("history") / "history.db"
    sigmoid = {"model.activation": "sigmoid", "model.depth": 8, "optimizer": "sgd"}
    run_seen = partial(run_scripted, db, seen=True)
    run_seen(sigmoid, name="vanishing", tags=["course"])
    run_seen({**sigmoid, "model.init": "standard"}, name="vanishing, standard init", tags=["course"])
    run_seen({**sigmoid, "model.batch_norm": True}, name="mended by batch norm", tags=["course", "keep"])
    for rate in (0.01, 0.1, 30.0):
        run_seen({"optimizer": "sgd", "lr": rate}, **({"diverges_at": 120} if rate > 1 else {}))
    members = [Experiment().with_settings({"steps": 200, "model.activation": "tanh", "seed": seed}) for seed in range(3)]
    runner = Runner(members, db=db, source=ScriptedSource(seen=True))
    runner.start()
    runner.join()
    run_seen({"model.widths": [32, 16], "data.name": "wine"}, stop_after=20)
    run_seen({"model.blocks": "conv(16), max_pool, flatten, dense(64)"}, everything=True)
    edit.archive(db, (2,))
    edit.note(db, 1, "the first layers learn nothing")
    fix_times(db)
    return db


@pytest.fixture
def history(recorded, db):
    """A copy of them."""
    shutil.copy(recorded, db)


def previewed(app):
    """Whether the curves of the current run, or of the best of the current group, are drawn, if there is room for them."""
    preview, entry = app.screen.query_one(RunPreview), table(app).entry
    run = entry.best_run if isinstance(entry, Group) else entry
    return not preview.region or run is None or str(preview.query(Static).first().render()).startswith(f"run {run} ")


@both
async def test_list(album, make_app, history, size):
    app = make_app()
    async with album.of(app, size) as page:
        await open_history(page.pilot, COUNT)
        await album.take("marked", "down", "space", "down", "space", "down", ready=lambda: previewed(app))
        await album.take("curves", "p" if size == NARROW else "y", ready=lambda: previewed(app))
        await album.press("p")  # the rest of the list has all the room
        await album.take("sorted", "s", *"lr", "enter", ready=lambda: "lr" in app.session.preferences.history.sort)
        await album.take("grouped", "G", *"activation", "enter", ready=lambda: table(app).list.listing.groups)
        await album.take("group-opened", "home", "enter", "down", ready=lambda: table(app).row_count > 3)


@both
async def test_filter(album, make_app, history, size):
    app = make_app()
    async with album.of(app, size) as page:
        await open_history(page.pilot, COUNT)
        await album.take("examples", "slash", ready=lambda: previewed(app))
        await type_in(page.pilot, "act")
        await album.take("names", ready=lambda: "activation" in words(app, "#filter-help") and previewed(app))
        await type_in(page.pilot, "ivation=")
        await album.take("values", ready=lambda: "tanh" in words(app, "#filter-help") and previewed(app))
        await type_in(page.pilot, "tanh lr<<3 ")
        await album.take("wrong", ready=lambda: app.screen.query_one(FilterLine).error is not None and previewed(app))
        await album.press("escape", "slash")
        await type_in(page.pilot, "archived")
        await album.take("archived", "enter", ready=lambda: table(app).row_count == 1 and previewed(app))
        await album.press("escape", "slash")
        await type_in(page.pilot, "nothing")
        await album.take("nothing", "enter", ready=lambda: "no run matches" in detail(app))


async def test_dialogs(album, make_app, history):
    app = make_app()
    async with album.of(app, NARROW) as page:
        await open_history(page.pilot, COUNT)
        await album.press("end", ready=lambda: table(app).current.id == 1)
        for name, key in (("tag", "t"), ("note", "n"), ("name", "r"), ("sort", "s"), ("columns", "o"), ("export", "E")):
            await album.take(name, key)
            await album.press("escape")
        await album.take("delete", "space", "up", "space", "d")
        await album.take("deleted", "y", ready=lambda: table(app).row_count == COUNT - 2)
        app.clear_notifications()


@both
async def test_stored_run(album, make_app, history, size):
    app = make_app()
    async with album.of(app, size) as page:
        await open_history(page.pilot, COUNT)
        await album.press("enter", ready=lambda: isinstance(app.screen, RunScreen) and live(app).snapshot is not None)
        await album.take("curves", ready=lambda: shown(app, "curves"))
        for key in ("findings", "profile", "layers"):
            await album.press("v", ready=lambda key=key: shown(app, key))
        await album.take("histograms", "v", ready=lambda: shown(app, "histograms"))


@both
async def test_nothing_yet(album, make_app, size):
    app = make_app()
    async with album.of(app, size):
        await album.take("history", "h", ready=lambda: "no runs yet" in detail(app))
        await album.take("compare", "c")
