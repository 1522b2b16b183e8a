"""Compare: marked runs held against each other."""

from engine.experiment import Experiment
from tests.workbench.tui.conftest import ScriptedSource, run_scripted, until
from tests.workbench.tui.screen import NARROW, WIDE, open_history, text_of, words
from workbench.plots.smoothing import WEIGHTS
from workbench.preferences import ComparePreferences
from workbench.runner import Runner
from workbench.tui.screens.run import RunScreen
from workbench.tui.widgets.compare_picture import ComparePicture
from workbench.tui.widgets.compare_table import CompareTable
from workbench.tui.widgets.heat_map import HeatMap


def table(app):
    return app.screen.query_one(CompareTable)


def cells(app, column):
    return [str(cell) for cell in table(app).get_column(column)]


def picture(app):
    return text_of(app.screen.query_one(ComparePicture))


def title(app):
    return picture(app).split("─")[0].strip()


async def open_compare(pilot, runs):
    pilot.app.session.marked = runs
    await pilot.press("c")
    await until(pilot, lambda: table(pilot.app).row_count == len(runs))


async def test_the_current_run_is_brought_forward_and_runs_are_hidden_pinned_and_unmarked(make_app, db):
    run_scripted(db, {"model.activation": "tanh"}, name="one")
    run_scripted(db, {"model.depth": 5}, diverges_at=100)
    run_scripted(db, name="three")
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_compare(pilot, (1, 2, 3))
        assert picture(app).startswith("loss  ─●━ 1 one  ─▲─ 2 × not finite  ─■─ 3 three")
        await pilot.click(CompareTable, offset=(8, 2))
        assert picture(app).startswith("loss  ─▲━ 2 × not finite  ─●─ 1 one")
        await pilot.press("space")
        assert picture(app).startswith("loss  ─●─ 1 one  ─■─ 3 three")
        assert cells(app, "state") == [" ", "-", " "]
        await pilot.press("space", "enter")
        assert cells(app, "state") == [" ", "★", " "]
        assert cells(app, "=model.depth") == ["3", "5", "3"]
        assert cells(app, "=model.activation") == ["tanh", "relu", "·"]
        await pilot.press("down")
        assert "depth 5 → 3" in words(app, "#about")
        await pilot.press("s")
        assert picture(app).startswith("loss  ─■━ 3 three  ─▲─ 2 (baseline)")
        await pilot.press("s", "up", "up", "x")
        await until(pilot, lambda: table(app).row_count == 2)
        assert app.session.marked == (2, 3)
        assert picture(app).startswith("loss  ─▲━ 2 (baseline) × not finite  ─■─ 3 three")  # the run beside it; signs are kept
        await pilot.press("p", "o")
        assert isinstance(app.screen, RunScreen)
        await pilot.press("escape", "z")
        await until(pilot, lambda: app.screen.query_one("#nothing").region)
        assert app.session.marked == ()


async def test_metric_alignment_axis_and_smoothing_are_chosen_and_remembered(make_app, db):
    run_scripted(db)
    run_scripted(db)
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_compare(pilot, (1, 2))
        seen = []
        for key in ("", "m", "m", "M", "n", "M", "M", "y", "w", "w", "W"):
            await pilot.press(*([key] if key else []))
            seen.append(title(app))
        assert seen == [
            "loss", "validation cost", "validation accuracy", "validation cost", "validation accuracy", "validation cost", "loss",
            "loss (log)", f"loss (log), smoothed {WEIGHTS[1]:g}", f"loss (log), smoothed {WEIGHTS[2]:g}", f"loss (log), smoothed {WEIGHTS[1]:g}",
        ]  # fmt: skip
        axes = []
        for _ in range(3):
            axes.append(picture(app).split()[-1])
            await pilot.press("i")
        assert axes == ["step", "epoch", "seconds"]
        assert app.session.preferences.compare == ComparePreferences(smoothing=WEIGHTS[1], logarithmic=True)


