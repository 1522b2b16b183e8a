"""Recipes in the interface: read, trained, seen on the Bench, judged; nothing else begins meanwhile."""

from __future__ import annotations

from textual.widgets import Input

from tests.workbench.history.recorded import rows
from tests.workbench.tui.conftest import until
from tests.workbench.tui.recipes import folder as folder
from tests.workbench.tui.recipes import head, page, picture, recipes, results, signs
from tests.workbench.tui.screen import NARROW, WIDE, status, table, words
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.screens.dialogs import Question
from workbench.tui.screens.explaining import Explaining
from workbench.tui.screens.history import HistoryScreen
from workbench.tui.screens.menu import Menu

DEEPER, DEPTH = 0, 1
"""Lines of the list, in the order of the titles."""


def told(app):
    return [notification.message for notification in app._notifications]


async def open_recipes(pilot, line=DEPTH):
    await pilot.press("R")
    await until(pilot, lambda: recipes(pilot.app).row_count == 3)
    await pilot.press(*["down"] * line)


async def test_a_recipe_is_read_in_a_narrow_terminal(make_app, folder):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_recipes(pilot)
        assert results(app) == {"xor-deeper": "", "xor-depth": "", "broken": "! wrong"}
        assert "Which depth?" in words(app, "#question")
        assert not app.screen.query_one("#recipe").region
        await pilot.press("enter")
        assert not recipes(app).region
        await until(pilot, lambda: "4 runs: 2 groups × 2 seeds, none there yet" in head(app))
        assert "‹quick›" in head(app)
        for text in ("Which depth?", "Look at  The error.", "Source   Nobody", "Shows    not-learning", "steps(depth=1) >= 40"):
            assert text in page(app)
        assert signs(app) == ["·", "·", "·", " "]
        assert "at scale full alone" in page(app)
        await pilot.press("s")
        await until(pilot, lambda: "6 runs: 2 groups × 3 seeds" in head(app))
        assert signs(app) == ["·"] * 4
        assert "published 40   (Nobody)" in page(app)
        await pilot.press("v")
        await until(pilot, lambda: "No runs yet" in picture(app))
        assert words(app, "#show-title").startswith("Cost by epoch   1 of 2")
        await pilot.press("v", "v")
        assert app.screen.query_one("#recipe-page").region  # around again
        await pilot.press("exclamation_mark")
        assert isinstance(app.screen, Explaining)
        await pilot.press("escape", "C")
        assert isinstance(app.screen, Menu)
        assert (
            "command line that reproduces xor-depth",
            f"workbench reproduce xor-depth --scale full --db {app.session.db}",
        ) in app.screen._choices
        await pilot.press("escape", "o", *"data", "enter")
        await until(pilot, lambda: app.screen.subject.planned is not None)
        assert str(app.screen.subject.planned.plan.groups[0].experiments[0].data.dir or "data").endswith("data")
        assert app.screen.copies()[0][1].endswith(f"--data-dir data --db {app.session.db}")
        await pilot.press("escape", "end")
        assert recipes(app).region
        await pilot.press("enter")
        assert "colour" in page(app)
        assert "broken.toml cannot be read" in page(app)
        await pilot.press("space")
        assert not app.session.training


async def test_a_recipe_is_trained_and_its_claims_are_judged(make_app, folder, db):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_recipes(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: results(app)["xor-depth"] == "✗ 1/3 quick")
        assert signs(app) == ["✓", "✗", "!", " "]
        assert "✗ 1 of 3 claims hold" in head(app)
        await until(pilot, lambda: "4 runs: 2 groups × 2 seeds, all there" in head(app))
        assert told(app) == []  # it is in sight
        assert words(app, "#state") == "✗ 1/3 xor-depth"
        await until(pilot, lambda: "depth=1" in picture(app))
        await pilot.press("E")
        assert app.screen._choices[0] == ("chart as SVG", "chart.svg")
        await pilot.press("escape", "v")
        await until(pilot, lambda: "200" in picture(app))
        assert rows(db, "SELECT recipe, scale, trained FROM reproductions") == [("xor-depth", "quick", 4)]
        await pilot.press("space")  # nothing is trained again
        await until(pilot, lambda: rows(db, "SELECT trained FROM reproductions") == [(4,), (0,)] and not app.session.training)
        await pilot.press("h")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen) and table(app).row_count == 4)
        assert app.screen.query_one("#filter", Input).value == "tag:xor-depth"


async def test_its_training_is_seen_and_steered_on_the_bench_and_all_else_waits(make_app, folder, db):
    app = make_app(pause_after=5, per_frame=50)
    async with app.run_test(size=WIDE) as pilot:
        await open_recipes(pilot)
        await pilot.press("space")
        doing = app.session.reproduction
        await until(pilot, lambda: app.session.runner is not None and app.session.runner.paused)
        await until(pilot, lambda: results(app)["xor-depth"] == "‖ 0/4" and "paused   0 of 4 runs   now depth=0" in head(app))
        await pilot.press("up", "space")
        assert results(app)["xor-deeper"] == "… waits"
        await pilot.press("x")
        assert not app.session.awaited
        await pilot.press("space", "b")
        assert isinstance(app.screen, BenchScreen)
        assert "paused" in status(app)
        assert words(app, "#state") == "‖ 0/4 xor-depth"
        await pilot.press("s", "d")
        assert app.session.reproduction is doing
        assert any("belongs to a recipe" in text for text in told(app))
        await pilot.press("a", "space")  # no question though the form describes another training
        await until(pilot, lambda: app.session.runner is not doing.runner or not doing.runner.paused)
        await until(pilot, lambda: app.session.runner.paused and app.session.runner.experiments[0].model.depth == 1)
        await pilot.press("space")
        await until(pilot, lambda: doing.finished and any("1 of 3 claims hold" in text for text in told(app)))
        await until(pilot, lambda: app.session.runner.experiments[0].data.name == "digits")  # what was in the queue
        await until(pilot, lambda: app.session.runner.paused)
        assert app.session.awaited
        await pilot.press("space")
        await until(pilot, lambda: app.session.reproducing)
        assert app.session.reproduction.plan.recipe.name == "xor-deeper"
        await until(pilot, lambda: app.session.runner is app.session.reproduction.runner)
        await pilot.press("x")
        await until(pilot, lambda: not app.session.training)
        await until(pilot, lambda: any("goes on from here the next time" in text for text in told(app)))
        assert rows(db, "SELECT count(*) FROM reproductions") == [(1,)]
        assert rows(db, "SELECT DISTINCT status FROM runs ORDER BY id DESC LIMIT 1") == [("stopped",)]


async def test_leaving_asks_ends_its_training_and_keeps_what_is_over(make_app, folder, db):
    app = make_app(pause_after=2)
    async with app.run_test() as pilot:
        await open_recipes(pilot)
        await pilot.press("space")
        await until(pilot, lambda: app.session.runner is not None and app.session.runner.paused)
        await pilot.press("q")
        assert isinstance(app.screen, Question)
        await pilot.press("y")
        await until(pilot, lambda: app._exit)
    assert app.return_code == 0
    assert app.session.reproduction.finished
    assert rows(db, "SELECT status, count(*) FROM runs GROUP BY 1") == [("stopped", 2)]


async def test_where_there_are_none_that_is_said(make_app, folder):
    for path in folder.iterdir():
        path.unlink()
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("R")
        await until(pilot, lambda: app.screen.query_one("#no-recipes").region)
        await pilot.press("space", "x", "s", "v", "f", "h")
        assert isinstance(app.screen, HistoryScreen)
