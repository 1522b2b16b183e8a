"""The History: find, mark, open, change, take over."""

import sqlite3
from contextlib import closing
from dataclasses import replace

from textual.widgets import Input, Static

from engine.experiment import Experiment
from tests.workbench.tui.conftest import recorder_of_unfinished, run_scripted, until
from tests.workbench.tui.screen import NARROW, WIDE, cell, detail, ids, open_history, status, table, text_of, type_in
from workbench.history import History
from workbench.tui import history_rows, run_detail
from workbench.tui.draft import Draft
from workbench.tui.history_rows import RunRow, columns_for, run_pieces
from workbench.tui.screens.dialogs import Prompt, Question
from workbench.tui.screens.run import RunScreen
from workbench.tui.session import Session
from workbench.tui.widgets.form import ExperimentForm
from workbench.tui.widgets.layer_table import LayerTable
from workbench.tui.widgets.live_view import LiveView


async def test_runs_are_listed_newest_first_with_what_they_were(make_app, db):
    run_scripted(db, {"model.depth": 5, "optimizer": "sgd"}, name="first", tags=["course"])
    run_scripted(db, {"model.widths": [16, 8], "model.activation": "tanh"}, diverges_at=50)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 2)
        assert ids(app) == [2, 1]
        assert cell(app, 1, "name") == "first #course"
        assert cell(app, 1, "network") == "5×64"
        assert cell(app, 1, "optimizer") == "sgd"
        assert cell(app, 1, "validation") == "82.2%"
        assert cell(app, 2, "network") == "16,8"
        assert cell(app, 2, "status") == "× diverged"
        assert "diverged at step 50 in output" in detail(app)


async def test_the_test_score_is_listed_at_80_columns(make_app, db):
    run_scripted(db, name="named")
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_history(pilot, 1)
        assert cell(app, 1, "test") == "81.5%"


async def test_no_history_yet_says_what_to_do(make_app):
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("h")
        await until(pilot, lambda: "no runs yet" in detail(app))


async def test_the_filter_works_as_one_types(make_app, db):
    for kind in ("relu", "tanh", "relu"):
        run_scripted(db, {"model.activation": kind})
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 3)
        await pilot.press("slash", *"tan")
        await until(pilot, lambda: ids(app) == [2])
        await pilot.press(*"zzz")
        await until(pilot, lambda: "no run matches" in detail(app))
        await pilot.press("escape")
        await until(pilot, lambda: len(ids(app)) == 3)
        assert app.screen.query_one("#filter", Input).value == ""
        assert table(app).has_focus


async def test_marks_are_kept_while_filtering_and_shown(make_app, db):
    for _ in range(3):
        run_scripted(db)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 3)
        await pilot.press("space", "down", "space")
        assert app.session.marked == (3, 2)
        assert [cell(app, run, "mark") for run in (3, 2, 1)] == ["●", "●", " "]
        assert table(app).current.id == 2
        await pilot.press("space")
        assert app.session.marked == (3,)


async def test_enter_opens_a_run_in_the_live_view(make_app, db):
    run_scripted(db, diverges_at=120)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 1)
        await pilot.press("enter")
        assert isinstance(app.screen, RunScreen)
        await until(pilot, lambda: app.screen.query_one(LiveView).snapshot is not None)
        await until(pilot, lambda: "diverged at step 120" in status(app))
        assert status(app).startswith("run 1 ")
        assert "hidden 1" in app.screen.query_one(LayerTable).render_line(1).text
        await pilot.press("escape")
        await pilot.pause()
        assert table(app).has_focus


async def test_a_run_fills_the_form_and_is_the_parent_of_the_next(make_app, db):
    run_scripted(db, {"model.depth": 7, "model.activation": "elu", "l1": 0.01})
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 1)
        await pilot.press("l")
        await until(pilot, lambda: app.current_mode == "bench")
        await until(pilot, lambda: app.screen.query_one(ExperimentForm).draft["model.depth"] == "7")
        (experiment,) = app.screen.query_one(ExperimentForm).checked.experiments
        assert experiment == Experiment().with_settings({"steps": 200, "model.depth": 7, "model.activation": "elu", "l1": 0.01})
        await pilot.press("space")
        await until(pilot, lambda: app.session.runner is not None and app.session.runner.finished)
        await until(pilot, lambda: "run 2" in status(app))
        assert "form: from run 1" in status(app)
    with History.open(db) as history:
        assert history.run(2).parent == 1