async def test_views_are_gone_through_and_layers_are_against_the_baseline(make_app, db):
    run_scripted(db, {"seed": 0})
    run_scripted(db, {"seed": 1})
    run_scripted(db, {"lr": 0.1})
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_compare(pilot, (1, 2, 3))
        heat = app.screen.query_one(HeatMap)
        await pilot.press("v")
        await until(pilot, lambda: "gradient std of run 1" in text_of(heat))
        await pilot.press("enter", "down")
        await until(pilot, lambda: "gradient std: run 2 / run 1" in text_of(heat))
        await pilot.press("m", "m", "m", "m", "m", "m", "m", "m", "m")
        await until(pilot, lambda: "saturated: run 2 − run 1" in text_of(heat))
        await pilot.press("v")
        assert not heat.display
        assert picture(app).splitlines()[0].startswith("settings and test accuracy   ▲ 2")
        await pilot.press("m")
        assert picture(app).splitlines()[0].startswith("settings and validation cost")
        await pilot.press("v", "V", "V", "V", "g")
        assert picture(app).startswith("loss  ─●━ 1, 2 (baseline)  ─■─ 3")
        assert cells(app, "n") == ["2", "1"]
        await pilot.press("up", "m", "v")
        await until(pilot, lambda: "of run 1   (run 1 of 1, 2)" in text_of(heat))
        await pilot.press("V", "down")
        await pilot.press("up", "space", "g")
        assert cells(app, "state") == ["★", "-", " "]  # all of the group were hidden


async def test_runs_are_ranked_by_key_and_by_a_click_on_a_heading(make_app, db):
    for steps in (100, 200, 150):
        run_scripted(db, {"steps": steps}, steps=steps)
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_compare(pilot, (1, 2, 3))
        await pilot.press("r")
        assert [run.strip() for run in cells(app, "run")] == ["▲ 2", "■ 3", "● 1"]
        assert app.screen.comparison.current == 1  # the cursor stays on its run
        assert "test accuracy ▾" in text_of(table(app))
        await pilot.press("r")
        assert cells(app, "run") == ["● 1", "▲ 2", "■ 3"]
        at = text_of(table(app)).index("validation cost")
        await pilot.click(CompareTable, offset=(at, 0))
        assert cells(app, "run") == ["▲ 2", "■ 3", "● 1"]
        assert "validation cost ▾" in text_of(table(app))


async def test_runs_that_were_trained_together_are_marked_together(make_app, db):
    run_scripted(db)
    members = [Experiment().with_settings({"steps": 200, "seed": seed}) for seed in (1, 2)]
    runner = Runner(members, db=db, source=ScriptedSource())
    runner.start()
    runner.join()
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_compare(pilot, (1, 3))
        await pilot.press("t")
        await until(pilot, lambda: any("No other run" in note.message for note in app._notifications))
        await pilot.press("down", "t")
        await until(pilot, lambda: table(app).row_count == 3)
        assert app.session.marked == (1, 3, 2)
        assert cells(app, "together") == ["", "A member 2", "A member 1"]


async def test_marks_from_the_history_lead_to_compare_and_what_is_gone_is_told(make_app, db):
    run_scripted(db)
    run_scripted(db, {"lr": 0.01})
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("c")
        await until(pilot, lambda: app.screen.query_one("#nothing").region)
        assert "mark runs with space" in words(app, "#nothing")
        await open_history(pilot, 2)
        await pilot.press("space", "down", "space", "c")
        await until(pilot, lambda: table(app).row_count == 2)
        assert cells(app, "=lr") == ["0.01", "0.001"]
        await pilot.press("h")
        app.session.marked = (2, 99)
        await pilot.press("c")
        await until(pilot, lambda: any("99" in note.message for note in app._notifications))
        await until(pilot, lambda: table(app).row_count == 1)


async def test_the_table_is_scrolled_by_whole_columns(make_app, db):
    run_scripted(db, {"model.activation": "tanh", "model.init": "lecun_normal"}, name="a name that needs much room")
    run_scripted(db, {"model.depth": 5, "l2": 0.1})
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_compare(pilot, (1, 2))
        headings = [str(column.label).strip() for column in table(app).ordered_columns[2:]]
        staying = table(app).render_line(0).text.rindex(headings[0])

        def first():
            """What stands right behind the columns that stay."""
            return table(app).render_line(0).text[staying:].split()[0]

        assert first() == headings[0].split()[0]
        await pilot.press("right")
        await until(pilot, lambda: table(app).scroll_x > 0)
        assert first() == headings[1].split()[0]
        await pilot.press("left")
        await until(pilot, lambda: table(app).scroll_x == 0)
        assert first() == headings[0].split()[0]
