"""Compare: marked runs over each other."""

from textual.widgets import DataTable, Static

from tests.workbench.tui.conftest import run_scripted, until
from tests.workbench.tui.screen import text_of
from workbench.history import History
from workbench.tui.comparison import comparison_rows
from workbench.tui.widgets.curve_chart import CurveChart


def rows_of(app):
    table = app.screen.query_one("#differences", DataTable)
    return {str(table.get_row_at(row)[0]): [str(text) for text in table.get_row_at(row)[1:]] for row in range(table.row_count)}


async def open_compare(pilot, db, runs):
    pilot.app.session.marked = runs
    await pilot.press("c")
    await until(pilot, lambda: pilot.app.screen.query_one("#differences", DataTable).row_count)


async def test_marked_runs_are_drawn_over_each_other_with_what_differs(make_app, db):
    run_scripted(db, {"model.activation": "tanh"}, name="one")
    run_scripted(db, {"model.depth": 5, "optimizer": "adam(beta1=0.5)"}, diverges_at=100)
    app = make_app()
    async with app.run_test(size=(160, 50)) as pilot:
        await open_compare(pilot, db, (1, 2))
        chart = text_of(app.screen.query_one(CurveChart))
        assert "── 1 one" in chart
        assert "─● 2 × not finite" in chart
        rows = rows_of(app)
        assert rows["model.activation"] == ["tanh", "relu"]
        assert rows["model.depth"] == ["3", "5"]
        assert rows["optimizer"] == ["adam", "adam(beta1=0.5)"]
        assert "seed" not in rows
        assert rows["status"] == ["done", "diverged"]
        assert rows["test accuracy"] == ["82%", "–"]


async def test_loss_validation_cost_and_accuracy_can_be_chosen(make_app, db):
    run_scripted(db)
    run_scripted(db)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_compare(pilot, db, (1, 2))
        chart = app.screen.query_one(CurveChart)
        seen = []
        for key in ("", "m", "m", "m", "y"):
            await pilot.press(*([key] if key else []))
            seen.append(text_of(chart).split("──")[0].strip())
        assert seen == ["loss", "validation cost", "accuracy or R²", "loss", "loss (log)"]


async def test_marks_from_the_history_lead_to_compare(make_app, db):
    run_scripted(db)
    run_scripted(db, {"lr": 0.01})
    app = make_app()
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.press("h")
        await until(pilot, lambda: app.screen.query_one(DataTable).row_count == 2)
        await pilot.press("space", "down", "space", "c")
        await until(pilot, lambda: "lr" in rows_of(app))
        assert rows_of(app)["lr"] == ["0.01", "0.001"]


async def test_without_marks_it_says_what_to_do(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("c")
        await until(pilot, lambda: app.screen.query_one("#nothing").region)
        assert "mark runs with space" in str(app.screen.query_one("#nothing", Static).render())


async def test_a_marked_run_that_is_gone_is_one_notification(make_app, db):
    run_scripted(db)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.session.marked = (99,)
        await pilot.press("c")
        await until(pilot, lambda: any("99" in note.message for note in app._notifications))


def test_figures_that_no_run_has_are_left_out(db):
    run_scripted(db)
    with History.open(db) as history:
        titles = [title for title, _, _ in comparison_rows(history.runs())]
    assert "test accuracy" in titles
    assert "test R²" not in titles
    assert "diverged at step" not in titles


def test_blocks_and_pretraining_are_compared_as_they_are_written(db):
    run_scripted(db, {"model.blocks": "conv(8), flatten, dense(64)"})
    run_scripted(db, {"pretraining": "dbn(epochs=2)", "stop.patience": 3}, ends={0: 6})
    with History.open(db) as history:
        rows = {title: texts for title, texts, _ in comparison_rows(history.runs()[::-1])}
    assert rows["model.blocks"] == ("conv(8), flatten, dense(64)", "–")
    assert rows["pretraining"] == ("none", "dbn(epochs=2)")
    assert rows["stop.patience"] == ("–", "3")
    assert rows["ended early"] == ("–", "early stopping")
    assert rows["weights of step"] == ("–", "75")