async def test_name_note_and_tags_are_asked_for_and_kept(make_app, db):
    run_scripted(db, tags=["old"])
    app = make_app()
    async with app.run_test(size=(180, 50)) as pilot:
        await open_history(pilot, 1)
        await pilot.press("r")
        assert isinstance(app.screen, Prompt)
        await type_in(pilot, "best")
        await pilot.press("enter")
        await until(pilot, lambda: cell(app, 1, "name") == "best #old")
        await pilot.press("n")
        await type_in(pilot, "why not")
        await pilot.press("enter")
        await until(pilot, lambda: "note: why not" in detail(app))
        await pilot.press("t", *["backspace"] * 3)
        await type_in(pilot, "new #good")
        await pilot.press("enter")
        await until(pilot, lambda: cell(app, 1, "name") == "best #good #new")


async def test_delete_and_bring_back(make_app, db):
    for _ in range(3):
        run_scripted(db)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 3)
        await pilot.press("space", "down", "space", "d")
        assert isinstance(app.screen, Question)
        await pilot.press("escape")
        assert app.session.marked == (3, 2)
        await pilot.press("d", "y")
        await until(pilot, lambda: ids(app) == [1])
        assert app.session.marked == ()
        await pilot.press("u")
        await until(pilot, lambda: ids(app) == [3, 2, 1])
        assert app.session.marked == (3, 2)


async def test_only_runs_in_sight_are_deleted_and_a_mark_elsewhere_is_asked_about(make_app, db):
    for kind in ("relu", "tanh", "tanh"):
        run_scripted(db, {"model.activation": kind})
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_history(pilot, 3)
        await pilot.press("down", "down", "space", "slash", *"tanh", "enter")
        await until(pilot, lambda: ids(app) == [3, 2])
        assert app.session.marked == (1,)
        table(app).move_cursor(row=1)
        await pilot.press("d")
        await until(pilot, lambda: ids(app) == [3])
        await pilot.press("escape")
        await until(pilot, lambda: ids(app) == [3, 1])
        table(app).move_cursor(row=0)
        await pilot.press("d")
        assert "Delete the marked run 1?" in str(app.screen.query_one(Static).render())
        await pilot.press("n")
        await pilot.pause()
        assert ids(app) == [3, 1]


async def test_a_running_run_is_not_deleted_and_that_is_said(make_app, db):
    app = make_app()
    with recorder_of_unfinished(db):
        async with app.run_test(size=WIDE) as pilot:
            await open_history(pilot, 1)
            await pilot.press("d")
            await until(pilot, lambda: any("running" in note.message for note in app._notifications))
            assert ids(app) == [1]


async def test_runs_are_read_as_they_come_into_sight(make_app, db, monkeypatch):
    monkeypatch.setattr("workbench.tui.run_reading.FIRST", 3)
    monkeypatch.setattr("workbench.tui.widgets.run_table.AHEAD", 1)
    run_id = run_scripted(db, steps=25)
    copy_run(db, run_id, 60)
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_history(pilot, 61)
        await until(pilot, lambda: table(app).record(61 - table(app).rows_in_sight + 1) is not None)
        assert table(app).record(20) is None
        await pilot.press("end")
        await until(pilot, lambda: table(app).current is not None and table(app).current.id == 1)
        assert "61 of 61" in detail(app)
        assert text_of(table(app)).splitlines()[-1].split()[0] == "1"
        await pilot.press("comma", "full_stop", "home")
        await until(pilot, lambda: table(app).current is not None and table(app).current.id == 61)


