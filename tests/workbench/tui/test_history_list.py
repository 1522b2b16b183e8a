"""The list of the History: its filter, order, groups, columns, archive, and the curves beside it."""

from textual.widgets import Input

from tests.workbench.tui.conftest import recorder_of_unfinished, run_scripted, until
from tests.workbench.tui.screen import NARROW, WIDE, cell, detail, ids, open_history, table, text_of, type_in, words
from workbench.history import FilterError, edit
from workbench.history.completion import Completions
from workbench.tui import history_rows
from workbench.tui.filter_help import completion_text, problem_text
from workbench.tui.screens.run import RunScreen
from workbench.tui.widgets.filter_line import FilterLine
from workbench.tui.widgets.run_preview import placement
from workbench.tui.widgets.run_table import RunTable


async def test_a_wrong_filter_is_said_below_it_and_the_list_stays(make_app, db):
    for kind in ("relu", "tanh"):
        run_scripted(db, {"model.activation": kind})
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 2)
        await pilot.press("slash")
        await type_in(pilot, "tanh")
        await until(pilot, lambda: ids(app) == [2])
        await type_in(pilot, " dep")
        await until(pilot, lambda: "depth=" in words(app, "#filter-help"))
        assert (ids(app), words(app, "#filter-count")) == ([2], "1 of 2 runs")
        await type_in(pilot, "t>3")
        await until(pilot, lambda: "Did you mean 'depth'?" in words(app, "#filter-help"))
        assert words(app, "#filter-help").startswith("     ^^^^  Unknown field 'dept'.")
        assert ids(app) == [2]
        assert not app._notifications
        await pilot.press(*["backspace"] * 7)
        await until(pilot, lambda: app.screen.query_one(FilterLine).error is None and ids(app) == [2])
        assert words(app, "#filter-count") == "1 of 2 runs"
        app.screen.query_one(Input).value = "actvation"
        await until(pilot, lambda: ids(app) == [])
        app.screen.query_one(Input).value = "actvation="
        await until(pilot, lambda: ids(app) == [2, 1])
        assert "A value is missing" in words(app, "#filter-help")
        app.screen.query_one(Input).value = "activation=tahn"
        await until(pilot, lambda: words(app, "#filter-help") == "no run has activation 'tahn'; did you mean tanh?")
        assert (ids(app), words(app, "#filter-count")) == ([], "0 of 2 runs")


async def test_tab_writes_out_names_of_fields_and_values_that_occur(make_app, db):
    for kind in ("relu", "tanh"):
        run_scripted(db, {"model.activation": kind})
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 2)
        line = app.screen.query_one(FilterLine).field
        await pilot.press("slash")
        assert words(app, "#filter-help").startswith("words · activation=tanh · depth>=5")
        await type_in(pilot, "activ")
        await until(pilot, lambda: "tab takes it" in words(app, "#filter-help"))
        await pilot.press("tab")
        await until(pilot, lambda: line.value == "activation=" and words(app, "#filter-help").startswith("relu 1  tanh 1"))
        await pilot.press("t")
        await until(pilot, lambda: line._suggestion == "activation=tanh")
        assert ids(app) == [2, 1]
        await pilot.press("right")
        await until(pilot, lambda: line.value == "activation=tanh" and ids(app) == [2])
        assert not words(app, "#filter-help")
        await pilot.press("down")
        assert table(app).has_focus


async def test_the_list_is_sorted_by_a_heading_by_a_key_and_the_other_way_around(make_app, db):
    for lr in (0.1, 0.001, 0.01):
        run_scripted(db, {"lr": lr})
    app = make_app()
    async with app.run_test(size=(180, 40)) as pilot:
        await open_history(pilot, 3)
        line = text_of(table(app)).splitlines()[0]
        assert "id ▼" in line
        await pilot.click(RunTable, offset=(line.index(" lr ") + 1, 0))
        await until(pilot, lambda: ids(app) == [2, 3, 1])
        assert "lr ▲" in text_of(table(app)).splitlines()[0]
        await pilot.click(RunTable, offset=(line.index(" lr ") + 1, 0))
        await until(pilot, lambda: ids(app) == [1, 3, 2])
        await pilot.press("S")
        await until(pilot, lambda: ids(app) == [2, 3, 1])
        await pilot.press("s")
        await type_in(pilot, "seconds")
        await pilot.press("enter")
        await until(pilot, lambda: "seconds ▲" in text_of(table(app)).splitlines()[0])
        assert app.session.preferences.history.sort == "seconds"
        await pilot.click(RunTable, offset=(10, 2), times=2)
        await until(pilot, lambda: isinstance(app.screen, RunScreen))


