"""Pictures of the recipes: list, page, tables and pictures; while one goes on; files that cannot be read."""

from __future__ import annotations

import sqlite3

import pytest

from tests.workbench.tui.album import album as album
from tests.workbench.tui.conftest import ScriptedSource, fix_times, until
from tests.workbench.tui.recipes import folder as folder
from tests.workbench.tui.recipes import head, picture, recipes, results
from tests.workbench.tui.screen import NARROW, WIDE
from workbench.recipes import shelf
from workbench.recipes.planning import plan
from workbench.reproduction.background import Reproducing
from workbench.tui.widgets.recipe_head import RecipeHead

both = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "160x50"])


def is_told(app, text, *, share):
    """Whether the head says so, and how much of the present training is done."""
    return text in head(app) and app.screen.query_one(RecipeHead)._subject.share == share


@pytest.fixture
def reproduced(folder, db):
    """Both recipes were reproduced, on a day and in a time that are always the same."""
    for name in ("xor-depth", "xor-deeper"):
        doing = Reproducing(plan(shelf.recipe(name), "quick"), db, source=ScriptedSource(seen=True))
        doing.start()
        assert doing.join()
    fix_times(db)
    connection = sqlite3.connect(db)
    with connection:
        connection.execute("UPDATE reproductions SET started = '2026-03-14T15:09:26+00:00', ended = '2026-03-14T15:10:00+00:00'")
        connection.execute("UPDATE reproductions SET seconds = 12.5")
    connection.close()
    (folder / "xor-new.toml").write_text((folder / "xor-deeper.toml").read_text().replace("Deeper on xor", "New on xor"))


@both
async def test_recipes(album, make_app, reproduced, size):
    app = make_app()
    async with album.of(app, size):
        await album.press("R", ready=lambda: recipes(app).row_count == 4)
        await album.take("list", "down", ready=lambda: size == NARROW or "all there" in head(app))
        if size == NARROW:
            await album.take("page", "enter", ready=lambda: "all there" in head(app))
            await album.press("v")
        await album.take("curves", ready=lambda: "Means of 2 runs" in picture(app))
        await album.take("table", "v", ready=lambda: "±" in picture(app))
        await album.press("escape")
        await album.take("unreadable", "end", *(["enter"] if size == NARROW else []))


@both
async def test_while_one_is_reproduced(album, make_app, reproduced, size, monkeypatch):
    monkeypatch.setattr(Reproducing, "seconds", 42.0)
    app = make_app(pause_after=5)
    async with album.of(app, size):
        await album.press("R", ready=lambda: recipes(app).row_count == 4)
        await album.press("down", *(["enter"] if size == NARROW else []), "s", ready=lambda: "6 runs" in head(app))
        await album.press("space")
        await until(album.pilot, lambda: app.session.runner is not None and app.session.runner.paused)
        await album.take(
            "paused", ready=lambda: results(app)["xor-depth"] == "‖ 4/6" and is_told(app, "now depth=0", share=25 / 200)
        )