def copy_run(db, run_id, times):
    """Make so many copies of a run's row."""
    with closing(sqlite3.connect(db)) as connection, connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(runs)") if row[1] != "id"]
        columns = ", ".join(names)
        for _ in range(times):
            connection.execute(f"INSERT INTO runs ({columns}) SELECT {columns} FROM runs WHERE id = ?", (run_id,))


async def test_a_file_that_is_no_history_is_one_notification(make_app, db):
    db.write_text("not a database, but long enough to be read as one " * 40)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("h")
        await until(pilot, lambda: any("not a history" in note.message for note in app._notifications))


async def test_the_list_follows_a_training_that_goes_on(make_app, db):
    app = make_app(pause_after=8)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: app.session.runner is not None and app.session.runner.paused)
        await pilot.press("h")
        await until(pilot, lambda: ids(app) == [1])
        assert cell(app, 1, "status") == "▶ running"
        app.session.runner.resume()
        await until(pilot, lambda: cell(app, 1, "status") == "✓ done")


def test_seeds_that_differ_and_what_is_added_to_layers_are_listed_at_80_columns(db):
    added = {"model.batch_norm": True, "model.dropout": 0.5}
    for settings in ({"seed": 1, **added}, {"seed": 2, **added}):
        run_scripted(db, settings)
    with History.open(db) as history:
        runs = history.runs()
    session = Session(db, Draft.of(Experiment()))
    named = [replace(run, name="named") for run in runs]
    for keys in ([column.key for column in columns_for(78, each)] for each in (runs, named)):
        assert "seed" in keys
        assert "test" in keys
    assert "seed" not in [column.key for column in columns_for(78, runs[:1])]
    shown = "".join(text for text, _ in run_pieces(RunRow(runs[0]), columns_for(120, runs), session))
    assert "  3×64 +bn +dropout  " in shown
    assert "  81.5%  " in shown
    assert "3×64 relu +bn +dropout 0.5," in str(run_detail.detail(runs[0], session))


def test_at_80_columns_groups_of_a_recipe_can_be_told_apart_where_all_learn_from_the_same_data(db):
    run_scripted(db)
    run_scripted(db)
    with History.open(db) as history:
        first, second = history.runs()
    groups = [f"sigmoid-to-relu: classification, {kind}, depth=10" for kind in ("sigmoid", "relu")]
    runs = [replace(run, name=name, tags=("sigmoid-to-relu",)) for run, name in zip((first, second), groups, strict=True)]
    session = Session(db, Draft.of(Experiment()))
    lines = ["".join(text for text, _ in run_pieces(RunRow(run), columns_for(78, runs), session)) for run in runs]
    assert "  classification,sigmoid,10  " in lines[0]
    assert "  classification, relu, 10  " in lines[1]
    assert all(len(line) <= 80 for line in lines)
    assert "data" not in {column.key for column in columns_for(78, runs)}
    named = [replace(run, name="named") for run in runs]
    assert "data" in {column.key for column in columns_for(78, named)}
    others = [runs[0], replace(runs[1], data="wine")]
    assert "data" in {column.key for column in columns_for(78, others)}
    chosen = ("name", "data", "network", "started", "optimizer", "activation", "init")
    assert "data" in {column.key for column in columns_for(78, runs, chosen)}


def test_columns_fit_and_the_most_important_stay(db):
    run_scripted(db, name="named")
    with History.open(db) as history:
        runs = history.runs()
    for width in (80, 100, 120, 160, 220):
        columns = columns_for(width, runs)
        assert sum(column.width + history_rows.PADDING for column in columns) <= width
        assert {"id", "name", "data", "network", "status", "validation"} <= {column.key for column in columns}
    assert [column.key for column in columns_for(159, runs)] == [column.key for column in history_rows.COLUMNS]
    assert "test" in {column.key for column in columns_for(78, runs)}
    wide = {column.key: column.width for column in columns_for(190, runs)}
    assert sum(wide.values()) + history_rows.PADDING * len(wide) == 190
    assert "name" not in {column.key for column in columns_for(160, [])}