async def test_runs_are_grouped_and_groups_are_opened(make_app, db):
    for kind in ("relu", "tanh", "tanh"):
        run_scripted(db, {"model.activation": kind})
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 3)
        await pilot.press("G")
        await type_in(pilot, "activation")
        await pilot.press("enter")
        await until(pilot, lambda: table(app).row_count == 2)
        lines = text_of(table(app)).splitlines()
        assert lines[1].split()[:7] == ["▸", "activation", "=", "relu", "1", "run", "median"]
        assert lines[2].split()[:6] == ["▸", "activation", "=", "tanh", "2", "runs"]
        assert "3 runs in 2 groups" in words(app, "#filter-count")
        await until(pilot, lambda: words(app, "#preview-title").startswith("run 1 "))
        await pilot.press("down", "enter", "down")
        await until(pilot, lambda: table(app).current is not None and table(app).current.id == 3)
        assert table(app).row_count == 4
        await pilot.press("left")
        assert (table(app).row_count, table(app).cursor_row) == (2, 1)
        await pilot.press("d", "a", "r", "n")
        assert table(app).has_focus


async def test_columns_are_chosen_moved_and_hidden_where_they_are_the_same(make_app, db):
    for dropout in (0.0, 0.5):
        run_scripted(db, {"model.dropout": dropout, "seed": 3})
    app = make_app()

    def shown():
        return [column.key for column in table(app).columns]

    async with app.run_test(size=(200, 40)) as pilot:
        await open_history(pilot, 2)
        before = shown()
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("space", *"dropout", "space", *["shift+up"] * 13, "enter")
        await until(pilot, lambda: "model.dropout" in shown())
        kept = app.session.preferences.history.columns
        assert kept == ("model.dropout", *history_rows.USUAL[1:])
        await until(pilot, lambda: cell(app, 2, "model.dropout") == "0.5")
        await pilot.press("equals_sign")
        await until(pilot, lambda: "activation" not in shown())
        assert shown()[:3] == ["mark", "id", "model.dropout"]
        assert not {"seed", "data", "lr", "status"} & set(shown())
        await pilot.press("equals_sign", "o")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("ctrl+u")
        await until(pilot, lambda: shown() == before)


async def test_archived_runs_leave_the_list_and_come_back(make_app, db):
    for _ in range(3):
        run_scripted(db)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 3)
        await pilot.press("space", "down", "space", "a")
        await until(pilot, lambda: ids(app) == [1])
        assert app.session.marked == ()
        await pilot.press("d")
        await until(pilot, lambda: ids(app) == [])
        await pilot.press("u")
        await until(pilot, lambda: ids(app) == [1])
        await pilot.press("slash")
        await type_in(pilot, "archived")
        await until(pilot, lambda: ids(app) == [3, 2])
        await pilot.press("enter")
        assert cell(app, 3, "status") == "▫ done"
        await pilot.press("a")
        await until(pilot, lambda: ids(app) == [2])
        await pilot.press("u")
        await until(pilot, lambda: ids(app) == [3, 2])
        await pilot.press("u", "escape")
        await until(pilot, lambda: ids(app) == [3, 2, 1])
        assert app.session.marked == (3, 2)


async def test_taking_back_leaves_those_archived_that_were_so_before(make_app, db):
    for _ in range(2):
        run_scripted(db)
    edit.archive(db, [1])
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 1)
        await pilot.press("slash")
        await type_in(pilot, "archived OR id>0")
        await until(pilot, lambda: ids(app) == [2, 1])
        await pilot.press("enter", "space", "down", "space", "a")
        await until(pilot, lambda: cell(app, 2, "status") == "▫ done")
        await pilot.press("u")
        await until(pilot, lambda: cell(app, 2, "status") != "▫ done")
        assert cell(app, 1, "status") == "▫ done"


