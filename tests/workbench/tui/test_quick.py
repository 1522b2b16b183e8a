"""What makes screens come quickly changes nothing of what is on them."""

import gc

import pytest

from tests.workbench.tui.conftest import run_scripted, until
from tests.workbench.tui.screen import WIDE, burst, ids, open_history, table, words
from workbench.tui.screens import history
from workbench.tui.settling import settle
from workbench.tui.widgets.compare_table import CompareTable
from workbench.tui.widgets.filter_line import FilterLine


def styles(app):
    """The rules of all widgets of the screen."""
    return {str(widget.css_path_nodes): widget.styles.base.get_rules() for widget in app.screen.walk_children(with_self=True)}


@pytest.mark.parametrize("key", ["h", "c"])
async def test_a_screen_has_all_its_styles_when_it_is_opened(make_app, db, key):
    run_scripted(db)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.session.marked = (1,)
        await pilot.press(key)
        await until(pilot, lambda: (table(app) if key == "h" else app.screen.query_one(CompareTable)).row_count == 1)
        before = styles(app)
        app.stylesheet.update(app.screen)
        assert styles(app) == before
        await pilot.press("ctrl+t")  # and a theme changes them
        await until(pilot, lambda: styles(app) != before)
        await pilot.press("b", key)
        await pilot.pause()
        before = styles(app)
        app.stylesheet.update(app.screen)
        assert styles(app) == before


async def test_letters_that_come_faster_than_runs_are_found_end_with_the_last_ones(make_app, db, monkeypatch):
    for kind in ("relu", "tanh"):
        run_scripted(db, {"model.activation": kind})
    read = []

    def noted(db, text, *rest):
        read.append(text)
        return read_list(db, text, *rest)

    read_list = history.read_list
    monkeypatch.setattr(history, "read_list", noted)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 2)
        await pilot.press("slash")
        read.clear()
        burst(app, *"tanh")
        await until(pilot, lambda: ids(app) == [2] and words(app, "#filter-count") == "1 of 2 runs")
        assert read[-1] == "tanh"
        await until(pilot, lambda: app.screen._answered)
        burst(app, *["backspace"] * 4)
        await until(pilot, lambda: ids(app) == [2, 1])


async def test_the_list_stays_where_it_is_while_one_types(make_app, db):
    run_scripted(db)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 1)
        above = table(app).region.y
        await pilot.press("slash")
        await pilot.pause()
        told = table(app).region.y
        assert told == above + 1
        for letter in "relu 1":
            await pilot.press(letter)
            await pilot.pause()
            assert table(app).region.y == told
        await pilot.press("enter")
        await until(pilot, lambda: table(app).region.y == above)
        assert not app.screen.query_one(FilterLine).field.has_focus


def test_what_is_loaded_is_settled_once():
    settle.cache_clear()
    try:
        settle("these tests")
        frozen = gc.get_freeze_count()
        assert frozen > 0
        kept = [[] for _ in range(10)]
        settle("these tests")
        assert gc.get_freeze_count() <= frozen
        assert len(kept) == 10
    finally:
        gc.unfreeze()
        settle.cache_clear()