async def test_the_curves_of_the_current_run_are_drawn_where_there_is_room(make_app, db):
    run_scripted(db, name="first")
    run_scripted(db, name="second")
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 2)
        await until(pilot, lambda: words(app, "#preview-title").startswith("run 2 second"))
        chart = app.screen.query_one("RunPreview CurveChart")
        assert "training" in text_of(chart)
        await pilot.press("y")
        await until(pilot, lambda: "cost (log)" in text_of(chart))
        await pilot.press("down")
        await until(pilot, lambda: words(app, "#preview-title").startswith("run 1 first"))
        await pilot.press("p")
        await until(pilot, lambda: not app.screen.query_one("RunPreview").display)
        assert app.session.preferences.history.preview is False


def test_where_there_is_room_for_curves():
    assert placement(160, 50, None) == placement(160, 24, None) == "right"
    assert placement(100, 50, None) == "below"
    assert placement(80, 24, None) == ""
    assert placement(80, 24, True) == "below"
    assert placement(160, 50, False) == ""


def test_what_is_wrong_stands_behind_its_place_or_below_it():
    error = FilterError("no such field", "relu dept>3", 5, 9)
    assert problem_text(error, 60).plain == "     ^^^^  No such field"
    assert problem_text(error, 20).plain == "     ^^^^\nNo such field"
    assert problem_text(error, 18, scrolled=4).plain == " ^^^^\nNo such field"
    assert problem_text(error, 3).plain.startswith("  ^")
    assert "test_error< takes" in problem_text(FilterError("test_error< takes a number", "test_error<x", 11, 12), 60).plain


def test_only_as_many_ways_to_go_on_are_told_as_there_is_room_for():
    found = Completions(0, ("relu", "tanh", "sigmoid"), ("10", "", "2"))
    assert completion_text(found, 80).plain == "relu 10  tanh  sigmoid 2  tab takes the first"
    assert completion_text(found, 30).plain == "relu 10  tab takes it"
    assert completion_text(Completions(0), 30).plain == ""


async def test_a_group_says_how_many_of_its_runs_diverged_or_broke_off(make_app, db):
    run_scripted(db, {"model.activation": "relu"})
    run_scripted(db, {"model.activation": "relu"}, diverges_at=50)
    run_scripted(db, {"model.activation": "tanh"})
    with recorder_of_unfinished(db):
        pass
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_history(pilot, 4)
        await pilot.press("G")
        await type_in(pilot, "activation")
        await pilot.press("enter")
        await until(pilot, lambda: table(app).row_count == 2)
        lines = text_of(table(app)).splitlines()
        assert lines[1].split()[:10] == ["▸", "activation", "=", "relu", "3", "runs", "1×", "1!", "median", "0.534"]
        assert lines[2].split()[:8] == ["▸", "activation", "=", "tanh", "1", "run", "median", "0.534"]
        assert lines[1].index("median") == lines[2].index("median")
        await until(pilot, lambda: "1 diverged and 1 unfinished (running, interrupted or failed)" in detail(app))
        assert "median and best are of the others" in detail(app)
        await pilot.press("down")
        await until(pilot, lambda: detail(app).startswith("enter shows the runs of this group"))


async def test_after_filtering_the_cursor_is_on_the_same_run_or_on_the_first(make_app, db):
    for number in range(6):
        run_scripted(db, {"model.activation": "tanh" if number % 2 else "relu"})
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 6)
        await pilot.press("down", "down", "down")
        assert table(app).current.id == 3
        app.screen.find("relu")  # from elsewhere, with the list in focus
        await until(pilot, lambda: ids(app) == [5, 3, 1])
        assert table(app).current.id == 3
        app.screen.find("")
        await until(pilot, lambda: len(ids(app)) == 6)
        assert (table(app).current.id, table(app).cursor_row) == (3, 3)
        app.screen.find("tanh")
        await until(pilot, lambda: ids(app) == [6, 4, 2])
        assert (table(app).current.id, table(app).cursor_row) == (6, 0)
        await pilot.press("down")
        app.screen.find("tanh relu")
        await until(pilot, lambda: table(app).row_count == 0)
        await pilot.press("escape")
        await until(pilot, lambda: len(ids(app)) == 6)
        assert table(app).cursor_row == 0


async def test_a_run_that_leaves_the_list_otherwise_leaves_the_cursor_on_its_line(make_app, db):
    for _ in range(4):
        run_scripted(db)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 4)
        await pilot.press("down", "down", "a")
        await until(pilot, lambda: ids(app) == [4, 3, 1])
        assert (table(app).current.id, table(app).cursor_row) == (1, 2)
